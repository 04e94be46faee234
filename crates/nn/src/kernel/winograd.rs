//! Convolutions with stride 1 along rows by Toom and Cook's algorithm with eight points.
//!
//! A tile is m = 9 − r neighbouring outputs of a kernel of width r. Computed directly it needs m · r products. It needs
//! eight when its eight inputs and the kernel are first evaluated as polynomials at the points 0, ±1, ±2, ±½, ∞ (Winograd, "Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms
//! for Convolutional Neural Networks", 2016). For r = 5 that is 2.5 times fewer. The transform runs along x
//! alone. The kernel rows stay a sum inside the matrix product of each point. This keeps the transforms cheap and the
//! rounding error near that of the direct sum.

use super::vector::Vector;

/// Number of points, which is the number of inputs of a tile.
pub(crate) const POINTS: usize = 8;

/// Outputs of a tile for a kernel `kernel` wide.
pub(crate) fn tile_outputs(kernel: usize) -> usize {
    POINTS + 1 - kernel
}

/// weights\[point\]\[i\] = Σ over kx of kernel\[kx\]\[i\] · power(point, kx), for one kernel row; i runs over
/// in × out channels.
pub(crate) struct Weights<'a> {
    pub(crate) kernel: usize,
    pub(crate) count: usize,
    pub(crate) from: &'a [f32],
    pub(crate) to: &'a mut [f32],
    /// Distance from one point's result to the next one's.
    pub(crate) to_point: usize,
}

impl Weights<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        assert!((3..=7).contains(&self.kernel), "kernel width");
        assert!(
            self.kernel * self.count <= self.from.len(),
            "weights too short"
        );
        assert!(
            (POINTS - 1) * self.to_point + self.count <= self.to.len(),
            "result too short"
        );
    }
}

/// power(point, kx) = a^kx / Π (a − other point), the last point standing for ∞.
const fn weight_factors() -> [[f32; 7]; POINTS] {
    const POINT: [f64; 7] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5];
    let mut factors = [[0.0; 7]; POINTS];
    let mut point = 0;
    while point < 7 {
        // The sign of the point 0 is with its input transform.
        let mut value = if point == 0 { -1.0 } else { 1.0 };
        let mut other = 0;
        while other < 7 {
            if other != point {
                value /= POINT[point] - POINT[other];
            }
            other += 1;
        }
        let mut power = 0;
        while power < 7 {
            factors[point][power] = value as f32;
            value *= POINT[point];
            power += 1;
        }
        point += 1;
    }
    factors
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn weights<V: Vector>(weights: &mut Weights<'_>) {
    weights.check();
    const FACTORS: [[f32; 7]; POINTS] = weight_factors();
    let mut index = 0;
    while index < weights.count {
        let width = weights.count - index;
        for (point, factors) in FACTORS.iter().enumerate() {
            // SAFETY: bounded by `Weights::check`; the last vector is cut at the count.
            unsafe {
                let load = |kx: usize| {
                    let from = weights.from.as_ptr().add(kx * weights.count + index);
                    if width < V::LANES {
                        V::load_first(from, width)
                    } else {
                        V::load(from)
                    }
                };
                let mut sum = V::splat(0.0);
                if point == POINTS - 1 {
                    sum = load(weights.kernel - 1);
                } else {
                    for (kx, &factor) in factors.iter().enumerate().take(weights.kernel) {
                        sum = load(kx).mul_add(V::splat(factor), sum);
                    }
                }
                let to = weights
                    .to
                    .as_mut_ptr()
                    .add(point * weights.to_point + index);
                if width < V::LANES {
                    sum.store_first(to, width)
                } else {
                    sum.store(to)
                }
            }
        }
        index += V::LANES;
    }
}

/// Transformed inputs `[point][row][tile][channels]` of an image `[row][column][channels]`, one row for each row
/// of the image. Columns −`padding` and so on, before and behind the image, are zeros.
pub(crate) struct Input<'a> {
    pub(crate) kernel: usize,
    pub(crate) padding: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) tiles: usize,
    pub(crate) channels: usize,
    pub(crate) from: &'a [f32],
    pub(crate) to: &'a mut [f32],
    pub(crate) to_point: usize,
}

impl Input<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        assert!((3..=7).contains(&self.kernel), "kernel width");
        assert!(
            self.rows * self.columns * self.channels <= self.from.len(),
            "image too short"
        );
        let values = self.rows * self.tiles * self.channels;
        assert!(
            (POINTS - 1) * self.to_point + values <= self.to.len(),
            "result too short"
        );
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn input<V: Vector>(input: &mut Input<'_>) {
    input.check();
    let whole = input.channels - input.channels % V::LANES;
    for row in 0..input.rows {
        for tile in 0..input.tiles {
            // SAFETY: row and tile are below their counts, the channels are cut at the last one.
            unsafe {
                for channel in (0..whole).step_by(V::LANES) {
                    input_tile::<V, false>(input, row, tile, channel);
                }
                if whole < input.channels {
                    input_tile::<V, true>(input, row, tile, whole);
                }
            }
        }
    }
}

/// # Safety
/// The machine must have `V`'s instruction set, [`Input::check`] must have passed, and row, tile and the
/// channels from `channel` on (LANES of them, or all that are left if PARTIAL) must exist.
#[inline(always)]
unsafe fn input_tile<V: Vector, const PARTIAL: bool>(
    input: &mut Input<'_>,
    row: usize,
    tile: usize,
    channel: usize,
) {
    let channels = input.channels;
    let width = channels - channel;
    let begin = tile * tile_outputs(input.kernel);
    // SAFETY: columns outside the image are not read; the rest is bounded by `Input::check`.
    unsafe {
        let from = input
            .from
            .as_ptr()
            .add(row * input.columns * channels + channel);
        let load = |column: usize| {
            let from = from.add(column * channels);
            if PARTIAL {
                V::load_first(from, width)
            } else {
                V::load(from)
            }
        };
        let mut d = [V::splat(0.0); POINTS];
        if begin >= input.padding && begin + POINTS <= input.padding + input.columns {
            for (index, d) in d.iter_mut().enumerate() {
                *d = load(begin - input.padding + index);
            }
        } else {
            for (index, d) in d.iter_mut().enumerate() {
                let column = (begin + index).wrapping_sub(input.padding);
                if column < input.columns {
                    *d = load(column);
                }
            }
        }
        let to = input
            .to
            .as_mut_ptr()
            .add((row * input.tiles + tile) * channels + channel);
        for (point, value) in evaluate(d).into_iter().enumerate() {
            let to = to.add(point * input.to_point);
            if PARTIAL {
                value.store_first(to, width)
            } else {
                value.store(to)
            }
        }
    }
}

/// The eight inputs of a tile at the eight points: row p holds the coefficients of Π (x − other points), with
/// the pairs ±a sharing their even and odd parts.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
unsafe fn evaluate<V: Vector>(d: [V; POINTS]) -> [V; POINTS] {
    // SAFETY: the same condition.
    unsafe {
        let constant = |value: f32| V::splat(value);
        let zero = d[4].sub(d[2]).mul_add(constant(5.25), d[0].sub(d[6]));
        let infinity = d[3].sub(d[5]).mul_add(constant(5.25), d[7].sub(d[1]));
        let even = d[4].mul_add(constant(-4.25), d[2].add(d[6]));
        let odd = d[3].mul_add(constant(-4.25), d[1].add(d[5]));
        let (one, minus_one) = (even.add(odd), even.sub(odd));
        let even = d[4].mul_add(constant(-1.25), d[2].mul_add(constant(0.25), d[6]));
        let odd = d[3].mul_add(
            constant(-2.5),
            d[5].mul_add(constant(2.0), d[1].mul(constant(0.5))),
        );
        let (two, minus_two) = (even.add(odd), even.sub(odd));
        let even = d[4].mul_add(constant(-5.0), d[2].mul_add(constant(4.0), d[6]));
        let odd = d[3].mul_add(
            constant(-2.5),
            d[1].mul_add(constant(2.0), d[5].mul(constant(0.5))),
        );
        let (half, minus_half) = (even.add(odd), even.sub(odd));
        [
            zero, one, minus_one, two, minus_two, half, minus_half, infinity,
        ]
    }
}

/// Outputs `[row][column][channels]` = bias + the interpolation of `[point][row][tile][channels]`.
pub(crate) struct Output<'a> {
    pub(crate) kernel: usize,
    pub(crate) rows: usize,
    pub(crate) tiles: usize,
    pub(crate) columns: usize,
    pub(crate) channels: usize,
    pub(crate) from: &'a [f32],
    pub(crate) from_point: usize,
    pub(crate) bias: &'a [f32],
    pub(crate) to: &'a mut [f32],
    pub(crate) relu: bool,
}

impl Output<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        assert!((3..=7).contains(&self.kernel), "kernel width");
        let values = self.rows * self.tiles * self.channels;
        assert!(
            (POINTS - 1) * self.from_point + values <= self.from.len(),
            "products too short"
        );
        assert!(self.channels <= self.bias.len(), "bias too short");
        assert!(
            self.rows * self.columns * self.channels <= self.to.len(),
            "result too short"
        );
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn output<V: Vector>(output: &mut Output<'_>) {
    output.check();
    // SAFETY: the same conditions.
    unsafe {
        match output.kernel {
            3 => interpolate::<V, 6>(output),
            4 => interpolate::<V, 5>(output),
            5 => interpolate::<V, 4>(output),
            6 => interpolate::<V, 3>(output),
            _ => interpolate::<V, 2>(output),
        }
    }
}

/// # Safety
/// As for [`output`].
#[inline(always)]
unsafe fn interpolate<V: Vector, const M: usize>(output: &mut Output<'_>) {
    let whole = output.channels - output.channels % V::LANES;
    for row in 0..output.rows {
        for tile in 0..output.tiles {
            // SAFETY: row and tile are below their counts, the channels are cut at the last one.
            unsafe {
                for channel in (0..whole).step_by(V::LANES) {
                    output_tile::<V, M, false>(output, row, tile, channel);
                }
                if whole < output.channels {
                    output_tile::<V, M, true>(output, row, tile, whole);
                }
            }
        }
    }
}

/// Output i of M in a tile is Σ over the points a of a^i · product, and the product at ∞ for the last one.
///
/// # Safety
/// The machine must have `V`'s instruction set, [`Output::check`] must have passed, and row, tile and the
/// channels from `channel` on (LANES of them, or all that are left if PARTIAL) must exist.
#[inline(always)]
unsafe fn output_tile<V: Vector, const M: usize, const PARTIAL: bool>(
    output: &mut Output<'_>,
    row: usize,
    tile: usize,
    channel: usize,
) {
    let channels = output.channels;
    let width = channels - channel;
    let columns = M.min(output.columns.saturating_sub(tile * M));
    // SAFETY: bounded by `Output::check`; columns behind the last one are not written.
    unsafe {
        let load = |from: *const f32| {
            if PARTIAL {
                V::load_first(from, width)
            } else {
                V::load(from)
            }
        };
        let from = output
            .from
            .as_ptr()
            .add((row * output.tiles + tile) * channels + channel);
        let product = |point: usize| load(from.add(point * output.from_point));
        let bias = load(output.bias.as_ptr().add(channel));
        let pair = |point: usize| {
            let (plus, minus) = (product(point), product(point + 1));
            (plus.add(minus), plus.sub(minus))
        };
        let (ones, twos, halves) = (pair(1), pair(3), pair(5));
        let to = (row * output.columns + tile * M) * channels + channel;
        let to = output.to.as_mut_ptr().wrapping_add(to);
        for index in 0..M {
            let power = (1_u32 << index) as f32;
            let (one, two, half) = if index % 2 == 0 {
                (ones.0, twos.0, halves.0)
            } else {
                (ones.1, twos.1, halves.1)
            };
            let mut sum = one.add(bias);
            if index == 0 {
                sum = sum.add(product(0));
            }
            if index == M - 1 {
                sum = sum.add(product(POINTS - 1));
            }
            sum = two.mul_add(V::splat(power), sum);
            sum = half.mul_add(V::splat(1.0 / power), sum);
            if output.relu {
                sum = sum.relu();
            }
            if index < columns {
                let to = to.add(index * channels);
                if PARTIAL {
                    sum.store_first(to, width)
                } else {
                    sum.store(to)
                }
            }
        }
    }
}
