//! What the program keeps on disk: atomic files, JSON, checkpoints, locks, manifests, and settings as text.
//!
//! This crate does not know what the files are about. Every whole file is written by [`replace_file`], every JSON file
//! by [`JsonFile`], and every file that can't be read or written gives a [`FileError`].

#![forbid(unsafe_code)]

pub mod checkpoint;
mod file_error;
pub mod folder_lock;
mod json_file;
pub mod manifest;
pub mod nullable_float;
mod phase;
mod read_text;
mod replace_file;
pub mod settings_text;
mod whole_message;

pub use checkpoint::CheckpointError;
pub use file_error::FileError;
pub use folder_lock::{FolderLock, FolderLockError};
pub use json_file::{JsonError, JsonFile};
pub use manifest::{Manifest, PhaseTime};
pub use phase::Phase;
pub use read_text::read_text;
pub use replace_file::replace_file;
pub use whole_message::whole_message;
