//! One file of a folder: its bytes, and where they come from.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::data::{DataError, idx};

/// The bytes of one of the four files, and where they come from.
pub(in crate::data) struct Source {
    pub(in crate::data) file: PathBuf,
    pub(in crate::data) bytes: Cow<'static, [u8]>,
}

/// The bytes of a file, as they are stored.
pub(crate) fn read_file(file: &Path) -> Result<Vec<u8>, DataError> {
    let failed = |problem| DataError::Read {
        file: file.to_owned(),
        problem,
    };
    // Before it is opened: opening a pipe waits for whoever writes to it.
    if !std::fs::metadata(file).map_err(failed)?.is_file() {
        return Err(DataError::NotAFile {
            file: file.to_owned(),
        });
    }
    // Nothing that is read from here on can be valid beyond this length.
    let limit = idx::MAXIMUM_VALUES + 1024;
    let mut bytes = Vec::new();
    let open = File::open(file).map_err(failed)?;
    open.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}
