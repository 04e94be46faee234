//! What the kernels need of a machine's vectors.
//!
//! Every kernel is written once, generic over [`Vector`], and compiled once for each instruction set by the
//! macro in [`super::table`]. All methods are `#[inline(always)]`, so that they end up inside a function that
//! has the instruction set enabled; nothing here is a call at run time.

/// A register of `f32` lanes.
///
/// # Safety of every method
/// The machine must have the instruction set of the implementation. Pointers must be valid for the lanes that
/// the method's description names; no alignment is required.
pub(crate) trait Vector: Copy {
    /// Number of lanes.
    const LANES: usize;
    /// Rows of the largest register tile of a matrix product that is two vectors wide.
    const TILE_ROWS: usize;
    /// Most accumulators that stay in registers while the operands come from memory.
    const ACCUMULATORS: usize;
    /// One truth value for each lane.
    type Mask: Copy;

    /// All lanes `value`.
    unsafe fn splat(value: f32) -> Self;
    /// All lanes from `from[0..LANES]`.
    unsafe fn load(from: *const f32) -> Self;
    /// The first `count` < LANES lanes from `from[0..count]`, zeros behind them.
    unsafe fn load_first(from: *const f32, count: usize) -> Self;
    /// All lanes to `to[0..LANES]`.
    unsafe fn store(self, to: *mut f32);
    /// The first `count` < LANES lanes to `to[0..count]`.
    unsafe fn store_first(self, to: *mut f32, count: usize);
    /// self + other.
    unsafe fn add(self, other: Self) -> Self;
    /// self − other.
    unsafe fn sub(self, other: Self) -> Self;
    /// self · other.
    unsafe fn mul(self, other: Self) -> Self;
    /// The sum of the lanes' bits as integers.
    unsafe fn add_bits(self, other: Self) -> Self;
    /// self · factor + addend, rounded once where the machine can.
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self;
    /// self / other.
    unsafe fn div(self, other: Self) -> Self;
    /// self, or the nearest of the two bounds if it is outside of them; NaN stays NaN.
    unsafe fn clamp(self, lowest: Self, highest: Self) -> Self;
    /// 2ⁿ, n being the lowest bits as a signed integer from −126 to 127.
    unsafe fn power_of_lowest_bits(self) -> Self;
    /// max(self, 0); NaN stays NaN.
    unsafe fn relu(self) -> Self;
    /// Lanes in which self > other or self is NaN.
    unsafe fn wins(self, other: Self) -> Self::Mask;
    /// Lanes in which self > 0 or self is NaN.
    unsafe fn active(self) -> Self::Mask;
    /// Lanes in which the bits of self and other are the same.
    unsafe fn same_bits(self, other: Self) -> Self::Mask;
    /// `yes` where the mask holds, `no` elsewhere.
    unsafe fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// The sum of all lanes, halves added to halves.
    unsafe fn total(self) -> f32;
    /// Writes the lanes of `offsets` and `values` whose value is not ±0 densely to the front of the two
    /// targets and returns their number. Both targets must be valid for LANES lanes, which may all be written.
    unsafe fn compress(
        offsets: Self,
        values: Self,
        offsets_to: *mut f32,
        values_to: *mut f32,
    ) -> usize;
    /// Transposes a block of LANES × LANES.
    unsafe fn transpose(from: *const f32, from_row: usize, to: *mut f32, to_row: usize);
}
