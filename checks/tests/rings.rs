//! No files import each other in a ring.

use house_checks::imports::imports;
use house_checks::rings::rings;
use house_checks::source::modules;
use house_checks::workspace::members;

#[test]
fn no_files_of_a_crate_import_each_other_in_a_ring() {
    let mut found = Vec::new();
    for member in members() {
        for root in ["src/lib.rs", "src/main.rs"] {
            let root = member.folder.join(root);
            if !root.exists() {
                continue;
            }
            for ring in rings(&imports(&modules(&root))) {
                let files: Vec<String> = ring
                    .iter()
                    .map(|file| {
                        file.strip_prefix(&member.folder)
                            .unwrap()
                            .display()
                            .to_string()
                    })
                    .collect();
                found.push(format!("{}: {}", member.name, files.join(" <-> ")));
            }
        }
    }
    assert!(found.is_empty(), "rings of files:\n{}", found.join("\n"));
}
