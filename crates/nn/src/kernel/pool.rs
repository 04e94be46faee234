//! Max-pooling, with the ReLU behind it.

use super::vector::Vector;

/// Rows `first_row..end_row` of the pooled output of one example.
///
/// Input rows `[columns][channels]`, `input_row` apart; outputs `[rows][columns][channels]`. `places` receives, for each output,
/// y · `place_row` + x · `place_column` of the input cell that won (the first of equal ones; a NaN wins).
pub(crate) struct Pool<'a> {
    pub(crate) input: &'a [f32],
    pub(crate) input_row: usize,
    pub(crate) channels: usize,
    pub(crate) size: usize,
    pub(crate) stride: usize,
    pub(crate) first_row: usize,
    pub(crate) end_row: usize,
    pub(crate) columns: usize,
    pub(crate) output: &'a mut [f32],
    pub(crate) places: &'a mut [u32],
    pub(crate) place_row: usize,
    pub(crate) place_column: usize,
    pub(crate) relu: bool,
}

impl Pool<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        if self.first_row >= self.end_row || self.columns == 0 {
            return;
        }
        let last_row = (self.end_row - 1) * self.stride + self.size - 1;
        let row = ((self.columns - 1) * self.stride + self.size) * self.channels;
        assert!(
            last_row * self.input_row + row <= self.input.len(),
            "input too short"
        );
        let outputs = self.end_row * self.columns * self.channels;
        assert!(
            outputs <= self.output.len() && outputs <= self.places.len(),
            "output too short"
        );
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn pool<V: Vector>(pool: &mut Pool<'_>) {
    pool.check();
    // SAFETY: the same conditions.
    unsafe {
        match pool.size {
            2 => rows::<V, 2>(pool),
            3 => rows::<V, 3>(pool),
            _ => rows::<V, 0>(pool),
        }
    }
}

/// SIZE is the size of the window if it is known when compiling, else 0.
///
/// # Safety
/// As for [`pool`].
#[inline(always)]
unsafe fn rows<V: Vector, const SIZE: usize>(pool: &mut Pool<'_>) {
    let whole = pool.channels - pool.channels % V::LANES;
    for row in pool.first_row..pool.end_row {
        for column in 0..pool.columns {
            // SAFETY: row and column are below their counts, the channels are cut at the last one.
            unsafe {
                for channel in (0..whole).step_by(V::LANES) {
                    cell::<V, SIZE, false>(pool, row, column, channel);
                }
                if whole < pool.channels {
                    cell::<V, SIZE, true>(pool, row, column, whole);
                }
            }
        }
    }
}

/// # Safety
/// The machine must have `V`'s instruction set, [`Pool::check`] must have passed, and row, column and the
/// channels from `channel` on (LANES of them, or all that are left if PARTIAL) must exist.
#[inline(always)]
unsafe fn cell<V: Vector, const SIZE: usize, const PARTIAL: bool>(
    pool: &mut Pool<'_>,
    row: usize,
    column: usize,
    channel: usize,
) {
    let size = if SIZE == 0 { pool.size } else { SIZE };
    let channels = pool.channels;
    let width = channels - channel;
    let (top, left) = (row * pool.stride, column * pool.stride);
    let place =
        |y: usize, x: usize| f32::from_bits((y * pool.place_row + x * pool.place_column) as u32);
    // SAFETY: bounded by `Pool::check`.
    unsafe {
        let corner = pool
            .input
            .as_ptr()
            .add(top * pool.input_row + left * channels + channel);
        let load = |dy: usize, dx: usize| {
            let from = corner.add(dy * pool.input_row + dx * channels);
            if PARTIAL {
                V::load_first(from, width)
            } else {
                V::load(from)
            }
        };
        let mut largest = load(0, 0);
        let mut winner = V::splat(0.0);
        for dy in 0..size {
            for dx in 0..size {
                if dy + dx == 0 {
                    continue;
                }
                let value = load(dy, dx);
                let wins = value.wins(largest);
                largest = V::select(wins, value, largest);
                winner = V::select(wins, V::splat(place(dy, dx)), winner);
            }
        }
        if pool.relu {
            largest = largest.relu();
        }
        winner = winner.add_bits(V::splat(place(top, left)));
        let at = (row * pool.columns + column) * channels + channel;
        let output = pool.output.as_mut_ptr().add(at);
        let places = pool.places.as_mut_ptr().add(at).cast();
        if PARTIAL {
            largest.store_first(output, width);
            winner.store_first(places, width);
        } else {
            largest.store(output);
            winner.store(places);
        }
    }
}

/// The gradient of the input of a max-pool whose windows do not overlap, for rows `first_row..end_row` of the
/// output of one example.
///
/// Writes every cell of every window: the output's gradient where it won, zero elsewhere. Cells outside all
/// windows are left alone.
pub(crate) struct Unpool<'a> {
    pub(crate) gradient: &'a [f32],
    pub(crate) places: &'a [u32],
    pub(crate) first_row: usize,
    pub(crate) end_row: usize,
    pub(crate) columns: usize,
    pub(crate) channels: usize,
    pub(crate) size: usize,
    pub(crate) stride: usize,
    pub(crate) place_row: usize,
    pub(crate) place_column: usize,
    pub(crate) to: &'a mut [f32],
    pub(crate) to_row: usize,
}

impl Unpool<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        let outputs = self.end_row * self.columns * self.channels;
        assert!(self.stride >= self.size, "windows overlap");
        assert!(
            outputs <= self.gradient.len().min(self.places.len()),
            "gradient too short"
        );
        if outputs > 0 {
            let last_row = (self.end_row - 1) * self.stride + self.size - 1;
            let row = ((self.columns - 1) * self.stride + self.size) * self.channels;
            assert!(
                last_row * self.to_row + row <= self.to.len(),
                "target too short"
            );
        }
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn unpool<V: Vector>(unpool: &mut Unpool<'_>) {
    unpool.check();
    let whole = unpool.channels - unpool.channels % V::LANES;
    for row in unpool.first_row..unpool.end_row {
        for column in 0..unpool.columns {
            // SAFETY: row and column are below their counts, the channels are cut at the last one.
            unsafe {
                for channel in (0..whole).step_by(V::LANES) {
                    match unpool.size {
                        2 => uncell::<V, 2, false>(unpool, row, column, channel),
                        _ => uncell::<V, 0, false>(unpool, row, column, channel),
                    }
                }
                if whole < unpool.channels {
                    uncell::<V, 0, true>(unpool, row, column, whole);
                }
            }
        }
    }
}

/// # Safety
/// The machine must have `V`'s instruction set, [`Unpool::check`] must have passed, and row, column and the
/// channels from `channel` on (LANES of them, or all that are left if PARTIAL) must exist.
#[inline(always)]
unsafe fn uncell<V: Vector, const SIZE: usize, const PARTIAL: bool>(
    unpool: &mut Unpool<'_>,
    row: usize,
    column: usize,
    channel: usize,
) {
    let size = if SIZE == 0 { unpool.size } else { SIZE };
    let channels = unpool.channels;
    let width = channels - channel;
    let (top, left) = (row * unpool.stride, column * unpool.stride);
    // SAFETY: bounded by `Unpool::check`.
    unsafe {
        let load = |from: *const f32| {
            if PARTIAL {
                V::load_first(from, width)
            } else {
                V::load(from)
            }
        };
        let at = (row * unpool.columns + column) * channels + channel;
        let gradient = load(unpool.gradient.as_ptr().add(at));
        let winner = load(unpool.places.as_ptr().add(at).cast());
        let corner = unpool
            .to
            .as_mut_ptr()
            .add(top * unpool.to_row + left * channels + channel);
        for dy in 0..size {
            for dx in 0..size {
                let place = (top + dy) * unpool.place_row + (left + dx) * unpool.place_column;
                let here = winner.same_bits(V::splat(f32::from_bits(place as u32)));
                let value = V::select(here, gradient, V::splat(0.0));
                let to = corner.add(dy * unpool.to_row + dx * channels);
                if PARTIAL {
                    value.store_first(to, width)
                } else {
                    value.store(to)
                }
            }
        }
    }
}
