//! No two purposes of random numbers share their streams.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Descender's own purposes have numbers from 1 to 127 and are defined by `Purpose::new(number, name)` with a literal
/// number, so the sources hold them all. Examples and unit tests use 128 and above and may share.
#[test]
fn no_two_purposes_of_random_numbers_share_a_number_or_a_name() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found: BTreeMap<u8, (String, PathBuf)> = BTreeMap::new();
    for folder in fs::read_dir(crates).unwrap() {
        for file in sources(&folder.unwrap().path().join("src")) {
            for (number, name) in purposes(&fs::read_to_string(&file).unwrap()) {
                assert_ne!(number, 0, "{}: {name}", file.display());
                if number >= 128 {
                    continue;
                }
                for (other, (other_name, other_file)) in &found {
                    assert!(
                        *other != number && *other_name != name,
                        "{} and {} both define purpose {number}, \"{name}\"",
                        other_file.display(),
                        file.display(),
                    );
                }
                found.insert(number, (name, file.clone()));
            }
        }
    }
    assert!(found.len() >= 15, "too few to be all: {found:?}");
}

/// The Rust files of a folder and of those in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// Number and name of each purpose that a source text defines with a literal number.
fn purposes(source: &str) -> Vec<(u8, String)> {
    let calls = source.split("Purpose::new(").skip(1);
    let arguments = calls.filter_map(|call| {
        let (number, rest) = call.split_once(',')?;
        let name = rest.split('"').nth(1)?;
        Some((number.trim().parse().ok()?, name.to_owned()))
    });
    arguments.collect()
}

#[test]
fn a_purpose_is_found_however_it_is_laid_out() {
    let source = "const A: Purpose = Purpose::new(3, \"a, b\");\nconst B: Purpose =\n    Purpose::new(\n 4,\n \"c\",\n);";
    assert_eq!(
        purposes(source),
        [(3, "a, b".to_owned()), (4, "c".to_owned())]
    );
}
