//! Small data sets on disk for the tests: four images of 2 × 2 pixels, two for validation, three classes.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::directory::{TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS};

/// The contents of the four files and how they are stored.
pub(crate) struct Files {
    pub(crate) train_images: Vec<u8>,
    pub(crate) train_labels: Vec<u8>,
    pub(crate) test_images: Vec<u8>,
    pub(crate) test_labels: Vec<u8>,
    /// With which number of classes they should be read.
    pub(crate) classes: Option<usize>,
    /// Names with `.idx` instead of `-idx`.
    pub(crate) dotted: bool,
    /// What follows the name.
    pub(crate) ending: &'static str,
    /// Whether the contents are compressed.
    pub(crate) compressed: bool,
}

impl Default for Files {
    fn default() -> Files {
        let pixels = [0, 51, 102, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        Files {
            train_images: images(2, 2, &pixels),
            train_labels: labels(&[0, 1, 2, 1]),
            test_images: images(2, 2, &pixels[4..12]),
            test_labels: labels(&[2, 0]),
            classes: None,
            dotted: false,
            ending: "",
            compressed: false,
        }
    }
}

/// An IDX file of images.
pub(crate) fn images(height: usize, width: usize, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 3];
    for dimension in [pixels.len() / (height * width), height, width] {
        bytes.extend((dimension as u32).to_be_bytes());
    }
    bytes.extend(pixels);
    bytes
}

/// An IDX file of labels.
pub(crate) fn labels(values: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, 1];
    bytes.extend((values.len() as u32).to_be_bytes());
    bytes.extend(values);
    bytes
}

/// Writes the files into a folder of their own.
pub(crate) fn write(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let contents = [
        (TRAIN_IMAGES, &files.train_images),
        (TRAIN_LABELS, &files.train_labels),
        (TEST_IMAGES, &files.test_images),
        (TEST_LABELS, &files.test_labels),
    ];
    for (name, bytes) in contents {
        let name = if files.dotted {
            name.replacen("-idx", ".idx", 1)
        } else {
            name.to_owned()
        };
        let file = folder.path().join(name + files.ending);
        if files.compressed {
            let mut encoder =
                GzEncoder::new(std::fs::File::create(file).unwrap(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap();
        } else {
            std::fs::write(file, bytes).unwrap();
        }
    }
    folder
}
