//! What each method is in terms of h(μ): its μ, and what it needs beyond μ.

use super::Method;
use crate::adaptive::{
    AdamHdState, Adaptive, DadaptAdamState, DadaptSgdState, DogState, ProdigyState,
    ScheduleFreeState, SgdHdState,
};
use crate::presets::{Adam, AdamHd, AdamW, Amsgrad, DadaptAdam, Prodigy};
use crate::rule::{Form, Rule};
use crate::{EpsilonPlace, HyperParameters};

impl Method {
    /// The method's μ with this η.
    pub fn hyper_parameters(&self, learning_rate: f32) -> HyperParameters {
        // (a1, a2, a3) and (b1, b2, b3); differences are taken in f64, as the textbook has them.
        let inside = |place, epsilon| {
            if place == EpsilonPlace::Inside {
                epsilon
            } else {
                0.0
            }
        };
        let average = |beta: f64, constant: f64| (beta, 1.0 - beta, constant);
        let one = (0.0, 0.0, 1.0);
        let gradient = (0.0, 1.0, 0.0);
        let (second, first) = match *self {
            Method::Sgd => (one, gradient),
            Method::Momentum(m) => (one, (m.momentum, 1.0 - m.dampening, 0.0)),
            Method::Nesterov(m) => (one, (m.momentum, 1.0, 0.0)),
            Method::Adagrad(m) => ((1.0, 1.0, inside(m.epsilon_place, m.epsilon)), gradient),
            Method::Rmsprop(m) => (
                average(m.decay, inside(m.epsilon_place, m.epsilon)),
                gradient,
            ),
            Method::Adadelta(m) => (average(m.decay, 0.0), gradient),
            Method::Adam(Adam {
                beta1,
                beta2,
                epsilon,
                epsilon_place,
                ..
            })
            | Method::AdamW(AdamW {
                beta1,
                beta2,
                epsilon,
                epsilon_place,
                ..
            })
            | Method::Amsgrad(Amsgrad {
                beta1,
                beta2,
                epsilon,
                epsilon_place,
                ..
            }) => (
                average(beta2, inside(epsilon_place, epsilon)),
                average(beta1, 0.0),
            ),
            Method::Adamax(m) => ((m.beta2, 1.0, m.epsilon), average(m.beta1, 0.0)),
            Method::Family(m) => ((m.a1, m.a2, m.a3), (m.b1, m.b2, m.b3)),
            // b1 is β, where y stands between z and x; a step goes by the gradient itself.
            Method::ScheduleFreeSgd(m) => (one, (m.momentum, 1.0, 0.0)),
            Method::ScheduleFreeAdamW(m) => (average(m.beta2, 0.0), (m.beta1, 1.0, 0.0)),
            Method::Prodigy(Prodigy { beta1, beta2, .. })
            | Method::DadaptAdam(DadaptAdam { beta1, beta2, .. })
            | Method::AdamHd(AdamHd { beta1, beta2, .. }) => {
                (average(beta2, 0.0), average(beta1, 0.0))
            }
            Method::DadaptSgd(m) => (one, average(m.momentum, 0.0)),
            Method::Dog(_) | Method::SgdHd(_) => (one, gradient),
        };
        HyperParameters {
            learning_rate,
            a1: second.0 as f32,
            a2: second.1 as f32,
            a3: second.2 as f32,
            b1: first.0 as f32,
            b2: first.1 as f32,
            b3: first.2 as f32,
        }
    }

    /// What a step needs beyond μ.
    pub(crate) fn rule(&self) -> Rule {
        let outside = |place, epsilon| {
            if place == EpsilonPlace::Outside {
                epsilon
            } else {
                0.0
            }
        };
        let family = Form::Family {
            look_ahead: false,
            bias_correction: false,
        };
        let corrected = Form::Family {
            look_ahead: false,
            bias_correction: true,
        };
        let adaptive = |state| (Form::Adaptive(Box::new(state)), 0.0, 0.0);
        let (form, epsilon, weight_decay) = match *self {
            Method::Sgd => (family, 0.0, 0.0),
            Method::Momentum(m) => (family, 0.0, m.weight_decay),
            Method::Nesterov(m) => (
                Form::Family {
                    look_ahead: true,
                    bias_correction: false,
                },
                0.0,
                m.weight_decay,
            ),
            Method::Adagrad(m) => (family, outside(m.epsilon_place, m.epsilon), m.weight_decay),
            Method::Rmsprop(m) => (family, outside(m.epsilon_place, m.epsilon), m.weight_decay),
            Method::Adadelta(m) => (Form::Displacement, m.epsilon, m.weight_decay),
            Method::Adam(m) => (
                corrected,
                outside(m.epsilon_place, m.epsilon),
                m.weight_decay,
            ),
            Method::AdamW(m) => (
                corrected,
                outside(m.epsilon_place, m.epsilon),
                m.weight_decay,
            ),
            Method::Adamax(m) => (Form::InfinityNorm, 0.0, m.weight_decay),
            Method::Amsgrad(m) => (
                Form::RunningMaximum,
                outside(m.epsilon_place, m.epsilon),
                m.weight_decay,
            ),
            Method::Family(m) => (family, m.epsilon, m.weight_decay),
            Method::ScheduleFreeSgd(m) => {
                adaptive(Adaptive::ScheduleFree(ScheduleFreeState::sgd(m)))
            }
            Method::ScheduleFreeAdamW(m) => {
                adaptive(Adaptive::ScheduleFree(ScheduleFreeState::adamw(m)))
            }
            Method::Prodigy(m) => adaptive(Adaptive::Prodigy(ProdigyState::new(m))),
            Method::DadaptSgd(m) => adaptive(Adaptive::DadaptSgd(DadaptSgdState::new(m))),
            Method::DadaptAdam(m) => adaptive(Adaptive::DadaptAdam(DadaptAdamState::new(m))),
            Method::Dog(m) => adaptive(Adaptive::Dog(DogState::new(m))),
            Method::SgdHd(m) => adaptive(Adaptive::SgdHd(SgdHdState::new(m))),
            Method::AdamHd(m) => adaptive(Adaptive::AdamHd(AdamHdState::new(m))),
        };
        Rule {
            form,
            epsilon: epsilon as f32,
            weight_decay: weight_decay as f32,
            decoupled: matches!(self, Method::AdamW(_)),
            keep_first: matches!(self, Method::Family(_)) || self.hyper_parameters(0.0).b1 != 0.0,
        }
    }
}
