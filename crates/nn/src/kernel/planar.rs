//! Convolutions with a 3 × 3 kernel and stride 1 by Toom and Cook's algorithm in two dimensions, with six points along
//! each of them.
//!
//! A tile is 4 × 4 outputs. Computed directly it needs 16 · 9 products for each pair of channels. It needs 6 · 6 when
//! its 6 × 6 inputs and the kernel are first evaluated as polynomials at the points 0, ±1, ±2, ∞, along the columns and
//! then along the rows (Winograd, "Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms for
//! Convolutional Neural Networks", 2016). With the points fixed, the inputs are evaluated alike whether a tile's sums
//! run over a kernel of 3 (4 outputs, the convolution) or over a gradient of 4 (3 outputs, the kernel's gradient), so
//! the same six points serve all passes. What is left between the transforms is one matrix product for each of the
//! 36 pairs of points.

use super::partial::{load, store};
use super::vector::Vector;

/// Pairs of points.
pub(crate) const POINTS: usize = 36;

/// Rows and columns of a tile of outputs.
pub(crate) const TILE: usize = 4;

/// From an image `[row][column][channels]`, zero outside, to the points of its tiles `[point][tile][channels]`, the
/// points `to_point` apart. A tile begins [`TILE`] rows or columns behind the one before it, the first one `padding`
/// before the image.
pub(crate) struct ToPoints<'a> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) channels: usize,
    pub(crate) padding: usize,
    pub(crate) tile_rows: usize,
    pub(crate) tile_columns: usize,
    pub(crate) from: &'a [f32],
    pub(crate) to: &'a mut [f32],
    pub(crate) to_point: usize,
}

impl ToPoints<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        assert!(
            self.rows * self.columns * self.channels <= self.from.len(),
            "image too short"
        );
        let values = self.tile_rows * self.tile_columns * self.channels;
        assert!(
            (POINTS - 1) * self.to_point + values <= self.to.len(),
            "points too short"
        );
    }
}

/// From points `[point][tile][channels]`, `from_point` apart, to an image `[row][column][channels]`, cut at its border;
/// then the bias, unless it is empty, and optionally ReLU.
pub(crate) struct FromPoints<'a> {
    pub(crate) tile_rows: usize,
    pub(crate) tile_columns: usize,
    pub(crate) channels: usize,
    pub(crate) from: &'a [f32],
    pub(crate) from_point: usize,
    pub(crate) bias: &'a [f32],
    pub(crate) relu: bool,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) to: &'a mut [f32],
}

impl FromPoints<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        let values = self.tile_rows * self.tile_columns * self.channels;
        assert!(
            (POINTS - 1) * self.from_point + values <= self.from.len(),
            "points too short"
        );
        assert!(
            self.bias.is_empty() || self.channels <= self.bias.len(),
            "bias too short"
        );
        assert!(
            self.rows * self.columns * self.channels <= self.to.len(),
            "image too short"
        );
    }
}

/// A transform along one line of N values, which makes M of them.
trait Line<const N: usize, const M: usize> {
    /// # Safety
    /// The machine must have `V`'s instruction set.
    unsafe fn apply<V: Vector>(values: [V; N]) -> [V; M];
}

/// Six inputs at the points: row p holds the coefficients of Π (x − other points), the pairs ±a sharing their even and
/// odd parts.
struct Inputs;

impl Line<6, 6> for Inputs {
    #[inline(always)]
    unsafe fn apply<V: Vector>(d: [V; 6]) -> [V; 6] {
        // SAFETY: the same condition.
        unsafe {
            let [two, four, five] = [V::splat(2.0), V::splat(4.0), V::splat(-5.0)];
            let zero = d[0].mul_add(four, d[2].mul_add(five, d[4]));
            let infinity = d[1].mul_add(four, d[3].mul_add(five, d[5]));
            let even = d[2].mul_add(V::splat(-4.0), d[4]);
            let odd = d[1].mul_add(V::splat(-4.0), d[3]);
            let (one, minus_one) = (even.add(odd), even.sub(odd));
            let (even, odd) = (d[4].sub(d[2]), d[3].sub(d[1]).mul(two));
            let (two, minus_two) = (even.add(odd), even.sub(odd));
            [zero, one, minus_one, two, minus_two, infinity]
        }
    }
}

/// The scale of a kernel at each point but ∞: 1 / Π (point − other points), the sign of 0 being with the inputs.
const SCALES: [f32; 3] = [1.0 / 4.0, -1.0 / 6.0, 1.0 / 24.0];

/// Three values of a kernel at the points.
struct Kernel;

impl Line<3, 6> for Kernel {
    #[inline(always)]
    unsafe fn apply<V: Vector>(w: [V; 3]) -> [V; 6] {
        // SAFETY: the same condition.
        unsafe {
            let [zero, one, two] = SCALES.map(|scale| V::splat(scale));
            let even = w[0].add(w[2]).mul(one);
            let odd = w[1].mul(one);
            let wide = w[2].mul_add(V::splat(4.0), w[0]).mul(two);
            let slope = w[1].mul(V::splat(2.0 * SCALES[2]));
            [
                w[0].mul(zero),
                even.add(odd),
                even.sub(odd),
                wide.add(slope),
                wide.sub(slope),
                w[2],
            ]
        }
    }
}

/// Four values of a gradient at the points.
struct Gradient;

impl Line<4, 6> for Gradient {
    #[inline(always)]
    unsafe fn apply<V: Vector>(g: [V; 4]) -> [V; 6] {
        // SAFETY: the same condition.
        unsafe {
            let [zero, one, two] = SCALES.map(|scale| V::splat(scale));
            let four = V::splat(4.0);
            let even = g[0].add(g[2]).mul(one);
            let odd = g[1].add(g[3]).mul(one);
            let wide = g[2].mul_add(four, g[0]).mul(two);
            let slope = g[3].mul_add(four, g[1]).mul(V::splat(2.0 * SCALES[2]));
            [
                g[0].mul(zero),
                even.add(odd),
                even.sub(odd),
                wide.add(slope),
                wide.sub(slope),
                g[3],
            ]
        }
    }
}

/// Four outputs: output i is Σ over the points a of aⁱ · product, and the product at ∞ for the last one.
struct Outputs;

impl Line<6, 4> for Outputs {
    #[inline(always)]
    unsafe fn apply<V: Vector>(m: [V; 6]) -> [V; 4] {
        // SAFETY: the same condition.
        unsafe {
            let (ones, difference) = (m[1].add(m[2]), m[1].sub(m[2]));
            let (twos, slope) = (m[3].add(m[4]), m[3].sub(m[4]));
            [
                m[0].add(ones).add(twos),
                slope.mul_add(V::splat(2.0), difference),
                twos.mul_add(V::splat(4.0), ones),
                slope.mul_add(V::splat(8.0), difference).add(m[5]),
            ]
        }
    }
}

/// Three values of the kernel's gradient, as [`Outputs`].
struct KernelGradient;

impl Line<6, 3> for KernelGradient {
    #[inline(always)]
    unsafe fn apply<V: Vector>(m: [V; 6]) -> [V; 3] {
        // SAFETY: the same condition.
        unsafe {
            let (ones, difference) = (m[1].add(m[2]), m[1].sub(m[2]));
            let (twos, slope) = (m[3].add(m[4]), m[3].sub(m[4]));
            [
                m[0].add(ones).add(twos),
                slope.mul_add(V::splat(2.0), difference),
                twos.mul_add(V::splat(4.0), ones).add(m[5]),
            ]
        }
    }
}

/// A transform along the columns of a square and then along its rows.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
unsafe fn square<V: Vector, L: Line<N, M>, const N: usize, const M: usize>(
    values: [[V; N]; N],
) -> [[V; M]; M] {
    // SAFETY: the same condition.
    unsafe {
        let mut half = [[V::splat(0.0); N]; M];
        for column in 0..N {
            let mut line = [V::splat(0.0); N];
            for (slot, row) in line.iter_mut().zip(&values) {
                *slot = row[column];
            }
            for (row, value) in half.iter_mut().zip(&L::apply(line)) {
                row[column] = *value;
            }
        }
        let mut result = [[V::splat(0.0); M]; M];
        for (row, half) in result.iter_mut().zip(&half) {
            *row = L::apply(*half);
        }
        result
    }
}

/// # Safety
/// The machine must have `V`'s instruction set; so for all functions below.
#[inline(always)]
unsafe fn to_points<V: Vector, L: Line<N, 6>, const N: usize>(points: &mut ToPoints<'_>) {
    points.check();
    let whole = points.channels - points.channels % V::LANES;
    for tile in 0..points.tile_rows * points.tile_columns {
        // SAFETY: the tile is below the count, the channels are cut at the last one.
        unsafe {
            for channel in (0..whole).step_by(V::LANES) {
                tile_to_points::<V, L, N, false>(points, tile, channel);
            }
            if whole < points.channels {
                tile_to_points::<V, L, N, true>(points, tile, whole);
            }
        }
    }
}

/// # Safety
/// Tile and channels (LANES from `channel` on, or all that are left if PARTIAL) must exist, and
/// [`ToPoints::check`] must have passed.
#[inline(always)]
unsafe fn tile_to_points<V: Vector, L: Line<N, 6>, const N: usize, const PARTIAL: bool>(
    points: &mut ToPoints<'_>,
    tile: usize,
    channel: usize,
) {
    let channels = points.channels;
    let width = channels - channel;
    // Below 0 before the image, where it wraps to beyond the last row or column.
    let top = (tile / points.tile_columns * TILE).wrapping_sub(points.padding);
    let left = (tile % points.tile_columns * TILE).wrapping_sub(points.padding);
    // SAFETY: cells outside the image are not read; the rest is bounded by `ToPoints::check`.
    unsafe {
        let from = points.from.as_ptr().add(channel);
        let mut values = [[V::splat(0.0); N]; N];
        for (dy, line) in values.iter_mut().enumerate() {
            let row = top.wrapping_add(dy);
            if row >= points.rows {
                continue;
            }
            for (dx, value) in line.iter_mut().enumerate() {
                let column = left.wrapping_add(dx);
                if column < points.columns {
                    let at = (row * points.columns + column) * channels;
                    *value = load::<V, PARTIAL>(from.add(at), width);
                }
            }
        }
        let to = points.to.as_mut_ptr().add(tile * channels + channel);
        for (y, line) in square::<V, L, N, 6>(values).iter().enumerate() {
            for (x, value) in line.iter().enumerate() {
                let to = to.add((6 * y + x) * points.to_point);
                store::<V, PARTIAL>(*value, to, width);
            }
        }
    }
}

/// # Safety
/// As for [`to_points`].
#[inline(always)]
unsafe fn from_points<V: Vector, L: Line<6, M>, const M: usize>(points: &mut FromPoints<'_>) {
    points.check();
    let whole = points.channels - points.channels % V::LANES;
    for tile in 0..points.tile_rows * points.tile_columns {
        // SAFETY: the tile is below the count, the channels are cut at the last one.
        unsafe {
            for channel in (0..whole).step_by(V::LANES) {
                tile_from_points::<V, L, M, false>(points, tile, channel);
            }
            if whole < points.channels {
                tile_from_points::<V, L, M, true>(points, tile, whole);
            }
        }
    }
}

/// # Safety
/// As for [`tile_to_points`].
#[inline(always)]
unsafe fn tile_from_points<V: Vector, L: Line<6, M>, const M: usize, const PARTIAL: bool>(
    points: &mut FromPoints<'_>,
    tile: usize,
    channel: usize,
) {
    let channels = points.channels;
    let width = channels - channel;
    let (top, left) = (
        tile / points.tile_columns * M,
        tile % points.tile_columns * M,
    );
    // SAFETY: cells outside the image are not written; the rest is bounded by `FromPoints::check`.
    unsafe {
        let from = points.from.as_ptr().add(tile * channels + channel);
        let mut values = [[V::splat(0.0); 6]; 6];
        for (y, line) in values.iter_mut().enumerate() {
            for (x, value) in line.iter_mut().enumerate() {
                let from = from.add((6 * y + x) * points.from_point);
                *value = load::<V, PARTIAL>(from, width);
            }
        }
        let bias = if points.bias.is_empty() {
            V::splat(0.0)
        } else {
            load::<V, PARTIAL>(points.bias.as_ptr().add(channel), width)
        };
        let to = points.to.as_mut_ptr().add(channel);
        for (dy, line) in square::<V, L, 6, M>(values).iter().enumerate() {
            for (dx, value) in line.iter().enumerate() {
                let (row, column) = (top + dy, left + dx);
                if row < points.rows && column < points.columns {
                    let sum = value.add(bias);
                    let sum = if points.relu { sum.relu() } else { sum };
                    let at = (row * points.columns + column) * channels;
                    store::<V, PARTIAL>(sum, to.add(at), width);
                }
            }
        }
    }
}

/// Images at the points.
#[inline(always)]
pub(crate) unsafe fn inputs<V: Vector>(points: &mut ToPoints<'_>) {
    // SAFETY: the same condition.
    unsafe { to_points::<V, Inputs, 6>(points) }
}

/// Kernels at the points: an image of 3 × 3 with all pairs of channels, and one tile.
#[inline(always)]
pub(crate) unsafe fn kernel<V: Vector>(points: &mut ToPoints<'_>) {
    // SAFETY: the same condition.
    unsafe { to_points::<V, Kernel, 3>(points) }
}

/// Gradients of outputs at the points.
#[inline(always)]
pub(crate) unsafe fn gradient<V: Vector>(points: &mut ToPoints<'_>) {
    // SAFETY: the same condition.
    unsafe { to_points::<V, Gradient, 4>(points) }
}

/// Outputs from the points.
#[inline(always)]
pub(crate) unsafe fn outputs<V: Vector>(points: &mut FromPoints<'_>) {
    // SAFETY: the same condition.
    unsafe { from_points::<V, Outputs, 4>(points) }
}

/// The gradient of kernels from the points, as [`kernel`].
#[inline(always)]
pub(crate) unsafe fn kernel_gradient<V: Vector>(points: &mut FromPoints<'_>) {
    // SAFETY: the same condition.
    unsafe { from_points::<V, KernelGradient, 3>(points) }
}
