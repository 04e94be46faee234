//! Layer normalisation and its gradient, row by row.

use super::partial::{for_columns, load, store};
use super::vector::Vector;

/// What is added to the variance before its root is taken: PyTorch's default.
const EPSILON: f32 = 1e-5;

/// output = weights · (input − mean) / √(variance + ε) + bias for each of `rows` rows of as many values as there are
/// weights. Writes each row's mean and 1/√(variance + ε) to `moments`.
pub(crate) struct Normalize<'a> {
    pub(crate) rows: usize,
    pub(crate) input: &'a [f32],
    pub(crate) weights: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) output: &'a mut [f32],
    pub(crate) moments: &'a mut [f32],
}

impl Normalize<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        let all = self.rows * self.weights.len();
        assert!(all <= self.input.len(), "input too short");
        assert!(all <= self.output.len(), "output too short");
        assert!(self.weights.len() <= self.bias.len(), "bias too short");
        assert!(2 * self.rows <= self.moments.len(), "moments too short");
    }
}

/// The gradient of [`Normalize`]: from `slopes`, the gradient of the output, that of the input, unless it is empty.
pub(crate) struct NormalizeGradient<'a> {
    pub(crate) rows: usize,
    pub(crate) input: &'a [f32],
    pub(crate) weights: &'a [f32],
    pub(crate) moments: &'a [f32],
    pub(crate) slopes: &'a [f32],
    pub(crate) weight_gradient: &'a mut [f32],
    pub(crate) bias_gradient: &'a mut [f32],
    pub(crate) input_gradient: &'a mut [f32],
}

impl NormalizeGradient<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        let columns = self.weights.len();
        assert!(self.rows * columns <= self.input.len(), "input too short");
        assert!(self.rows * columns <= self.slopes.len(), "slopes too short");
        assert!(2 * self.rows <= self.moments.len(), "moments too short");
        assert!(
            columns <= self.weight_gradient.len().min(self.bias_gradient.len()),
            "gradients too short"
        );
        assert!(
            self.input_gradient.is_empty() || self.rows * columns <= self.input_gradient.len(),
            "gradient of the input too short"
        );
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn normalize<V: Vector>(normalize: &mut Normalize<'_>) {
    normalize.check();
    let columns = normalize.weights.len();
    let share = 1.0 / columns as f32;
    for row in 0..normalize.rows {
        // SAFETY: row · columns + column + width ≤ rows · columns, which `check` has bounded.
        unsafe {
            let input = normalize.input.as_ptr().add(row * columns);
            let output = normalize.output.as_mut_ptr().add(row * columns);
            let mut sum = V::splat(0.0);
            for_columns!(V, columns, add_up(&mut sum, input));
            let mean = sum.total() * share;
            let mut squares = V::splat(0.0);
            for_columns!(
                V,
                columns,
                center(&mut squares, input, output, V::splat(mean))
            );
            let scale = 1.0 / (squares.total() * share + EPSILON).sqrt();
            let (weights, bias) = (normalize.weights.as_ptr(), normalize.bias.as_ptr());
            for_columns!(V, columns, stretch(output, V::splat(scale), weights, bias));
            normalize.moments[2 * row] = mean;
            normalize.moments[2 * row + 1] = scale;
        }
    }
}

/// # Safety
/// The machine must have `V`'s instruction set, and the lanes must be valid; so for all functions below.
#[inline(always)]
unsafe fn add_up<V: Vector, const PARTIAL: bool>(
    sum: &mut V,
    input: *const f32,
    column: usize,
    width: usize,
) {
    // SAFETY: the same conditions.
    unsafe { *sum = sum.add(load::<V, PARTIAL>(input.add(column), width)) }
}

/// output = input − mean; adds up the squares.
#[inline(always)]
unsafe fn center<V: Vector, const PARTIAL: bool>(
    squares: &mut V,
    input: *const f32,
    output: *mut f32,
    mean: V,
    column: usize,
    width: usize,
) {
    // SAFETY: the same conditions.
    unsafe {
        let to = output.add(column);
        let mut centered = load::<V, PARTIAL>(input.add(column), width).sub(mean);
        store::<V, PARTIAL>(centered, to, width);
        if PARTIAL {
            // With zeros in the lanes that do not exist.
            centered = V::load_first(to, width);
        }
        *squares = centered.mul_add(centered, *squares);
    }
}

/// output = output · scale · weight + bias.
#[inline(always)]
unsafe fn stretch<V: Vector, const PARTIAL: bool>(
    output: *mut f32,
    scale: V,
    weights: *const f32,
    bias: *const f32,
    column: usize,
    width: usize,
) {
    // SAFETY: the same conditions.
    unsafe {
        let to = output.add(column);
        let weight = load::<V, PARTIAL>(weights.add(column), width);
        let bias = load::<V, PARTIAL>(bias.add(column), width);
        let normal = load::<V, PARTIAL>(to, width).mul(scale);
        store::<V, PARTIAL>(normal.mul_add(weight, bias), to, width);
    }
}

/// Rows whose shares of the weights' gradient are added up in registers.
const BLOCK: usize = 16;

/// For one row with n values, x̂ = (x − mean) · scale and g = slope · weight:
/// gradient of x = scale · (g − Σg / n − x̂ · Σ(g · x̂) / n).
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn normalize_gradient<V: Vector>(normalize: &mut NormalizeGradient<'_>) {
    normalize.check();
    let columns = normalize.weights.len();
    let share = 1.0 / columns as f32;
    normalize.weight_gradient[..columns].fill(0.0);
    normalize.bias_gradient[..columns].fill(0.0);
    for first in (0..normalize.rows).step_by(BLOCK) {
        let rows = first..normalize.rows.min(first + BLOCK);
        // SAFETY: row · columns + column + width ≤ rows · columns, which `check` has bounded.
        unsafe {
            for_columns!(V, columns, weight_gradients(normalize, rows.clone()));
            if normalize.input_gradient.is_empty() {
                continue;
            }
            for row in rows {
                let to = normalize.input_gradient.as_mut_ptr().add(row * columns);
                let row = Row::<V>::new(normalize, row);
                let weights = normalize.weights.as_ptr();
                let mut sums = [V::splat(0.0); 2];
                for_columns!(V, columns, gather(&mut sums, &row, weights));
                let sums = [
                    V::splat(-share * sums[0].total()),
                    V::splat(-share * sums[1].total()),
                ];
                for_columns!(V, columns, project(&row, weights, sums, to));
            }
        }
    }
}

/// One row of a [`NormalizeGradient`].
struct Row<V> {
    input: *const f32,
    slopes: *const f32,
    mean: V,
    scale: V,
}

impl<V: Vector> Row<V> {
    /// # Safety
    /// The machine must have `V`'s instruction set, and the row must exist.
    #[inline(always)]
    unsafe fn new(normalize: &NormalizeGradient<'_>, row: usize) -> Self {
        let columns = normalize.weights.len();
        // SAFETY: the same conditions.
        unsafe {
            Self {
                input: normalize.input.as_ptr().add(row * columns),
                slopes: normalize.slopes.as_ptr().add(row * columns),
                mean: V::splat(*normalize.moments.as_ptr().add(2 * row)),
                scale: V::splat(*normalize.moments.as_ptr().add(2 * row + 1)),
            }
        }
    }

    /// x̂ and the slope.
    ///
    /// # Safety
    /// As above, and the lanes must be valid.
    #[inline(always)]
    unsafe fn load<const PARTIAL: bool>(&self, column: usize, width: usize) -> (V, V) {
        // SAFETY: the same conditions.
        unsafe {
            let input = load::<V, PARTIAL>(self.input.add(column), width);
            let slope = load::<V, PARTIAL>(self.slopes.add(column), width);
            (input.sub(self.mean).mul(self.scale), slope)
        }
    }
}

/// Adds some rows' shares to the gradients of weights and bias.
#[inline(always)]
unsafe fn weight_gradients<V: Vector, const PARTIAL: bool>(
    normalize: &mut NormalizeGradient<'_>,
    rows: std::ops::Range<usize>,
    column: usize,
    width: usize,
) {
    // SAFETY: the same conditions.
    unsafe {
        let weight = normalize.weight_gradient.as_mut_ptr().add(column);
        let bias = normalize.bias_gradient.as_mut_ptr().add(column);
        let mut of_weight = load::<V, PARTIAL>(weight, width);
        let mut of_bias = load::<V, PARTIAL>(bias, width);
        for row in rows {
            let (normal, slope) = Row::<V>::new(normalize, row).load::<PARTIAL>(column, width);
            of_weight = slope.mul_add(normal, of_weight);
            of_bias = of_bias.add(slope);
        }
        store::<V, PARTIAL>(of_weight, weight, width);
        store::<V, PARTIAL>(of_bias, bias, width);
    }
}

/// Σg and Σ(g · x̂).
#[inline(always)]
unsafe fn gather<V: Vector, const PARTIAL: bool>(
    sums: &mut [V; 2],
    row: &Row<V>,
    weights: *const f32,
    column: usize,
    width: usize,
) {
    // SAFETY: the same conditions.
    unsafe {
        let (normal, slope) = row.load::<PARTIAL>(column, width);
        let inner = slope.mul(load::<V, PARTIAL>(weights.add(column), width));
        sums[0] = sums[0].add(inner);
        sums[1] = inner.mul_add(normal, sums[1]);
    }
}

/// The gradient of the input, given −Σg / n and −Σ(g · x̂) / n.
#[inline(always)]
unsafe fn project<V: Vector, const PARTIAL: bool>(
    row: &Row<V>,
    weights: *const f32,
    sums: [V; 2],
    to: *mut f32,
    column: usize,
    width: usize,
) {
    // SAFETY: the same conditions.
    unsafe {
        let (normal, slope) = row.load::<PARTIAL>(column, width);
        // Rounded as in the sum, so that nothing is left of a single channel.
        let inner = slope.mul(load::<V, PARTIAL>(weights.add(column), width));
        let rest = inner.add(sums[0]);
        let gradient = normal.mul_add(sums[1], rest).mul(row.scale);
        store::<V, PARTIAL>(gradient, to.add(column), width);
    }
}
