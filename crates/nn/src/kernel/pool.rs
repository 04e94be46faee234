//! Max-pooling, with the ReLU behind it.

use super::vector::Vector;

/// Rows `first_row..end_row` of the pooled output of one example.
///
/// Input `[height][width][channels]`, outputs `[rows][columns][channels]`. `places` receives, for each output,
/// y · `place_row` + x · `place_column` of the input cell that won (the first of equal ones; a NaN wins).
pub(crate) struct Pool<'a> {
    pub(crate) input: &'a [f32],
    pub(crate) width: usize,
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
    pub(crate) fn check(&self) {
        if self.first_row >= self.end_row || self.columns == 0 {
            return;
        }
        let last_row = (self.end_row - 1) * self.stride + self.size - 1;
        let last_column = (self.columns - 1) * self.stride + self.size - 1;
        assert!(last_column < self.width, "input too narrow");
        assert!(
            (last_row * self.width + last_column + 1) * self.channels <= self.input.len(),
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
/// The machine must have `V`'s instruction set, and [`Pool::check`] must have passed.
#[inline(always)]
pub(crate) unsafe fn pool<V: Vector>(pool: &mut Pool<'_>) {
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
    let size = if SIZE == 0 { pool.size } else { SIZE };
    let channels = pool.channels;
    for row in pool.first_row..pool.end_row {
        for column in 0..pool.columns {
            let (top, left) = (row * pool.stride, column * pool.stride);
            let cell = (row * pool.columns + column) * channels;
            let mut channel = 0;
            while channel < channels {
                let width = channels - channel;
                // SAFETY: `Pool::check` has bounded rows and columns; channels are cut at the last one.
                unsafe {
                    let load = |y: usize, x: usize| {
                        let from = pool
                            .input
                            .as_ptr()
                            .add((y * pool.width + x) * channels + channel);
                        if width < V::LANES {
                            V::load_first(from, width)
                        } else {
                            V::load(from)
                        }
                    };
                    let place = |y: usize, x: usize| {
                        V::splat(f32::from_bits(
                            (y * pool.place_row + x * pool.place_column) as u32,
                        ))
                    };
                    let mut largest = load(top, left);
                    let mut winner = place(top, left);
                    for dy in 0..size {
                        for dx in 0..size {
                            if dy + dx == 0 {
                                continue;
                            }
                            let value = load(top + dy, left + dx);
                            let wins = value.wins(largest);
                            largest = V::select(wins, value, largest);
                            winner = V::select(wins, place(top + dy, left + dx), winner);
                        }
                    }
                    if pool.relu {
                        largest = largest.relu();
                    }
                    let output = pool.output.as_mut_ptr().add(cell + channel);
                    let places = pool.places.as_mut_ptr().add(cell + channel).cast();
                    if width < V::LANES {
                        largest.store_first(output, width);
                        winner.store_first(places, width);
                    } else {
                        largest.store(output);
                        winner.store(places);
                    }
                }
                channel += V::LANES;
            }
        }
    }
}
