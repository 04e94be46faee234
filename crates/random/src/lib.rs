//! Named streams of random numbers, the same bits on every machine.
//!
//! [`stream`] gives the generator of one [`Purpose`] under a seed. Each purpose has streams of its own, so more draws
//! for one purpose never shift those of another. [`below`], [`unit`](fn@unit) and [`normal_pair`] turn a generator's bits
//! into numbers. They are written out here, so no new version of a library can change what comes out of a stream.
//!
//! A crate that draws defines its purposes as constants beside the code that uses them:
//!
//! ```
//! use descender_random::{Purpose, below, stream};
//!
//! const SHUFFLE: Purpose = Purpose::new(200, "shuffle");
//!
//! let first = below(&mut stream(1, SHUFFLE, 0), 52);
//! assert_eq!(first, below(&mut stream(1, SHUFFLE, 0), 52));
//! ```

#![forbid(unsafe_code)]

mod normal;
mod stream;
mod uniform;

pub use normal::normal_pair;
pub use rand::Rng;
pub use rand_chacha::ChaCha8Rng;
pub use stream::{Purpose, stream};
pub use uniform::{below, unit};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
