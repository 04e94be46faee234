//! The presets: complete configurations to begin with.
//!
//! `paper-fixed` and `paper-random` follow the paper exactly where it gives a value. Where it gives none, the values
//! are our own (the defaults of the settings, whose documentation says so). `dqn` keeps the paper's kind of agent and
//! its control of SGD's η, with a reward, actions and an observation that learn in minutes.
//!
//! `quick` and `best` use what works best in our experiments: schedule-free AdamW's η, b1, a1 and c, placed around an anchor
//! after a warm-up, by a linear policy that an evolution strategy finds: six points of time and two features of the
//! loss. They are rewarded for both objectives, an early hit and a low loss on data not trained on at the end of a known
//! budget of steps. See `results/record` for what they are worth, and `results/learning` for what was tried before.

use descender_agent::AgentSettings;
use descender_agent::dqn::DqnSettings;
use descender_agent::evolution::EvolutionSettings;
use descender_control::{
    ActionSettings, Anchored, BaseSchedule, Bounds, CompactObservationSettings, ControlSettings,
    Dimension, Fallback, ObservationSettings, Parameter, SafetySettings, Scale,
    TimetableObservationSettings,
};
use descender_env::{
    BoundsMode, DivergenceSettings, EnvironmentSettings, ExpectedHitSettings, RewardSettings,
};
use descender_optim::{Method, ScheduleFreeAdamW};

use super::{
    ComparisonSettings, Configuration, ConfigurationError, SelectionMeasure, SelectionSettings,
    TrainingStarts,
};
use descender_record::settings_text::suggestion;

/// A preset.
#[derive(Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// One line about it.
    pub description: &'static str,
    build: fn() -> Configuration,
}

/// All presets.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "quick",
        description: "a controller of schedule-free AdamW in a few minutes: its learning rate, decays and averaging, by an evolution strategy (the default)",
        build: quick,
    },
    Preset {
        name: "best",
        description: "the same from twice the episodes; a quarter of an hour at most",
        build: best,
    },
    Preset {
        name: "dqn",
        description: "a controller of SGD's learning rate in a few minutes: a decision every 10 steps, dense reward, \
                      Double DQN",
        build: dqn,
    },
    Preset {
        name: "paper-fixed",
        description: "the paper's experiment with a fixed start point: a decision at every step, 50 episodes",
        build: paper_fixed,
    },
    Preset {
        name: "paper-random",
        description: "the paper's experiment with random start points: a decision at every step, 800 episodes",
        build: paper_random,
    },
];

impl Preset {
    /// The preset of this name.
    ///
    /// # Errors
    /// [`ConfigurationError::UnknownPreset`], with the nearest known name.
    pub fn by_name(name: &str) -> Result<&'static Self, ConfigurationError> {
        PRESETS
            .iter()
            .find(|preset| preset.name == name)
            .ok_or_else(|| {
                let known = || PRESETS.iter().map(|preset| preset.name);
                ConfigurationError::UnknownPreset {
                    name: name.to_owned(),
                    suggestion: suggestion(name, known()),
                    known: known().collect::<Vec<_>>().join(", "),
                }
            })
    }

    /// Its settings.
    #[must_use]
    pub fn configuration(&self) -> Configuration {
        Configuration {
            preset: self.name.to_owned(),
            ..(self.build)()
        }
    }
}

/// The budget, in steps, for which `quick` and `best` are trained.
const BUDGET: f32 = 500.0;

/// The four strongest rivals of the standing panel on the paper's task, with what their searches found
/// (`results/record`). `compare --against panel` has them all, and searches anew.
const BEST_OF_THE_PANEL: &str = "schedule-free-adamw:0.02;warmup=0.05;beta2=0.99,\
     schedule-free-adamw:0.01414;warmup=0.05;beta2=0.99,\
     cosine:0.016;optimizer=nadamw;warmup=0.05;beta1=0.8;beta2=0.95,\
     linear:0.01131;optimizer=adamw;warmup=0.05;beta2=0.99";

fn quick() -> Configuration {
    let dimension = |parameter, low, high, scale| Dimension {
        parameter,
        low,
        high,
        scale,
    };
    Configuration {
        episodes: 320,
        optimizer: Method::ScheduleFreeAdamW(ScheduleFreeAdamW {
            beta2: 0.99,
            ..ScheduleFreeAdamW::default()
        }),
        environment: EnvironmentSettings {
            steps: BUDGET as u64,
            control: ControlSettings {
                decisions: 0,
                interval: 10,
                initial_learning_rate: 0.015,
                bounds: Bounds {
                    lower: 0.0001,
                    upper: 0.06,
                },
                observation: ObservationSettings::Timetable(TimetableObservationSettings {
                    fast_window: 10.0,
                    slow_window: 50.0,
                    total_steps: BUDGET,
                }),
                action: ActionSettings::Anchored(Anchored {
                    schedule: BaseSchedule::Constant,
                    total_steps: BUDGET,
                    warm_up: 0.05,
                    dimensions: vec![
                        dimension(Parameter::LearningRate, 0.004, 0.06, Scale::Logarithmic),
                        dimension(Parameter::B1, 0.7, 0.97, Scale::Complement),
                        dimension(Parameter::SecondMoment, 0.95, 0.998, Scale::Complement),
                        dimension(Parameter::Averaging, 0.3, 3.3, Scale::Logarithmic),
                    ],
                }),
                safety: SafetySettings {
                    enabled: true,
                    fallback: Fallback {
                        peak_learning_rate: 0.01,
                        descent_steps: BUDGET as u64,
                        ..Fallback::default()
                    },
                    ..SafetySettings::default()
                },
            },
            reward: RewardSettings::ExpectedHit(ExpectedHitSettings {
                // Whole episodes are compared, undiscounted: a potential would add nothing but noise.
                discount: 1.0,
                potential_weight: 0.0,
                weigh_by_survival: true,
                unseen: true,
                final_weight: 1.0,
                ..ExpectedHitSettings::default()
            }),
            ..dqn().environment
        },
        agent: AgentSettings::Evolution(EvolutionSettings {
            population: 16,
            starts: 4,
            ..EvolutionSettings::default()
        }),
        selection: SelectionSettings {
            every: 160,
            measure: SelectionMeasure::Score,
            starts: 8,
            finalists: 2,
            final_starts: 16,
        },
        comparison: ComparisonSettings {
            against: format!("{BEST_OF_THE_PANEL},adam:0.001,anchor,replay"),
            starts: 32,
            steps: BUDGET as u64,
            seed: -1,
        },
        ..dqn()
    }
}

fn best() -> Configuration {
    let quick = quick();
    Configuration {
        // Of the five trainings of results/record, four chose the policy of episode 480 and one that of episode 160: more
        // would not be used.
        episodes: 640,
        selection: SelectionSettings {
            finalists: 4,
            final_starts: 32,
            ..quick.selection
        },
        comparison: ComparisonSettings {
            against: format!("{BEST_OF_THE_PANEL},prodigy,adam:0.001,controls"),
            ..quick.comparison
        },
        ..quick
    }
}

fn dqn() -> Configuration {
    Configuration {
        preset: String::new(),
        seed: 1,
        task: "mnist-cnn".to_owned(),
        data: String::new(),
        episodes: 200,
        learners: 1,
        environments: 4,
        training_starts: TrainingStarts::Random,
        checkpoint_seconds: 10.0,
        optimizer: Method::Sgd,
        environment: EnvironmentSettings {
            steps: 500,
            bounds_mode: BoundsMode::Clip,
            // A descent that exploded, or whose network died, teaches nothing more.
            divergence: DivergenceSettings {
                max_loss: 50.0,
                stuck_fraction: 0.955,
                ..DivergenceSettings::default()
            },
            control: ControlSettings {
                interval: 10,
                initial_learning_rate: 0.1,
                bounds: Bounds {
                    lower: 0.001,
                    upper: 0.35,
                },
                observation: ObservationSettings::Compact(CompactObservationSettings {
                    fast_window: 10.0,
                    slow_window: 50.0,
                    total_steps: 500.0,
                }),
                action: ActionSettings::factors(vec![0.5, 0.8, 1.0, 1.25, 2.0]),
                ..ControlSettings::default()
            },
            reward: RewardSettings::ExpectedHit(ExpectedHitSettings::default()),
            ..EnvironmentSettings::default()
        },
        agent: AgentSettings::Dqn(DqnSettings::quick()),
        selection: SelectionSettings {
            every: 25,
            measure: SelectionMeasure::ExpectedHit,
            starts: 8,
            finalists: 4,
            final_starts: 24,
        },
        comparison: ComparisonSettings {
            // With two of the negative controls; the other two would tell little more, and cost their time.
            against: "sgd:0.1,adam:0.001,sgd:0.25,momentum:0.05,untrained,replay".to_owned(),
            starts: 32,
            steps: 750,
            seed: -1,
        },
    }
}

fn paper_fixed() -> Configuration {
    Configuration {
        preset: String::new(),
        seed: 1,
        task: "mnist-cnn".to_owned(),
        data: String::new(),
        episodes: 50,
        learners: 1,
        environments: 1,
        training_starts: TrainingStarts::Fixed,
        checkpoint_seconds: 10.0,
        optimizer: Method::Sgd,
        // Ten epochs of 250 steps; the rest of the paper's figures are the defaults.
        environment: EnvironmentSettings {
            steps: 2500,
            ..EnvironmentSettings::default()
        },
        agent: AgentSettings::Dqn(DqnSettings::paper()),
        selection: SelectionSettings {
            every: 10,
            measure: SelectionMeasure::FirstHit,
            starts: 8,
            finalists: 3,
            final_starts: 16,
        },
        comparison: ComparisonSettings {
            against: "sgd:0.1,adam:0.001".to_owned(),
            starts: 32,
            steps: 750,
            seed: -1,
        },
    }
}

fn paper_random() -> Configuration {
    Configuration {
        episodes: 800,
        training_starts: TrainingStarts::Random,
        selection: SelectionSettings {
            every: 50,
            ..paper_fixed().selection
        },
        ..paper_fixed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paper_s_presets_have_the_paper_s_numbers() {
        for (name, episodes, starts) in [
            ("paper-fixed", 50, TrainingStarts::Fixed),
            ("paper-random", 800, TrainingStarts::Random),
        ] {
            let settings = Preset::by_name(name).unwrap().configuration();
            settings.check().unwrap();
            assert_eq!(
                (settings.episodes, settings.training_starts),
                (episodes, starts)
            );
            assert_eq!(
                (settings.environments, settings.task.as_str()),
                (1, "mnist-cnn")
            );
            assert_eq!(settings.optimizer, Method::Sgd);
            let environment = &settings.environment;
            assert_eq!((environment.steps, environment.threshold), (2500, 0.02));
            assert_eq!(environment.bounds_mode, BoundsMode::End);
            // The paper ends no descent because its loss is too large or doesn't fall, nor says a score to end at.
            let DivergenceSettings {
                max_loss,
                stuck_fraction,
                ..
            } = environment.divergence;
            assert_eq!([max_loss, stuck_fraction], [f64::INFINITY; 2]);
            assert_eq!(environment.score_threshold, f64::NEG_INFINITY);
            assert_eq!(environment.reward.name(), "three-tier");
            let control = &environment.control;
            assert_eq!(
                (control.interval, control.bounds),
                (
                    1,
                    Bounds {
                        lower: 0.001,
                        upper: 0.5
                    }
                )
            );
            assert_eq!(
                control.action,
                ActionSettings::factors(vec![0.9, 1.0, 1.0 / 0.9])
            );
            assert_eq!(control.observation.feature_names().len(), 18);
            let AgentSettings::Dqn(agent) = &settings.agent else {
                panic!("the paper's agent is a DQN")
            };
            assert_eq!(
                (
                    agent.replay_capacity,
                    agent.target_interval,
                    agent.target_rate
                ),
                (2000, 100, 1.0)
            );
            assert!(!agent.double && agent.return_steps == 1 && agent.updates_per_decision == 1.0);
        }
    }

    #[test]
    fn every_preset_can_be_used() {
        for preset in PRESETS {
            preset.configuration().check().unwrap();
        }
        let error = Preset::by_name("paper-fixd").unwrap_err().to_string();
        assert!(error.contains("did you mean `paper-fixed`"), "{error}");
    }
}
