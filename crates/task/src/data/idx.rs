//! The IDX file format, in which MNIST and its relatives are published.
//!
//! | bytes | meaning |
//! |---|---|
//! | 2 | zeros |
//! | 1 | type: 8 is unsigned byte, 12 is 32-bit integer; no other is read here |
//! | 1 | number of dimensions |
//! | 4 for each dimension | its size, big-endian |
//! | the rest | values, last dimension fastest |
//!
//! Images have three dimensions (count, height, width), images of several channels four, labels one. A file may be
//! gzip-compressed; its first two bytes show it.
//! Source of the format: <http://yann.lecun.com/exdb/mnist/>, "The IDX file format".

use std::io::{ErrorKind, Read};

use flate2::bufread::GzDecoder;
use thiserror::Error;

use super::file_kind::{file_kind, idx_type};

/// The largest number of values in one file: 2³¹. A header that announces more is refused.
pub const MAXIMUM_VALUES: u64 = 1 << 31;

/// The type of unsigned bytes.
pub(super) const UNSIGNED_BYTES: u8 = 0x08;
/// The type of 32-bit integers.
pub(super) const INTEGERS: u8 = 0x0c;
/// The first bytes of gzip data.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// As many values are read from gzip data of any size.
const UNSUSPICIOUS: u64 = 1 << 26;
/// Beyond that, the most values in a byte of gzip data: MNIST has 5, its labels have 2.
const MOST_EXPANSION: u64 = 100;

/// The contents of one IDX file of unsigned bytes with `RANK` dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxArray<const RANK: usize> {
    /// The dimensions; the first is the number of entries.
    pub dimensions: [usize; RANK],
    /// The values, last dimension fastest; as many as the product of the dimensions.
    pub values: Vec<u8>,
}

/// What is wrong with an IDX file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdxError {
    /// The first four bytes are not those of the expected type and number of dimensions.
    #[error(
        "wrong magic number {found:#010x}, expected {expected:#010x} (IDX, {}, {rank}-dimensional){kind}",
        idx_type((expected >> 8) as u8).unwrap_or("no known type")
    )]
    Magic {
        /// The first four bytes as a big-endian number.
        found: u32,
        /// What they should be.
        expected: u32,
        /// The expected number of dimensions.
        rank: usize,
        /// What the file seems to be: "; it is …", or nothing.
        kind: String,
    },
    /// The file ends before its header does.
    #[error("truncated: it ends after {found} bytes, inside the header of {expected} bytes")]
    TruncatedHeader {
        /// Bytes in the file (after decompression).
        found: usize,
        /// Bytes in a header.
        expected: usize,
    },
    /// The file ends before its values do.
    #[error("truncated: it holds {found} values, expected {expected} from its header")]
    Truncated {
        /// Values in the file.
        found: u64,
        /// Values that the header announces.
        expected: u64,
    },
    /// The file goes on after its last value.
    #[error("trailing bytes after the {expected} values that its header announces")]
    TrailingBytes {
        /// Values that the header announces.
        expected: u64,
    },
    /// The header announces more than [`MAXIMUM_VALUES`].
    #[error(
        "the header announces dimensions {dimensions}, more than the {MAXIMUM_VALUES} values that are supported"
    )]
    TooLarge {
        /// The dimensions, with × between them.
        dimensions: String,
    },
    /// The header of compressed data announces far more than such data hold.
    #[error(
        "the header announces {expected} values in {bytes} bytes of gzip data, more than images or labels give; decompress the file if that is right"
    )]
    Bomb {
        /// Values that the header announces.
        expected: u64,
        /// Bytes of compressed data.
        bytes: usize,
    },
    /// The values don't fit into the memory.
    #[error("not enough memory for the values that its header announces")]
    Memory,
    /// The gzip data are damaged.
    #[error("damaged gzip data: {problem}")]
    Gzip {
        /// What the decompressor says.
        problem: String,
    },
}

/// Reads an IDX file of unsigned bytes with `RANK` dimensions from its bytes, raw or gzip-compressed. Zeros after gzip
/// data, which some archives pad files with, are passed over.
///
/// Memory is used for the values in the file, not for those that its header announces.
///
/// # Errors
/// If the bytes are not exactly one well-formed file.
///
/// ```
/// use descender_task::data::idx::decode;
/// let labels = decode::<1>(&[0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4])?;
/// assert_eq!((labels.dimensions, labels.values), ([3], vec![5, 0, 4]));
/// # Ok::<(), descender_task::data::idx::IdxError>(())
/// ```
pub fn decode<const RANK: usize>(bytes: &[u8]) -> Result<IdxArray<RANK>, IdxError> {
    decode_type(bytes, UNSIGNED_BYTES, 1)
}

/// Reads an IDX file of 32-bit integers with `RANK` dimensions, as [`decode`] one of unsigned bytes: its dimensions and its
/// values, last dimension fastest.
///
/// # Errors
/// If the bytes are not exactly one well-formed file.
pub fn decode_integers<const RANK: usize>(
    bytes: &[u8],
) -> Result<([usize; RANK], Vec<i32>), IdxError> {
    let IdxArray { dimensions, values } = decode_type(bytes, INTEGERS, 4)?;
    let words = values.chunks_exact(4);
    let values = words.map(|word| i32::from_be_bytes([word[0], word[1], word[2], word[3]]));
    Ok((dimensions, values.collect()))
}

/// The type and the number of dimensions that the first bytes state, raw or gzip-compressed; `None` where they are too few,
/// damaged or those of another format.
#[must_use]
pub fn stated(bytes: &[u8]) -> Option<(u8, u8)> {
    let mut start = Vec::new();
    let read = match bytes.starts_with(&GZIP) {
        true => read_at_most(&mut Members(GzDecoder::new(bytes)), 4, &mut start),
        false => read_at_most(&mut { bytes }, 4, &mut start),
    };
    match (read, &start[..]) {
        (Ok(()), &[0, 0, kind, rank]) => Some((kind, rank)),
        _ => None,
    }
}

/// The bytes of the values, `width` for each, after a header of this type.
fn decode_type<const RANK: usize>(
    bytes: &[u8],
    kind: u8,
    width: u64,
) -> Result<IdxArray<RANK>, IdxError> {
    if !bytes.starts_with(&GZIP) {
        return decode_stream(bytes, kind, width, |_| Ok(()));
    }
    let most = (bytes.len() as u64).saturating_mul(MOST_EXPANSION);
    let most = most.max(UNSUSPICIOUS);
    let members = Members(GzDecoder::new(bytes));
    decode_stream(members, kind, width, |expected| match expected <= most {
        true => Ok(()),
        false => Err(IdxError::Bomb {
            expected,
            bytes: bytes.len(),
        }),
    })
}

/// The members of gzip data, one after the other, as one stream. Zeros between and after them are padding.
struct Members<'a>(GzDecoder<&'a [u8]>);

impl Read for Members<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let count = self.0.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let rest = *self.0.get_ref();
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            match &rest[zeros..] {
                [] => return Ok(0),
                member => self.0 = GzDecoder::new(member),
            }
        }
    }
}

/// `check` may refuse the number of values before any is read. A value has `width` bytes.
fn decode_stream<const RANK: usize>(
    mut stream: impl Read,
    kind: u8,
    width: u64,
    check: impl Fn(u64) -> Result<(), IdxError>,
) -> Result<IdxArray<RANK>, IdxError> {
    let header_length = 4 + 4 * RANK;
    let mut header = Vec::with_capacity(header_length);
    read_at_most(&mut stream, header_length as u64, &mut header)?;
    let mut words = header
        .chunks_exact(4)
        .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
    let expected = u32::from(kind) << 8 | RANK as u32;
    match words.next() {
        Some(found) if found != expected => {
            return Err(IdxError::Magic {
                found,
                expected,
                rank: RANK,
                kind: file_kind(&header).map_or(String::new(), |kind| format!("; it is {kind}")),
            });
        }
        _ if header.len() < header_length => {
            return Err(IdxError::TruncatedHeader {
                found: header.len(),
                expected: header_length,
            });
        }
        _ => {}
    }

    let mut dimensions = [0; RANK];
    let mut count = Some(1_u64);
    for (dimension, word) in dimensions.iter_mut().zip(words) {
        *dimension = word as usize;
        count = count.and_then(|count| count.checked_mul(u64::from(word)));
    }
    let Some(count) = count.filter(|&count| count <= MAXIMUM_VALUES) else {
        let dimensions = dimensions
            .map(|dimension| dimension.to_string())
            .join(" × ");
        return Err(IdxError::TooLarge { dimensions });
    };

    check(count)?;

    let mut values = Vec::new();
    read_at_most(&mut stream, count * width + 1, &mut values)?;
    let found = values.len() as u64;
    if found < count * width {
        return Err(IdxError::Truncated {
            found: found / width,
            expected: count,
        });
    }
    if found > count * width {
        return Err(IdxError::TrailingBytes { expected: count });
    }
    Ok(IdxArray { dimensions, values })
}

/// Appends up to `limit` bytes of the stream. Gzip data that end too early simply end.
fn read_at_most(stream: &mut impl Read, limit: u64, bytes: &mut Vec<u8>) -> Result<(), IdxError> {
    match stream.take(limit).read_to_end(bytes) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(IdxError::Gzip {
            problem: "the compressed data end too early (a truncated file?)".into(),
        }),
        Err(error) if error.kind() == ErrorKind::OutOfMemory => Err(IdxError::Memory),
        Err(error) => Err(IdxError::Gzip {
            problem: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests;
