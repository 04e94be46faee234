//! Reading a text file of a limited size.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::file_error::FileError;

/// The text of the file at `path`, which may also be a pipe.
///
/// # Errors
/// [`FileError`]: it is missing, can't be read, is no UTF-8, or has more than `most` bytes. No more than that is read.
pub fn read_text(path: &Path, most: u64) -> Result<String, FileError> {
    let read = || -> io::Result<String> {
        let mut bytes = Vec::new();
        File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
        let refused = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
        if bytes.len() as u64 > most {
            return Err(refused(format!("it has more than {most} bytes")));
        }
        String::from_utf8(bytes).map_err(|error| {
            refused(format!(
                "it is no UTF-8 text (byte {})",
                error.utf8_error().valid_up_to()
            ))
        })
    };
    read().map_err(FileError::new("read", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_or_no_text_is_refused_and_what_is_missing_is_told_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings");
        let refused = |most| read_text(&path, most).unwrap_err().source;
        assert_eq!(refused(9).kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, "ten bytes.").unwrap();
        assert_eq!(read_text(&path, 10).unwrap(), "ten bytes.");
        assert!(refused(9).to_string().contains("more than 9 bytes"));
        std::fs::write(&path, b"caf\xe9").unwrap();
        assert!(refused(9).to_string().contains("byte 3"));
    }
}
