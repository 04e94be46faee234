//! What the program keeps on disk: atomic files, JSON, checkpoints, locks, manifests, and settings as text.
//!
//! Nothing here knows what is kept. [`replace_file`] is the one way in which a whole file is written, [`JsonFile`] the one
//! way in which JSON is, and [`FileError`] the one error of a file that can't be read or written.

#![forbid(unsafe_code)]

pub mod checkpoint;
mod file_error;
pub mod folder_lock;
mod json_file;
pub mod manifest;
pub mod nullable_float;
mod phase;
mod replace_file;
pub mod settings_text;
mod whole_message;

pub use checkpoint::CheckpointError;
pub use file_error::FileError;
pub use folder_lock::{FolderLock, FolderLockError};
pub use json_file::{JsonError, JsonFile};
pub use manifest::{Manifest, PhaseTime};
pub use phase::Phase;
pub use replace_file::replace_file;
pub use whole_message::whole_message;
