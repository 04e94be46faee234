//! A distilled controller as Python source for PyTorch. The source makes the same steps without this program.
//!
//! There are three forms. The simplest one that is exact is used:
//!
//! | what the controller sets | form |
//! |---|---|
//! | η alone, over an optimizer that PyTorch has | that optimizer under a `LambdaLR` |
//! | η, b1, b2 over SGD or momentum SGD | `torch.optim.SGD` under a `LambdaLR`, with its momentum set before each step |
//! | anything else of h(μ) | a short optimizer class that takes μ from the table |
//!
//! PyTorch's SGD sums gradients, u_t = m_t·u_(t−1) + g_t and θ ← θ − lr_t·u_t with u_0 = g_0, while Q_t = b1_t·Q_(t−1) +
//! b2_t·g_t may be an average, and b1 and b2 change. With Q_t = b2_t·u_t the two are the same recursion:
//!
//! ```text
//! m_t = b1_t·b2_(t−1) / b2_t        lr_t = η_t·b2_t
//! ```
//!
//! So no dampening is needed (PyTorch's dampening leaves out the first gradient). m may exceed 1 for a step in which b2
//! falls. PyTorch drops the sum while its momentum is 0, so a momentum of 0 is written as 1e-30.

mod source;
mod update;

use descender_optim::{EpsilonPlace, HyperParameter, Method};

use super::distilled::Distilled;
use source::Table;
use update::{Update, update};

/// Replaces a momentum of 0, which PyTorch's SGD would treat as no momentum at all.
const ALMOST_NO_MOMENTUM: f64 = 1e-30;

/// Why a controller has no source for PyTorch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "PyTorch has no `{method}`, and it is no member of h(μ) that a few lines could add: expected the format json or csv"
)]
pub struct TorchError {
    /// The optimizer.
    pub method: &'static str,
}

/// What the optimizer of the source is.
enum Form {
    /// One of PyTorch's, by name, with its settings.
    Scheduled(&'static str, String),
    /// SGD whose momentum is set, too; with its settings.
    Momentum(String),
    /// A class of its own.
    Class(Update),
}

/// Whether controllers over `method` that set `entries` have a source for PyTorch.
///
/// # Errors
/// [`TorchError`] if PyTorch doesn't have the optimizer and h(μ) can't express it.
pub fn torch_supports(method: &Method, entries: &[HyperParameter]) -> Result<(), TorchError> {
    let alone = entries == [HyperParameter::LearningRate];
    match (alone && ready_made(method).is_some()) || update(method).is_some() {
        true => Ok(()),
        false => Err(TorchError {
            method: method.name(),
        }),
    }
}

impl Distilled {
    /// The Python source, with the advice, if there is any, at its top.
    ///
    /// It defines `make_optimizer(parameters)`. Except in the form with an optimizer class, it also defines
    /// `make_scheduler(optimizer)`.
    ///
    /// # Errors
    /// The same as [`torch_supports`].
    pub fn to_torch(&self, advice: Option<&str>) -> Result<String, TorchError> {
        let entries: Vec<HyperParameter> = self.schedule.entries().collect();
        torch_supports(&self.method, &entries)?;
        let table = Table {
            distilled: self,
            advice,
        };
        Ok(match self.form(&entries) {
            Some(Form::Scheduled(name, settings)) => {
                let (base, factors) = base_and_factors(&self.column(HyperParameter::LearningRate));
                table.scheduled(name, &settings, base, &factors)
            }
            Some(Form::Momentum(settings)) => {
                let (rates, momenta) = self.summed();
                let (base, factors) = base_and_factors(&rates);
                table.momentum(&settings, base, &factors, &momenta)
            }
            Some(Form::Class(update)) => table.class(&update),
            None => {
                return Err(TorchError {
                    method: self.method.name(),
                });
            }
        })
    }

    /// The plainest form that is exact.
    fn form(&self, entries: &[HyperParameter]) -> Option<Form> {
        use HyperParameter::{B1, B2, LearningRate};
        if entries == [LearningRate]
            && let Some((name, settings)) = ready_made(&self.method)
        {
            return Some(Form::Scheduled(name, settings));
        }
        let of_momentum = |entry: &HyperParameter| [LearningRate, B1, B2].contains(entry);
        let weight_decay = match self.method {
            Method::Sgd => Some(0.0),
            Method::Momentum(settings) => Some(settings.weight_decay),
            _ => None,
        };
        let weighted = self.column(B2).iter().all(|weight| *weight != 0.0);
        match weight_decay {
            Some(weight_decay) if entries.iter().all(of_momentum) && weighted => {
                Some(Form::Momentum(setting("weight_decay", weight_decay, 0.0)))
            }
            _ => update(&self.method).map(Form::Class),
        }
    }

    /// The values of an entry at each step. They come from the optimizer if the table has no such column.
    fn column(&self, entry: HyperParameter) -> Vec<f64> {
        (0..self.schedule.steps() as u64)
            .map(|step| {
                entry
                    .get(&self.schedule.hyper_parameters(&self.method, step))
                    .into()
            })
            .collect()
    }

    /// Learning rate and momentum of PyTorch's SGD at each step; the momenta have one more, which holds afterwards.
    fn summed(&self) -> (Vec<f64>, Vec<f64>) {
        let rates = self.column(HyperParameter::LearningRate);
        let (decays, weights) = (
            self.column(HyperParameter::B1),
            self.column(HyperParameter::B2),
        );
        // Before its first step with a decay, a method that begins without one has no memory.
        let keeps = self.method.hyper_parameters(0.0).b1 != 0.0;
        let forgetful = match keeps {
            true => None,
            false => decays.iter().position(|decay| *decay != 0.0),
        };
        let held = decays.last().copied();
        let mut momenta: Vec<f64> = (0..decays.len())
            .map(|step| match step {
                0 => decays[0],
                step if Some(step) == forgetful => 0.0,
                step => decays[step] * weights[step - 1] / weights[step],
            })
            .chain(held)
            .collect();
        for momentum in &mut momenta {
            if *momentum == 0.0 {
                *momentum = ALMOST_NO_MOMENTUM;
            }
        }
        let rates = rates.iter().zip(&weights);
        (rates.map(|(rate, weight)| rate * weight).collect(), momenta)
    }
}

/// The highest rate, and each as a factor of it.
fn base_and_factors(rates: &[f64]) -> (f64, Vec<f64>) {
    let highest = rates.iter().copied().fold(0.0_f64, |a, b| a.max(b.abs()));
    let base = if highest > 0.0 { highest } else { 1.0 };
    (base, rates.iter().map(|rate| rate / base).collect())
}

/// `, name=value` as Python's keyword argument, or nothing for PyTorch's default.
fn setting(name: &str, value: f64, default: f64) -> String {
    match value == default {
        true => String::new(),
        false => format!(", {name}={value:?}"),
    }
}

/// PyTorch's optimizer that makes the steps of `method`, with the settings after the learning rate.
fn ready_made(method: &Method) -> Option<(&'static str, String)> {
    let outside = |place| place == EpsilonPlace::Outside;
    let decay = |value| setting("weight_decay", value, 0.0);
    let adam = |beta1: f64, beta2: f64, epsilon: f64| {
        format!(", betas=({beta1:?}, {beta2:?}), eps={epsilon:?}")
    };
    match *method {
        Method::Sgd => Some(("SGD", String::new())),
        Method::Momentum(m) if m.dampening == 0.0 => {
            let momentum = setting("momentum", m.momentum, 0.0);
            Some(("SGD", momentum + &decay(m.weight_decay)))
        }
        // At momentum 0 there is nothing to look ahead along, and PyTorch refuses to.
        Method::Nesterov(m) => {
            let momentum = setting("momentum", m.momentum, 0.0);
            let nesterov = if m.momentum == 0.0 {
                ""
            } else {
                ", nesterov=True"
            };
            Some(("SGD", momentum + nesterov + &decay(m.weight_decay)))
        }
        Method::Adagrad(m) if outside(m.epsilon_place) => Some((
            "Adagrad",
            format!(", eps={:?}", m.epsilon) + &decay(m.weight_decay),
        )),
        Method::Rmsprop(m) if outside(m.epsilon_place) => {
            let settings = format!(", alpha={:?}, eps={:?}", m.decay, m.epsilon);
            Some(("RMSprop", settings + &decay(m.weight_decay)))
        }
        Method::Adadelta(m) => {
            let settings = format!(", rho={:?}, eps={:?}", m.decay, m.epsilon);
            Some(("Adadelta", settings + &decay(m.weight_decay)))
        }
        Method::Adam(m) if outside(m.epsilon_place) => {
            let settings = adam(m.beta1, m.beta2, m.epsilon);
            Some(("Adam", settings + &decay(m.weight_decay)))
        }
        Method::AdamW(m) if outside(m.epsilon_place) => {
            let decay = format!(", weight_decay={:?}", m.weight_decay);
            Some(("AdamW", adam(m.beta1, m.beta2, m.epsilon) + &decay))
        }
        Method::Adamax(m) => {
            let settings = adam(m.beta1, m.beta2, m.epsilon);
            Some(("Adamax", settings + &decay(m.weight_decay)))
        }
        Method::Amsgrad(m) if outside(m.epsilon_place) => {
            let settings = adam(m.beta1, m.beta2, m.epsilon) + ", amsgrad=True";
            Some(("Adam", settings + &decay(m.weight_decay)))
        }
        _ => None,
    }
}
