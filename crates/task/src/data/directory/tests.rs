use std::path::Path;

use super::*;
use crate::data::test_files::{Files, images, labels, write};

/// Spoils the files.
type Change = fn(&mut Files);

/// The training and the validation examples of a folder.
fn pair(folder: &Path, classes: Option<usize>) -> (Dataset, Dataset) {
    let data = read(folder, classes).unwrap();
    assert_eq!(data.notes, Vec::<String>::new());
    (data.train, data.validation)
}

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

/// An IDX file of four dimensions with so many values that count up.
fn colours(dimensions: [u32; 4], count: u8) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 4];
    bytes.extend(dimensions.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend(0..count);
    bytes
}

/// Labels as QMNIST has them: the class and seven other integers for each image.
fn columns(values: &[i32]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0x0c, 2];
    for size in [values.len() as u32, 8] {
        bytes.extend(size.to_be_bytes());
    }
    for value in values {
        let row = [*value, 4, 3, -2, 1, 0, i32::MAX, i32::MIN];
        bytes.extend(row.iter().flat_map(|value| value.to_be_bytes()));
    }
    bytes
}

/// Writes the files under a prefix, with the names of the test set that EMNIST and QMNIST use.
fn write_prefixed(folder: &Path, prefix: &str, labels_end: &str, files: &Files) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, bytes) in [
        ("train-images-idx3-ubyte".to_owned(), &files.train_images),
        (format!("train-labels-{labels_end}"), &files.train_labels),
        ("test-images-idx3-ubyte".to_owned(), &files.test_images),
        (format!("test-labels-{labels_end}"), &files.test_labels),
    ] {
        std::fs::write(folder.join(format!("{prefix}{name}")), bytes).unwrap();
    }
}

#[test]
fn images_of_three_channels_are_read_wherever_the_channels_stand() {
    // The same pixels: the value of channel c at pixel p of image i is 12 i + 4 c + p.
    let last: Vec<u8> = (0..48)
        .map(|place| place / 12 * 12 + place % 3 * 4 + place % 12 / 3)
        .collect();
    let mut files = Files {
        train_images: colours([4, 3, 2, 2], 48),
        test_images: colours([2, 3, 2, 2], 24),
        compressed: true,
        ..Files::default()
    };
    let (first, _) = pair(write(&files).path(), None);
    assert_eq!(
        (first.shape.height, first.shape.width, first.shape.channels),
        (2, 2, 3)
    );
    files.train_images = colours([4, 2, 2, 3], 0);
    files.train_images.extend(&last);
    assert_eq!(pair(write(&files).path(), None).0.inputs, first.inputs);
    let pixels: Vec<f32> = last.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
    assert_eq!(first.inputs, pixels);
}

#[test]
fn qmnist_has_its_class_in_the_first_column() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files {
        train_labels: columns(&[0, 1, 2, 1]),
        test_labels: columns(&[2, 0]),
        ..Files::default()
    };
    write_prefixed(folder.path(), "qmnist-", "idx2-int", &files);
    let (train, validation) = pair(folder.path(), None);
    assert_eq!(train.answers, Answers::classes(3, vec![0, 1, 2, 1]));
    assert_eq!(validation.answers, Answers::classes(3, vec![2, 0]));
    assert_eq!(files_of(folder.path()).len(), 4);
}

/// The names of the files that are summarized.
fn files_of(folder: &Path) -> Vec<String> {
    let names = super::files(folder).unwrap().into_iter();
    names
        .map(|file| {
            file.file
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn emnist_is_turned_and_its_letters_begin_at_nought() {
    let folder = tempfile::tempdir().unwrap();
    let letters = Files {
        train_labels: labels(&[1, 2, 3, 2]),
        test_labels: labels(&[3, 1]),
        ..Files::default()
    };
    write_prefixed(folder.path(), "emnist-letters-", "idx1-ubyte", &letters);
    let data = read(folder.path(), None).unwrap();
    assert_eq!(data.train.answers, Answers::classes(3, vec![0, 1, 2, 1]));
    assert_eq!(data.validation.answers, Answers::classes(3, vec![2, 0]));
    assert_eq!(data.train.inputs[..4], [0.0, 0.4, 0.2, 1.0]);
    assert!(data.notes[0].contains("begin at 1") && data.notes[1].contains("exchanged"));
    // With the digits beside them, one must be named.
    write_prefixed(
        folder.path(),
        "emnist-digits-",
        "idx1-ubyte",
        &Files::default(),
    );
    let error = read(folder.path(), None).unwrap_err();
    let [digits, named] = ["emnist-digits", "emnist-letters"].map(|name| folder.path().join(name));
    let sets = format!("{}, {}", digits.display(), named.display());
    assert!(
        error
            .to_string()
            .ends_with(&format!("name one of them: {sets}")),
        "{error}"
    );
    assert_eq!(
        read(&named, None).unwrap().train.answers,
        data.train.answers
    );
    assert_eq!(read(&digits, None).unwrap().notes.len(), 1);
    assert!(files_of(&digits)[0].starts_with("emnist-digits-train"));
    assert!(read(&folder.path().join("emnist"), None).is_err());
}

#[test]
fn the_folders_of_torchvision_are_read_from_their_root() {
    let root = tempfile::tempdir().unwrap();
    write_prefixed(
        &root.path().join("MNIST/raw"),
        "",
        "idx1-ubyte",
        &Files::default(),
    );
    let (train, _) = pair(root.path(), None);
    assert_eq!(
        pair(&root.path().join("MNIST"), None).0.inputs,
        train.inputs
    );
    write_prefixed(
        &root.path().join("FashionMNIST/raw"),
        "",
        "idx1-ubyte",
        &Files::default(),
    );
    let message = read(root.path(), None).unwrap_err().to_string();
    assert!(
        message.contains("several data sets") && message.contains("FashionMNIST/raw, "),
        "{message}"
    );
    assert_eq!(
        pair(&root.path().join("MNIST"), None).0.inputs,
        train.inputs
    );
}

#[test]
fn a_folder_is_read_under_all_its_usual_names() {
    let (expected_train, expected_validation) = pair(write(&Files::default()).path(), None);
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
        let (train, validation) = pair(folder.path(), Some(3));
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
    let cases: [(Change, &[&str]); 18] = [
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
            &[TEST_IMAGES, "1 × 4 × 1, expected 2 × 2 × 1"],
        ),
        (
            |files| files.train_images = colours([4, 3, 2, 3], 72),
            &[TRAIN_IMAGES, "4 × 3 × 2 × 3", "as the second, and not both"],
        ),
        (
            |files| files.train_images = colours([4, 2, 2, 4], 64),
            &[TRAIN_IMAGES, "4 × 2 × 2 × 4", "three channels"],
        ),
        (
            |files| files.train_images = colours([4, 2, 2, 3], 48),
            &[TEST_IMAGES, "2 × 2 × 1, expected 2 × 2 × 3"],
        ),
        (
            |files| files.train_labels = columns(&[0, 1, 300, 1]),
            &[TRAIN_LABELS, "label 300 at entry 2, expected 0 to 255"],
        ),
        (
            |files| files.test_labels.splice(2..4, [0x0d, 1]).for_each(drop),
            &[
                TEST_LABELS,
                "wrong magic number 0x00000d01, expected 0x00000801",
                "it is a 1-dimensional IDX file of 32-bit floats",
            ],
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
