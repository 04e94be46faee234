//! The array of a `.npy` file, and the archive of such files, `.npz`, in which NumPy saves several.
//!
//! A `.npy` file is `\x93NUMPY`, two bytes of version, the length of the header (2 bytes, little-endian; 4 from version 2 on),
//! the header as a Python dictionary (`descr`, `fortran_order`, `shape`), and the values. Floats of 4 and 8 bytes, integers
//! and booleans are read, of either byte order, in C order.
//! Source of the format: NumPy's documentation, `numpy.lib.format`.

use std::io::Read;

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};
use thiserror::Error;

use super::file_kind::file_kind;

/// Values of one array, at most.
const MOST_VALUES: usize = 1 << 28;

/// An array of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NpyArray {
    pub(crate) shape: Vec<usize>,
    /// The values, last dimension fastest; integers beyond 2⁵³ are rounded.
    pub(crate) values: Vec<f64>,
    /// Whether it holds integers or booleans.
    pub(crate) integers: bool,
}

/// What is wrong with an array or an archive of arrays.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NpyError {
    /// It is no archive, or a damaged one.
    #[error("expected a NumPy archive (.npz): {0}")]
    Archive(String),
    /// There is no such array.
    #[error("there is no array `{key}`, expected one of that name; the arrays are {keys}")]
    Missing {
        /// The name that was looked for.
        key: String,
        /// The names that there are.
        keys: String,
    },
    /// It doesn't begin as an array does.
    #[error("no NumPy array: {0}")]
    NoArray(String),
    /// It holds something else than numbers.
    #[error(
        "it holds `{found}`{words}, expected floats of 4 or 8 bytes, integers or booleans; save it with .astype(\"float32\")"
    )]
    Type {
        /// NumPy's name of the type.
        found: String,
        /// The same in words, where they are known.
        words: &'static str,
    },
    /// It is stored column by column.
    #[error("it is stored in Fortran order, expected C order; save np.ascontiguousarray of it")]
    Fortran,
    /// There are more or fewer values than the shape says.
    #[error("it holds {found} bytes of values, expected {expected} for its shape")]
    Length {
        /// Bytes that there are.
        found: usize,
        /// Bytes that there should be.
        expected: usize,
    },
    /// It is too large.
    #[error("it has more than {MOST_VALUES} values, which is more than can be used")]
    TooLarge,
}

/// The array of the bytes of a `.npy` file.
pub(crate) fn decode(bytes: &[u8]) -> Result<NpyArray, NpyError> {
    let wrong = |words: &str| NpyError::NoArray(words.to_owned());
    let Some(rest) = bytes.strip_prefix(b"\x93NUMPY") else {
        let start = &bytes[..bytes.len().min(16)];
        let kind = file_kind(start).unwrap_or_else(|| "it begins otherwise".to_owned());
        return Err(NpyError::NoArray(kind));
    };
    let short = || wrong("it ends inside its header");
    let (length, rest) = match *rest {
        [1, _, a, b, ref rest @ ..] => (usize::from(u16::from_le_bytes([a, b])), rest),
        [2 | 3, _, a, b, c, d, ref rest @ ..] => (u32::from_le_bytes([a, b, c, d]) as usize, rest),
        [_, _, _, _, _, _, ..] => return Err(wrong("its version is not 1, 2 or 3")),
        _ => return Err(short()),
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(short)?;
    let header = std::str::from_utf8(header).map_err(|_| wrong("its header is no text"))?;
    let after = |key: &str| {
        let place = header.find(&format!("'{key}':"))? + key.len() + 3;
        Some(header[place..].trim_start())
    };
    let incomplete = || wrong("its header lacks descr, fortran_order or shape");
    let description = after("descr").ok_or_else(incomplete)?;
    let kind = description
        .strip_prefix('\'')
        .and_then(|text| text.split('\'').next());
    let Some(kind) = kind else {
        return Err(NpyError::Type {
            found: description.chars().take(40).collect(),
            words: ", records of several fields",
        });
    };
    let number = Number::of(kind)?;
    let order = after("fortran_order").ok_or_else(incomplete)?;
    let text = after("shape").ok_or_else(incomplete)?;
    let shape = text
        .strip_prefix('(')
        .and_then(|text| text.split(')').next());
    let shape: Option<Vec<usize>> = shape.and_then(|text| {
        let sizes = text
            .split(',')
            .map(str::trim)
            .filter(|size| !size.is_empty());
        sizes.map(|size| size.parse().ok()).collect()
    });
    let shape = shape.ok_or_else(incomplete)?;
    if order.starts_with("True") && shape.len() > 1 {
        return Err(NpyError::Fortran);
    }
    let count = shape
        .iter()
        .try_fold(1_usize, |count, &size| count.checked_mul(size));
    let count = count
        .filter(|count| *count <= MOST_VALUES)
        .ok_or(NpyError::TooLarge)?;
    let expected = count * number.bytes;
    if data.len() != expected {
        return Err(NpyError::Length {
            found: data.len(),
            expected,
        });
    }
    Ok(NpyArray {
        shape,
        values: data
            .chunks_exact(number.bytes)
            .map(|bytes| number.read(bytes))
            .collect(),
        integers: number.kind != b'f',
    })
}

/// How a value is stored.
#[derive(Clone, Copy)]
struct Number {
    /// f, i, u or b, as in NumPy's names.
    kind: u8,
    bytes: usize,
    big_endian: bool,
}

impl Number {
    fn of(name: &str) -> Result<Self, NpyError> {
        let refused = |words| NpyError::Type {
            found: name.to_owned(),
            words,
        };
        let [order, kind, size @ ..] = name.as_bytes() else {
            return Err(refused(""));
        };
        let bytes = match (kind, size) {
            (b'i' | b'u' | b'b', b"1") => 1,
            (b'i' | b'u', b"2") => 2,
            (b'f' | b'i' | b'u', b"4") => 4,
            (b'f' | b'i' | b'u', b"8") => 8,
            (b'f', _) => return Err(refused(", floats of another size")),
            (b'O', _) => return Err(refused(", Python objects")),
            (b'U' | b'S', _) => return Err(refused(", texts")),
            (b'c', _) => return Err(refused(", complex numbers")),
            _ => return Err(refused("")),
        };
        Ok(Number {
            kind: *kind,
            bytes,
            big_endian: *order == b'>',
        })
    }

    /// The value of as many bytes as it has.
    fn read(self, bytes: &[u8]) -> f64 {
        let mut word = [0; 8];
        for (place, byte) in bytes.iter().enumerate() {
            let place = match self.big_endian {
                true => self.bytes - 1 - place,
                false => place,
            };
            word[place] = *byte;
        }
        let bits = u64::from_le_bytes(word);
        match (self.kind, self.bytes) {
            (b'f', 4) => f64::from(f32::from_bits(bits as u32)),
            (b'f', _) => f64::from_bits(bits),
            (b'i', bytes) => {
                let unused = 64 - 8 * bytes as u32;
                ((bits << unused) as i64 >> unused) as f64
            }
            _ => bits as f64,
        }
    }
}

/// The arrays of an archive, which are unpacked one by one.
pub(crate) struct NpzArchive<'a> {
    bytes: &'a [u8],
    names: Vec<String>,
}

impl<'a> NpzArchive<'a> {
    /// The archive of these bytes.
    pub(crate) fn of(bytes: &'a [u8]) -> Result<Self, NpyError> {
        if !bytes.starts_with(b"PK") {
            let kind = file_kind(&bytes[..bytes.len().min(16)]);
            let kind = kind.map_or("it is something else".to_owned(), |kind| {
                format!("it is {kind}")
            });
            return Err(NpyError::Archive(kind));
        }
        let archive = ZipArchive::from_slice(bytes).map_err(damaged)?;
        let mut entries = archive.entries();
        let mut names = Vec::new();
        while let Some(entry) = entries.next_entry().map_err(damaged)? {
            let path = entry.file_path();
            let name = String::from_utf8_lossy(path.as_ref());
            if let Some(name) = name.strip_suffix(".npy") {
                names.push(name.to_owned());
            }
        }
        Ok(NpzArchive { bytes, names })
    }

    /// Whether there is an array of this name.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.names.iter().any(|name| name == key)
    }

    /// The array of this name.
    pub(crate) fn array(&self, key: &str) -> Result<NpyArray, NpyError> {
        let archive = ZipArchive::from_slice(self.bytes).map_err(damaged)?;
        let mut entries = archive.entries();
        let file = format!("{key}.npy");
        while let Some(entry) = entries.next_entry().map_err(damaged)? {
            if entry.file_path().as_ref() != file.as_bytes() {
                continue;
            }
            // A value has a byte at least, and 8 at most.
            if entry.uncompressed_size_hint() > 8 * MOST_VALUES as u64 + (1 << 16) {
                return Err(NpyError::TooLarge);
            }
            let method = entry.compression_method();
            let packed = archive.get_entry(entry.wayfinder()).map_err(damaged)?;
            let mut bytes = Vec::new();
            let read = if method == CompressionMethod::STORE {
                packed
                    .verifying_reader(packed.data())
                    .read_to_end(&mut bytes)
            } else if method == CompressionMethod::DEFLATE {
                let unpacked = DeflateDecoder::new(packed.data());
                packed.verifying_reader(unpacked).read_to_end(&mut bytes)
            } else {
                let words = "it is packed by another method than NumPy's";
                return Err(NpyError::Archive(words.to_owned()));
            };
            read.map_err(|error| NpyError::Archive(format!("`{key}` is damaged ({error})")))?;
            return decode(&bytes);
        }
        Err(NpyError::Missing {
            key: key.to_owned(),
            keys: self.names.join(", "),
        })
    }
}

fn damaged(error: rawzip::Error) -> NpyError {
    NpyError::Archive(format!("it is damaged ({error})"))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use super::*;

    /// A `.npy` file of version 1.
    pub(crate) fn npy(kind: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header =
            format!("{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}   \n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    /// An array of 32-bit floats.
    pub(crate) fn floats(shape: &str, values: impl IntoIterator<Item = f32>) -> Vec<u8> {
        let data: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
        npy("'<f4'", shape, &data)
    }

    /// An array of 64-bit integers.
    pub(crate) fn integers(shape: &str, values: impl IntoIterator<Item = i64>) -> Vec<u8> {
        let data: Vec<u8> = values.into_iter().flat_map(i64::to_le_bytes).collect();
        npy("'<i8'", shape, &data)
    }

    /// An archive of these arrays, packed as `np.savez_compressed` does.
    pub(crate) fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut output = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
        for (name, bytes) in arrays {
            let name = format!("{name}.npy");
            let (mut entry, config) = archive
                .new_file(&name)
                .compression_method(CompressionMethod::DEFLATE)
                .start()
                .unwrap();
            let encoder =
                flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
            let mut writer = config.wrap(encoder);
            writer.write_all(bytes).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        output
    }

    #[test]
    fn every_kind_of_number_is_read() {
        let read = |kind: &str, data: &[u8]| decode(&npy(kind, "(1,)", data)).unwrap();
        for (kind, data, value) in [
            ("'<f4'", &1.5_f32.to_le_bytes()[..], 1.5),
            ("'>f4'", &1.5_f32.to_be_bytes(), 1.5),
            ("'<f8'", &(-2.25_f64).to_le_bytes(), -2.25),
            ("'|i1'", &(-3_i8).to_le_bytes(), -3.0),
            ("'|u1'", &[200], 200.0),
            ("'|b1'", &[1], 1.0),
            ("'<i2'", &(-300_i16).to_le_bytes(), -300.0),
            ("'>i4'", &(-70_000_i32).to_be_bytes(), -70_000.0),
            ("'<u8'", &(1_u64 << 40).to_le_bytes(), (1_u64 << 40) as f64),
        ] {
            let array = read(kind, data);
            assert_eq!(
                (array.shape, array.values),
                (vec![1], vec![value]),
                "{kind}"
            );
            assert_eq!(array.integers, !kind.contains('f'));
        }
        let square = decode(&floats("(2, 2)", [1.0, 2.0, 3.0, 4.0])).unwrap();
        assert_eq!(square.shape, [2, 2]);
        assert_eq!(decode(&floats("()", [1.0])).unwrap().shape, [0; 0]);
    }

    #[test]
    fn what_is_wrong_with_an_array_is_said() {
        let good = floats("(2, 2)", [1.0; 4]);
        let fortran = String::from_utf8_lossy(&good[10..]).replace("False", "True ");
        let fortran = [&good[..10], fortran.as_bytes()].concat();
        let mut version = good.clone();
        version[6] = 9;
        for (bytes, expected) in [
            (b"label,pixel\n".to_vec(), "text, such as CSV"),
            (good[..9].to_vec(), "ends inside its header"),
            (good[..40].to_vec(), "ends inside its header"),
            (version, "version is not 1, 2 or 3"),
            (fortran, "Fortran order, expected C order"),
            (
                npy("'|O'", "(2,)", b""),
                "`|O`, Python objects, expected floats",
            ),
            (npy("'<U7'", "(2,)", b""), "`<U7`, texts"),
            (npy("'<f2'", "(2,)", b""), "floats of another size"),
            (npy("'<c8'", "(2,)", b""), "complex numbers"),
            (
                npy("[('a', '<f4')]", "(2,)", b""),
                "records of several fields",
            ),
            (
                floats("(2, 3)", [1.0; 4]),
                "16 bytes of values, expected 24",
            ),
            (floats("(1, 2)", [1.0; 4]), "16 bytes of values, expected 8"),
            (
                floats("(99999999999, 99999999999)", []),
                "more than 268435456 values",
            ),
            (floats("(-1,)", []), "lacks descr, fortran_order or shape"),
        ] {
            let message = decode(&bytes).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\nexpected {expected}");
        }
    }

    #[test]
    fn an_archive_has_its_arrays_by_name() {
        let bytes = npz(&[("x", floats("(1,)", [2.5])), ("y", integers("(1,)", [-4]))]);
        let archive = NpzArchive::of(&bytes).unwrap();
        assert!(archive.has("x") && !archive.has("z"));
        assert_eq!(archive.array("y").unwrap().values, [-4.0]);
        let message = archive.array("z").unwrap_err().to_string();
        assert!(
            message.contains("no array `z`") && message.ends_with("x, y"),
            "{message}"
        );
        for length in 2..bytes.len() {
            let cut = NpzArchive::of(&bytes[..length]).and_then(|archive| archive.array("x"));
            assert!(cut.is_err(), "{length}");
        }
        let mut flipped = bytes.clone();
        flipped[60] ^= 0x55;
        let broken = NpzArchive::of(&flipped).and_then(|archive| archive.array("x"));
        assert!(broken.is_err());
        let text = NpzArchive::of(b"a,b\n1,2\n").err().unwrap().to_string();
        assert!(text.contains("it is text, such as CSV"), "{text}");
    }
}
