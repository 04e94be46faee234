//! No type name is public in two places of the workspace.

use std::collections::{BTreeMap, BTreeSet};

use house_checks::source::{defined, modules};
use house_checks::workspace::members;

#[test]
fn no_type_name_is_public_in_two_places() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for member in members() {
        let root = member.folder.join("src/lib.rs");
        if !root.exists() {
            continue;
        }
        for module in modules(&root).values() {
            for (name, _) in module
                .items
                .iter()
                .filter_map(defined)
                .filter(|(_, public)| *public)
            {
                let file = module
                    .file
                    .strip_prefix(member.folder.parent().unwrap())
                    .unwrap();
                places
                    .entry(name)
                    .or_default()
                    .insert(file.display().to_string());
            }
        }
    }
    let twice: Vec<String> = places
        .into_iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(name, files)| {
            format!(
                "{name}: {}",
                files.into_iter().collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    assert!(
        twice.is_empty(),
        "public in two places:\n{}",
        twice.join("\n")
    );
}
