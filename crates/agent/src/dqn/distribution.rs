//! A distribution over returns for each action: the categorical algorithm, C51 with 51 atoms.
//!
//! The outputs of an action are the logits of probabilities p_i of N returns z_i = z_0 + i Δz, from the least to the most.
//! A target's distribution is that of the next action, with every return z_j moved to R + D z_j, clipped to the range and
//! shared between its two neighbours in proportion to its nearness (equation 7):
//!
//! ```text
//! m_i = Σ_j [1 − |clip(R + D z_j) − z_i| / Δz]₀¹ p̂_j(s', a')
//! loss = − Σ_i m_i ln p_i(s, a),   gradient with respect to the logits: p − m (m sums to 1)
//! ```
//!
//! The next action is the one with the highest Σ z_i p_i. The error of an experience, for its priority, is the divergence
//! Σ m_i ln(m_i / p_i), as in Rainbow.
//! Sources: M. Bellemare, W. Dabney, R. Munos, "A Distributional Perspective on Reinforcement Learning", 2017, Algorithm 1;
//! M. Hessel et al., "Rainbow: Combining Improvements in Deep Reinforcement Learning", 2018.

use descender_control::{Action, PolicyHead};

use super::return_model::{Compared, ReturnModel};

/// Distributions over returns, and the targets of a batch.
#[derive(Clone, Debug)]
pub(crate) struct CategoricalReturn {
    atoms: usize,
    least: f32,
    most: f32,
    /// m of each example, `[batch, atoms]`.
    targets: Vec<f32>,
    /// p of one action.
    probabilities: Vec<f32>,
}

impl CategoricalReturn {
    /// For 2 or more atoms from `least` to `most`, and batches of at most `batch` examples.
    pub(crate) fn new(atoms: usize, least: f32, most: f32, batch: usize) -> Self {
        Self {
            atoms,
            least,
            most,
            targets: vec![0.0; batch * atoms],
            probabilities: vec![0.0; atoms],
        }
    }

    /// Δz.
    fn spacing(&self) -> f32 {
        (self.most - self.least) / (self.atoms - 1) as f32
    }
}

/// Writes exp(logit) / Σ exp, and gives back ln Σ exp.
fn softmax(logits: &[f32], probabilities: &mut [f32]) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (probability, logit) in probabilities.iter_mut().zip(logits) {
        *probability = (logit - largest).exp();
        sum += *probability;
    }
    for probability in probabilities {
        *probability /= sum;
    }
    largest + sum.ln()
}

/// Writes m: `probabilities` of the atoms `least` + i · `spacing`, moved to `reward` + `discount` z.
fn project(
    probabilities: &[f32],
    (least, spacing): (f32, f32),
    (reward, discount): (f32, f32),
    projected: &mut [f32],
) {
    projected.fill(0.0);
    let last = (probabilities.len() - 1) as f32;
    for (atom, probability) in probabilities.iter().enumerate() {
        let moved = reward + discount * (least + spacing * atom as f32);
        // The place between the atoms, in atoms. One that is no number is kept, so that the loss tells of it.
        let place = ((moved - least) / spacing).clamp(0.0, last);
        let below = place.floor();
        let above = place - below;
        projected[below as usize] += probability * (1.0 - above);
        if above > 0.0 {
            projected[below as usize + 1] += probability * above;
        }
    }
}

impl ReturnModel for CategoricalReturn {
    fn width(&self) -> usize {
        self.atoms
    }

    fn head(&self) -> PolicyHead {
        PolicyHead::GreedyExpectation {
            atoms: self.atoms,
            least: self.least,
            most: self.most,
        }
    }

    fn best_action(&self, outputs: &[f32]) -> usize {
        match self.head().decide(outputs) {
            Action::Discrete(action) => action,
            Action::Continuous(_) => unreachable!("this head decides between discrete actions"),
        }
    }

    fn set_target(&mut self, example: usize, reward: f32, discount: f32, next: &[f32]) {
        let range = (self.least, self.spacing());
        let target = &mut self.targets[example * self.atoms..][..self.atoms];
        if reward.is_finite() {
            softmax(next, &mut self.probabilities);
            project(&self.probabilities, range, (reward, discount), target);
        } else {
            // The loss tells of it, and the update is left out.
            target.fill(f32::NAN);
        }
    }

    fn compare(&self, example: usize, outputs: &[f32], gradient: &mut [f32]) -> Compared {
        let target = &self.targets[example * self.atoms..][..self.atoms];
        let logarithm = softmax(outputs, gradient);
        let (mut loss, mut entropy, mut value) = (0.0, 0.0, self.least);
        for (atom, ((slope, &m), logit)) in gradient.iter_mut().zip(target).zip(outputs).enumerate()
        {
            value += self.spacing() * atom as f32 * *slope;
            loss += m * (logarithm - logit);
            if m > 0.0 {
                entropy -= m * m.ln();
            }
            *slope -= m;
        }
        Compared {
            loss,
            value,
            error: loss - entropy,
        }
    }
}

#[cfg(test)]
mod tests;
