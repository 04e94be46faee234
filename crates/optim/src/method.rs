//! The methods by name: which optimizer a descent runs under, with its settings but without η.

use serde::{Deserialize, Serialize};

use crate::OptimizerError;
use crate::presets::{
    Adadelta, Adagrad, Adam, AdamHd, AdamW, Adamax, Amsgrad, DadaptAdam, DadaptSgd, Dog, Family,
    Momentum, Nesterov, Prodigy, Rmsprop, ScheduleFreeAdamW, ScheduleFreeSgd, SgdHd,
};
use crate::setting;

mod resolve;
mod table;

/// An optimizer and its settings; η comes with each step, in μ.
///
/// SGDR is [`Method::Sgd`] under [`Schedule::Sgdr`](crate::Schedule::Sgdr).
///
/// Serializes with its name as a tag (`name = "adam"`, `beta1 = 0.9`, …), which self-describing formats such as TOML
/// and JSON can read; settings left out have their defaults. For binary states store the [`Optimizer`](crate::Optimizer).
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Method {
    /// Stochastic gradient descent: θ ← θ − η·g. (With weight decay: [`Momentum`] with a momentum of 0.)
    #[serde(deserialize_with = "setting::none")]
    Sgd,
    /// SGD with momentum.
    Momentum(Momentum),
    /// SGD with Nesterov momentum.
    Nesterov(Nesterov),
    /// Adagrad.
    Adagrad(Adagrad),
    /// RMSprop.
    Rmsprop(Rmsprop),
    /// Adadelta.
    Adadelta(Adadelta),
    /// Adam.
    Adam(Adam),
    /// Adam with decoupled weight decay.
    #[serde(rename = "adamw")]
    AdamW(AdamW),
    /// Adamax.
    Adamax(Adamax),
    /// AMSGrad.
    Amsgrad(Amsgrad),
    /// h(μ) with all of μ free.
    Family(Family),
    /// Schedule-free SGD.
    ScheduleFreeSgd(ScheduleFreeSgd),
    /// Schedule-free AdamW.
    #[serde(rename = "schedule-free-adamw")]
    ScheduleFreeAdamW(ScheduleFreeAdamW),
    /// Prodigy.
    Prodigy(Prodigy),
    /// SGD with D-Adaptation.
    DadaptSgd(DadaptSgd),
    /// Adam with D-Adaptation.
    DadaptAdam(DadaptAdam),
    /// DoG, distance over gradients.
    Dog(Dog),
    /// SGD with hypergradient descent.
    SgdHd(SgdHd),
    /// Adam with hypergradient descent.
    AdamHd(AdamHd),
}

/// A method as `descender list optimizers` shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MethodInfo {
    /// The name, as in settings and on the command line.
    pub name: &'static str,
    /// One line on what it does.
    pub description: &'static str,
    /// The η that people usually start from: the default of PyTorch or of the authors' program, where it isn't a
    /// placeholder.
    pub learning_rate: f32,
    /// The method with its default settings.
    pub method: Method,
    /// Names and default values of its settings, as [`Method::with_setting`] reads them.
    pub settings: Vec<(&'static str, String)>,
}

impl Method {
    /// Every method with its default settings, simplest first.
    pub fn names() -> Vec<MethodInfo> {
        [
            Method::Sgd,
            Method::Momentum(Momentum::default()),
            Method::Nesterov(Nesterov::default()),
            Method::Adagrad(Adagrad::default()),
            Method::Rmsprop(Rmsprop::default()),
            Method::Adadelta(Adadelta::default()),
            Method::Adam(Adam::default()),
            Method::AdamW(AdamW::default()),
            Method::Adamax(Adamax::default()),
            Method::Amsgrad(Amsgrad::default()),
            Method::Family(Family::default()),
            Method::ScheduleFreeSgd(ScheduleFreeSgd::default()),
            Method::ScheduleFreeAdamW(ScheduleFreeAdamW::default()),
            Method::Prodigy(Prodigy::default()),
            Method::DadaptSgd(DadaptSgd::default()),
            Method::DadaptAdam(DadaptAdam::default()),
            Method::Dog(Dog::default()),
            Method::SgdHd(SgdHd::default()),
            Method::AdamHd(AdamHd::default()),
        ]
        .into_iter()
        .map(|method| MethodInfo {
            name: method.name(),
            description: method.description(),
            learning_rate: method.usual_learning_rate(),
            method,
            settings: method.settings(),
        })
        .collect()
    }

    /// The method called `name` with its default settings.
    pub fn by_name(name: &str) -> Option<Method> {
        Method::names()
            .into_iter()
            .find(|info| info.name == name)
            .map(|info| info.method)
    }

    /// As [`Method::by_name`], with an error that lists the known names.
    ///
    /// # Errors
    /// No method has this name.
    pub fn parse(name: &str) -> Result<Method, OptimizerError> {
        Method::by_name(name).ok_or_else(|| OptimizerError::UnknownName {
            kind: "optimizer",
            name: name.into(),
            known: Method::names()
                .iter()
                .map(|info| info.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// The name, as in settings and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Method::Sgd => "sgd",
            Method::Momentum(_) => "momentum",
            Method::Nesterov(_) => "nesterov",
            Method::Adagrad(_) => "adagrad",
            Method::Rmsprop(_) => "rmsprop",
            Method::Adadelta(_) => "adadelta",
            Method::Adam(_) => "adam",
            Method::AdamW(_) => "adamw",
            Method::Adamax(_) => "adamax",
            Method::Amsgrad(_) => "amsgrad",
            Method::Family(_) => "family",
            Method::ScheduleFreeSgd(_) => "schedule-free-sgd",
            Method::ScheduleFreeAdamW(_) => "schedule-free-adamw",
            Method::Prodigy(_) => "prodigy",
            Method::DadaptSgd(_) => "dadapt-sgd",
            Method::DadaptAdam(_) => "dadapt-adam",
            Method::Dog(_) => "dog",
            Method::SgdHd(_) => "sgd-hd",
            Method::AdamHd(_) => "adam-hd",
        }
    }

    /// One line on what the method does.
    pub fn description(&self) -> &'static str {
        match self {
            Method::Sgd => "stochastic gradient descent",
            Method::Momentum(_) => "SGD with (heavy-ball) momentum",
            Method::Nesterov(_) => "SGD with Nesterov momentum",
            Method::Adagrad(_) => {
                "each parameter's rate falls with the sum of its squared gradients"
            }
            Method::Rmsprop(_) => {
                "each parameter's rate follows the mean of its recent squared gradients"
            }
            Method::Adadelta(_) => "RMSprop whose steps are scaled by the size of recent steps",
            Method::Adam(_) => "momentum and RMSprop with bias correction",
            Method::AdamW(_) => "Adam with decoupled weight decay",
            Method::Adamax(_) => "Adam with the infinity norm in place of the squared gradients",
            Method::Amsgrad(_) => "Adam whose second moment never decreases",
            Method::Family(_) => "h(mu): all seven hyper-parameters free",
            Method::ScheduleFreeSgd(_) => {
                "SGD whose average takes the place of a schedule; evaluated at the average"
            }
            Method::ScheduleFreeAdamW(_) => {
                "AdamW whose average takes the place of a schedule; evaluated at the average"
            }
            Method::Prodigy(_) => "Adam that estimates its own step size; η is a factor on it",
            Method::DadaptSgd(_) => {
                "SGD that estimates its own step size by D-Adaptation; η is a factor on it"
            }
            Method::DadaptAdam(_) => {
                "Adam that estimates its own step size by D-Adaptation; η is a factor on it"
            }
            Method::Dog(_) => {
                "SGD with distance over gradients as its step size, evaluated at an average; η is a factor on it"
            }
            Method::SgdHd(_) => "SGD whose learning rate follows its hypergradient from η on",
            Method::AdamHd(_) => "Adam whose learning rate follows its hypergradient from η on",
        }
    }

    /// The η that people usually start from.
    pub fn usual_learning_rate(&self) -> f32 {
        match self {
            Method::Sgd | Method::Family(_) => 0.1,
            Method::Momentum(_) | Method::Nesterov(_) | Method::Adagrad(_) | Method::Rmsprop(_) => {
                0.01
            }
            Method::Adadelta(_) => 1.0,
            Method::Adam(_) | Method::AdamW(_) | Method::Amsgrad(_) => 0.001,
            Method::Adamax(_) => 0.002,
            Method::ScheduleFreeAdamW(_) => 0.0025,
            Method::ScheduleFreeSgd(_)
            | Method::Prodigy(_)
            | Method::DadaptSgd(_)
            | Method::DadaptAdam(_)
            | Method::Dog(_) => 1.0,
            Method::SgdHd(_) | Method::AdamHd(_) => 0.001,
        }
    }

    /// Names and values of the settings, as [`Method::with_setting`] reads them.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mut method = *self;
        setting::list(method.table())
    }

    /// The same method with the setting `key` at `value`.
    ///
    /// # Errors
    /// The method has no such setting (the error names those it has), or the value isn't allowed.
    pub fn with_setting(&self, key: &str, value: &str) -> Result<Method, OptimizerError> {
        let mut method = *self;
        setting::set(&self.owner(), method.table(), key, value)?;
        Ok(method)
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting whose value isn't allowed, with what was expected.
    pub fn check(&self) -> Result<(), OptimizerError> {
        let mut method = *self;
        setting::check(&self.owner(), method.table())
    }

    fn owner(&self) -> String {
        format!("optimizer \"{}\"", self.name())
    }
}
