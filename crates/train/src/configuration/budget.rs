//! The budget: the number of steps to which several settings are adapted.

use descender_control::ActionSettings;

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
        let lengths = [
            ("environment.steps", self.environment.steps),
            ("comparison.steps", self.comparison.steps),
        ];
        let mut warnings = Vec::new();
        for (key, pace) in self.environment.control.paces() {
            for (of, steps) in lengths {
                if pace != steps as f32 {
                    warnings.push(format!(
                        "environment.control.{key} is {pace}, but {of} is {steps} (--steps sets all of them)"
                    ));
                }
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use crate::configuration::{PRESETS, Preset};

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

    #[test]
    fn what_is_paced_by_another_length_is_told() {
        let mut settings = Preset::by_name("quick").unwrap().configuration();
        assert_eq!(settings.budget_warnings(), [""; 0]);
        settings.comparison.steps = 2000;
        let warnings = settings.budget_warnings();
        assert_eq!(warnings.len(), 3, "{warnings:?}");
        assert!(
            warnings[0].contains("comparison.steps is 2000"),
            "{warnings:?}"
        );
    }
}
