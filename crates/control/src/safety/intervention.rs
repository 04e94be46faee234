//! The output of the safety net: its advice to the caller, and the record of what it did.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a caller who can keep and restore states of its descent should do after a step. Other callers ignore it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Advice {
    /// Just continue.
    #[default]
    Proceed,
    /// The descent is in good health: keep its present state ([`Keeper::save`](crate::Keeper::save)).
    Save,
    /// The loss has risen: go back to the good state ([`Keeper::restore`](crate::Keeper::restore)), which is the last
    /// saved state but one, or the start if fewer than two were saved.
    Restore,
    /// The descent is dead: go back to the start ([`Keeper::restart`](crate::Keeper::restart)).
    Restart,
}

/// Why the safety net stepped in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A batch loss was not finite.
    NotFinite,
    /// The loss rose above its running mean.
    Rise {
        /// The fast average of the loss.
        loss: f32,
        /// The slow one, at its lowest.
        running_mean: f32,
    },
    /// The loss rose above that of the first step.
    AboveStart {
        /// The fast average of the loss.
        loss: f32,
        /// The loss of the first step.
        first_loss: f32,
    },
    /// The loss does not fall below that of the first step.
    Stall {
        /// The slow average of the loss.
        loss: f32,
        /// The loss of the first step.
        first_loss: f32,
    },
}

/// One intervention of the safety net. In words: "step 312: the loss 4.1 is 2.3 times its lowest running mean; back to
/// step 300, learning rate 0.8 → 0.1 for 50 steps".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intervention {
    /// The step (from 0, undone ones counted) after which it came.
    pub step: u64,
    /// Why.
    pub cause: Cause,
    /// Number of steps that had been made in the state it goes back to, undone ones counted; 0 is the start.
    pub back_to: u64,
    /// The highest η since that state.
    pub learning_rate: f32,
    /// η of the next step.
    pub fallback_learning_rate: f32,
    /// Number of steps for which the fallback is in force; `None` for the rest of the descent.
    pub hold: Option<u32>,
}

/// To about three digits.
struct Short(f32);

impl fmt::Display for Short {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Short(x) = *self;
        if x == 0.0 || !x.is_finite() || !(1e-4..1e6).contains(&x.abs()) {
            return write!(formatter, "{x:.2e}");
        }
        let digits = (2 - x.abs().log10().floor() as i32).max(0) as usize;
        let text = format!("{x:.digits$}");
        let text = match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.'),
            false => &text,
        };
        formatter.write_str(text)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Cause::NotFinite => formatter.write_str("the loss is not finite"),
            Cause::Rise { loss, running_mean } => write!(
                formatter,
                "the loss {} is {} times its lowest running mean",
                Short(loss),
                Short(loss / running_mean)
            ),
            Cause::AboveStart { loss, first_loss } => write!(
                formatter,
                "the loss {} is {} times that of the first step",
                Short(loss),
                Short(loss / first_loss)
            ),
            Cause::Stall { loss, first_loss } => write!(
                formatter,
                "the loss {} does not fall below that of the first step, {}",
                Short(loss),
                Short(first_loss)
            ),
        }
    }
}

impl fmt::Display for Intervention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "step {}: {}; back to ", self.step, self.cause)?;
        match self.back_to {
            0 => formatter.write_str("the start")?,
            steps => write!(formatter, "step {steps}")?,
        }
        write!(
            formatter,
            ", learning rate {} → {} ",
            Short(self.learning_rate),
            Short(self.fallback_learning_rate)
        )?;
        match self.hold {
            Some(hold) => write!(formatter, "for {hold} steps"),
            None => formatter.write_str("and the fallback for the rest"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intervention_is_one_sentence() {
        let mut intervention = Intervention {
            step: 312,
            cause: Cause::Rise {
                loss: 4.1,
                running_mean: 4.1 / 2.3,
            },
            back_to: 300,
            learning_rate: 0.8,
            fallback_learning_rate: 0.1,
            hold: Some(50),
        };
        assert_eq!(
            intervention.to_string(),
            "step 312: the loss 4.1 is 2.3 times its lowest running mean; back to step 300, learning rate 0.8 → 0.1 for \
             50 steps"
        );
        intervention.cause = Cause::Stall {
            loss: 2.303,
            first_loss: 2.31,
        };
        (intervention.back_to, intervention.hold) = (0, None);
        assert_eq!(
            intervention.to_string(),
            "step 312: the loss 2.3 does not fall below that of the first step, 2.31; back to the start, learning rate \
             0.8 → 0.1 and the fallback for the rest"
        );
        let above = Cause::AboveStart {
            loss: 1234.0,
            first_loss: 2.0,
        };
        assert_eq!(
            above.to_string(),
            "the loss 1234 is 617 times that of the first step"
        );
    }
}
