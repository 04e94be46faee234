//! Eigenvectors of a small symmetric matrix, by Jacobi's rotations.
//!
//! Source: C. Jacobi, 1846; G. Golub and C. Van Loan, "Matrix Computations", 4th edition, section 8.5. For the few dozen
//! dimensions of a search distribution it is fast enough, and its result depends on nothing but the matrix.

/// Eigenvalues λ_j and orthonormal eigenvectors (entry i of vector j at `vectors[i * n + j]`) of the symmetric n × n
/// matrix, given row by row.
pub(super) fn symmetric(mut matrix: Vec<f64>, n: usize) -> (Vec<f64>, Vec<f64>) {
    const SWEEPS: usize = 60;
    let mut vectors = vec![0.0; n * n];
    for i in 0..n {
        vectors[i * n + i] = 1.0;
    }
    let scale: f64 = matrix.iter().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let off: f64 = (0..n)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| matrix[i * n + j].powi(2))
            .sum();
        if off.is_nan() || off <= scale * 1e-28 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                let apq = matrix[p * n + q];
                if apq == 0.0 {
                    continue;
                }
                let theta = (matrix[q * n + q] - matrix[p * n + p]) / (2.0 * apq);
                let sign = if theta < 0.0 { -1.0 } else { 1.0 };
                let t = sign / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                let rotate = |x: &mut f64, y: &mut f64| {
                    let (a, b) = (*x, *y);
                    (*x, *y) = (c * a - s * b, s * a + c * b);
                };
                for k in 0..n {
                    let [mut x, mut y] = [matrix[k * n + p], matrix[k * n + q]];
                    rotate(&mut x, &mut y);
                    (matrix[k * n + p], matrix[k * n + q]) = (x, y);
                }
                for k in 0..n {
                    let [mut x, mut y] = [matrix[p * n + k], matrix[q * n + k]];
                    rotate(&mut x, &mut y);
                    (matrix[p * n + k], matrix[q * n + k]) = (x, y);
                    let [mut x, mut y] = [vectors[k * n + p], vectors[k * n + q]];
                    rotate(&mut x, &mut y);
                    (vectors[k * n + p], vectors[k * n + q]) = (x, y);
                }
            }
        }
    }
    ((0..n).map(|i| matrix[i * n + i]).collect(), vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_make_up_the_matrix_again() {
        let n = 7;
        // A symmetric matrix without a pattern.
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let value = ((i * 5 + j * 11) as f64).sin() + if i == j { 3.0 } else { 0.0 };
                (matrix[i * n + j], matrix[j * n + i]) = (value, value);
            }
        }
        let (values, vectors) = symmetric(matrix.clone(), n);
        for i in 0..n {
            for j in 0..n {
                let product: f64 = (0..n)
                    .map(|k| vectors[i * n + k] * values[k] * vectors[j * n + k])
                    .sum();
                assert!((product - matrix[i * n + j]).abs() < 1e-12);
                let inner: f64 = (0..n)
                    .map(|k| vectors[k * n + i] * vectors[k * n + j])
                    .sum();
                assert!((inner - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_matrix_that_holds_no_number_ends() {
        let (values, _) = symmetric(vec![f64::NAN; 9], 3);
        assert_eq!(values.len(), 3);
    }
}
