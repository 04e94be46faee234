//! The run folder: the files that a run writes and that a resume reads.
//!
//! ```text
//! config.toml             complete settings
//! manifest.json           version, seed, processor, start and end, command, time of each phase
//! episodes.jsonl          one line an episode
//! checkpoint/state        everything that an exact continuation needs; replaced atomically
//! controller.safetensors  the chosen controller
//! selection.json          scores of the candidates for the controller
//! behaviour.json          what the controller does and looks at, recorded on selection starts
//! comparison.json         results on held-out starts, with curves
//! report.html             figures; opens without a network
//! ```
//!
//! `episodes.jsonl` is only ever appended to. A checkpoint stores its length, and a resume cuts it back to that length.
//! So no episode is missing or recorded twice, whenever the program was killed.

mod episodes_file;
mod error;
mod folder;

pub use episodes_file::EpisodesFile;
pub use error::RunFolderError;
pub use folder::RunFolder;
