//! The update of each form that a method can have: what it computes for one parameter, handed to the pass over all.

use super::Optimizer;
use crate::pass::pass;
use crate::rule::Rule;
use crate::{HyperParameters, StepStatistics};

impl Optimizer {
    /// h(μ), with as many moments in memory as μ uses.
    pub(super) fn family(
        &mut self,
        mu: &HyperParameters,
        look_ahead: bool,
        bias_correction: bool,
        parameters: &mut [f32],
        gradient: &[f32],
    ) -> StepStatistics {
        let HyperParameters {
            learning_rate,
            a1,
            a2,
            a3,
            b1,
            b2,
            b3,
        } = *mu;
        let keep_first = self.rule.keep_first || b1 != 0.0 || !self.first.is_empty();
        let keep_second = a1 != 0.0 || a2 != 0.0 || !self.second.is_empty();
        if keep_first {
            self.first.resize(self.parameter_count, 0.0);
        }
        if keep_second {
            self.second
                .resize(self.parameter_count, self.uniform_second);
        } else {
            self.uniform_second = a1 * self.uniform_second + a3;
        }

        let epsilon = self.rule.epsilon;
        let (rate, root_scale) = if bias_correction {
            (
                learning_rate * reciprocal(self.first_weight),
                reciprocal(self.second_weight.sqrt()),
            )
        } else {
            (learning_rate, 1.0)
        };
        // The step's direction is ahead·Q + now·(b2·g + b3); plain momentum is Q itself.
        let (ahead, now) = if look_ahead { (b1, 1.0) } else { (1.0, 0.0) };
        let uniform_rate = quotient(rate, self.uniform_second.sqrt() * root_scale + epsilon);
        let (uniform_ahead, uniform_now) = (uniform_rate * ahead, uniform_rate * now);
        let (uniform_slope, uniform_offset) = (uniform_rate * b2, uniform_rate * b3);
        let scaled =
            |p: f32, direction: f32| quotient(rate * direction, p.sqrt() * root_scale + epsilon);

        let decay = self.rule.decay(learning_rate);
        let (first, second) = (&mut self.first[..], &mut self.second[..]);
        match (keep_second, keep_first) {
            (false, false) => apply(decay, parameters, gradient, [], |g, _| {
                // With b1 = 0 looking ahead is b2·g + b3 too.
                uniform_slope * g + uniform_offset
            }),
            (false, true) => apply(decay, parameters, gradient, [first], |g, [q]| {
                let fresh = b2 * g + b3;
                *q = b1 * *q + fresh;
                uniform_ahead * *q + uniform_now * fresh
            }),
            (true, false) => apply(decay, parameters, gradient, [second], |g, [p]| {
                *p = a1 * *p + a2 * (g * g) + a3;
                scaled(*p, b2 * g + b3)
            }),
            (true, true) => apply(decay, parameters, gradient, [second, first], |g, [p, q]| {
                let fresh = b2 * g + b3;
                *p = a1 * *p + a2 * (g * g) + a3;
                *q = b1 * *q + fresh;
                scaled(*p, ahead * *q + now * fresh)
            }),
        }
    }

    /// AMSGrad: S ← max(S, P); θ ← θ − η · Q̂ / (sqrt(Ŝ) + ε), where the hats divide by the weights.
    pub(super) fn running_maximum(
        &mut self,
        mu: &HyperParameters,
        parameters: &mut [f32],
        gradient: &[f32],
    ) -> StepStatistics {
        let HyperParameters {
            learning_rate,
            a1,
            a2,
            a3,
            b1,
            b2,
            b3,
        } = *mu;
        let epsilon = self.rule.epsilon;
        let rate = learning_rate * reciprocal(self.first_weight);
        let root_scale = reciprocal(self.second_weight.sqrt());
        let decay = self.rule.decay(learning_rate);
        apply(
            decay,
            parameters,
            gradient,
            self.all_memory(),
            |g, [p, q, s]| {
                *p = a1 * *p + a2 * (g * g) + a3;
                *q = b1 * *q + b2 * g + b3;
                *s = if *s > *p { *s } else { *p };
                quotient(rate * *q, s.sqrt() * root_scale + epsilon)
            },
        )
    }

    /// Adamax: P ← max(a1·P, a2·|g| + a3); θ ← θ − η · Q̂ / P, where the hat divides by the weight.
    pub(super) fn infinity_norm(
        &mut self,
        mu: &HyperParameters,
        parameters: &mut [f32],
        gradient: &[f32],
    ) -> StepStatistics {
        let HyperParameters {
            learning_rate,
            a1,
            a2,
            a3,
            b1,
            b2,
            b3,
        } = *mu;
        let rate = learning_rate * reciprocal(self.first_weight);
        let decay = self.rule.decay(learning_rate);
        self.first.resize(self.parameter_count, 0.0);
        self.second.resize(self.parameter_count, 0.0);
        apply(
            decay,
            parameters,
            gradient,
            [&mut self.second, &mut self.first],
            |g, [p, q]| {
                let (old, new) = (a1 * *p, a2 * g.abs() + a3);
                *p = if old > new { old } else { new };
                *q = b1 * *q + b2 * g + b3;
                quotient(rate * *q, *p)
            },
        )
    }

    /// Adadelta: Δ = sqrt(S + ε) / sqrt(P + ε) · Q; S ← a1·S + a2·Δ²; θ ← θ − η · Δ.
    pub(super) fn displacement(
        &mut self,
        mu: &HyperParameters,
        parameters: &mut [f32],
        gradient: &[f32],
    ) -> StepStatistics {
        let HyperParameters {
            learning_rate,
            a1,
            a2,
            a3,
            b1,
            b2,
            b3,
        } = *mu;
        let epsilon = self.rule.epsilon;
        let decay = self.rule.decay(learning_rate);
        apply(
            decay,
            parameters,
            gradient,
            self.all_memory(),
            |g, [p, q, s]| {
                *p = a1 * *p + a2 * (g * g) + a3;
                *q = b1 * *q + b2 * g + b3;
                let delta = quotient((*s + epsilon).sqrt() * *q, (*p + epsilon).sqrt());
                *s = a1 * *s + a2 * (delta * delta);
                learning_rate * delta
            },
        )
    }

    /// P, Q and the extra memory, made if they aren't there yet.
    fn all_memory(&mut self) -> [&mut [f32]; 3] {
        let count = self.parameter_count;
        [&mut self.second, &mut self.first, &mut self.extra].map(|memory| {
            memory.resize(count, 0.0);
            &mut memory[..]
        })
    }
}

/// What weight decay adds: (share of θ that joins the step, share of θ that joins the gradient).
type Decay = (f32, f32);

impl Rule {
    fn decay(&self, learning_rate: f32) -> Decay {
        if self.decoupled {
            (learning_rate * self.weight_decay, 0.0)
        } else {
            (0.0, self.weight_decay)
        }
    }
}

/// One pass of θ ← θ − direction(g), with weight decay where there is any.
#[inline(always)]
fn apply<const K: usize>(
    (decoupled, coupled): Decay,
    parameters: &mut [f32],
    gradient: &[f32],
    memory: [&mut [f32]; K],
    direction: impl Fn(f32, &mut [f32; K]) -> f32,
) -> StepStatistics {
    if decoupled == 0.0 && coupled == 0.0 {
        pass(parameters, gradient, memory, |theta, g, cells| {
            theta - direction(g, cells)
        })
    } else {
        pass(parameters, gradient, memory, |theta, g, cells| {
            theta - (decoupled * theta + direction(g + coupled * theta, cells))
        })
    }
}

/// a / b, and 0 where b is exactly 0.
#[inline(always)]
pub(crate) fn quotient(a: f32, b: f32) -> f32 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// 1 / weight; 1 where nothing has been weighed (a controller may set b2 or a2 to 0).
fn reciprocal(weight: f64) -> f32 {
    if weight > 0.0 {
        (1.0 / weight) as f32
    } else {
        1.0
    }
}
