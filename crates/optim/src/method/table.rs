//! The settings of each method and what they allow.

use super::Method;
use crate::presets::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Amsgrad, Family, Momentum, Nesterov, Rmsprop,
};
use crate::setting::{Allowed, Setting, Value};

impl Method {
    /// Every setting with what it allows.
    pub(super) fn table(&mut self) -> Vec<Setting<'_>> {
        use Allowed::{Decay, Finite, Fraction, Growth, NonNegative, Positive};
        use Value::{Flag, Number, Place, Steps};
        let decay = |x| ("weight_decay", Number(x, NonNegative));
        match self {
            Method::Sgd => vec![],
            Method::Momentum(Momentum {
                momentum,
                dampening,
                weight_decay,
            }) => vec![
                ("momentum", Number(momentum, Decay)),
                ("dampening", Number(dampening, Fraction)),
                decay(weight_decay),
            ],
            Method::Nesterov(Nesterov {
                momentum,
                weight_decay,
            }) => {
                vec![("momentum", Number(momentum, Decay)), decay(weight_decay)]
            }
            Method::Adagrad(Adagrad {
                epsilon,
                epsilon_place,
                weight_decay,
            }) => vec![
                ("epsilon", Number(epsilon, Positive)),
                ("epsilon_place", Place(epsilon_place)),
                decay(weight_decay),
            ],
            Method::Rmsprop(Rmsprop {
                decay: rho,
                epsilon,
                epsilon_place,
                weight_decay,
            }) => vec![
                ("decay", Number(rho, Decay)),
                ("epsilon", Number(epsilon, Positive)),
                ("epsilon_place", Place(epsilon_place)),
                decay(weight_decay),
            ],
            Method::Adadelta(Adadelta {
                decay: rho,
                epsilon,
                weight_decay,
            }) => {
                vec![
                    ("decay", Number(rho, Decay)),
                    ("epsilon", Number(epsilon, Positive)),
                    decay(weight_decay),
                ]
            }
            Method::Adam(Adam {
                beta1,
                beta2,
                epsilon,
                epsilon_place,
                weight_decay,
            })
            | Method::AdamW(AdamW {
                beta1,
                beta2,
                epsilon,
                epsilon_place,
                weight_decay,
            })
            | Method::Amsgrad(Amsgrad {
                beta1,
                beta2,
                epsilon,
                epsilon_place,
                weight_decay,
            }) => vec![
                ("beta1", Number(beta1, Decay)),
                ("beta2", Number(beta2, Decay)),
                ("epsilon", Number(epsilon, Positive)),
                ("epsilon_place", Place(epsilon_place)),
                decay(weight_decay),
            ],
            Method::Adamax(Adamax {
                beta1,
                beta2,
                epsilon,
                weight_decay,
            }) => vec![
                ("beta1", Number(beta1, Decay)),
                ("beta2", Number(beta2, Decay)),
                ("epsilon", Number(epsilon, Positive)),
                decay(weight_decay),
            ],
            Method::Family(Family {
                a1,
                a2,
                a3,
                b1,
                b2,
                b3,
                epsilon,
                weight_decay,
            }) => vec![
                ("a1", Number(a1, Finite)),
                ("a2", Number(a2, Finite)),
                ("a3", Number(a3, Finite)),
                ("b1", Number(b1, Finite)),
                ("b2", Number(b2, Finite)),
                ("b3", Number(b3, Finite)),
                ("epsilon", Number(epsilon, NonNegative)),
                decay(weight_decay),
            ],
            Method::ScheduleFreeSgd(m) => vec![
                ("momentum", Number(&mut m.momentum, Decay)),
                ("warmup_steps", Steps(&mut m.warmup_steps)),
                (
                    "averaging_power",
                    Number(&mut m.averaging_power, NonNegative),
                ),
                ("rate_power", Number(&mut m.rate_power, NonNegative)),
                decay(&mut m.weight_decay),
            ],
            Method::ScheduleFreeAdamW(m) => vec![
                ("beta1", Number(&mut m.beta1, Decay)),
                ("beta2", Number(&mut m.beta2, Decay)),
                ("epsilon", Number(&mut m.epsilon, Positive)),
                ("warmup_steps", Steps(&mut m.warmup_steps)),
                (
                    "averaging_power",
                    Number(&mut m.averaging_power, NonNegative),
                ),
                ("rate_power", Number(&mut m.rate_power, NonNegative)),
                decay(&mut m.weight_decay),
            ],
            Method::Prodigy(m) => vec![
                ("beta1", Number(&mut m.beta1, Decay)),
                ("beta2", Number(&mut m.beta2, Decay)),
                ("epsilon", Number(&mut m.epsilon, Positive)),
                ("d0", Number(&mut m.d0, Positive)),
                ("d_coef", Number(&mut m.d_coef, Positive)),
                ("growth_rate", Number(&mut m.growth_rate, Growth)),
                ("bias_correction", Flag(&mut m.bias_correction)),
                ("safeguard_warmup", Flag(&mut m.safeguard_warmup)),
                decay(&mut m.weight_decay),
                ("decoupled", Flag(&mut m.decoupled)),
            ],
            Method::DadaptSgd(m) => vec![
                ("momentum", Number(&mut m.momentum, Decay)),
                ("d0", Number(&mut m.d0, Positive)),
                ("growth_rate", Number(&mut m.growth_rate, Growth)),
                decay(&mut m.weight_decay),
            ],
            Method::DadaptAdam(m) => vec![
                ("beta1", Number(&mut m.beta1, Decay)),
                ("beta2", Number(&mut m.beta2, Decay)),
                ("epsilon", Number(&mut m.epsilon, Positive)),
                ("d0", Number(&mut m.d0, Positive)),
                ("growth_rate", Number(&mut m.growth_rate, Growth)),
                ("bias_correction", Flag(&mut m.bias_correction)),
                decay(&mut m.weight_decay),
                ("decoupled", Flag(&mut m.decoupled)),
            ],
            Method::Dog(m) => vec![
                (
                    "initial_distance",
                    Number(&mut m.initial_distance, Positive),
                ),
                ("epsilon", Number(&mut m.epsilon, Positive)),
                ("averaged", Flag(&mut m.averaged)),
                ("averaging", Number(&mut m.averaging, NonNegative)),
                decay(&mut m.weight_decay),
            ],
            Method::SgdHd(m) => vec![
                (
                    "hypergradient_rate",
                    Number(&mut m.hypergradient_rate, NonNegative),
                ),
                decay(&mut m.weight_decay),
            ],
            Method::AdamHd(m) => vec![
                ("beta1", Number(&mut m.beta1, Decay)),
                ("beta2", Number(&mut m.beta2, Decay)),
                ("epsilon", Number(&mut m.epsilon, Positive)),
                (
                    "hypergradient_rate",
                    Number(&mut m.hypergradient_rate, NonNegative),
                ),
                decay(&mut m.weight_decay),
            ],
        }
    }
}
