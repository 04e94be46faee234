//! Rings: files each of which imports, directly or through others, all the others.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::imports::Imports;

/// The rings of two files or more (strongly connected components, by Tarjan's algorithm).
#[must_use]
pub fn rings(imports: &Imports) -> Vec<Vec<PathBuf>> {
    let files: Vec<&PathBuf> = imports.keys().collect();
    let number: BTreeMap<&PathBuf, usize> = files
        .iter()
        .enumerate()
        .map(|(number, file)| (*file, number))
        .collect();
    let edges: Vec<Vec<usize>> = files
        .iter()
        .map(|file| {
            imports[*file]
                .iter()
                .filter_map(|to| number.get(to).copied())
                .collect()
        })
        .collect();
    let mut search = Search {
        edges: &edges,
        order: vec![None; files.len()],
        low: vec![0; files.len()],
        waiting: Vec::new(),
        count: 0,
        rings: Vec::new(),
    };
    for file in 0..files.len() {
        if search.order[file].is_none() {
            search.visit(file);
        }
    }
    let rings = search.rings.into_iter().filter(|ring| ring.len() > 1);
    rings
        .map(|ring| ring.into_iter().map(|file| files[file].clone()).collect())
        .collect()
}

struct Search<'a> {
    edges: &'a [Vec<usize>],
    /// When a file was reached first.
    order: Vec<Option<usize>>,
    /// The earliest file that can be reached from a file.
    low: Vec<usize>,
    waiting: Vec<usize>,
    count: usize,
    rings: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn visit(&mut self, file: usize) {
        let begun = self.count;
        self.count += 1;
        self.order[file] = Some(begun);
        self.low[file] = begun;
        self.waiting.push(file);
        for &next in &self.edges[file] {
            match self.order[next] {
                None => {
                    self.visit(next);
                    self.low[file] = self.low[file].min(self.low[next]);
                }
                Some(order) if self.waiting.contains(&next) => {
                    self.low[file] = self.low[file].min(order);
                }
                Some(_) => {}
            }
        }
        if self.low[file] == begun {
            let from = self.waiting.iter().position(|&waiting| waiting == file);
            let ring = self
                .waiting
                .split_off(from.expect("a file waits until its ring is closed"));
            self.rings.push(ring);
        }
    }
}
