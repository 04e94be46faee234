//! The floors of ARCHITECTURE.md: every crate stands on one, and depends on lower ones only.

use std::collections::BTreeMap;

use house_checks::workspace::members;

/// The crates by name with their floors, from the block `floors` of ARCHITECTURE.md: lines of a number and crates.
fn floors() -> BTreeMap<String, u32> {
    let text = include_str!("../../ARCHITECTURE.md");
    let (_, rest) = text
        .split_once("```floors\n")
        .expect("ARCHITECTURE.md has a block `floors`");
    let (block, _) = rest.split_once("```").expect("the block has an end");
    let mut floors = BTreeMap::new();
    for line in block.lines() {
        let (floor, crates) = line
            .trim()
            .split_once(' ')
            .expect("a line is a number and crates");
        let floor = floor.parse().expect("a line begins with a number");
        for name in crates.split_whitespace() {
            let package = match name {
                "descender" => name.to_owned(),
                name => format!("descender-{name}"),
            };
            assert_eq!(floors.insert(package, floor), None, "{name} stands twice");
        }
    }
    floors
}

#[test]
fn every_crate_stands_on_a_floor_and_depends_on_lower_ones_only() {
    let floors = floors();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for member in members() {
        if member.name == env!("CARGO_PKG_NAME") {
            continue; // the checks stand beside the house
        }
        let Some(floor) = floors.get(&member.name) else {
            wrong.push(format!("{} has no floor in ARCHITECTURE.md", member.name));
            continue;
        };
        seen += 1;
        for below in &member.dependencies {
            match floors.get(below) {
                Some(lower) if lower < floor => {}
                Some(other) => wrong.push(format!(
                    "{} (floor {floor}) depends on {below} (floor {other})",
                    member.name
                )),
                None => wrong.push(format!("{below} has no floor")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        seen,
        floors.len(),
        "ARCHITECTURE.md names a crate that is not there"
    );
}
