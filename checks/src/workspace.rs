//! The crates of the workspace and what they depend on, as `cargo metadata` tells.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// A member of the workspace.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name in its `Cargo.toml`.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Members of the workspace that it depends on; not those that only its tests need.
    pub dependencies: Vec<String>,
}

/// All members, ordered by name.
///
/// # Panics
/// If cargo can't be run or says something else than expected.
#[must_use]
pub fn members() -> Vec<Member> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be run");
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let metadata: Value = serde_json::from_str(&text).expect("cargo metadata writes JSON");
    let packages = metadata["packages"].as_array().expect("a list of packages");
    let names: Vec<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    let mut members: Vec<Member> = packages
        .iter()
        .map(|package| Member {
            name: package["name"].as_str().expect("a name").to_owned(),
            folder: PathBuf::from(package["manifest_path"].as_str().expect("a path"))
                .parent()
                .expect("a manifest lies in a folder")
                .to_owned(),
            dependencies: package["dependencies"]
                .as_array()
                .expect("a list of dependencies")
                .iter()
                .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
                .filter_map(|dependency| dependency["name"].as_str())
                .filter(|name| names.contains(name))
                .map(str::to_owned)
                .collect(),
        })
        .collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    members
}
