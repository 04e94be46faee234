//! The gates of recurrent cells, one time step of a whole batch at a time, and their gradients.
//!
//! The matrix products are [`super::gemm`]'s. A step's gates lie in `[batch][4 · hidden]`, four slots of `hidden`
//! values for each example; each kernel reads the four values of a unit and puts four others in their place, so
//! that one block of memory serves for the inputs' share, the gates and the gradients.
//!
//! | slot | GRU before | behind | gradient | LSTM before | behind | gradient |
//! |------|------------|--------|----------|-------------|--------|----------|
//! | 0    |            | q      | of x·W_xn | x·W_xi + b_i | i | of i's sum |
//! | 1    | x·W_xr + b_r | r    | of r's sum | x·W_xf + b_f | f | of f's sum |
//! | 2    | x·W_xz + b_z | z    | of z's sum | x·W_xg + b_g | g | of g's sum |
//! | 3    | x·W_xn + b_xn | n   | of q     | x·W_xo + b_o | o | of o's sum |
//!
//! q = h·W_hn + b_hn is what the reset gate multiplies.

use super::element_wise::{Function, Sigmoid, Tanh};
use super::partial::{for_columns, load, store};
use super::vector::Vector;

/// Number of slots of a unit.
const SLOTS: usize = 4;

/// Panics unless `slice` holds `count` values.
#[inline(always)]
fn long_enough(slice: &[f32], count: usize, name: &str) {
    assert!(count <= slice.len(), "{name} too short");
}

/// One step of a gated recurrent unit. `recurrent` is h·W_h (`[batch][3 · hidden]`), `bias` b_hn, `previous` the state
/// before and `states` that behind (`[batch][hidden]`).
pub(crate) struct GruStep<'a> {
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
    pub(crate) recurrent: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) previous: &'a [f32],
    pub(crate) gates: &'a mut [f32],
    pub(crate) states: &'a mut [f32],
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn gru_step<V: Vector>(step: &mut GruStep<'_>) {
    let all = step.batch * step.hidden;
    long_enough(step.recurrent, 3 * all, "product");
    long_enough(step.bias, step.hidden, "bias");
    long_enough(step.previous, all, "previous states");
    long_enough(step.gates, SLOTS * all, "gates");
    long_enough(step.states, all, "states");
    for example in 0..step.batch {
        // SAFETY: example < batch and column + width ≤ hidden, so everything lies inside the checked lengths.
        unsafe { for_columns!(V, step.hidden, gru_units(step, example)) }
    }
}

/// # Safety
/// The machine must have `V`'s instruction set, and the lanes must be valid; so for the other `…_units`.
#[inline(always)]
unsafe fn gru_units<V: Vector, const PARTIAL: bool>(
    step: &mut GruStep<'_>,
    example: usize,
    column: usize,
    width: usize,
) {
    let hidden = step.hidden;
    // SAFETY: the same conditions.
    unsafe {
        let product = step.recurrent.as_ptr().add(example * 3 * hidden + column);
        let product = |slot: usize| load::<V, PARTIAL>(product.add(slot * hidden), width);
        let gates = step
            .gates
            .as_mut_ptr()
            .add(example * SLOTS * hidden + column);
        let gate = |slot: usize| load::<V, PARTIAL>(gates.add(slot * hidden), width);
        let reset = Sigmoid::apply(gate(1).add(product(0)));
        let update = Sigmoid::apply(gate(2).add(product(1)));
        let bias = load::<V, PARTIAL>(step.bias.as_ptr().add(column), width);
        let inner = product(2).add(bias);
        let candidate = Tanh::apply(reset.mul_add(inner, gate(3)));
        let place = example * hidden + column;
        let previous = load::<V, PARTIAL>(step.previous.as_ptr().add(place), width);
        // (1 − z) n + z h = n + z (h − n).
        let state = update.mul_add(previous.sub(candidate), candidate);
        for (slot, value) in [inner, reset, update, candidate].into_iter().enumerate() {
            store::<V, PARTIAL>(value, gates.add(slot * hidden), width);
        }
        store::<V, PARTIAL>(state, step.states.as_mut_ptr().add(place), width);
    }
}

/// The gradient of one step of a gated recurrent unit. The gradient of the state behind the step is the sum of
/// `given` (row by row `given_row` apart; none if empty), `recurrent`, which came through the products of the next
/// step, and `carry`, which came through its update gate; `carry` is replaced by this step's.
pub(crate) struct GruGradient<'a> {
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
    pub(crate) given: &'a [f32],
    pub(crate) given_row: usize,
    pub(crate) recurrent: &'a [f32],
    pub(crate) previous: &'a [f32],
    pub(crate) gates: &'a mut [f32],
    pub(crate) carry: &'a mut [f32],
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn gru_gradient<V: Vector>(step: &mut GruGradient<'_>) {
    let all = step.batch * step.hidden;
    check_given(step.given, step.given_row, step.batch, step.hidden);
    long_enough(step.recurrent, all, "recurrent gradient");
    long_enough(step.previous, all, "previous states");
    long_enough(step.gates, SLOTS * all, "gates");
    long_enough(step.carry, all, "carried gradient");
    for example in 0..step.batch {
        // SAFETY: as in `gru_step`.
        unsafe { for_columns!(V, step.hidden, gru_gradient_units(step, example)) }
    }
}

/// Panics unless the rows of the output's gradient are there.
#[inline(always)]
fn check_given(given: &[f32], row: usize, batch: usize, hidden: usize) {
    if !given.is_empty() {
        let last = batch.saturating_sub(1) * row;
        long_enough(given, last + hidden, "output gradient");
    }
}

#[inline(always)]
unsafe fn gru_gradient_units<V: Vector, const PARTIAL: bool>(
    step: &mut GruGradient<'_>,
    example: usize,
    column: usize,
    width: usize,
) {
    let hidden = step.hidden;
    // SAFETY: the same conditions.
    unsafe {
        let place = example * hidden + column;
        let carry = step.carry.as_mut_ptr().add(place);
        let recurrent = load::<V, PARTIAL>(step.recurrent.as_ptr().add(place), width);
        let mut slope = load::<V, PARTIAL>(carry, width).add(recurrent);
        if !step.given.is_empty() {
            let given = step.given.as_ptr().add(example * step.given_row + column);
            slope = slope.add(load::<V, PARTIAL>(given, width));
        }
        let gates = step
            .gates
            .as_mut_ptr()
            .add(example * SLOTS * hidden + column);
        let gate = |slot: usize| load::<V, PARTIAL>(gates.add(slot * hidden), width);
        let (inner, reset, update, candidate) = (gate(0), gate(1), gate(2), gate(3));
        let previous = load::<V, PARTIAL>(step.previous.as_ptr().add(place), width);
        let one = V::splat(1.0);
        let rest = one.sub(update);
        let of_candidate = slope.mul(rest).mul(one.sub(candidate.mul(candidate)));
        let of_update = slope.mul(previous.sub(candidate)).mul(update.mul(rest));
        let of_reset = of_candidate.mul(inner).mul(reset.mul(one.sub(reset)));
        let of_inner = of_candidate.mul(reset);
        let gradients = [of_candidate, of_reset, of_update, of_inner];
        for (slot, value) in gradients.into_iter().enumerate() {
            store::<V, PARTIAL>(value, gates.add(slot * hidden), width);
        }
        store::<V, PARTIAL>(slope.mul(update), carry, width);
    }
}

/// One step of a long short-term memory. `recurrent` is h·W_h (`[batch][4 · hidden]`); `previous` the cells before,
/// `cells` those behind, `squashed` their tanh, and `states` the states behind (`[batch][hidden]`).
pub(crate) struct LstmStep<'a> {
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
    pub(crate) recurrent: &'a [f32],
    pub(crate) previous: &'a [f32],
    pub(crate) gates: &'a mut [f32],
    pub(crate) cells: &'a mut [f32],
    pub(crate) squashed: &'a mut [f32],
    pub(crate) states: &'a mut [f32],
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn lstm_step<V: Vector>(step: &mut LstmStep<'_>) {
    let all = step.batch * step.hidden;
    long_enough(step.recurrent, SLOTS * all, "product");
    long_enough(step.previous, all, "previous cells");
    long_enough(step.gates, SLOTS * all, "gates");
    long_enough(step.cells, all, "cells");
    long_enough(step.squashed, all, "squashed cells");
    long_enough(step.states, all, "states");
    for example in 0..step.batch {
        // SAFETY: as in `gru_step`.
        unsafe { for_columns!(V, step.hidden, lstm_units(step, example)) }
    }
}

#[inline(always)]
unsafe fn lstm_units<V: Vector, const PARTIAL: bool>(
    step: &mut LstmStep<'_>,
    example: usize,
    column: usize,
    width: usize,
) {
    let hidden = step.hidden;
    // SAFETY: the same conditions.
    unsafe {
        let begin = example * SLOTS * hidden + column;
        let product = step.recurrent.as_ptr().add(begin);
        let gates = step.gates.as_mut_ptr().add(begin);
        let sum = |slot: usize| {
            let product = load::<V, PARTIAL>(product.add(slot * hidden), width);
            load::<V, PARTIAL>(gates.add(slot * hidden), width).add(product)
        };
        let input = Sigmoid::apply(sum(0));
        let forget = Sigmoid::apply(sum(1));
        let candidate = Tanh::apply(sum(2));
        let output = Sigmoid::apply(sum(3));
        let place = example * hidden + column;
        let previous = load::<V, PARTIAL>(step.previous.as_ptr().add(place), width);
        let cell = forget.mul_add(previous, input.mul(candidate));
        let squashed = Tanh::apply(cell);
        for (slot, value) in [input, forget, candidate, output].into_iter().enumerate() {
            store::<V, PARTIAL>(value, gates.add(slot * hidden), width);
        }
        store::<V, PARTIAL>(cell, step.cells.as_mut_ptr().add(place), width);
        store::<V, PARTIAL>(squashed, step.squashed.as_mut_ptr().add(place), width);
        let state = output.mul(squashed);
        store::<V, PARTIAL>(state, step.states.as_mut_ptr().add(place), width);
    }
}

/// The gradient of one step of a long short-term memory. The gradient of the state behind the step is the sum of
/// `given` (row by row `given_row` apart; none if empty) and `recurrent`, which came through the products of the next
/// step; `carry` is the gradient of the cells behind the step and is replaced by that of the cells before.
pub(crate) struct LstmGradient<'a> {
    pub(crate) batch: usize,
    pub(crate) hidden: usize,
    pub(crate) given: &'a [f32],
    pub(crate) given_row: usize,
    pub(crate) recurrent: &'a [f32],
    pub(crate) previous: &'a [f32],
    pub(crate) squashed: &'a [f32],
    pub(crate) gates: &'a mut [f32],
    pub(crate) carry: &'a mut [f32],
}

/// # Safety
/// The machine must have `V`'s instruction set.
#[inline(always)]
pub(crate) unsafe fn lstm_gradient<V: Vector>(step: &mut LstmGradient<'_>) {
    let all = step.batch * step.hidden;
    check_given(step.given, step.given_row, step.batch, step.hidden);
    long_enough(step.recurrent, all, "recurrent gradient");
    long_enough(step.previous, all, "previous cells");
    long_enough(step.squashed, all, "squashed cells");
    long_enough(step.gates, SLOTS * all, "gates");
    long_enough(step.carry, all, "carried gradient");
    for example in 0..step.batch {
        // SAFETY: as in `gru_step`.
        unsafe { for_columns!(V, step.hidden, lstm_gradient_units(step, example)) }
    }
}

#[inline(always)]
unsafe fn lstm_gradient_units<V: Vector, const PARTIAL: bool>(
    step: &mut LstmGradient<'_>,
    example: usize,
    column: usize,
    width: usize,
) {
    let hidden = step.hidden;
    // SAFETY: the same conditions.
    unsafe {
        let place = example * hidden + column;
        let mut slope = load::<V, PARTIAL>(step.recurrent.as_ptr().add(place), width);
        if !step.given.is_empty() {
            let given = step.given.as_ptr().add(example * step.given_row + column);
            slope = slope.add(load::<V, PARTIAL>(given, width));
        }
        let gates = step
            .gates
            .as_mut_ptr()
            .add(example * SLOTS * hidden + column);
        let gate = |slot: usize| load::<V, PARTIAL>(gates.add(slot * hidden), width);
        let (input, forget, candidate, output) = (gate(0), gate(1), gate(2), gate(3));
        let squashed = load::<V, PARTIAL>(step.squashed.as_ptr().add(place), width);
        let previous = load::<V, PARTIAL>(step.previous.as_ptr().add(place), width);
        let carry = step.carry.as_mut_ptr().add(place);
        let one = V::splat(1.0);
        let through = slope.mul(output).mul(one.sub(squashed.mul(squashed)));
        let of_cell = load::<V, PARTIAL>(carry, width).add(through);
        let of_input = of_cell.mul(candidate).mul(input.mul(one.sub(input)));
        let of_forget = of_cell.mul(previous).mul(forget.mul(one.sub(forget)));
        let of_candidate = of_cell.mul(input).mul(one.sub(candidate.mul(candidate)));
        let of_output = slope.mul(squashed).mul(output.mul(one.sub(output)));
        let gradients = [of_input, of_forget, of_candidate, of_output];
        for (slot, value) in gradients.into_iter().enumerate() {
            store::<V, PARTIAL>(value, gates.add(slot * hidden), width);
        }
        store::<V, PARTIAL>(of_cell.mul(forget), carry, width);
    }
}
