//! Ridge regression by the normal equations.

/// Sums of weighted rows of a regression: XᵀX and Xᵀy.
#[derive(Clone, Debug)]
pub struct LinearSystem {
    count: usize,
    /// Row by row; the lower half.
    squares: Vec<f64>,
    products: Vec<f64>,
}

impl LinearSystem {
    /// A system of `count` unknowns without rows.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            count,
            squares: vec![0.0; count * count],
            products: vec![0.0; count],
        }
    }

    /// Adds a row: Σ x_i·unknown_i should be y.
    pub fn add(&mut self, x: &[f64], y: f64, weight: f64) {
        for (i, &a) in x.iter().enumerate().filter(|(_, a)| **a != 0.0) {
            self.products[i] += weight * a * y;
            for (j, &b) in x[..=i].iter().enumerate() {
                self.squares[i * self.count + j] += weight * a * b;
            }
        }
    }

    /// What was added so far counts `factor` times as much.
    pub fn scale(&mut self, factor: f64) {
        let numbers = self.squares.iter_mut().chain(&mut self.products);
        numbers.for_each(|number| *number *= factor);
    }

    /// Adds the belief that unknown `i` is `mean` with this standard deviation.
    pub fn believe(&mut self, i: usize, mean: f64, deviation: f64) {
        let weight = deviation.powi(-2);
        self.squares[i * self.count + i] += weight;
        self.products[i] += weight * mean;
    }

    /// Adds `y` to the right side of the equation of unknown `i`.
    pub fn pull(&mut self, i: usize, y: f64) {
        self.products[i] += y;
    }

    /// The unknowns (by Cholesky's decomposition); `None` if they are not determined.
    #[must_use]
    pub fn solve(mut self) -> Option<Vec<f64>> {
        let n = self.count;
        let l = &mut self.squares;
        for j in 0..n {
            for i in j..n {
                let sum: f64 = (0..j).map(|k| l[i * n + k] * l[j * n + k]).sum();
                let rest = l[i * n + j] - sum;
                l[i * n + j] = if i > j {
                    rest / l[j * n + j]
                } else if rest > 0.0 && rest.is_finite() {
                    rest.sqrt()
                } else {
                    return None;
                };
            }
        }
        let mut x = self.products;
        for i in 0..n {
            let sum: f64 = (0..i).map(|k| l[i * n + k] * x[k]).sum();
            x[i] = (x[i] - sum) / l[i * n + i];
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|k| l[k * n + i] * x[k]).sum();
            x[i] = (x[i] - sum) / l[i * n + i];
        }
        x.iter().all(|value| value.is_finite()).then_some(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_beliefs_are_weighed() {
        let mut system = LinearSystem::new(2);
        system.add(&[1.0, 1.0], 3.0, 1e9);
        system.add(&[1.0, -1.0], 1.0, 1e9);
        let x = system.solve().unwrap();
        assert!(
            (x[0] - 2.0).abs() < 1e-6 && (x[1] - 1.0).abs() < 1e-6,
            "{x:?}"
        );

        // A belief and a row of the same weight meet in the middle.
        let mut system = LinearSystem::new(1);
        system.add(&[1.0], 4.0, 0.25);
        system.believe(0, 2.0, 2.0);
        assert!((system.solve().unwrap()[0] - 3.0).abs() < 1e-12);
        assert_eq!(LinearSystem::new(2).solve(), None);

        // The older row counts half.
        let mut system = LinearSystem::new(1);
        system.add(&[1.0], 4.0, 1.0);
        system.scale(0.5);
        system.add(&[1.0], 1.0, 1.0);
        assert!((system.solve().unwrap()[0] - 2.0).abs() < 1e-12);
    }
}
