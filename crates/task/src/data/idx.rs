//! The IDX file format, in which MNIST and its relatives are published.
//!
//! | bytes | meaning |
//! |---|---|
//! | 2 | zeros |
//! | 1 | type; 8 is unsigned byte, the only type read here |
//! | 1 | number of dimensions |
//! | 4 for each dimension | its size, big-endian |
//! | the rest | values, last dimension fastest |
//!
//! Images have three dimensions (count, height, width), labels one. A file may be gzip-compressed; its first two bytes
//! show it.
//! Source of the format: <http://yann.lecun.com/exdb/mnist/>, "The IDX file format".

use std::io::{ErrorKind, Read};

use flate2::bufread::GzDecoder;
use thiserror::Error;

use super::file_kind::file_kind;

/// The largest number of values in one file: 2³¹. A header that announces more is refused.
pub const MAXIMUM_VALUES: u64 = 1 << 31;

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
    /// The first four bytes are not those of unsigned bytes with the expected number of dimensions.
    #[error(
        "wrong magic number {found:#010x}, expected {expected:#010x} (IDX, unsigned bytes, {rank}-dimensional){kind}"
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
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let most = (bytes.len() as u64).saturating_mul(MOST_EXPANSION);
        let most = most.max(UNSUSPICIOUS);
        let bomb = |expected| IdxError::Bomb {
            expected,
            bytes: bytes.len(),
        };
        decode_stream(Members(GzDecoder::new(bytes)), |count| {
            match count <= most {
                true => Ok(()),
                false => Err(bomb(count)),
            }
        })
    } else {
        decode_stream(bytes, |_| Ok(()))
    }
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

/// `check` may refuse the number of values before any is read.
fn decode_stream<const RANK: usize>(
    mut stream: impl Read,
    check: impl Fn(u64) -> Result<(), IdxError>,
) -> Result<IdxArray<RANK>, IdxError> {
    let header_length = 4 + 4 * RANK;
    let mut header = Vec::with_capacity(header_length);
    read_at_most(&mut stream, header_length as u64, &mut header)?;
    let mut words = header
        .chunks_exact(4)
        .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
    let expected = 0x0800 | RANK as u32;
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
    read_at_most(&mut stream, count + 1, &mut values)?;
    let found = values.len() as u64;
    if found < count {
        return Err(IdxError::Truncated {
            found,
            expected: count,
        });
    }
    if found > count {
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
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;
    use std::io::Write;

    fn encode(magic: u32, dimensions: &[u32], values: &[u8]) -> Vec<u8> {
        let mut bytes = magic.to_be_bytes().to_vec();
        bytes.extend(
            dimensions
                .iter()
                .flat_map(|dimension| dimension.to_be_bytes()),
        );
        bytes.extend(values);
        bytes
    }

    fn compress(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn raw_and_compressed_files_read_the_same() {
        let values: Vec<u8> = (0..24).collect();
        let raw = encode(0x0803, &[2, 3, 4], &values);
        let expected = IdxArray {
            dimensions: [2, 3, 4],
            values,
        };
        assert_eq!(decode::<3>(&raw), Ok(expected.clone()));
        assert_eq!(decode::<3>(&compress(&raw)), Ok(expected));
    }

    #[test]
    fn a_wrong_kind_of_file_is_refused_by_its_magic_number() {
        let labels = encode(0x0801, &[1], &[7]);
        assert_eq!(
            decode::<3>(&labels),
            Err(IdxError::Magic {
                found: 0x0801,
                expected: 0x0803,
                rank: 3,
                kind: "; it is a 1-dimensional IDX file of unsigned bytes".into()
            })
        );
        let floats = encode(0x0d01, &[1], &[0; 4]);
        assert_eq!(
            decode::<1>(&floats),
            Err(IdxError::Magic {
                found: 0x0d01,
                expected: 0x0801,
                rank: 1,
                kind: "; it is a 1-dimensional IDX file of 32-bit floats".into()
            })
        );
        let message = decode::<1>(b"PNG images are something else")
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("0x504e4720")
                && message.contains("0x00000801")
                && message.ends_with("it is text, such as CSV"),
            "{message}"
        );
    }

    #[test]
    fn every_shorter_file_is_truncated_and_every_longer_one_has_trailing_bytes() {
        let whole = encode(0x0803, &[2, 2, 2], &[9; 8]);
        for length in 0..whole.len() {
            let error = decode::<3>(&whole[..length]).unwrap_err();
            assert!(
                error.to_string().starts_with("truncated"),
                "{length}: {error}"
            );
            let error = decode::<3>(&compress(&whole[..length])).unwrap_err();
            assert!(
                error.to_string().starts_with("truncated"),
                "compressed, {length}: {error}"
            );
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert_eq!(
            decode::<3>(&longer),
            Err(IdxError::TrailingBytes { expected: 8 })
        );
        assert_eq!(
            decode::<3>(&compress(&longer)),
            Err(IdxError::TrailingBytes { expected: 8 })
        );
    }

    #[test]
    fn a_damaged_or_cut_gzip_file_is_refused() {
        let whole = compress(&encode(0x0801, &[300], &[5; 300]));
        for length in 2..whole.len() {
            assert!(
                matches!(decode::<1>(&whole[..length]), Err(IdxError::Gzip { .. })),
                "cut at {length}"
            );
        }
        let mut wrong_checksum = whole.clone();
        let checksum = whole.len() - 8;
        wrong_checksum[checksum] ^= 1;
        assert!(matches!(
            decode::<1>(&wrong_checksum),
            Err(IdxError::Gzip { .. })
        ));
        for rubbish in [&[7][..], &[0, 0, 7], &[0x1f], &[0x1f, 0x8b]] {
            let trailing = [&whole[..], rubbish].concat();
            assert!(decode::<1>(&trailing).is_err(), "{rubbish:?}");
        }
    }

    #[test]
    fn members_and_zeros_after_gzip_data_are_read_as_gunzip_does() {
        let raw = encode(0x0801, &[300], &[5; 300]);
        let padded = [&compress(&raw)[..], &[0; 512]].concat();
        assert_eq!(decode::<1>(&padded), decode::<1>(&raw));
        let (start, end) = raw.split_at(100);
        let members = [compress(start), compress(end), vec![0; 3]].concat();
        assert_eq!(decode::<1>(&members), decode::<1>(&raw));
    }

    #[test]
    fn a_huge_header_is_refused_without_using_memory() {
        let huge = encode(0x0803, &[u32::MAX; 3], &[]);
        assert!(matches!(decode::<3>(&huge), Err(IdxError::TooLarge { .. })));
        let largest = encode(0x0801, &[1 << 31], &[1, 2, 3]);
        assert_eq!(
            decode::<1>(&largest),
            Err(IdxError::Truncated {
                found: 3,
                expected: 1 << 31
            })
        );
    }

    #[test]
    fn a_gzip_bomb_is_refused_by_its_header() {
        let bomb = compress(&encode(0x0801, &[1 << 30], &[0; 5000]));
        assert!(matches!(decode::<1>(&bomb), Err(IdxError::Bomb { .. })));
        // As many values as are read from any gzip data.
        let large = compress(&encode(0x0801, &[1 << 26], &[0; 5000]));
        assert!(matches!(
            decode::<1>(&large),
            Err(IdxError::Truncated { .. })
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = decode::<1>(&bytes);
            let _ = decode::<3>(&bytes);
        }

        #[test]
        fn any_header_is_read_or_refused(
            dimensions in proptest::array::uniform3(prop_oneof![9 => 0..5_u32, 1 => any::<u32>()]),
            values in proptest::collection::vec(any::<u8>(), 0..130),
        ) {
            let count = dimensions.iter().map(|&dimension| u128::from(dimension)).product::<u128>();
            let result = decode::<3>(&encode(0x0803, &dimensions, &values));
            prop_assert_eq!(result.is_ok(), count == values.len() as u128);
        }

        #[test]
        fn any_flipped_byte_of_a_gzip_file_is_survived(position in 0..60_usize, flip in 1..=255_u8) {
            let mut bytes = compress(&encode(0x0801, &[200], &(0..200).collect::<Vec<u8>>()));
            bytes[position] ^= flip;
            let _ = decode::<1>(&bytes);
        }
    }
}
