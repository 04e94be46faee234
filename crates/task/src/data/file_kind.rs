//! What a file is that is not the expected one, told by its first bytes, for messages.

/// Marks at the beginning of files, and what they mean.
const MARKS: [(&[u8], &str); 16] = [
    (b"\x93NUMPY", "a NumPy array (.npy)"),
    (b"PK\x03\x04", "a ZIP or NumPy archive (.zip, .npz)"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"MATLAB", "a MATLAB file"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"%PDF", "a PDF document"),
    (b"<", "a web page (HTML or XML)"),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, not the file itself",
    ),
];

/// What a file with these first bytes is, as far as can be told.
pub(super) fn file_kind(start: &[u8]) -> Option<String> {
    let known = MARKS.iter().find(|(mark, _)| start.starts_with(mark));
    if let Some((_, kind)) = known {
        return Some((*kind).to_owned());
    }
    if let [0, 0, kind, dimensions, ..] = *start {
        let values = idx_type(kind)?;
        let colour = match (kind, dimensions) {
            (0x08, 4) => ": colour images",
            _ => "",
        };
        return Some(format!(
            "a {dimensions}-dimensional IDX file of {values}{colour}"
        ));
    }
    if let [0x80, 2..=5, ..] = *start {
        return Some("a Python pickle".to_owned());
    }
    let readable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    (start.len() >= 4 && start.iter().all(readable)).then(|| "text, such as CSV".to_owned())
}

/// The type of the values of an IDX file, by its number in the header.
pub(super) fn idx_type(number: u8) -> Option<&'static str> {
    Some(match number {
        0x08 => "unsigned bytes",
        0x09 => "signed bytes",
        0x0b => "16-bit integers",
        0x0c => "32-bit integers",
        0x0d => "32-bit floats",
        0x0e => "64-bit floats",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_files_are_told_by_their_first_bytes() {
        for (start, kind) in [
            (&b"\x93NUMPY\x01\x00"[..], "NumPy array"),
            (b"PK\x03\x04\x14\x00", ".npz"),
            (b"label,pixel0", "CSV"),
            (b"\0\0\x08\x04", "colour images"),
            (b"\0\0\x0c\x02", "2-dimensional IDX file of 32-bit integers"),
            (b"\x80\x04\x95\x00", "pickle"),
            (b"<!DOCTYPE html", "web page"),
        ] {
            let found = file_kind(start).unwrap_or_default();
            assert!(found.contains(kind), "{found}: expected {kind}");
        }
        assert_eq!(file_kind(&[]), None);
        assert_eq!(file_kind(&[0xe7, 0x01, 0x99, 0x42]), None);
    }
}
