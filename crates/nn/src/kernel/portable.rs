//! Vectors of four lanes in plain Rust, for every machine (SSE2 and NEON registers have this size).

use super::table::compile;
use super::vector::Vector;

/// Four lanes.
#[derive(Clone, Copy)]
pub(crate) struct Lanes([f32; 4]);

impl Lanes {
    #[inline(always)]
    fn zip(self, other: Self, function: impl Fn(f32, f32) -> f32) -> Self {
        Self(std::array::from_fn(|lane| {
            function(self.0[lane], other.0[lane])
        }))
    }
}

impl Vector for Lanes {
    const LANES: usize = 4;
    const TILE_ROWS: usize = 6;
    const ACCUMULATORS: usize = 12;
    type Mask = [bool; 4];

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for four lanes; an array of f32 may lie unaligned here.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        let mut lanes = [0.0; 4];
        for (lane, slot) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: lane < count, for which the caller vouches.
            *slot = unsafe { *from.add(lane) };
        }
        Self(lanes)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for four lanes.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        for (lane, value) in self.0.into_iter().enumerate().take(count) {
            // SAFETY: lane < count, for which the caller vouches.
            unsafe { *to.add(lane) = value };
        }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn add_bits(self, other: Self) -> Self {
        self.zip(other, |a, b| {
            f32::from_bits(a.to_bits().wrapping_add(b.to_bits()))
        })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        // On x86-64 without FMA a fused operation would be a call into the C library for every lane.
        Self(std::array::from_fn(|lane| {
            if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
                self.0[lane].mul_add(factor.0[lane], addend.0[lane])
            } else {
                self.0[lane] * factor.0[lane] + addend.0[lane]
            }
        }))
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    #[inline(always)]
    unsafe fn clamp(self, lowest: Self, highest: Self) -> Self {
        let above = self.zip(lowest, |x, lowest| if x < lowest { lowest } else { x });
        above.zip(highest, |x, highest| if x > highest { highest } else { x })
    }

    #[inline(always)]
    unsafe fn power_of_lowest_bits(self) -> Self {
        Self(
            self.0
                .map(|x| f32::from_bits((x.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))),
        )
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        Self(self.0.map(|value| if value <= 0.0 { 0.0 } else { value }))
    }

    #[inline(always)]
    unsafe fn wins(self, other: Self) -> Self::Mask {
        std::array::from_fn(|lane| self.0[lane] > other.0[lane] || self.0[lane].is_nan())
    }

    #[inline(always)]
    unsafe fn active(self) -> Self::Mask {
        self.0.map(|value| value > 0.0 || value.is_nan())
    }

    #[inline(always)]
    unsafe fn same_bits(self, other: Self) -> Self::Mask {
        std::array::from_fn(|lane| self.0[lane].to_bits() == other.0[lane].to_bits())
    }

    #[inline(always)]
    unsafe fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self(std::array::from_fn(|lane| {
            if mask[lane] { yes.0[lane] } else { no.0[lane] }
        }))
    }

    #[inline(always)]
    unsafe fn total(self) -> f32 {
        let [a, b, c, d] = self.0;
        (a + c) + (b + d)
    }

    #[inline(always)]
    unsafe fn compress(
        offsets: Self,
        values: Self,
        offsets_to: *mut f32,
        values_to: *mut f32,
    ) -> usize {
        let mut count = 0;
        for lane in 0..4 {
            // SAFETY: count ≤ lane < 4 lanes, for which the caller vouches. The write is unconditional, only
            // the count depends on the value: no branch to predict.
            unsafe {
                *offsets_to.add(count) = offsets.0[lane];
                *values_to.add(count) = values.0[lane];
            }
            count += usize::from(values.0[lane] != 0.0);
        }
        count
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
        for row in 0..4 {
            for column in 0..4 {
                // SAFETY: both are inside the blocks for which the caller vouches.
                unsafe { *to.add(column * to_row + row) = *from.add(row * from_row + column) };
            }
        }
    }
}

super::table::for_each_kernel!(compile(Lanes));
