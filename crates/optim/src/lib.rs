//! First-order optimizers as one family h(μ), learning-rate schedules, and the statistics of an update.
//!
//! Everything works on flat parameter slices, so that any engine or framework can use it. A [`Method`] says which
//! optimizer, an [`Optimizer`] is its state in one descent, [`HyperParameters`] are the numbers of one step, which a
//! controller or a [`Schedule`] may change at every step. One pass over the parameters updates them and gathers what a
//! controller observes ([`StepStatistics`]).
//!
//! ```
//! use descender_optim::{Method, Optimizer, Schedule};
//!
//! // Minimise θ² with Adam under a cosine schedule of 200 steps.
//! let method = Method::by_name("adam").unwrap();
//! let mut optimizer = Optimizer::new(method, 1)?;
//! let mut schedule = Schedule::by_name("cosine").unwrap().start(0.1, 200);
//! let mut theta = [3.0_f32];
//! for _ in 0..200 {
//!     let gradient = [2.0 * theta[0]];
//!     optimizer.step(&method.hyper_parameters(schedule.learning_rate()), &mut theta, &gradient);
//!     schedule.advance(theta[0] * theta[0]);
//! }
//! assert!(theta[0].abs() < 0.05);
//! # Ok::<(), descender_optim::OptimizerError>(())
//! ```
//!
//! Beside the family there are methods that set their own step size or average their iterates. η is a learning rate for
//! schedule-free and hypergradient descent, and a factor on the method's own step size for the others. What their sources
//! recommend:
//!
//! | method | usual η | the source's word |
//! |---|---|---|
//! | [`schedule-free-sgd`](ScheduleFreeSgd) | 1 | default 1; 10 to 50 times what SGD takes elsewhere; warm-up recommended |
//! | [`schedule-free-adamw`](ScheduleFreeAdamW) | 0.0025 | default 0.0025; 1 to 10 times what Adam takes elsewhere; warm-up recommended |
//! | [`prodigy`](Prodigy) | 1 | always 1: tune `d_coef` (0.5, 2) instead; constant or cosine schedule |
//! | [`dadapt-sgd`](DadaptSgd), [`dadapt-adam`](DadaptAdam) | 1 | always 1, with the schedule that the problem would have had |
//! | [`dog`](Dog) | 1 | always 1; evaluate at the average |
//! | [`sgd-hd`](SgdHd) | 0.001 | the paper's α₀, with β = 0.001 on MNIST; its program's default β is 1e-6 |
//! | [`adam-hd`](AdamHd) | 0.001 | the paper's α₀, with β = 1e-7 on MNIST; its program's default β is 1e-8 |
//!
//! On the paper's task (small MNIST images, batches of 32, 250 to 750 steps) these are not all good advice, here as in the
//! authors' programs: `schedule-free-sgd` is much better with its warm-up (`warmup_steps` of a tenth of the descent);
//! `dadapt-sgd` overestimates the step and often loses the network for good (a factor η of 0.5 keeps it); `dog` needs some
//! 250 steps to leave its first distance (`initial_distance = 0.0001` shortens that); the β of `sgd-hd` is too large for
//! noisy batches, where its rate collapses (η = 0.1 with `hypergradient_rate = 0.0001` holds).

#![forbid(unsafe_code)]

mod adaptive;
mod error;
mod feedback;
mod hyper_parameter;
mod hyper_parameters;
mod method;
mod optimizer;
mod pass;
mod presets;
mod rule;
mod schedule;
mod setting;

pub use error::OptimizerError;
pub use feedback::{Feedback, StepStatistics};
pub use hyper_parameter::HyperParameter;
pub use hyper_parameters::HyperParameters;
pub use method::{Method, MethodInfo};
pub use optimizer::Optimizer;
pub use presets::{
    Adadelta, Adagrad, Adam, AdamHd, AdamW, Adamax, Amsgrad, DadaptAdam, DadaptSgd, Dog, Family,
    Momentum, Nesterov, Prodigy, Rmsprop, ScheduleFreeAdamW, ScheduleFreeSgd, SgdHd,
};
pub use schedule::{
    Cosine, Exponential, Linear, LinearCut, OneCycle, ReduceOnPlateau, Schedule, ScheduleInfo,
    ScheduleState, Sgdr, Step,
};
pub use setting::EpsilonPlace;
