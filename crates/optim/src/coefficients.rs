//! How a moment of h(μ) follows the gradient: its three entries of μ, before they are rounded to f32.

/// The entries of μ for one moment M, which is P or Q: M ← decay·M + weight·x + constant.
///
/// x is g² for the second moment P and g for the first moment Q.
#[derive(Clone, Copy)]
pub(crate) struct Coefficients {
    /// a1 or b1.
    pub(crate) decay: f64,
    /// a2 or b2.
    pub(crate) weight: f64,
    /// a3 or b3.
    pub(crate) constant: f64,
}

impl Coefficients {
    /// A moment that is always 1: P of a method without a denominator.
    pub(crate) const ONE: Coefficients = Coefficients::new(0.0, 0.0, 1.0);

    /// A moment that is the gradient itself: Q of a method without momentum.
    pub(crate) const GRADIENT: Coefficients = Coefficients::new(0.0, 1.0, 0.0);

    pub(crate) const fn new(decay: f64, weight: f64, constant: f64) -> Coefficients {
        Coefficients {
            decay,
            weight,
            constant,
        }
    }

    /// The exponential average with decay β: M ← β·M + (1 − β)·x.
    ///
    /// The difference is taken in f64.
    pub(crate) const fn average(beta: f64) -> Coefficients {
        Coefficients::new(beta, 1.0 - beta, 0.0)
    }

    /// The same moment with this constant added at each step.
    pub(crate) const fn plus(self, constant: f64) -> Coefficients {
        Coefficients { constant, ..self }
    }
}
