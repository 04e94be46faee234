//! DoG: the step size is the distance gone over the root of all squared gradients.

use serde::{Deserialize, Serialize};

use super::gather::{gather, product};
use super::{Now, State, keep};
use crate::pass::pass;
use crate::{Dog, StepStatistics};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DogState {
    settings: Dog,
    /// r̄; 0 before the first step.
    distance: f64,
    /// ε + Σ ‖g‖².
    squares: f64,
    /// θ₀.
    start: Vec<f32>,
    /// x̄, where it is wanted.
    average: Vec<f32>,
}

impl DogState {
    pub(crate) fn new(settings: Dog) -> Self {
        Self {
            settings,
            distance: 0.0,
            squares: settings.epsilon,
            start: Vec::new(),
            average: Vec::new(),
        }
    }
}

impl State for DogState {
    fn reset(&mut self) {
        self.distance = 0.0;
        self.squares = self.settings.epsilon;
        self.start.clear();
        self.average.clear();
    }

    fn memory(&self) -> Vec<&[f32]> {
        if self.settings.averaged {
            vec![&self.start, &self.average]
        } else {
            vec![&self.start]
        }
    }

    fn average(&self) -> Option<&[f32]> {
        self.settings.averaged.then_some(&self.average[..])
    }

    fn step(&mut self, now: &Now, parameters: &mut [f32], gradient: &[f32]) -> StepStatistics {
        keep(&mut self.start, parameters);
        let settings = self.settings;
        let decay = settings.weight_decay as f32;
        let [squares, gone, size] = gather(
            [gradient, &*parameters, &self.start],
            [],
            |[g, theta, start], _| {
                let (g, gone) = (g + decay * theta, theta - start);
                [product(g, g), product(gone, gone), product(start, start)]
            },
        );
        if self.distance == 0.0 {
            self.distance = settings.initial_distance * (1.0 + size.sqrt());
        }
        self.distance = self.distance.max(gone.sqrt());
        self.squares += squares;
        let rate = (f64::from(now.mu.learning_rate) * self.distance / self.squares.sqrt()) as f32;
        let step = |theta: f32, g: f32| theta - rate * (g + decay * theta);
        if !settings.averaged {
            return pass(parameters, gradient, [], |theta, g, _| step(theta, g));
        }
        keep(&mut self.average, parameters);
        let share = ((1.0 + settings.averaging) / (now.step as f64 + settings.averaging)) as f32;
        pass(
            parameters,
            gradient,
            [&mut self.average],
            |theta, g, [average]| {
                let new = step(theta, g);
                *average += share * (new - *average);
                new
            },
        )
    }
}
