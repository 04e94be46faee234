//! Folders with numbers.

use std::path::{Path, PathBuf};

use crate::program::failure::Failure;

/// `NAME-N` with the first N that is free, made now, so that no other command takes it.
pub(super) fn numbered(name: &Path) -> Result<PathBuf, Failure> {
    let parent = name.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(anyhow::Error::from)?;
    for number in 1_u64.. {
        let path = PathBuf::from(format!("{}-{number}", name.display()));
        match std::fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let message = format!("{}: {error}", path.display());
                return Err(anyhow::anyhow!(message).into());
            }
        }
    }
    unreachable!("there are more numbers than folders")
}
