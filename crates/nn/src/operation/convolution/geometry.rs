//! How a kernel slides over an image, and how rows are padded to whole vectors.

/// Widest vector of any instruction set; rows of patches are padded to it.
pub(super) const WIDEST: usize = 16;

/// How the kernel slides over the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sliding {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}
