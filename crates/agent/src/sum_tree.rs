//! A sum tree: numbers that can be changed one by one, and found by their cumulative sums, in logarithmic time.
//!
//! A binary tree in one array: node i has the children 2i and 2i + 1, the leaves are the numbers, and every other node is the
//! sum of its children. With the numbers p_0, p_1, …, a search for m in [0, Σ p) finds the i with
//! p_0 + … + p_{i−1} ≤ m < p_0 + … + p_i; so a uniform m finds i with probability p_i / Σ p.
//! Source: T. Schaul et al., "Prioritized Experience Replay", 2016, appendix B.2.1.

/// Numbers of at least 0 with their sums. A sum is always made from its two parts alone, so that the tree is the same
/// whatever changes led to its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct SumTree {
    /// Number of leaves, a power of two.
    leaves: usize,
    /// Node 0 is not used, node 1 is the whole, the leaves begin at `leaves`.
    nodes: Vec<f64>,
}

impl SumTree {
    /// A tree for `count` numbers, all 0.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let leaves = count.max(1).next_power_of_two();
        Self {
            leaves,
            nodes: vec![0.0; 2 * leaves],
        }
    }

    /// Σ p.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.nodes[1]
    }

    /// p_i.
    ///
    /// # Panics
    /// If there is no such number.
    #[must_use]
    pub fn get(&self, index: usize) -> f64 {
        self.nodes[self.leaves + index]
    }

    /// Sets p_i, finite and not below 0.
    ///
    /// # Panics
    /// If there is no such number.
    pub fn set(&mut self, index: usize, number: f64) {
        let mut node = self.leaves + index;
        self.nodes[node] = number;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node] + self.nodes[2 * node + 1];
        }
    }

    /// The i whose part of the line of all numbers `mass` lies in. Never one whose number is 0, unless all are: rounding can
    /// lead to the end of the line, and then the last number above 0 is meant.
    #[must_use]
    pub fn find(&self, mut mass: f64) -> usize {
        let mut node = 1;
        while node < self.leaves {
            let (left, right) = (self.nodes[2 * node], self.nodes[2 * node + 1]);
            if mass < left || right == 0.0 {
                node *= 2;
            } else {
                mass -= left;
                node = 2 * node + 1;
            }
        }
        node - self.leaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purpose;
    use descender_random::{below, stream, unit};

    fn tree(numbers: &[f64]) -> SumTree {
        let mut tree = SumTree::new(numbers.len());
        for (index, &number) in numbers.iter().enumerate() {
            tree.set(index, number);
        }
        tree
    }

    #[test]
    fn a_mass_is_found_where_it_lies() {
        // The line: 0 at [0, 1), 2 at [1, 1.5), 3 at [1.5, 4.5); 1 and 4 have no part of it.
        let tree = tree(&[1.0, 0.0, 0.5, 3.0, 0.0]);
        assert_eq!(tree.total(), 4.5);
        for (mass, index) in [
            (0.0, 0),
            (0.99, 0),
            (1.0, 2),
            (1.49, 2),
            (1.5, 3),
            (4.49, 3),
            (4.5, 3),
            (9.0, 3),
        ] {
            assert_eq!(tree.find(mass), index, "mass {mass}");
        }
    }

    #[test]
    fn the_sums_do_not_depend_on_the_way_to_the_numbers() {
        let mut generator = stream(1, purpose::REPLAY, 0);
        let mut changed = SumTree::new(13);
        for _ in 0..1_000 {
            let index = below(&mut generator, 13);
            changed.set(index, unit(&mut generator));
        }
        let numbers: Vec<f64> = (0..13).map(|index| changed.get(index)).collect();
        assert_eq!(tree(&numbers), changed);
        assert!((changed.total() - numbers.iter().sum::<f64>()).abs() < 1e-12);
    }

    /// 100,000 uniform masses: χ² with 9 degrees of freedom is below 27.9 with probability 0.999.
    #[test]
    fn numbers_are_found_in_proportion_to_their_size() {
        let numbers: Vec<f64> = (1..=10).map(f64::from).collect();
        let tree = tree(&numbers);
        let mut generator = stream(2, purpose::REPLAY, 0);
        let mut counts = [0_u32; 10];
        for _ in 0..100_000 {
            counts[tree.find(tree.total() * unit(&mut generator))] += 1;
        }
        let chi_squared: f64 = (counts.iter().zip(&numbers))
            .map(|(&count, number)| {
                let expected = 100_000.0 * number / 55.0;
                (f64::from(count) - expected).powi(2) / expected
            })
            .sum();
        assert!(chi_squared < 27.9, "χ² = {chi_squared}");
    }

    #[test]
    fn a_tree_of_one_number_finds_it() {
        assert_eq!(tree(&[2.0]).find(1.0), 0);
        assert_eq!(SumTree::new(1).find(0.0), 0);
    }
}
