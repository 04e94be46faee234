//! The update rule of a generated optimizer class, where it differs from the family's.

use descender_optim::{EpsilonPlace, Method};

/// What h(μ) needs beyond μ to be the step of a method.
pub(super) struct Update {
    pub(super) epsilon: f64,
    pub(super) weight_decay: f64,
    /// Whether the weight decay shrinks the parameters instead of joining the gradient.
    pub(super) decoupled: bool,
    /// Nesterov's step, b1·Q + b2·g + b3.
    pub(super) look_ahead: bool,
    /// Whether the moments are divided by the sum of their weights.
    pub(super) bias_correction: bool,
    /// Whether Q is kept from the first step on, rather than from the first whose b1 isn't 0.
    pub(super) keep_first: bool,
}

/// The method's step in terms of h(μ), if it is one.
pub(super) fn update(method: &Method) -> Option<Update> {
    let outside = |place, epsilon| match place {
        EpsilonPlace::Outside => epsilon,
        EpsilonPlace::Inside => 0.0, // it is a3
    };
    let plain = |epsilon, weight_decay| Update {
        epsilon,
        weight_decay,
        decoupled: false,
        look_ahead: false,
        bias_correction: false,
        keep_first: method.hyper_parameters(0.0).b1 != 0.0,
    };
    let update = match *method {
        Method::Sgd => plain(0.0, 0.0),
        Method::Momentum(m) => plain(0.0, m.weight_decay),
        Method::Nesterov(m) => Update {
            look_ahead: true,
            ..plain(0.0, m.weight_decay)
        },
        Method::Adagrad(m) => plain(outside(m.epsilon_place, m.epsilon), m.weight_decay),
        Method::Rmsprop(m) => plain(outside(m.epsilon_place, m.epsilon), m.weight_decay),
        Method::Adam(m) => Update {
            bias_correction: true,
            ..plain(outside(m.epsilon_place, m.epsilon), m.weight_decay)
        },
        Method::AdamW(m) => Update {
            bias_correction: true,
            decoupled: true,
            ..plain(outside(m.epsilon_place, m.epsilon), m.weight_decay)
        },
        Method::Family(m) => Update {
            keep_first: true,
            ..plain(m.epsilon, m.weight_decay)
        },
        _ => return None,
    };
    Some(update)
}
