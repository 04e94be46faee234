//! The optimizers, one file each, and the one list that registers them.
//!
//! An optimizer's file holds all of it: a public struct of its settings with the formula, the defaults and the source; the
//! implementation of [`Algorithm`], which says what the settings allow and what the optimizer is in terms of μ; and its
//! state, which implements [`State`] with the step itself. The presets of h(μ) have no step of their own: their state is
//! [`Moments`](crate::moments::Moments), which all of them share.
//!
//! To add an optimizer, write its file, and add a `mod` line and an entry of the list below. A test of its formula belongs at
//! the end of the file, unless `reference/` has values of another program for it. The entry gives the name that
//! configuration files, `list optimizers` and the command line use; with `_` for `-` it is the file's name. The macro
//! ([`register`](crate::registry::register)) turns the list into [`Method`], the settings of any optimizer, and
//! [`AnyState`], the state of any optimizer. Enums are used rather than trait objects because a method is plain data: it is
//! copied, compared, and stored in files, and so is a state.
//!
//! Most optimizers follow h(μ) in what a, b and η mean. Those that set their own step size or average their iterates keep
//! sums over all parameters, the start, or an average, and read only some entries of μ: each says which. The other entries
//! have no effect. Their sums are taken in f64 in a fixed order. η is a learning rate for schedule-free and hypergradient
//! descent, and a factor on the method's own step size for Prodigy, D-Adaptation and DoG.

use crate::algorithm::{Algorithm, State};
use crate::registry::register;

mod adadelta;
mod adagrad;
mod adam;
mod adam_hd;
mod adamax;
mod adamw;
mod amsgrad;
mod dadapt_adam;
mod dadapt_sgd;
mod dog;
mod family;
mod momentum;
mod nadamw;
mod nesterov;
mod prodigy;
mod rmsprop;
mod schedule_free_adamw;
mod schedule_free_sgd;
mod sgd;
mod sgd_hd;

register! {
    /// An optimizer and its settings. η comes with each step, in μ.
    ///
    /// SGDR is [`Method::Sgd`] under [`Schedule::Sgdr`](crate::Schedule::Sgdr).
    ///
    /// It serializes with its name as a tag (`name = "adam"`, `beta1 = 0.9`, …), which self-describing formats such as
    /// TOML and JSON can read. Settings that are left out have their defaults. For binary states, store the
    /// [`Optimizer`](crate::Optimizer).
    ///
    /// ```
    /// use descender_optim::Method;
    ///
    /// let adam = Method::by_name("adam").unwrap().with_setting("beta1", "0.8")?;
    /// let mu = adam.hyper_parameters(0.001);
    /// assert_eq!((mu.learning_rate, mu.b1, mu.a1), (0.001, 0.8, 0.999));
    /// assert!(adam.with_setting("beta1", "1.5").is_err());
    /// # Ok::<(), descender_optim::OptimizerError>(())
    /// ```
    pub enum Method;

    without settings:
    /// Stochastic gradient descent: θ ← θ − η·g. (With weight decay: [`Momentum`] with a momentum of 0.)
    "sgd" => sgd::Sgd,

    with settings:
    /// SGD with momentum.
    "momentum" => momentum::Momentum,
    /// SGD with Nesterov momentum.
    "nesterov" => nesterov::Nesterov,
    /// Adagrad.
    "adagrad" => adagrad::Adagrad,
    /// RMSprop.
    "rmsprop" => rmsprop::Rmsprop,
    /// Adadelta.
    "adadelta" => adadelta::Adadelta,
    /// Adam.
    "adam" => adam::Adam,
    /// Adam with decoupled weight decay.
    "adamw" => adamw::AdamW,
    /// AdamW that looks ahead.
    "nadamw" => nadamw::NAdamW,
    /// Adamax.
    "adamax" => adamax::Adamax,
    /// AMSGrad.
    "amsgrad" => amsgrad::Amsgrad,
    /// h(μ) with all of μ free.
    "family" => family::Family,
    /// Schedule-free SGD.
    "schedule-free-sgd" => schedule_free_sgd::ScheduleFreeSgd,
    /// Schedule-free AdamW.
    "schedule-free-adamw" => schedule_free_adamw::ScheduleFreeAdamW,
    /// Prodigy.
    "prodigy" => prodigy::Prodigy,
    /// SGD with D-Adaptation.
    "dadapt-sgd" => dadapt_sgd::DadaptSgd,
    /// Adam with D-Adaptation.
    "dadapt-adam" => dadapt_adam::DadaptAdam,
    /// DoG, distance over gradients.
    "dog" => dog::Dog,
    /// SGD with hypergradient descent.
    "sgd-hd" => sgd_hd::SgdHd,
    /// Adam with hypergradient descent.
    "adam-hd" => adam_hd::AdamHd,
}
