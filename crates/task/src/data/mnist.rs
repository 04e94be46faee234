//! The part of MNIST that is embedded in the program.
//!
//! | set | images of MNIST |
//! |---|---|
//! | training | the first 8,000 of the training set |
//! | selection | the next 1,000 of the training set |
//! | validation | the first 2,000 of the test set |
//!
//! The files are in `data/mnist/`, with a README that names their source, authors, licence and checksums. They are
//! decompressed at the first use, once in a process.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::{Dataset, FileSummary, directory};

const FILES: [(&str, &[u8]); 4] = [
    (
        directory::TRAIN_IMAGES,
        include_bytes!("../../data/mnist/train-images-idx3-ubyte.gz"),
    ),
    (
        directory::TRAIN_LABELS,
        include_bytes!("../../data/mnist/train-labels-idx1-ubyte.gz"),
    ),
    (
        directory::TEST_IMAGES,
        include_bytes!("../../data/mnist/t10k-images-idx3-ubyte.gz"),
    ),
    (
        directory::TEST_LABELS,
        include_bytes!("../../data/mnist/t10k-labels-idx1-ubyte.gz"),
    ),
];

/// The images for rewards and for the selection of controllers, with their labels.
const SELECTION: [(&str, &[u8]); 2] = [
    (
        "selection-images-idx3-ubyte",
        include_bytes!("../../data/mnist/selection-images-idx3-ubyte.gz"),
    ),
    (
        "selection-labels-idx1-ubyte",
        include_bytes!("../../data/mnist/selection-labels-idx1-ubyte.gz"),
    ),
];

/// The embedded MNIST: 28 × 28 × 1, ten classes. Clones share the data.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// The first 8,000 images of MNIST's training set.
    pub train: Arc<Dataset>,
    /// The first 2,000 images of MNIST's test set.
    pub validation: Arc<Dataset>,
    /// The 1,000 images of MNIST's training set that follow the first 8,000.
    pub selection: Arc<Dataset>,
}

/// The embedded MNIST. Later calls return the same data.
#[must_use]
pub fn embedded() -> Embedded {
    static SETS: OnceLock<Embedded> = OnceLock::new();
    SETS.get_or_init(|| {
        const PART: &str = "the embedded files are part of the program, and its tests read them";
        let (train, validation) = directory::assemble(&sources(), "MNIST", Some(10)).expect(PART);
        let [images, labels] = SELECTION.map(source);
        let [_, _, test_images, test_labels] = sources();
        let (selection, _) = directory::assemble(
            &[images, labels, test_images, test_labels],
            "MNIST selection",
            Some(10),
        )
        .expect(PART);
        Embedded {
            train: train.into(),
            validation: validation.into(),
            selection: selection.into(),
        }
    })
    .clone()
}

/// The embedded files, as they are stored.
#[must_use]
pub fn files() -> Vec<FileSummary> {
    let sources = FILES.into_iter().chain(SELECTION).map(source);
    sources
        .map(|source| FileSummary::of(source.file, &source.bytes))
        .collect()
}

fn sources() -> [directory::Source; 4] {
    FILES.map(source)
}

fn source((name, bytes): (&str, &'static [u8])) -> directory::Source {
    directory::Source {
        file: Path::new("embedded").join(format!("{name}.gz")),
        bytes: bytes.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Answers;
    use crate::data::file_summary::hex_digest;
    use std::io::Read;

    /// The checksums of `data/mnist/README.md`, of the decompressed files.
    #[test]
    fn the_embedded_files_are_those_whose_checksums_are_published() {
        let expected = [
            "18aec7bd98b9621e25de273e48b71dfbd4313e98b17b952a72f491584776aec4",
            "76168f9cdeedf60a7a73de030b527d826cb3a26880fa1fa385aff620a4ccfd9e",
            "3f6bd66dee48df299584c67669bceee490faa25f931496bd7473b42106d7daed",
            "7b098e5f6a3065807cebeabf36fb1724a8aff19f2673ac08b4923e0e8c715bce",
            "c59e2e203a7bb738a4d21132a825be36763d3dea9cb7577dd5cbd7b73c2ff507",
            "206afa0e2331cca98f86dbd619c03f98cffcd898e5b70f139c44070e6a28e211",
        ];
        for ((name, bytes), expected) in FILES.into_iter().chain(SELECTION).zip(expected) {
            let mut contents = Vec::new();
            flate2::read::GzDecoder::new(bytes)
                .read_to_end(&mut contents)
                .unwrap();
            assert_eq!(hex_digest(&contents), expected, "{name}");
        }
    }

    #[test]
    fn the_embedded_sets_have_the_sizes_and_values_of_mnist() {
        let Embedded {
            train,
            validation,
            selection,
        } = embedded();
        assert_eq!(
            [train.len(), validation.len(), selection.len()],
            [8_000, 2_000, 1_000]
        );
        for set in [&train, &validation, &selection] {
            assert_eq!(
                (
                    set.shape.height,
                    set.shape.width,
                    set.shape.channels,
                    set.answers.outputs()
                ),
                (28, 28, 1, 10)
            );
            assert_eq!(set.check(), Ok(()));
            let largest = set
                .inputs
                .iter()
                .fold(0.0_f32, |largest, &value| largest.max(value));
            let smallest = set
                .inputs
                .iter()
                .fold(1.0_f32, |smallest, &value| smallest.min(value));
            assert_eq!((smallest, largest), (0.0, 1.0));
        }
        // The first labels of both sets of MNIST are known to everyone who has looked at it.
        let first = |set: &Dataset| set.first(10).answers;
        let known = |labels: [u8; 10]| Answers::classes(10, labels.to_vec());
        assert_eq!(first(&train), known([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]));
        assert_eq!(first(&validation), known([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]));
        assert_eq!(train.label_counts().iter().sum::<usize>(), 8_000);
    }

    #[test]
    fn the_sets_are_decompressed_once() {
        assert!(Arc::ptr_eq(&embedded().train, &embedded().train));
    }
}
