//! A controller in words: what `descender inspect` shows.

use std::fmt;

use descender_nn::Layer;
use descender_optim::HyperParameter;

use super::{Controller, Provenance};
use crate::{ActionSettings, ControlSettings, PolicyHead};

/// Explains the controller to a reader, in several lines.
impl fmt::Display for Controller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ControlSettings {
            interval,
            decisions,
            initial_learning_rate,
            bounds,
            observation,
            action,
            safety,
        } = &self.control;
        let Provenance {
            task,
            agent,
            reward,
            seed,
            episodes,
            program_version,
        } = &self.provenance;
        let plural =
            |count: u64, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
        writeln!(
            formatter,
            "Controller of {} of {}",
            entries(action),
            self.method.name()
        )?;
        writeln!(
            formatter,
            "Trained    on task {task} by agent {agent} with reward {reward}, {}, seed {seed}, descender \
             {program_version}",
            plural(*episodes, "episode"),
        )?;
        writeln!(
            formatter,
            "Control    a decision after the first step and then every {}; η starts at {initial_learning_rate} and \
             stays in [{}, {}]",
            match (*decisions, *interval) {
                (0, 1) => "step".to_owned(),
                (0, interval) => format!("{interval} steps"),
                (decisions, _) => format!("1/{decisions} of the job's steps"),
            },
            bounds.lower,
            bounds.upper,
        )?;
        let features = observation.feature_names();
        writeln!(
            formatter,
            "Observes   {}, {}",
            observation.name(),
            plural(features.len() as u64, "feature")
        )?;
        for (number, name) in features.iter().enumerate() {
            writeln!(formatter, "           {:>3}  {name}", number + 1)?;
        }
        let descriptions = action.descriptions();
        writeln!(formatter, "Actions    {}", descriptions.len())?;
        for (number, description) in descriptions.iter().enumerate() {
            writeln!(formatter, "           {number:>3}  {description}")?;
        }
        let network = self.policy.network();
        write!(formatter, "Network    {}", network.input_count())?;
        for layer in &network.specification().layers {
            match layer {
                Layer::Linear { outputs } => write!(formatter, " → linear {outputs}")?,
                other => write!(formatter, " → {}", other.name())?,
            }
        }
        writeln!(
            formatter,
            ", {}",
            plural(network.parameter_count() as u64, "parameter")
        )?;
        match self.policy.head() {
            PolicyHead::GreedyValues => writeln!(
                formatter,
                "Decides    by the highest output, one for each action"
            )?,
            PolicyHead::GreedyExpectation { atoms, least, most } => writeln!(
                formatter,
                "Decides    by the highest expected return, over {atoms} returns from {least} to {most} for each action"
            )?,
            PolicyHead::Squashed => writeln!(
                formatter,
                "Decides    by tanh of the outputs, one for each hyper-parameter"
            )?,
        }
        match safety.enabled {
            true => write!(formatter, "Safety     {safety}"),
            false => write!(
                formatter,
                "Safety     η goes to {} after a loss that is not finite",
                bounds.lower
            ),
        }
    }
}

/// What the actions set, in words.
fn entries(action: &ActionSettings) -> String {
    let names: Vec<&str> = action
        .entries()
        .into_iter()
        .map(|entry| match entry {
            HyperParameter::LearningRate => "the learning rate",
            other => other.name(),
        })
        .collect();
    names.join(", ")
}
