//! A folder with the four IDX files of a data set: MNIST, Fashion-MNIST, or any other in that form.
//!
//! The files hold training images, training labels, test images and test labels. Each has one of its usual names: with
//! `-idx3-ubyte` or `.idx3-ubyte` (`idx1` for labels), with or without `.gz`. The contents may be raw or
//! gzip-compressed, whatever the name. The test set of the folder becomes the validation data.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use descender_nn::Shape;

use super::answers::first_out_of_range;
use super::file_kind::file_kind;
use super::idx::{self, IdxArray};
use super::{Answers, DataError, Dataset, FileSummary};

/// Usual name of the file with the training images.
pub const TRAIN_IMAGES: &str = "train-images-idx3-ubyte";
/// Usual name of the file with the training labels.
pub const TRAIN_LABELS: &str = "train-labels-idx1-ubyte";
/// Usual name of the file with the test images.
pub const TEST_IMAGES: &str = "t10k-images-idx3-ubyte";
/// Usual name of the file with the test labels.
pub const TEST_LABELS: &str = "t10k-labels-idx1-ubyte";

/// The bytes of one of the four files, and where they come from.
pub(super) struct Source {
    pub(super) file: PathBuf,
    pub(super) bytes: Cow<'static, [u8]>,
}

/// Reads a folder's data set and returns its training and its validation examples. Pixel values are scaled to [0, 1].
///
/// `classes` is the number of classes; with `None` it is the largest training label plus one.
///
/// # Errors
/// If a file is missing, cannot be read or is not a well-formed IDX file, if counts or image sizes differ, or if a label
/// is out of range. The message names the file.
pub fn read(directory: &Path, classes: Option<usize>) -> Result<(Dataset, Dataset), DataError> {
    let name = directory
        .file_name()
        .unwrap_or(directory.as_os_str())
        .to_string_lossy();
    assemble(&sources(directory)?, &name, classes)
}

/// The four files of a folder, as they are stored.
///
/// # Errors
/// A file is missing or cannot be read.
pub fn files(directory: &Path) -> Result<Vec<FileSummary>, DataError> {
    let summary = |source: Source| FileSummary::of(source.file, &source.bytes);
    Ok(sources(directory)?.map(summary).into())
}

/// The four files of a folder: training images and labels, test images and labels.
pub(super) fn sources(directory: &Path) -> Result<[Source; 4], DataError> {
    check_folder(directory)?;
    Ok([
        source(directory, TRAIN_IMAGES)?,
        source(directory, TRAIN_LABELS)?,
        source(directory, TEST_IMAGES)?,
        source(directory, TEST_LABELS)?,
    ])
}

/// Refuses what is no folder, and says what it is.
fn check_folder(path: &Path) -> Result<(), DataError> {
    let failed = |problem| DataError::Read {
        file: path.to_owned(),
        problem,
    };
    let found = std::fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        return Ok(());
    }
    let mut start = Vec::new();
    if found.is_file() {
        let file = File::open(path).map_err(failed)?;
        file.take(16).read_to_end(&mut start).map_err(failed)?;
    }
    Err(DataError::NotAFolder {
        path: path.to_owned(),
        found: file_kind(&start).unwrap_or_else(|| "no folder".to_owned()),
    })
}

/// What a folder without one of the files holds, and where the files may be, for a message.
fn contents(directory: &Path) -> String {
    /// Names that are shown.
    const SHOWN: usize = 6;
    let names = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    };
    let found = names(directory);
    // The folders of torchvision's data sets: MNIST/raw, FashionMNIST/raw.
    let inner = found.iter().map(|name| directory.join(name));
    let mut places = inner.flat_map(|inner| [inner.join("raw"), inner]);
    if let Some(place) = places.find(|place| source(place, TRAIN_IMAGES).is_ok()) {
        return format!("the files seem to be in {}", place.display());
    }
    let (shown, more) = found.split_at(SHOWN.min(found.len()));
    match (shown, more.len()) {
        ([], _) => "the folder is empty".to_owned(),
        (shown, 0) => format!("the folder holds {}", shown.join(", ")),
        (shown, more) => format!("the folder holds {} and {more} more", shown.join(", ")),
    }
}

/// The first of a file's usual names that exists in the folder, with its bytes.
fn source(directory: &Path, name: &str) -> Result<Source, DataError> {
    let dotted = name.replacen("-idx", ".idx", 1);
    let names = [
        name.to_owned(),
        format!("{name}.gz"),
        dotted.clone(),
        format!("{dotted}.gz"),
    ];
    let found = names
        .iter()
        .map(|name| directory.join(name))
        .find(|file| !is_missing(file));
    let Some(file) = found else {
        let others = names[1..].join(", ");
        return Err(DataError::Missing {
            file: directory.join(name),
            others,
            contents: contents(directory),
        });
    };
    let bytes = read_file(&file)?.into();
    Ok(Source { file, bytes })
}

/// Whether nothing has this name; what can't be read is there.
fn is_missing(file: &Path) -> bool {
    let found = std::fs::symlink_metadata(file);
    found.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

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

/// Makes the training and the validation data set from four files.
pub(super) fn assemble(
    sources: &[Source; 4],
    name: &str,
    classes: Option<usize>,
) -> Result<(Dataset, Dataset), DataError> {
    let [train_images, train_labels, test_images, test_labels] = sources;
    let (shape, train_pixels) = images(train_images)?;
    let labels = decode::<1>(train_labels)?.values;
    same_count(
        train_images,
        train_pixels.len() / (shape.height * shape.width),
        train_labels,
        labels.len(),
    )?;
    let classes = match classes {
        Some(classes) => classes,
        None => labels
            .iter()
            .max()
            .map_or(0, |&largest| usize::from(largest) + 1),
    };
    if !(2..=256).contains(&classes) {
        return Err(DataError::Classes {
            place: train_labels.file.clone(),
            classes,
        });
    }
    let train = part(
        format!("{name} (train)"),
        shape,
        classes,
        &train_pixels,
        labels,
        train_labels,
    )?;

    let (test_shape, test_pixels) = images(test_images)?;
    if test_shape != shape {
        return Err(DataError::SizesDiffer {
            file: test_images.file.clone(),
            found_height: test_shape.height,
            found_width: test_shape.width,
            height: shape.height,
            width: shape.width,
        });
    }
    let labels = decode::<1>(test_labels)?.values;
    same_count(
        test_images,
        test_pixels.len() / (shape.height * shape.width),
        test_labels,
        labels.len(),
    )?;
    let validation = part(
        format!("{name} (validation)"),
        shape,
        classes,
        &test_pixels,
        labels,
        test_labels,
    )?;
    Ok((train, validation))
}

fn decode<const RANK: usize>(source: &Source) -> Result<IdxArray<RANK>, DataError> {
    idx::decode(&source.bytes).map_err(|problem| DataError::Idx {
        file: source.file.clone(),
        problem,
    })
}

/// The shape of the images in a file, and their pixels.
fn images(source: &Source) -> Result<(Shape, Vec<u8>), DataError> {
    let IdxArray {
        dimensions: [count, height, width],
        values,
    } = decode::<3>(source)?;
    if values.is_empty() {
        return Err(DataError::Empty {
            file: source.file.clone(),
            count,
            height,
            width,
        });
    }
    Ok((
        Shape {
            height,
            width,
            channels: 1,
        },
        values,
    ))
}

fn same_count(
    images: &Source,
    image_count: usize,
    labels: &Source,
    label_count: usize,
) -> Result<(), DataError> {
    if image_count == label_count {
        return Ok(());
    }
    Err(DataError::CountsDiffer {
        images_file: images.file.clone(),
        images: image_count,
        labels_file: labels.file.clone(),
        labels: label_count,
    })
}

fn part(
    name: String,
    shape: Shape,
    classes: usize,
    pixels: &[u8],
    labels: Vec<u8>,
    labels_source: &Source,
) -> Result<Dataset, DataError> {
    if let Some(entry) = first_out_of_range(&labels, classes) {
        let (file, label) = (labels_source.file.clone(), labels[entry]);
        return Err(DataError::LabelOutOfRange {
            file,
            entry,
            label,
            classes,
        });
    }
    let mut inputs = Vec::new();
    (inputs.try_reserve_exact(pixels.len())).map_err(|_| DataError::Memory {
        file: labels_source.file.with_file_name(""),
        values: pixels.len(),
    })?;
    inputs.extend(pixels.iter().map(|&pixel| f32::from(pixel) / 255.0));
    Ok(Dataset {
        name,
        shape,
        inputs,
        answers: Answers::classes(classes, labels),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::test_files::{Files, images, labels, write};

    /// Spoils the files.
    type Change = fn(&mut Files);

    fn refused(change: Change) -> String {
        let mut files = Files::default();
        change(&mut files);
        let folder = write(&files);
        let error = read(folder.path(), files.classes).unwrap_err();
        let message = error.to_string();
        let place = folder.path().display().to_string();
        assert!(
            message.contains(&place) && !message.contains('\n'),
            "{message}"
        );
        message.replace(&place, "")
    }

    #[test]
    fn a_folder_is_read_under_all_its_usual_names() {
        let (expected_train, expected_validation) =
            read(write(&Files::default()).path(), None).unwrap();
        assert_eq!((expected_train.len(), expected_validation.len()), (4, 2));
        assert_eq!(
            expected_train.answers,
            Answers::classes(3, vec![0, 1, 2, 1])
        );
        assert_eq!(expected_train.inputs[..4], [0.0, 0.2, 0.4, 1.0]);
        for (dotted, ending, compressed) in [
            (true, "", false),
            (false, ".gz", true),
            (true, ".gz", true),
            (false, "", true),
            (false, ".gz", false),
        ] {
            let folder = write(&Files {
                dotted,
                ending,
                compressed,
                ..Files::default()
            });
            let (train, validation) = read(folder.path(), Some(3)).unwrap();
            assert_eq!(
                (train.inputs, train.answers),
                (
                    expected_train.inputs.clone(),
                    expected_train.answers.clone()
                )
            );
            assert_eq!(validation.inputs, expected_validation.inputs);
        }
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_said_in_one_line_that_names_the_file() {
        let cases: [(Change, &[&str]); 13] = [
            (
                |files| files.train_images = labels(&[0]),
                &[TRAIN_IMAGES, "wrong magic number 0x00000801"],
            ),
            (
                |files| files.test_labels = images(1, 1, &[0]),
                &[TEST_LABELS, "wrong magic number 0x00000803"],
            ),
            (
                |files| files.train_images.truncate(31),
                &[TRAIN_IMAGES, "truncated: it holds 15 values, expected 16"],
            ),
            (
                |files| files.test_labels.truncate(5),
                &[TEST_LABELS, "truncated", "inside the header"],
            ),
            (
                |files| files.test_labels.push(0),
                &[TEST_LABELS, "trailing bytes after the 2 values"],
            ),
            (
                |files| files.train_labels = labels(&[0, 1]),
                &[TRAIN_LABELS, "2 labels, expected 4", TRAIN_IMAGES],
            ),
            (
                |files| files.test_labels = labels(&[0]),
                &[TEST_LABELS, "1 labels, expected 2", TEST_IMAGES],
            ),
            (
                |files| files.test_labels = labels(&[0, 3]),
                &[
                    TEST_LABELS,
                    "label 3 at entry 1 is out of range, expected 0 to 2",
                ],
            ),
            (
                |files| (files.train_labels, files.classes) = (labels(&[0, 9, 1, 1]), Some(9)),
                &[
                    TRAIN_LABELS,
                    "label 9 at entry 1 is out of range, expected 0 to 8",
                ],
            ),
            (
                |files| files.train_labels = labels(&[0; 4]),
                &[TRAIN_LABELS, "1 classes, expected 2 to 256"],
            ),
            (
                |files| files.train_images = images(2, 2, &[]),
                &[TRAIN_IMAGES, "0 images of 2 × 2"],
            ),
            (
                |files| files.test_images = images(1, 4, &[0; 8]),
                &[TEST_IMAGES, "1 × 4, expected 2 × 2"],
            ),
            (
                |files| files.train_images[4..16].fill(255),
                &[
                    TRAIN_IMAGES,
                    "4294967295 × 4294967295 × 4294967295",
                    "more than",
                ],
            ),
        ];
        for (change, parts) in cases {
            let message = refused(change);
            assert!(
                parts.iter().all(|part| message.contains(part)),
                "{message}: expected {parts:?}"
            );
        }
    }

    #[test]
    fn a_missing_file_and_a_folder_in_its_place_are_named() {
        let folder = write(&Files::default());
        std::fs::remove_file(folder.path().join(TEST_IMAGES)).unwrap();
        let message = read(folder.path(), None).unwrap_err().to_string();
        assert!(
            message.contains(TEST_IMAGES) && message.contains("t10k-images.idx3-ubyte.gz"),
            "{message}"
        );
        std::fs::create_dir(folder.path().join(TEST_IMAGES)).unwrap();
        let message = read(folder.path(), None).unwrap_err().to_string();
        assert!(
            message.contains(TEST_IMAGES) && message.contains("not a file"),
            "{message}"
        );
        let message = read(Path::new("no/such/folder"), None)
            .unwrap_err()
            .to_string();
        assert!(message.contains("no/such/folder"), "{message}");
    }
}
