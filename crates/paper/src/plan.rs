//! What a reproduction computes: the two trainings and the numbers of each figure, under a budget.

use std::path::Path;

use descender_control::ObservationSettings;
use serde::{Deserialize, Serialize};

use descender_train::configuration::{Configuration, ConfigurationError, Preset};

/// How much is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// The paper's numbers: 50 and 800 episodes of 2,500 steps.
    Full,
    /// The same presets with shorter descents and fewer episodes and starts.
    Quick,
    /// Tiny numbers on `mnist-small`, for tests of the program: its findings mean nothing.
    Tiny,
}

impl Budget {
    /// The name, as on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Quick => "quick",
            Self::Tiny => "tiny",
        }
    }
}

/// So many start points, and descents of so many steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Start points.
    pub starts: u64,
    /// Steps of each descent.
    pub steps: u64,
}

/// The numbers of a reproduction. [`Plan::new`] gives those of a budget; tests may change any.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The budget that the numbers come from.
    pub budget: Budget,
    /// The training with a fixed start point.
    pub fixed: Configuration,
    /// The training with random start points.
    pub random: Configuration,
    /// Figure 1: the descents at each constant η.
    pub constant: Sample,
    /// Figure 2: the policies after so many episodes from the fixed start.
    pub fixed_policies: Vec<u64>,
    /// Figure 4: the policies after so many episodes with random starts; 0 is the untrained one.
    pub random_policies: Vec<u64>,
    /// Figure 4: the descents of each policy.
    pub spread: Sample,
    /// Figure 5: the descents of each method.
    pub validation: Sample,
    /// Figure 5: steps between two evaluations on the validation data.
    pub validation_every: u64,
    /// Figure 3: over so many neighbouring episodes is averaged (the paper: 50); the length of a cycle, too.
    pub neighbours: usize,
}

impl Plan {
    /// The plan of a budget. `data` is a folder of IDX files to take instead of the embedded MNIST images.
    ///
    /// # Errors
    /// The path of the data is not valid UTF-8, or a setting is refused.
    pub fn new(budget: Budget, seed: u64, data: Option<&Path>) -> Result<Self, ConfigurationError> {
        let preset = |name| -> Result<Configuration, ConfigurationError> {
            let mut configuration = Preset::by_name(name)?.configuration();
            configuration.seed = seed;
            if let Some(path) = data {
                let path = path.to_str().ok_or_else(|| {
                    ConfigurationError::value("data", "the path is not valid UTF-8")
                })?;
                "idx-cnn".clone_into(&mut configuration.task);
                path.clone_into(&mut configuration.data);
            }
            Ok(configuration)
        };
        let full = Self {
            budget,
            fixed: preset("paper-fixed")?,
            random: preset("paper-random")?,
            constant: Sample {
                starts: 30,
                steps: 2500,
            },
            fixed_policies: vec![10, 20, 30],
            random_policies: vec![0, 50, 100, 150, 200, 250],
            spread: Sample {
                starts: 30,
                steps: 2500,
            },
            validation: Sample {
                starts: 32,
                steps: 2500,
            },
            validation_every: 50,
            neighbours: 50,
        };
        let plan = match budget {
            Budget::Full => full,
            Budget::Quick => full.quick(),
            Budget::Tiny => full.tiny(),
        };
        plan.fixed.check()?;
        plan.random.check()?;
        Ok(plan)
    }

    fn quick(mut self) -> Self {
        const STEPS: u64 = 750; // three epochs
        shorten(&mut self.fixed, 30, STEPS);
        shorten(&mut self.random, 250, STEPS);
        for configuration in [&mut self.fixed, &mut self.random] {
            configuration.selection.starts = 4;
            configuration.selection.final_starts = 12;
            configuration.comparison.starts = 16;
        }
        self.constant = Sample {
            starts: 30,
            steps: 600,
        };
        self.spread = Sample {
            starts: 12,
            steps: STEPS,
        };
        self.validation = Sample {
            starts: 30,
            steps: STEPS,
        };
        self.validation_every = 30;
        self
    }

    fn tiny(mut self) -> Self {
        const STEPS: u64 = 200;
        shorten(&mut self.fixed, 6, STEPS);
        shorten(&mut self.random, 12, STEPS);
        for configuration in [&mut self.fixed, &mut self.random] {
            if configuration.data.is_empty() {
                "mnist-small".clone_into(&mut configuration.task);
            }
            configuration.environment.threshold = 2.0;
            configuration.selection.every = 2;
            configuration.selection.starts = 2;
            configuration.selection.final_starts = 2;
            configuration.comparison.starts = 2;
            configuration.comparison.steps = STEPS;
            configuration.checkpoint_seconds = 0.05;
        }
        self.constant = Sample {
            starts: 4,
            steps: STEPS,
        };
        self.fixed_policies = vec![2, 4, 6];
        self.random_policies = vec![0, 2, 4, 6, 8, 10];
        self.spread = Sample {
            starts: 3,
            steps: STEPS,
        };
        self.validation = Sample {
            starts: 3,
            steps: STEPS,
        };
        self.validation_every = 20;
        self.neighbours = 4;
        self
    }

    /// The seed of everything.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.random.seed
    }
}

fn shorten(configuration: &mut Configuration, episodes: u64, steps: u64) {
    configuration.episodes = episodes;
    configuration.environment.steps = steps;
    if let ObservationSettings::Paper(observation) =
        &mut configuration.environment.control.observation
    {
        observation.total_steps = steps as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_full_budget_trains_the_papers_presets_as_they_are() {
        let plan = Plan::new(Budget::Full, 1, None).unwrap();
        for (configuration, name) in [(&plan.fixed, "paper-fixed"), (&plan.random, "paper-random")]
        {
            let preset = Preset::by_name(name).unwrap().configuration();
            assert_eq!(configuration.to_toml(), preset.to_toml());
        }
        assert!(
            plan.constant.starts >= 30 && plan.spread.starts >= 30 && plan.validation.starts >= 30
        );
    }

    #[test]
    fn every_budget_can_be_used_and_has_the_policies_that_its_figures_show() {
        for budget in [Budget::Full, Budget::Quick, Budget::Tiny] {
            let plan = Plan::new(budget, 7, None).unwrap();
            for (configuration, policies) in [
                (&plan.fixed, &plan.fixed_policies),
                (&plan.random, &plan.random_policies),
            ] {
                assert_eq!(configuration.seed, 7);
                for episodes in policies {
                    assert!(
                        episodes.is_multiple_of(configuration.selection.every),
                        "{episodes}"
                    );
                    assert!(*episodes <= configuration.episodes);
                    // All of them are kept.
                    let taken = configuration.episodes / configuration.selection.every;
                    assert!(taken <= descender_train::KEPT_CANDIDATES as u64);
                }
            }
        }
        let plan = Plan::new(Budget::Quick, 1, Some(Path::new("/data"))).unwrap();
        assert_eq!(
            (plan.fixed.task.as_str(), plan.random.data.as_str()),
            ("idx-cnn", "/data")
        );
    }
}
