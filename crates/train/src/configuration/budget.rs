//! The budget: the number of steps to which several settings are adapted.

use descender_control::{ActionSettings, BaseSchedule, ControlSettings, ObservationSettings};

use super::Configuration;

impl Configuration {
    /// The same settings for descents of `steps` steps: episodes, comparison, and everything in the control that
    /// depends on the length of a descent.
    #[must_use]
    pub fn with_budget(mut self, steps: u64) -> Self {
        self.environment.steps = steps;
        self.comparison.steps = steps;
        let control = &mut self.environment.control;
        let pace = steps as f32;
        control.observation.pace(pace);
        if let ActionSettings::Anchored(anchored) = &mut control.action {
            anchored.total_steps = pace;
        }
        control.safety.fallback.descent_steps = steps;
        self
    }

    /// Parts of the control that pace themselves by another number of steps than an episode has.
    pub(super) fn budget_warnings(&self) -> Vec<String> {
        let steps = self.environment.steps;
        paces(&self.environment.control)
            .into_iter()
            .filter(|(_, pace)| *pace != steps as f32)
            .map(|(key, pace)| format!("{key} is {pace}, but environment.steps is {steps}"))
            .collect()
    }
}

/// What an anchored control paces itself by: the key of each setting, and its steps.
fn paces(control: &ControlSettings) -> Vec<(&'static str, f32)> {
    let ActionSettings::Anchored(anchored) = &control.action else {
        return Vec::new();
    };
    let mut paces = Vec::new();
    if anchored.schedule != BaseSchedule::Constant {
        paces.push((
            "environment.control.action.total_steps",
            anchored.total_steps,
        ));
    }
    if let ObservationSettings::Progress(observation) = &control.observation {
        paces.push((
            "environment.control.observation.total_steps",
            observation.total_steps,
        ));
    }
    if control.safety.enabled {
        let steps = control.safety.fallback.descent_steps;
        paces.push((
            "environment.control.safety.fallback.descent_steps",
            steps as f32,
        ));
    }
    paces
}

#[cfg(test)]
mod tests {
    use crate::configuration::PRESETS;

    #[test]
    fn a_budget_reaches_everything_that_is_paced_by_it() {
        for preset in PRESETS {
            let settings = preset.configuration().with_budget(1234);
            settings.check().unwrap();
            assert_eq!(settings.environment.steps, 1234);
            assert_eq!(settings.comparison.steps, 1234);
            assert!(settings.budget_warnings().is_empty());
        }
    }
}
