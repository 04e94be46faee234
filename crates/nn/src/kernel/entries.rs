//! Lists of the outputs of a convolution that have a gradient, for [`super::accumulate`].
//!
//! Gradients come as `[cells][channels]`. Behind a max-pool each has its own place (the offset of the input
//! patch that won), otherwise all channels of a cell share the cell's. The lists leave out the zeros.

use super::accumulate::Group;
use super::vector::Vector;

/// Room that a list needs behind its last entry, because whole vectors are written.
pub(crate) const SLACK: usize = 16;

/// For each channel, its entries in the order of the cells.
///
/// `gradient` (`[channels][row]`, zeros behind the cells) and `places` likewise, or `[row]` for all channels.
/// Group c gets target c · `target_step`.
pub(crate) struct ByChannel<'a> {
    pub(crate) channels: usize,
    /// Number of cells, rounded up to a multiple of 16.
    pub(crate) row: usize,
    pub(crate) gradient: &'a [f32],
    pub(crate) places: &'a [u32],
    pub(crate) shared_places: bool,
    pub(crate) target_step: usize,
    pub(crate) groups: &'a mut [Group],
    pub(crate) offsets: &'a mut [u32],
    pub(crate) values: &'a mut [f32],
}

impl ByChannel<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        let all = self.channels * self.row;
        assert_eq!(self.row % 16, 0, "rows must be whole vectors");
        assert!(all <= self.gradient.len(), "gradient too short");
        assert!(
            if self.shared_places { self.row } else { all } <= self.places.len(),
            "places too short"
        );
        assert!(self.channels <= self.groups.len(), "too few groups");
        assert!(
            all + SLACK <= self.offsets.len().min(self.values.len()),
            "lists too short"
        );
    }
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn by_channel<V: Vector>(lists: &mut ByChannel<'_>) {
    lists.check();
    let mut count = 0;
    for channel in 0..lists.channels {
        let begin = count;
        let start = channel * lists.row;
        let places = if lists.shared_places { 0 } else { start };
        for cell in (0..lists.row).step_by(V::LANES) {
            // SAFETY: start + cell + LANES ≤ channels · row; `count` grows by at most LANES each time, so it
            // never passes start + cell, and SLACK ≥ LANES values follow.
            unsafe {
                let values = V::load(lists.gradient.as_ptr().add(start + cell));
                let offsets = V::load(lists.places.as_ptr().add(places + cell).cast());
                count += V::compress(
                    offsets,
                    values,
                    lists.offsets.as_mut_ptr().add(count).cast(),
                    lists.values.as_mut_ptr().add(count),
                );
            }
        }
        lists.groups[channel] = Group {
            target: (channel * lists.target_step) as u32,
            begin: begin as u32,
            end: count as u32,
        };
    }
}

/// For each cell and each place in its window, the channels whose gradient goes there.
///
/// `gradient` is `[cells][channels]`, `places` likewise (or empty: everything goes to the cell's corner).
/// Each group's target is `corners[cell] + window[i]`; an entry's offset is `channel_offsets[channel]`.
pub(crate) struct ByCell<'a> {
    pub(crate) channels: usize,
    pub(crate) gradient: &'a [f32],
    pub(crate) places: &'a [u32],
    pub(crate) corners: &'a [u32],
    pub(crate) window: &'a [u32],
    /// One for each channel, and 16 values behind them.
    pub(crate) channel_offsets: &'a [u32],
    pub(crate) groups: &'a mut [Group],
    pub(crate) offsets: &'a mut [u32],
    pub(crate) values: &'a mut [f32],
}

impl ByCell<'_> {
    /// Panics unless everything the kernel touches lies inside its slice.
    #[inline(always)]
    fn check(&self) {
        let all = self.corners.len() * self.channels;
        assert!(
            self.window.is_sorted_by(|a, b| a < b),
            "places of a window must ascend"
        );
        assert!(all <= self.gradient.len(), "gradient too short");
        assert!(
            self.places.is_empty() || all <= self.places.len(),
            "places too short"
        );
        assert!(
            self.channels + SLACK <= self.channel_offsets.len(),
            "channel offsets too short"
        );
        assert!(
            self.corners.len() * self.window.len() <= self.groups.len(),
            "too few groups"
        );
        assert!(
            all + SLACK <= self.offsets.len().min(self.values.len()),
            "lists too short"
        );
    }
}

/// Returns the number of groups; cells and places without entries have none.
///
/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn by_cell<V: Vector>(lists: &mut ByCell<'_>) -> usize {
    lists.check();
    let (mut count, mut groups) = (0, 0);
    for (cell, &corner) in lists.corners.iter().enumerate() {
        for &place in lists.window {
            let begin = count;
            let target = corner + place;
            let mut channel = 0;
            while channel < lists.channels {
                let width = lists.channels - channel;
                let start = cell * lists.channels + channel;
                // SAFETY: start + min(width, LANES) ≤ cells · channels. Each entry appears at one place only
                // and lanes without a value are dropped, so `count` never passes start, and SLACK ≥ LANES
                // values follow.
                unsafe {
                    let load = |from: *const f32| {
                        if width < V::LANES {
                            V::load_first(from, width)
                        } else {
                            V::load(from)
                        }
                    };
                    let mut values = load(lists.gradient.as_ptr().add(start));
                    if !lists.places.is_empty() {
                        let own = load(lists.places.as_ptr().add(start).cast());
                        let here = own.same_bits(V::splat(f32::from_bits(target)));
                        values = V::select(here, values, V::splat(0.0));
                    }
                    let offsets = V::load(lists.channel_offsets.as_ptr().add(channel).cast());
                    count += V::compress(
                        offsets,
                        values,
                        lists.offsets.as_mut_ptr().add(count).cast(),
                        lists.values.as_mut_ptr().add(count),
                    );
                }
                channel += V::LANES;
            }
            if count > begin {
                lists.groups[groups] = Group {
                    target,
                    begin: begin as u32,
                    end: count as u32,
                };
                groups += 1;
            }
        }
    }
    groups
}
