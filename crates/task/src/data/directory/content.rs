//! What the files hold: images as values in the order `[example][height][width][channel]`, labels as classes.

use descender_nn::Shape;

use super::source::Source;
use crate::data::DataError;
use crate::data::idx::{self, IdxArray, IdxError};

/// The shape of the images in a file, and their pixels.
pub(super) fn images(source: &Source) -> Result<(Shape, Vec<u8>), DataError> {
    if idx::stated(&source.bytes) == Some((idx::UNSIGNED_BYTES, 4)) {
        return colour_images(source);
    }
    let IdxArray {
        dimensions: [count, height, width],
        values,
    } = idx::decode::<3>(&source.bytes).map_err(|problem| refused(source, problem))?;
    let shape = Shape {
        height,
        width,
        channels: 1,
    };
    not_empty(source, count, shape, values)
}

/// Images of three channels, which are the last dimension or the one before height and width.
fn colour_images(source: &Source) -> Result<(Shape, Vec<u8>), DataError> {
    let IdxArray { dimensions, values } =
        idx::decode::<4>(&source.bytes).map_err(|problem| refused(source, problem))?;
    let channels = 3;
    let (count, shape, values) = match dimensions {
        [count, first, height, 3] if first != channels => {
            let (height, width) = (first, height);
            let shape = Shape {
                height,
                width,
                channels,
            };
            (count, shape, values)
        }
        [count, 3, height, width] if width != channels => {
            let shape = Shape {
                height,
                width,
                channels,
            };
            (count, shape, channels_last(&values, shape))
        }
        dimensions => {
            return Err(DataError::Channels {
                file: source.file.clone(),
                dimensions: dimensions.map(|size| size.to_string()).join(" × "),
            });
        }
    };
    not_empty(source, count, shape, values)
}

fn not_empty(
    source: &Source,
    count: usize,
    shape: Shape,
    values: Vec<u8>,
) -> Result<(Shape, Vec<u8>), DataError> {
    if values.is_empty() {
        return Err(DataError::Empty {
            file: source.file.clone(),
            count,
            height: shape.height,
            width: shape.width,
        });
    }
    Ok((shape, values))
}

/// Values of `[example][channel][height][width]` as those of `[example][height][width][channel]`.
pub(crate) fn channels_last<T: Copy>(values: &[T], shape: Shape) -> Vec<T> {
    let pixels = shape.height * shape.width;
    let mut sorted = Vec::with_capacity(values.len());
    for image in values.chunks_exact(pixels * shape.channels) {
        for pixel in 0..pixels {
            sorted.extend(image.iter().skip(pixel).step_by(pixels));
        }
    }
    sorted
}

/// Images of one channel with rows and columns exchanged, and their new shape.
pub(super) fn transposed(values: &[u8], shape: Shape) -> (Shape, Vec<u8>) {
    let turned = Shape {
        height: shape.width,
        width: shape.height,
        ..shape
    };
    // The columns of an image are the channels of one whose rows are pixels.
    let columns = Shape {
        height: shape.width,
        width: 1,
        channels: shape.height,
    };
    (turned, channels_last(values, columns))
}

/// The labels of a file: bytes, or the first of the integers in each row, as QMNIST has them.
pub(super) fn labels(source: &Source) -> Result<Vec<u8>, DataError> {
    if idx::stated(&source.bytes) != Some((idx::INTEGERS, 2)) {
        let labels = idx::decode::<1>(&source.bytes);
        return Ok(labels.map_err(|problem| refused(source, problem))?.values);
    }
    let ([_, columns], values) =
        idx::decode_integers::<2>(&source.bytes).map_err(|problem| refused(source, problem))?;
    let rows = values.chunks_exact(columns.max(1)).enumerate();
    rows.map(|(entry, row)| {
        u8::try_from(row[0]).map_err(|_| DataError::LabelNoClass {
            file: source.file.clone(),
            entry,
            label: row[0],
        })
    })
    .collect()
}

fn refused(source: &Source, problem: IdxError) -> DataError {
    DataError::Idx {
        file: source.file.clone(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_and_rows_change_places() {
        let shape = Shape {
            height: 1,
            width: 2,
            channels: 3,
        };
        let planes = [1, 2, 10, 20, 100, 200, 3, 4, 30, 40, 103, 104];
        let pixels = [1, 10, 100, 2, 20, 200, 3, 30, 103, 4, 40, 104];
        assert_eq!(channels_last(&planes, shape), pixels);
        let shape = Shape {
            height: 2,
            width: 3,
            channels: 1,
        };
        let (turned, values) = transposed(&[1, 2, 3, 4, 5, 6], shape);
        assert_eq!((turned.height, turned.width), (3, 2));
        assert_eq!(values, [1, 4, 2, 5, 3, 6]);
    }
}
