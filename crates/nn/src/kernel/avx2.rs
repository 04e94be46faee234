//! Vectors of eight lanes with AVX2 and FMA.

use std::arch::x86_64::{
    __m256, __m256i, _CMP_GT_OQ, _CMP_NEQ_UQ, _CMP_NLE_UQ, _CMP_UNORD_Q, _mm_add_ps, _mm_add_ss,
    _mm_cvtss_f32, _mm_movehdup_ps, _mm_movehl_ps, _mm256_add_epi32, _mm256_add_ps, _mm256_and_ps,
    _mm256_blendv_ps, _mm256_castps_si256, _mm256_castps256_ps128, _mm256_castsi256_ps,
    _mm256_cmp_ps, _mm256_cmpeq_epi32, _mm256_div_ps, _mm256_extractf128_ps, _mm256_fmadd_ps,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_maskload_ps, _mm256_maskstore_ps, _mm256_max_ps,
    _mm256_min_ps, _mm256_movemask_ps, _mm256_mul_ps, _mm256_or_ps, _mm256_permute2f128_ps,
    _mm256_permutevar8x32_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_shuffle_ps,
    _mm256_slli_epi32, _mm256_storeu_ps, _mm256_sub_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps,
};

use super::table::compile;
use super::vector::Vector;

/// For each mask of eight lanes: the lanes that are set, in order.
static COMPRESSION: [[u32; 8]; 256] = {
    let mut table = [[0; 8]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut lane, mut count) = (0, 0);
        while lane < 8 {
            if mask >> lane & 1 == 1 {
                table[mask][count] = lane as u32;
                count += 1;
            }
            lane += 1;
        }
        mask += 1;
    }
    table
};

/// Eight set lanes and eight clear ones: the window that begins at 8 − count has `count` set lanes.
static FIRST: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/// # Safety
/// `count` must be at most 8.
#[inline(always)]
unsafe fn first(count: usize) -> __m256i {
    // SAFETY: 8 − count + 8 ≤ 16 lanes.
    unsafe { _mm256_loadu_si256(FIRST.as_ptr().add(8 - count).cast()) }
}

// SAFETY of the intrinsics below: the trait demands a machine with AVX2 and FMA, and valid pointers.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Vector for __m256 {
    const LANES: usize = 8;
    const TILE_ROWS: usize = 6;
    const ACCUMULATORS: usize = 12;
    type Mask = __m256;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        unsafe { _mm256_maskload_ps(from, first(count)) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm256_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        unsafe { _mm256_maskstore_ps(to, first(count), self) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        unsafe { _mm256_add_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        unsafe { _mm256_sub_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        unsafe { _mm256_mul_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn add_bits(self, other: Self) -> Self {
        unsafe {
            let sum = _mm256_add_epi32(_mm256_castps_si256(self), _mm256_castps_si256(other));
            _mm256_castsi256_ps(sum)
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        unsafe { _mm256_fmadd_ps(self, factor, addend) }
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        unsafe { _mm256_div_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn clamp(self, lowest: Self, highest: Self) -> Self {
        // Minimum and maximum return their second operand if either is NaN.
        unsafe { _mm256_min_ps(highest, _mm256_max_ps(lowest, self)) }
    }

    #[inline(always)]
    unsafe fn power_of_lowest_bits(self) -> Self {
        unsafe {
            let exponent = _mm256_slli_epi32::<23>(_mm256_castps_si256(self));
            let one = _mm256_castps_si256(_mm256_set1_ps(1.0));
            _mm256_castsi256_ps(_mm256_add_epi32(exponent, one))
        }
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        unsafe { _mm256_and_ps(self.active(), self) }
    }

    #[inline(always)]
    unsafe fn wins(self, other: Self) -> Self::Mask {
        unsafe {
            let greater = _mm256_cmp_ps::<_CMP_GT_OQ>(self, other);
            _mm256_or_ps(greater, _mm256_cmp_ps::<_CMP_UNORD_Q>(self, self))
        }
    }

    #[inline(always)]
    unsafe fn active(self) -> Self::Mask {
        unsafe { _mm256_cmp_ps::<_CMP_NLE_UQ>(self, _mm256_setzero_ps()) }
    }

    #[inline(always)]
    unsafe fn same_bits(self, other: Self) -> Self::Mask {
        unsafe {
            let equal = _mm256_cmpeq_epi32(_mm256_castps_si256(self), _mm256_castps_si256(other));
            _mm256_castsi256_ps(equal)
        }
    }

    #[inline(always)]
    unsafe fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        unsafe { _mm256_blendv_ps(no, yes, mask) }
    }

    #[inline(always)]
    unsafe fn total(self) -> f32 {
        unsafe {
            let half = _mm_add_ps(
                _mm256_castps256_ps128(self),
                _mm256_extractf128_ps::<1>(self),
            );
            let quarter = _mm_add_ps(half, _mm_movehl_ps(half, half));
            _mm_cvtss_f32(_mm_add_ss(quarter, _mm_movehdup_ps(quarter)))
        }
    }

    #[inline(always)]
    unsafe fn compress(
        offsets: Self,
        values: Self,
        offsets_to: *mut f32,
        values_to: *mut f32,
    ) -> usize {
        unsafe {
            let kept =
                _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(values, _mm256_setzero_ps())) as u8;
            let lanes = _mm256_loadu_si256(COMPRESSION[usize::from(kept)].as_ptr().cast());
            _mm256_storeu_ps(offsets_to, _mm256_permutevar8x32_ps(offsets, lanes));
            _mm256_storeu_ps(values_to, _mm256_permutevar8x32_ps(values, lanes));
            kept.count_ones() as usize
        }
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
        unsafe {
            let row = |index: usize| _mm256_loadu_ps(from.add(index * from_row));
            let mut pairs = [_mm256_setzero_ps(); 8];
            for index in 0..4 {
                let (upper, lower) = (row(2 * index), row(2 * index + 1));
                pairs[2 * index] = _mm256_unpacklo_ps(upper, lower);
                pairs[2 * index + 1] = _mm256_unpackhi_ps(upper, lower);
            }
            // quads[4h + c]: column c (left half) and c + 4 (right half) of rows 4h..4h + 4.
            let mut quads = [_mm256_setzero_ps(); 8];
            for half in 0..2 {
                for part in 0..2 {
                    let (upper, lower) = (pairs[4 * half + part], pairs[4 * half + 2 + part]);
                    quads[4 * half + 2 * part] = _mm256_shuffle_ps::<0x44>(upper, lower);
                    quads[4 * half + 2 * part + 1] = _mm256_shuffle_ps::<0xEE>(upper, lower);
                }
            }
            for column in 0..4 {
                let (upper, lower) = (quads[column], quads[4 + column]);
                let left = _mm256_permute2f128_ps::<0x20>(upper, lower);
                let right = _mm256_permute2f128_ps::<0x31>(upper, lower);
                _mm256_storeu_ps(to.add(column * to_row), left);
                _mm256_storeu_ps(to.add((column + 4) * to_row), right);
            }
        }
    }
}

super::table::for_each_kernel!(compile(__m256, "avx2,fma"));
