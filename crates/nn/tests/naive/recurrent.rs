//! Recurrent layers straight from their equations, one example, one unit at a time.

use descender_nn::{Layer, SequenceOutput, Shape};

/// A recurrent layer taken apart: is it a GRU, sizes, and what it hands on.
struct Cell {
    gru: bool,
    gates: usize,
    steps: usize,
    features: usize,
    hidden: usize,
    output: SequenceOutput,
}

impl Cell {
    fn new(layer: &Layer, input: Shape) -> Self {
        let (gru, hidden, output) = match *layer {
            Layer::Gru { hidden, output } => (true, hidden, output),
            Layer::Lstm { hidden, output } => (false, hidden, output),
            _ => unreachable!(),
        };
        Self {
            gru,
            gates: if gru { 3 } else { 4 },
            steps: input.height,
            features: input.width * input.channels,
            hidden,
            output,
        }
    }

    /// Place of the weight from input (or, behind them, state) `row` to unit `unit` of gate `gate`.
    fn weight(&self, row: usize, gate: usize, unit: usize) -> usize {
        (row * self.gates + gate) * self.hidden + unit
    }

    /// Place of a bias.
    fn bias(&self, gate: usize, unit: usize) -> usize {
        ((self.features + self.hidden) * self.gates + gate) * self.hidden + unit
    }

    /// x·W_x and h·W_h for one unit.
    fn products(
        &self,
        parameters: &[f64],
        x: &[f64],
        h: &[f64],
        gate: usize,
        unit: usize,
    ) -> (f64, f64) {
        let dot = |values: &[f64], first: usize| -> f64 {
            let product = |(row, value): (usize, &f64)| {
                value * parameters[self.weight(first + row, gate, unit)]
            };
            values.iter().enumerate().map(product).sum()
        };
        (dot(x, 0), dot(h, self.features))
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Everything about one step: gates (GRU r, z, n, q; LSTM i, f, g, o), cells and states behind it.
struct Step {
    gates: [Vec<f64>; 4],
    cells: Vec<f64>,
    states: Vec<f64>,
}

fn run(cell: &Cell, parameters: &[f64], input: &[f64]) -> Vec<Step> {
    let hidden = cell.hidden;
    let zeros = vec![0.0; hidden];
    let mut steps: Vec<Step> = Vec::new();
    for x in input.chunks(cell.features) {
        let (h, c) = match steps.last() {
            Some(last) => (last.states.clone(), last.cells.clone()),
            None => (zeros.clone(), zeros.clone()),
        };
        let mut step = Step {
            gates: std::array::from_fn(|_| zeros.clone()),
            cells: zeros.clone(),
            states: zeros.clone(),
        };
        for unit in 0..hidden {
            let products = |gate| cell.products(parameters, x, &h, gate, unit);
            let bias = |gate| parameters[cell.bias(gate, unit)];
            let sum = |gate| products(gate).0 + products(gate).1 + bias(gate);
            let gates = if cell.gru {
                let (r, z) = (sigmoid(sum(0)), sigmoid(sum(1)));
                let q = products(2).1 + bias(3);
                let n = (products(2).0 + bias(2) + r * q).tanh();
                step.states[unit] = (1.0 - z) * n + z * h[unit];
                [r, z, n, q]
            } else {
                let (i, f, g, o) = (
                    sigmoid(sum(0)),
                    sigmoid(sum(1)),
                    sum(2).tanh(),
                    sigmoid(sum(3)),
                );
                step.cells[unit] = f * c[unit] + i * g;
                step.states[unit] = o * step.cells[unit].tanh();
                [i, f, g, o]
            };
            for (slot, gate) in step.gates.iter_mut().zip(gates) {
                slot[unit] = gate;
            }
        }
        steps.push(step);
    }
    steps
}

pub(super) fn forward(layer: &Layer, shape: Shape, parameters: &[f64], input: &[f64]) -> Vec<f64> {
    let cell = Cell::new(layer, shape);
    let steps = run(&cell, parameters, input);
    match cell.output {
        SequenceOutput::Last => steps[cell.steps - 1].states.clone(),
        SequenceOutput::All => steps.iter().flat_map(|step| step.states.clone()).collect(),
    }
}

pub(super) fn backward(
    layer: &Layer,
    shape: Shape,
    parameters: &[f64],
    input: &[f64],
    output_gradient: &[f64],
    gradient: &mut [f64],
) -> Vec<f64> {
    let cell = Cell::new(layer, shape);
    let (hidden, features) = (cell.hidden, cell.features);
    let steps = run(&cell, parameters, input);
    let mut input_gradient = vec![0.0; input.len()];
    let mut of_states = vec![0.0; hidden];
    let mut of_cells = vec![0.0; hidden];
    let zeros = vec![0.0; hidden];
    for (index, step) in steps.iter().enumerate().rev() {
        match cell.output {
            SequenceOutput::Last if index + 1 < cell.steps => {}
            SequenceOutput::Last => of_states.copy_from_slice(output_gradient),
            SequenceOutput::All => {
                let given = &output_gradient[index * hidden..][..hidden];
                of_states
                    .iter_mut()
                    .zip(given)
                    .for_each(|(slot, value)| *slot += value);
            }
        }
        let (h, c) = match index.checked_sub(1) {
            Some(before) => (&steps[before].states, &steps[before].cells),
            None => (&zeros, &zeros),
        };
        let x = &input[index * features..][..features];
        let (mut next_states, mut next_cells) = (vec![0.0; hidden], vec![0.0; hidden]);
        for unit in 0..hidden {
            let gate = |slot: usize| step.gates[slot][unit];
            let slope = of_states[unit];
            // Gradient of each gate's sum from the inputs' side and from the states' side.
            let sums: Vec<(f64, f64)> = if cell.gru {
                let (r, z, n, q) = (gate(0), gate(1), gate(2), gate(3));
                let of_n = slope * (1.0 - z) * (1.0 - n * n);
                let of_z = slope * (h[unit] - n) * z * (1.0 - z);
                let of_r = of_n * q * r * (1.0 - r);
                next_states[unit] += slope * z;
                gradient[cell.bias(3, unit)] += of_n * r;
                vec![(of_r, of_r), (of_z, of_z), (of_n, of_n * r)]
            } else {
                let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3));
                let squashed = step.cells[unit].tanh();
                let of_cell = of_cells[unit] + slope * o * (1.0 - squashed * squashed);
                next_cells[unit] = of_cell * f;
                let each = [
                    of_cell * g * i * (1.0 - i),
                    of_cell * c[unit] * f * (1.0 - f),
                    of_cell * i * (1.0 - g * g),
                    slope * squashed * o * (1.0 - o),
                ];
                each.iter().map(|value| (*value, *value)).collect()
            };
            for (gate, (of_input, of_state)) in sums.into_iter().enumerate() {
                gradient[cell.bias(gate, unit)] += of_input;
                for row in 0..features {
                    let weight = cell.weight(row, gate, unit);
                    gradient[weight] += of_input * x[row];
                    input_gradient[index * features + row] += of_input * parameters[weight];
                }
                for row in 0..hidden {
                    let weight = cell.weight(features + row, gate, unit);
                    gradient[weight] += of_state * h[row];
                    next_states[row] += of_state * parameters[weight];
                }
            }
        }
        (of_states, of_cells) = (next_states, next_cells);
    }
    input_gradient
}
