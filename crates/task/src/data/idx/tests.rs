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
