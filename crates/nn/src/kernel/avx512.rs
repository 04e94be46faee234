//! Vectors of sixteen lanes with AVX-512.

use std::arch::x86_64::{
    __m512, __mmask16, _CMP_GT_OQ, _CMP_NEQ_UQ, _CMP_NLE_UQ, _CMP_UNORD_Q, _mm512_add_epi32,
    _mm512_add_ps, _mm512_castps_si512, _mm512_castsi512_ps, _mm512_cmp_ps_mask,
    _mm512_cmpeq_epi32_mask, _mm512_cvtss_f32, _mm512_div_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_mask_blend_ps, _mm512_mask_storeu_ps, _mm512_maskz_compress_ps, _mm512_maskz_loadu_ps,
    _mm512_maskz_mov_ps, _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps, _mm512_set1_ps,
    _mm512_setzero_ps, _mm512_shuffle_f32x4, _mm512_shuffle_ps, _mm512_slli_epi32,
    _mm512_storeu_ps, _mm512_sub_ps, _mm512_unpackhi_ps, _mm512_unpacklo_ps,
};

use super::table::compile;
use super::vector::Vector;

#[inline(always)]
fn first(count: usize) -> __mmask16 {
    ((1_u32 << count) - 1) as __mmask16
}

// SAFETY of the intrinsics below: the trait demands a machine with AVX-512 F, and valid pointers.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Vector for __m512 {
    const LANES: usize = 16;
    const TILE_ROWS: usize = 14;
    const ACCUMULATORS: usize = 28;
    type Mask = __mmask16;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        unsafe { _mm512_maskz_loadu_ps(first(count), from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        unsafe { _mm512_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        unsafe { _mm512_mask_storeu_ps(to, first(count), self) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        unsafe { _mm512_add_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        unsafe { _mm512_sub_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        unsafe { _mm512_mul_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn add_bits(self, other: Self) -> Self {
        unsafe {
            let sum = _mm512_add_epi32(_mm512_castps_si512(self), _mm512_castps_si512(other));
            _mm512_castsi512_ps(sum)
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
        unsafe { _mm512_fmadd_ps(self, factor, addend) }
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        unsafe { _mm512_div_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn clamp(self, lowest: Self, highest: Self) -> Self {
        // Minimum and maximum return their second operand if either is NaN.
        unsafe { _mm512_min_ps(highest, _mm512_max_ps(lowest, self)) }
    }

    #[inline(always)]
    unsafe fn power_of_lowest_bits(self) -> Self {
        unsafe {
            let exponent = _mm512_slli_epi32::<23>(_mm512_castps_si512(self));
            let one = _mm512_castps_si512(_mm512_set1_ps(1.0));
            _mm512_castsi512_ps(_mm512_add_epi32(exponent, one))
        }
    }

    #[inline(always)]
    unsafe fn relu(self) -> Self {
        unsafe { _mm512_maskz_mov_ps(self.active(), self) }
    }

    #[inline(always)]
    unsafe fn wins(self, other: Self) -> Self::Mask {
        unsafe {
            let greater = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self, other);
            greater | _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self, self)
        }
    }

    #[inline(always)]
    unsafe fn active(self) -> Self::Mask {
        unsafe { _mm512_cmp_ps_mask::<_CMP_NLE_UQ>(self, _mm512_setzero_ps()) }
    }

    #[inline(always)]
    unsafe fn same_bits(self, other: Self) -> Self::Mask {
        unsafe { _mm512_cmpeq_epi32_mask(_mm512_castps_si512(self), _mm512_castps_si512(other)) }
    }

    #[inline(always)]
    unsafe fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        unsafe { _mm512_mask_blend_ps(mask, no, yes) }
    }

    #[inline(always)]
    unsafe fn total(self) -> f32 {
        unsafe {
            let half = _mm512_add_ps(self, _mm512_shuffle_f32x4::<0x4E>(self, self));
            let quarter = _mm512_add_ps(half, _mm512_shuffle_f32x4::<0xB1>(half, half));
            let pair = _mm512_add_ps(quarter, _mm512_shuffle_ps::<0x4E>(quarter, quarter));
            _mm512_cvtss_f32(_mm512_add_ps(pair, _mm512_shuffle_ps::<0xB1>(pair, pair)))
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
            let kept = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(values, _mm512_setzero_ps());
            _mm512_storeu_ps(offsets_to, _mm512_maskz_compress_ps(kept, offsets));
            _mm512_storeu_ps(values_to, _mm512_maskz_compress_ps(kept, values));
            kept.count_ones() as usize
        }
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
        unsafe {
            let row = |index: usize| _mm512_loadu_ps(from.add(index * from_row));
            let mut pairs = [_mm512_setzero_ps(); 16];
            for index in 0..8 {
                let (upper, lower) = (row(2 * index), row(2 * index + 1));
                pairs[2 * index] = _mm512_unpacklo_ps(upper, lower);
                pairs[2 * index + 1] = _mm512_unpackhi_ps(upper, lower);
            }
            // quads[4q + c], 128-bit part j: column 4j + c of rows 4q..4q + 4.
            let mut quads = [_mm512_setzero_ps(); 16];
            for quarter in 0..4 {
                for part in 0..2 {
                    let (upper, lower) = (pairs[4 * quarter + part], pairs[4 * quarter + 2 + part]);
                    quads[4 * quarter + 2 * part] = _mm512_shuffle_ps::<0x44>(upper, lower);
                    quads[4 * quarter + 2 * part + 1] = _mm512_shuffle_ps::<0xEE>(upper, lower);
                }
            }
            for column in 0..4 {
                let upper = (quads[column], quads[4 + column]);
                let lower = (quads[8 + column], quads[12 + column]);
                let even = (
                    _mm512_shuffle_f32x4::<0x88>(upper.0, upper.1),
                    _mm512_shuffle_f32x4::<0x88>(lower.0, lower.1),
                );
                let odd = (
                    _mm512_shuffle_f32x4::<0xDD>(upper.0, upper.1),
                    _mm512_shuffle_f32x4::<0xDD>(lower.0, lower.1),
                );
                _mm512_storeu_ps(
                    to.add(column * to_row),
                    _mm512_shuffle_f32x4::<0x88>(even.0, even.1),
                );
                _mm512_storeu_ps(
                    to.add((column + 4) * to_row),
                    _mm512_shuffle_f32x4::<0x88>(odd.0, odd.1),
                );
                _mm512_storeu_ps(
                    to.add((column + 8) * to_row),
                    _mm512_shuffle_f32x4::<0xDD>(even.0, even.1),
                );
                _mm512_storeu_ps(
                    to.add((column + 12) * to_row),
                    _mm512_shuffle_f32x4::<0xDD>(odd.0, odd.1),
                );
            }
        }
    }
}

super::table::for_each_kernel!(compile(__m512, "avx512f"));
