//! The safety net of deployed controllers. It notices that a descent goes wrong, goes back, and lets a schedule take over.
//!
//! A policy is a small network that was trained on some descents. On others it may choose anything that its bounds
//! allow. The net makes sure that a descent under a controller is never much worse than one under a schedule of the
//! user's choice, the *fallback*. The net is part of a [`Session`](crate::Session) and is off by default
//! ([`SafetySettings`]). Training never has one: an agent must experience what its actions do.
//!
//! ```text
//! loss ─▶ circuit breaker ─ trips ─▶ restore the good state · fallback, η cut, for `hold` steps · the policy again
//!                         └ every `save_every` healthy steps ─▶ save the state
//! ```
//!
//! # What trips
//!
//! - *Not finite*: one batch loss is not a finite number.
//! - *Rise*: a fast average of the batch loss (window 10) is above 1.5 times the running mean, and the excess is more
//!   than 4 standard errors. The running mean is the lowest value that a slow average (window 50) has had; the present
//!   value would follow a slow rise. The factor alone is not enough, because batch losses are noisy. Let σ² be the
//!   running variance of the batch losses. An exponential average of window w over independent losses has the variance
//!   σ²/(2w − 1), the sum of its squared weights times σ², so the two averages differ with a standard error of 0.25σ.
//!   Losses that are as widely spread as their mean must therefore double. For steadier losses the factor counts.
//! - *Above the start*: the fast average is above 1.5 times the loss of the first step. In the first 20 steps, the
//!   warm-up, this test replaces the rise, because the slow average says nothing yet.
//! - *Stall*: the slow average has not been below 0.955 times the first loss for 100 steps in a row. A network whose
//!   ReLUs have all died stays at chance, and its loss never rises. Fine-tuning begins with a low loss that need not
//!   fall: set `stall_after` to 0 there.
//!
//! The losses should be those of a descent: comparable from batch to batch, falling on the whole, best above 0.
//!
//! # What a trip does
//!
//! The net advises going back to the good state ([`Advice::Restore`]). For `hold` (50) steps the fallback sets μ. It is
//! the controller's own optimizer with its own settings, so a controlled momentum goes back to its setting, too. η
//! follows the fallback's schedule at the present step. It is never above the controller's upper bound, may decay below the
//! lower one, and is at most half the highest η of the undone steps. (The η
//! of the last step alone is not enough: a policy that leaps to 10 and back to 0.001 would starve the descent.) At the
//! next decision the policy is asked again, and goes on from the fallback's μ. After 3 trips the fallback stays, and
//! the breaker is off. While the fallback sets μ, only a loss that is not finite trips, because the descent of a caller
//! who cannot restore takes a while to recover.
//!
//! After a stall the descent goes back to the start ([`Advice::Restart`]). There is no cut, since η may have been too low,
//! and the fallback stays at once. A state that is hardly better than the start was made by the η that killed the network,
//! and often dies under any other; a second stall would cost 100 steps more.
//!
//! The good state is the last saved state but one (see [`Keeper`]). A state is saved only in good health: after
//! progress in the sense of the stall, and while the fast average is at most 2 standard errors above the slow one.
//!
//! *What the policy sees after a trip.* Observations and averages go back together with the descent. Only the time goes
//! on: undone steps are spent, and a policy that paces itself must know how many are left. If the averages were kept, the
//! policy would see for some 50 steps a catastrophe that has been undone, which it has not learned to read. A descent
//! whose loss is what it was some steps ago is nothing new to it. The start is remembered as it was after its first loss.
//!
//! # The margin
//!
//! *Where a policy wrecks its descent, the validation loss at the end is at most 1.25 times that of the fallback alone
//! from the same start; where it stalls, at most 1.4 times.* This was measured on descents of 500 steps; the numbers are
//! in `results/safety/README.md`.
//!
//! A descent loses the undone steps: `stall_after` for a stall, otherwise the few steps to the trip and 10 to 20 from
//! the good state, at most `trips` times. It also loses the progress of the fallback's schedule in the meantime. In
//! much shorter descents these losses weigh more.
//!
//! The net does not see a policy that is merely poor, nor one that kills a part of the network. Bounds are the remedy,
//! and a comparison on held-out starts shows it. The net cannot help if something goes wrong in the last steps: the
//! loss of a bad update is seen one step later, and a rise takes a few steps to show.

mod buffers;
mod intervention;
mod keeper;
mod settings;
mod watch;

use descender_optim::{Feedback, HyperParameters, Method, ScheduleState};
use serde::{Deserialize, Serialize};

use crate::ControlLoop;
use buffers::Buffers;
pub use intervention::{Advice, Cause, Intervention};
pub use keeper::Keeper;
pub use settings::{Fallback, SafetySettings};
use watch::Watch;

/// The net of one descent.
#[derive(Clone, Debug)]
pub(crate) struct SafetyNet {
    settings: SafetySettings,
    method: Method,
    state: SafetyState,
    buffers: Buffers,
}

/// What a [`SafetyNet`] must carry for an exact continuation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SafetyState {
    watch: Watch,
    /// The fallback at the coming step.
    fallback: ScheduleState,
    /// What belongs to the states that the caller keeps.
    kept: Keeper<Memory>,
    /// Steps since the last save.
    since_save: u32,
    /// The highest η since the good state, and since the candidate.
    highest: [f32; 2],
    /// Whether the fallback is in force.
    holding: bool,
    /// Whether it stays in force.
    done: bool,
    /// Steps under the fallback that are left before the policy may be asked again.
    left: u32,
    /// The highest η allowed until then.
    cap: Option<f32>,
    advice: Advice,
    interventions: Vec<Intervention>,
}

/// What goes back with the descent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Memory {
    /// Steps made, undone ones counted.
    steps: u64,
    watch: Watch,
    /// The state of the observation.
    observation: Vec<u8>,
}

impl SafetyNet {
    /// The net before the first step of a descent under `control`; the settings are checked.
    pub(crate) fn new(settings: SafetySettings, method: Method, control: &ControlLoop) -> Self {
        let state = SafetyState::new(&settings, &method, control);
        SafetyNet {
            settings,
            method,
            buffers: state.buffers(),
            state,
        }
    }

    /// Resets the net to its state before the first step.
    pub(crate) fn restart(&mut self, control: &ControlLoop) {
        self.state = SafetyState::new(&self.settings, &self.method, control);
    }

    pub(crate) fn state(&self) -> &SafetyState {
        &self.state
    }

    pub(crate) fn restore(&mut self, state: SafetyState) {
        self.buffers = state.buffers();
        self.state = state;
    }

    pub(crate) fn advice(&self) -> Advice {
        self.state.advice
    }

    pub(crate) fn interventions(&self) -> &[Intervention] {
        &self.state.interventions
    }

    /// Judges the step that `control` has just recorded, which was made with μ, and sets μ if the fallback is in force.
    /// Returns whether the policy is to be asked when a decision is due.
    pub(crate) fn record(
        &mut self,
        feedback: &Feedback,
        mu: &HyperParameters,
        control: &mut ControlLoop,
    ) -> bool {
        let settings = &self.settings;
        let state = &mut self.state;
        // Not the loss: the schedules that look at it are refused, and it may be of a step that is undone.
        state.fallback.advance(0.0);
        state.advice = Advice::Proceed;
        for highest in &mut state.highest {
            *highest = highest.max(mu.learning_rate);
        }
        state.left = state.left.saturating_sub(1);
        if !state.done {
            match state.fault(feedback.loss, settings, control, &mut self.buffers) {
                Some(cause) => self.trip(cause, control),
                None => state.save_if_due(settings, control, &mut self.buffers),
            }
        }
        let state = &mut self.state;
        if state.holding && state.left == 0 {
            state.cap = None;
            state.holding = state.done || !control.is_decision();
        }
        if state.holding {
            control.impose(self.fallback(control));
        }
        !self.state.holding
    }

    /// The fallback's μ for the coming step; η is not above the upper bound.
    fn fallback(&self, control: &ControlLoop) -> HyperParameters {
        let highest = control.bounds().upper;
        let highest = self.state.cap.map_or(highest, |cap| highest.min(cap));
        let learning_rate = self.state.fallback.learning_rate().min(highest);
        self.method.hyper_parameters(learning_rate)
    }

    fn trip(&mut self, cause: Cause, control: &mut ControlLoop) {
        let state = &mut self.state;
        if let Some(candidate) = state.kept.take_candidate() {
            self.buffers.give_back(candidate.observation);
        }
        let memory = match cause {
            Cause::Stall { .. } => {
                state.advice = Advice::Restart;
                state.kept.restart()
            }
            _ => {
                state.advice = Advice::Restore;
                state.kept.restore()
            }
        };
        let back_to = memory.steps;
        state.watch = memory.watch.clone();
        control.rewind_observation(&memory.observation);
        let [highest, _] = std::mem::take(&mut state.highest);
        state.since_save = 0;
        state.holding = true;
        state.left = self.settings.hold;
        state.cap = match cause {
            Cause::Stall { .. } => None,
            _ => Some(self.settings.cut * highest),
        };
        state.done = matches!(cause, Cause::Stall { .. })
            || state.interventions.len() + 1 >= self.settings.trips as usize;
        let hold = (!state.done).then_some(self.settings.hold);
        let fallback_learning_rate = self.fallback(control).learning_rate;
        self.state.interventions.push(Intervention {
            step: control.steps().saturating_sub(1),
            cause,
            back_to,
            learning_rate: highest,
            fallback_learning_rate,
            hold,
        });
    }
}

impl SafetyState {
    fn new(settings: &SafetySettings, method: &Method, control: &ControlLoop) -> Self {
        let watch = Watch::new(settings);
        SafetyState {
            fallback: settings.fallback.start(method),
            kept: Keeper::new(Memory::of(&watch, control, Vec::new())),
            watch,
            since_save: 0,
            highest: [0.0; 2],
            holding: false,
            done: false,
            left: 0,
            cap: None,
            advice: Advice::Proceed,
            // A step allocates nothing; few people will want more interventions than this.
            interventions: Vec::with_capacity(settings.trips.min(16) as usize),
        }
    }

    /// Buffers for the states of the observation.
    fn buffers(&self) -> Buffers {
        Buffers::new(self.kept.start().observation.len())
    }

    /// Records a loss and returns what is wrong, if anything.
    fn fault(
        &mut self,
        loss: f32,
        settings: &SafetySettings,
        control: &ControlLoop,
        buffers: &mut Buffers,
    ) -> Option<Cause> {
        if !loss.is_finite() {
            return Some(Cause::NotFinite);
        }
        let first = self.watch.is_new();
        self.watch.record(loss, settings);
        if first {
            // The first loss is that of the start.
            self.kept = Keeper::new(Memory {
                steps: 0,
                ..Memory::of(&self.watch, control, buffers.take())
            });
        }
        match self.holding && self.left > 0 {
            true => None,
            false => self.watch.fault(settings),
        }
    }

    fn save_if_due(
        &mut self,
        settings: &SafetySettings,
        control: &ControlLoop,
        buffers: &mut Buffers,
    ) {
        self.since_save = self.since_save.saturating_add(1);
        if self.since_save < settings.save_every || !self.watch.is_healthy(settings) {
            return;
        }
        let memory = Memory::of(&self.watch, control, buffers.take());
        if let Some(replaced) = self.kept.exchange(memory) {
            buffers.give_back(replaced.observation);
        }
        self.since_save = 0;
        let [_, since_candidate] = self.highest;
        self.highest = [since_candidate, 0.0];
        self.advice = Advice::Save;
    }
}

impl Memory {
    /// Of the present; `observation` is a buffer to write to.
    fn of(watch: &Watch, control: &ControlLoop, mut observation: Vec<u8>) -> Self {
        control.save_observation(&mut observation);
        Memory {
            steps: control.steps(),
            watch: watch.clone(),
            observation,
        }
    }
}

#[cfg(test)]
mod tests;
