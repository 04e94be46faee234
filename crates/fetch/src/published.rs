//! The data sets that can be fetched: where they are, whose they are, and what their files must be.

/// One file of a published data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedFile {
    /// Its name, below the address of a mirror and in the folder.
    pub name: &'static str,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of its contents, in lower-case hexadecimal digits.
    pub sha256: &'static str,
}

/// A published data set: the four IDX files of images and labels, gzip-compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedSet {
    /// The name, as on the command line.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// Its licence.
    pub licence: &'static str,
    /// Addresses to which a `/` and the name of a file are added, tried in this order.
    pub mirrors: &'static [&'static str],
    /// The files.
    pub files: &'static [PublishedFile],
}

const fn file(name: &'static str, bytes: u64, sha256: &'static str) -> PublishedFile {
    PublishedFile {
        name,
        bytes,
        sha256,
    }
}

const SETS: [PublishedSet; 2] = [
    PublishedSet {
        name: "mnist",
        about: "handwritten digits (LeCun, Cortes, Burges): 60,000 training and 10,000 test images of 28 × 28, ten classes",
        licence: "CC BY-SA 3.0",
        mirrors: &[
            "http://ossci-datasets.s3.amazonaws.com/mnist",
            "http://storage.googleapis.com/cvdf-datasets/mnist",
        ],
        files: &[
            file(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            file(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            file(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            file(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ],
    },
    PublishedSet {
        name: "fashion-mnist",
        about: "articles of clothing (Zalando Research): 60,000 training and 10,000 test images of 28 × 28, ten classes",
        licence: "MIT",
        mirrors: &[
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
            "http://storage.googleapis.com/tensorflow/tf-keras-datasets",
        ],
        files: &[
            file(
                "train-images-idx3-ubyte.gz",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            file(
                "train-labels-idx1-ubyte.gz",
                29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            ),
            file(
                "t10k-images-idx3-ubyte.gz",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            file(
                "t10k-labels-idx1-ubyte.gz",
                5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ],
    },
];

impl PublishedSet {
    /// All sets that can be fetched.
    #[must_use]
    pub fn list() -> &'static [PublishedSet] {
        &SETS
    }

    /// The set of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static PublishedSet> {
        SETS.iter().find(|set| set.name == name)
    }

    /// The length of all files together, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_set_has_a_name_of_its_own_and_a_whole_checksum() {
        for set in PublishedSet::list() {
            assert_eq!(PublishedSet::by_name(set.name), Some(set));
            assert!(!set.mirrors.is_empty() && !set.licence.is_empty());
            let mut names: Vec<&str> = set.files.iter().map(|file| file.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), 4, "{}", set.name);
            for file in set.files {
                let digits = file.sha256.bytes().filter(u8::is_ascii_hexdigit);
                assert_eq!((digits.count(), file.sha256.len()), (64, 64));
                assert_eq!(file.sha256, file.sha256.to_ascii_lowercase());
            }
            // Without TLS, as the transport is.
            assert!(
                set.mirrors
                    .iter()
                    .all(|mirror| mirror.starts_with("http://"))
            );
        }
        assert_eq!(PublishedSet::by_name("cifar"), None);
    }
}
