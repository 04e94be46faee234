//! DoG: the step size is the distance gone over the root of all squared gradients.

use serde::{Deserialize, Serialize};

use crate::StepStatistics;
use crate::algorithm::{Algorithm, Now, State};
use crate::arithmetic::{keep, product};
use crate::gather::gather;
use crate::pass::pass;
use crate::setting::{
    Allowed::{NonNegative, Positive},
    Setting,
    Value::{Flag, Number},
    weight_decay,
};

/// DoG, distance over gradients (Ivgi, Hinder, Carmon 2023, "DoG is SGD's Best Friend", equation "DoG"):
///
/// ```text
/// r̄ = max(r_ε, ‖θ_i − θ₀‖ for all i so far),   r_ε = initial_distance·(1 + ‖θ₀‖)
/// θ ← θ − η · r̄ / sqrt(ε + Σ ‖g_i‖²) · g
/// x̄ ← (1 − w)·x̄ + w·θ,   w = (1 + averaging) / (t + averaging)
/// ```
///
/// The network is evaluated at the polynomial-decay average x̄ (Shamir, Zhang 2013). The authors call that crucial, since
/// the step size does not decay. `averaged = false` evaluates it at θ. A step reads η and c (of the average) of μ. Defaults are those of
/// the authors' program `dog-optimizer` 1.1 (`reps_rel`, `eps` and its averager's γ).
///
/// The authors always use η = 1. In a short descent, a larger `initial_distance` shortens the time that the method needs
/// to leave its first distance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dog {
    /// The first distance as a share of 1 + ‖θ₀‖, above 0 (1e-6; 1e-4 with batch normalisation).
    pub initial_distance: f64,
    /// ε, added to the sum of the squared gradients, above 0 (1e-8).
    pub epsilon: f64,
    /// Whether the network is evaluated at the average of its iterates (yes).
    pub averaged: bool,
    /// γ of the average, at least 0: the larger, the more late iterates weigh (8).
    pub averaging: f64,
    /// λ, an L2 penalty (0).
    pub weight_decay: f64,
}

impl Default for Dog {
    fn default() -> Self {
        Dog {
            initial_distance: 1e-6,
            epsilon: 1e-8,
            averaged: true,
            averaging: 8.0,
            weight_decay: 0.0,
        }
    }
}

impl Algorithm for Dog {
    const DESCRIPTION: &'static str = "SGD with distance over gradients as its step size, evaluated at an average; η is a factor on it";
    const USUAL_LEARNING_RATE: f32 = 1.0;
    type State = DogState;

    fn settings(&mut self) -> Vec<Setting<'_>> {
        vec![
            (
                "initial_distance",
                Number(&mut self.initial_distance, Positive),
            ),
            ("epsilon", Number(&mut self.epsilon, Positive)),
            ("averaged", Flag(&mut self.averaged)),
            ("averaging", Number(&mut self.averaging, NonNegative)),
            weight_decay(&mut self.weight_decay),
        ]
    }

    fn start(&self) -> DogState {
        DogState {
            settings: *self,
            distance: 0.0,
            squares: self.epsilon,
            start: Vec::new(),
            average: Vec::new(),
        }
    }
}

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
        let decay = now.mu.w * settings.weight_decay as f32;
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
        let share = (1.0 + settings.averaging) / (now.step as f64 + settings.averaging);
        let share = (f64::from(now.mu.c) * share).clamp(0.0, 1.0) as f32;
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
