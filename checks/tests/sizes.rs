//! No crate holds more than a fifth of the code.

use std::path::Path;

use house_checks::workspace::members;

/// Lines of all Rust files below a folder.
fn lines(folder: &Path) -> usize {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .map(|entry| entry.expect("a folder can be read").path())
        .map(|path| match path.extension() {
            _ if path.is_dir() => lines(&path),
            Some(ending) if ending == "rs" => std::fs::read_to_string(&path)
                .expect("a source file is text")
                .lines()
                .count(),
            _ => 0,
        })
        .sum()
}

#[test]
fn the_largest_crate_holds_at_most_a_fifth_of_the_lines() {
    let sizes: Vec<(String, usize)> = members()
        .into_iter()
        .map(|member| (member.name, lines(&member.folder)))
        .collect();
    let all: usize = sizes.iter().map(|(_, lines)| lines).sum();
    let (name, largest) = sizes
        .iter()
        .max_by_key(|(_, lines)| *lines)
        .expect("there are crates");
    let share = 100.0 * *largest as f64 / all as f64;
    println!("{name} holds {largest} of {all} lines, {share:.1} %");
    assert!(share <= 20.0, "{name} holds {share:.1} % of the lines");
}
