//! Functions with a formula, whose coordinates are what is learned: for a look at an optimizer without any data.
//!
//! An example is a shift s of the coordinates θ, so a batch has the loss mean f(θ − s), and a gradient with noise where the
//! shifts are random.

use serde::{Deserialize, Serialize};

/// A function of N coordinates x = θ − s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Function {
    /// Σ λᵢ xᵢ² / 2, i = 0 … N − 1, with λᵢ = 100^(−i/(N−1)): from 1 down to 0.01. Lowest at 0, with the value 0.
    Quadratic,
    /// Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², i = 0 … N − 2 (Rosenbrock 1960). Lowest where all are 1, with the value 0.
    Rosenbrock,
}

/// The largest curvature of the quadratic by its smallest.
const CONDITION: f64 = 100.0;

impl Function {
    /// The fewest coordinates.
    pub(crate) const fn least_dimensions(self) -> usize {
        match self {
            Function::Quadratic => 1,
            Function::Rosenbrock => 2,
        }
    }

    /// The curvature of the quadratic along a coordinate.
    fn curvature(coordinate: usize, dimensions: usize) -> f64 {
        CONDITION.powf(-(coordinate as f64) / (dimensions.max(2) - 1) as f64)
    }

    /// The value at θ − s; `slope` hears each coordinate's number with its part of the gradient, some of them twice.
    fn value(self, theta: &[f32], shift: &[f32], mut slope: impl FnMut(usize, f64)) -> f64 {
        let x = |place: usize| f64::from(theta[place]) - f64::from(shift[place]);
        let dimensions = theta.len();
        match self {
            Function::Quadratic => (0..dimensions)
                .map(|place| {
                    let force = Self::curvature(place, dimensions) * x(place);
                    slope(place, force);
                    force * x(place) / 2.0
                })
                .sum(),
            Function::Rosenbrock => (1..dimensions)
                .map(|next| {
                    let (here, there) = (x(next - 1), x(next));
                    let (valley, end) = (there - here * here, 1.0 - here);
                    slope(next - 1, -400.0 * here * valley - 2.0 * end);
                    slope(next, 200.0 * valley);
                    100.0 * valley * valley + end * end
                })
                .sum(),
        }
    }

    /// The mean over a batch of coordinates and shifts, `width` each, and its gradient by the coordinates.
    pub(crate) fn mean(
        self,
        theta: &[f32],
        shifts: &[f32],
        width: usize,
        gradient: &mut [f32],
    ) -> f32 {
        let count = (shifts.len() / width.max(1)).max(1) as f64;
        let rows = theta.chunks_exact(width).zip(shifts.chunks_exact(width));
        let mut sum = 0.0;
        for ((theta, shift), gradient) in rows.zip(gradient.chunks_exact_mut(width)) {
            gradient.fill(0.0);
            sum += self.value(theta, shift, |place, slope| {
                gradient[place] += (slope / count) as f32;
            });
        }
        (sum / count) as f32
    }

    /// The value of each example.
    pub(crate) fn of_each(self, theta: &[f32], shifts: &[f32], width: usize, values: &mut [f32]) {
        let rows = theta.chunks_exact(width).zip(shifts.chunks_exact(width));
        for ((theta, shift), value) in rows.zip(values) {
            *value = self.value(theta, shift, |_, _| {}) as f32;
        }
    }

    /// The expected value at a start point, whose coordinates are drawn from the standard normal distribution, without a
    /// shift: Σ λᵢ / 2; 402 (N − 1).
    pub(crate) fn chance(self, dimensions: usize) -> f32 {
        match self {
            Function::Quadratic => {
                let sum: f64 = (0..dimensions)
                    .map(|place| Self::curvature(place, dimensions))
                    .sum();
                (sum / 2.0) as f32
            }
            // E (y − x²)² = 1 + 3 and E (1 − x)² = 2.
            Function::Rosenbrock => 402.0 * dimensions.saturating_sub(1) as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_and_the_lowest_value_is_nought() {
        let theta = [0.3, -1.2, 0.7, 0.9, 0.2, -0.4];
        let shifts = [0.1, 0.0, -0.2, 0.0, 0.0, 0.5];
        for (function, best) in [(Function::Quadratic, 0.0), (Function::Rosenbrock, 1.0)] {
            let mut gradient = [9.0; 6];
            let mean = function.mean(&theta, &shifts, 3, &mut gradient);
            let mut each = [0.0; 2];
            function.of_each(&theta, &shifts, 3, &mut each);
            assert!((mean - (each[0] + each[1]) / 2.0).abs() < 1e-4 * mean);
            for place in 0..6 {
                let at = |step: f32| {
                    let mut moved = theta;
                    moved[place] += step;
                    function.mean(&moved, &shifts, 3, &mut [0.0; 6])
                };
                let slope = (at(1e-2) - at(-1e-2)) / 2e-2;
                let size = 1.0 + slope.abs();
                assert!(
                    (gradient[place] - slope).abs() < 0.02 * size,
                    "{function:?} {place}"
                );
            }
            let mut lowest = [1.0; 1];
            function.of_each(&[best; 3], &[0.0; 3], 3, &mut lowest);
            assert_eq!(lowest, [0.0]);
        }
        // Rosenbrock's own start: 100 (1 − 1.44)² + (1 + 1.2)² = 24.2.
        let mut value = [0.0];
        Function::Rosenbrock.of_each(&[-1.2, 1.0], &[0.0; 2], 2, &mut value);
        assert!((value[0] - 24.2).abs() < 1e-4);
        assert_eq!(Function::Quadratic.chance(1), 0.5);
        assert_eq!(Function::Rosenbrock.chance(2), 402.0);
    }
}
