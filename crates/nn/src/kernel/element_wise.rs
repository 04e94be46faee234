//! Element-wise functions and their derivatives.
//!
//! exp, and with it tanh and the logistic function, are computed here instead of by the C library: the same
//! few operations on every machine, a vector at a time. The polynomials are those of S. Moshier's Cephes library
//! (`expf`, `tanhf`); the results are within 2·10⁻⁷ of the exact ones.
//!
//! The functions are types, not closures, because a closure cannot be told to be inlined, and only inside the
//! kernel does it have the instruction set.

use super::vector::Vector;

/// A function of one value.
pub(super) trait Function {
    /// # Safety
    /// The machine must have `V`'s instruction set.
    unsafe fn apply<V: Vector>(x: V) -> V;
}

/// The product of a slope and the derivative of a function, given the function's value y.
trait Derivative {
    /// # Safety
    /// The machine must have `V`'s instruction set.
    unsafe fn apply<V: Vector>(y: V, slope: V) -> V;
}

struct Relu;
pub(super) struct Tanh;
pub(super) struct Sigmoid;

impl Function for Relu {
    #[inline(always)]
    unsafe fn apply<V: Vector>(x: V) -> V {
        // SAFETY: the same condition.
        unsafe { x.relu() }
    }
}

impl Derivative for Relu {
    #[inline(always)]
    unsafe fn apply<V: Vector>(y: V, slope: V) -> V {
        // SAFETY: the same condition.
        unsafe { V::select(y.active(), slope, V::splat(0.0)) }
    }
}

impl Function for Tanh {
    #[inline(always)]
    unsafe fn apply<V: Vector>(x: V) -> V {
        // SAFETY: the same condition.
        unsafe {
            // Near 0: x + x³ · polynomial(x²).
            let square = x.mul(x);
            let mut sum = V::splat(-5.704_988_7e-3);
            for coefficient in [
                2.063_908_8e-2,
                -5.373_971_6e-2,
                1.333_144_2e-1,
                -3.333_328e-1,
            ] {
                sum = sum.mul_add(square, V::splat(coefficient));
            }
            let near = sum.mul(square).mul_add(x, x);
            // Elsewhere: 1 − 2 / (exp(2x) + 1).
            let power = exp(x.add(x));
            let far = V::splat(1.0).sub(V::splat(2.0).div(power.add(V::splat(1.0))));
            V::select(V::splat(0.625 * 0.625).wins(square), near, far)
        }
    }
}

impl Derivative for Tanh {
    #[inline(always)]
    unsafe fn apply<V: Vector>(y: V, slope: V) -> V {
        // SAFETY: the same condition.
        unsafe { slope.mul(V::splat(1.0).sub(y.mul(y))) }
    }
}

impl Function for Sigmoid {
    #[inline(always)]
    unsafe fn apply<V: Vector>(x: V) -> V {
        // SAFETY: the same condition.
        unsafe {
            let one = V::splat(1.0);
            one.div(one.add(exp(V::splat(0.0).sub(x))))
        }
    }
}

impl Derivative for Sigmoid {
    #[inline(always)]
    unsafe fn apply<V: Vector>(y: V, slope: V) -> V {
        // SAFETY: the same condition.
        unsafe { slope.mul(y.mul(V::splat(1.0).sub(y))) }
    }
}

/// Replaces each value by max(value, 0); NaN stays NaN.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn relu<V: Vector>(values: &mut [f32]) {
    // SAFETY: the same condition.
    unsafe { map::<V, Relu>(values) }
}

/// Replaces each value by its hyperbolic tangent.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn tanh<V: Vector>(values: &mut [f32]) {
    // SAFETY: the same condition.
    unsafe { map::<V, Tanh>(values) }
}

/// Replaces each value by 1 / (1 + exp(−value)).
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn sigmoid<V: Vector>(values: &mut [f32]) {
    // SAFETY: the same condition.
    unsafe { map::<V, Sigmoid>(values) }
}

/// Sets the gradient to 0 where the output of ReLU is 0.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn relu_gradient<V: Vector>(outputs: &[f32], gradient: &mut [f32]) {
    // SAFETY: the same condition.
    unsafe { zip::<V, Relu>(outputs, gradient) }
}

/// Multiplies the gradient by 1 − y², y being the output of tanh.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn tanh_gradient<V: Vector>(outputs: &[f32], gradient: &mut [f32]) {
    // SAFETY: the same condition.
    unsafe { zip::<V, Tanh>(outputs, gradient) }
}

/// Multiplies the gradient by y (1 − y), y being the output of the logistic function.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn sigmoid_gradient<V: Vector>(outputs: &[f32], gradient: &mut [f32]) {
    // SAFETY: the same condition.
    unsafe { zip::<V, Sigmoid>(outputs, gradient) }
}

/// exp of each lane, of the nearest of −87.3 and 88.3 outside of them; NaN stays NaN.
///
/// x = n ln 2 + r with an integer n and |r| ≤ ½ ln 2; exp(x) = 2ⁿ exp(r), exp(r) by a polynomial.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
unsafe fn exp<V: Vector>(x: V) -> V {
    // SAFETY: the same condition.
    unsafe {
        let x = x.clamp(V::splat(-87.3), V::splat(88.3));
        // Adding 1.5 · 2²³ rounds to an integer, which is then in the lowest bits.
        let shifted = x.mul_add(V::splat(std::f32::consts::LOG2_E), V::splat(12_582_912.0));
        let n = shifted.sub(V::splat(12_582_912.0));
        // ln 2 in two parts, the first of which has few bits: n times it is exact.
        let r = n.mul_add(V::splat(-0.693_359_4), x);
        let r = n.mul_add(V::splat(2.121_944_4e-4), r);
        let mut sum = V::splat(1.987_569_1e-4);
        for coefficient in [
            1.398_199_9e-3,
            8.333_452e-3,
            4.166_579_6e-2,
            1.666_666_5e-1,
            0.5,
        ] {
            sum = sum.mul_add(r, V::splat(coefficient));
        }
        let sum = sum.mul_add(r.mul(r), r.add(V::splat(1.0)));
        sum.mul(shifted.power_of_lowest_bits())
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
unsafe fn map<V: Vector, F: Function>(values: &mut [f32]) {
    let count = values.len();
    let whole = count - count % V::LANES;
    let pointer = values.as_mut_ptr();
    // SAFETY: index + LANES ≤ whole ≤ count, and the rest is cut at the count.
    unsafe {
        for index in (0..whole).step_by(V::LANES) {
            let at = pointer.add(index);
            F::apply(V::load(at)).store(at);
        }
        if whole < count {
            let at = pointer.add(whole);
            F::apply(V::load_first(at, count - whole)).store_first(at, count - whole);
        }
    }
}

/// Replaces each gradient by a function of the output and itself.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
unsafe fn zip<V: Vector, F: Derivative>(outputs: &[f32], gradient: &mut [f32]) {
    assert_eq!(
        outputs.len(),
        gradient.len(),
        "one output for each gradient"
    );
    let count = outputs.len();
    let whole = count - count % V::LANES;
    // SAFETY: index + LANES ≤ whole ≤ count, and the rest is cut at the count.
    unsafe {
        for index in (0..whole).step_by(V::LANES) {
            let to = gradient.as_mut_ptr().add(index);
            F::apply(V::load(outputs.as_ptr().add(index)), V::load(to)).store(to);
        }
        if whole < count {
            let width = count - whole;
            let to = gradient.as_mut_ptr().add(whole);
            let output = V::load_first(outputs.as_ptr().add(whole), width);
            F::apply(output, V::load_first(to, width)).store_first(to, width);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::InstructionSet;
    use crate::kernel::Kernels;

    /// Compares a kernel with the exact function from −100 to 100, densely near 0.
    fn check(kernel: impl Fn(&Kernels, &mut [f32]), exact: impl Fn(f64) -> f64, relative: f64) {
        let inputs: Vec<f32> = (-40_000..=40_000)
            .map(|index| (f64::from(index) / 40_000.0).powi(3) as f32 * 100.0)
            .chain([
                1e-30,
                -1e-30,
                0.625,
                -0.625,
                1e30,
                -1e30,
                f32::INFINITY,
                f32::NEG_INFINITY,
            ])
            .collect();
        for set in InstructionSet::available() {
            let kernels = set.kernels().unwrap();
            let mut outputs = inputs.clone();
            kernel(kernels, &mut outputs);
            for (x, y) in inputs.iter().zip(&outputs) {
                let exact = exact(f64::from(*x));
                let off = (f64::from(*y) - exact).abs();
                assert!(
                    f64::from(*y) == exact || off <= 2e-7 && off <= relative * exact.abs() + 1e-38,
                    "{set}: f({x}) = {y}, not {exact}"
                );
            }
            let mut nan = [1.0, f32::NAN, 2.0];
            kernel(kernels, &mut nan);
            assert!(
                nan[1].is_nan() && !nan[0].is_nan() && !nan[2].is_nan(),
                "{set}: {nan:?}"
            );
        }
    }

    #[test]
    fn tanh_is_the_hyperbolic_tangent() {
        check(|kernels, values| kernels.tanh(values), f64::tanh, 4e-7);
    }

    #[test]
    fn sigmoid_is_the_logistic_function() {
        // Below −87 the true value is no normal number; the relative error there is that of the cut.
        let exact = |x: f64| 1.0 / (1.0 + (-x.max(-88.3)).exp());
        check(|kernels, values| kernels.sigmoid(values), exact, 1e-6);
    }

    #[test]
    fn relu_cuts_at_zero() {
        check(
            |kernels, values| kernels.relu(values),
            |x| x.max(0.0),
            f64::INFINITY,
        );
    }
}
