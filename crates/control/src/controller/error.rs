//! Why a controller, its bytes, or its file cannot be used. Every message is one line, and says nothing of its source:
//! whoever shows an error shows the chain.

use std::path::PathBuf;

use crate::{ActionSpace, NotBuiltIn, PolicyError, PolicyHead, SettingsError};

/// Parts that make no controller.
#[derive(Debug, thiserror::Error)]
pub enum ImpossibleController {
    /// A setting cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The network cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The policy does not fit the observation.
    #[error("the observation has {features} features, but the policy network has {inputs} inputs")]
    Observation {
        /// Features of the observation.
        features: usize,
        /// Inputs of the network.
        inputs: usize,
    },
    /// The policy decides otherwise than the actions need.
    #[error(
        "a policy with the head {head} cannot decide between {space}: expected discrete actions"
    )]
    Head {
        /// How the policy's outputs become an action.
        head: PolicyHead,
        /// The shape of a decision.
        space: ActionSpace,
    },
    /// The policy does not fit the actions.
    #[error("there are {actions} actions, but the policy network has {outputs} outputs")]
    Actions {
        /// Number of actions, times the outputs that the head reads for each.
        actions: usize,
        /// Outputs of the network.
        outputs: usize,
    },
    /// A parameter of the policy is not finite.
    #[error("entry {index} of tensor {tensor:?} is {value}: expected finite numbers")]
    Parameter {
        /// The name of its tensor in the controller file.
        tensor: String,
        /// Its index in the tensor.
        index: usize,
        /// Its value.
        value: f32,
    },
}

/// Bytes that are no controller.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// There are no bytes at all.
    #[error("the file is empty: expected a controller in a safetensors file")]
    Empty,
    /// The bytes end too early.
    #[error("truncated, or not a safetensors file: {found} bytes, expected {expected}")]
    Truncated {
        /// Number of bytes there are.
        found: usize,
        /// Number of bytes that the header announces (at least).
        expected: u64,
    },
    /// The bytes are not safetensors.
    #[error("not a valid safetensors file: {reason}")]
    NotSafetensors {
        /// What is wrong.
        reason: String,
    },
    /// A safetensors file, but of something else.
    #[error("not a controller: the header's metadata has no \"{key}\"")]
    NoDescription {
        /// The key that was looked for.
        key: &'static str,
    },
    /// Written by a program with another format.
    #[error("format version {found}: this program reads version {expected}")]
    Version {
        /// The file's version.
        found: u64,
        /// The version that is understood.
        expected: u64,
    },
    /// The description cannot be read.
    #[error("the description in the header cannot be read: {reason}")]
    Description {
        /// What is wrong.
        reason: String,
    },
    /// The observation of this name had other features when the file was written.
    #[error(
        "feature {number} of the observation is {found:?}: this program's observation has {expected:?} there"
    )]
    Feature {
        /// Number of the first feature that differs, from 1.
        number: usize,
        /// Its name in the file ("" if the list is too short).
        found: String,
        /// Its name in this program ("" if the list is too long).
        expected: String,
    },
    /// The file names an observation or actions that are not built in, and their value was not given.
    #[error(transparent)]
    NotBuiltIn(#[from] NotBuiltIn),
    /// A tensor of the policy is not there.
    #[error("tensor {name:?} is missing")]
    MissingTensor {
        /// Its name.
        name: String,
    },
    /// A tensor that the policy does not have.
    #[error("unexpected tensor {name:?}: the policy network has none of this name")]
    UnexpectedTensor {
        /// Its name.
        name: String,
    },
    /// A tensor of another number type.
    #[error("tensor {name:?} has type {found}: expected F32")]
    TensorType {
        /// Its name.
        name: String,
        /// Its type.
        found: String,
    },
    /// A tensor of another shape.
    #[error("tensor {name:?} has shape {found:?}: expected {expected:?}")]
    TensorShape {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that the policy network says.
        expected: Vec<usize>,
    },
    /// What is described makes no controller.
    #[error(transparent)]
    Impossible(#[from] ImpossibleController),
    /// Everything can be read, but something has changed since it was written.
    #[error("checksum {found}: expected {expected}, so the file was changed after it was written")]
    Checksum {
        /// The checksum of what was read.
        found: String,
        /// The checksum in the file.
        expected: String,
    },
}

/// A controller file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("controller file {}", path.display())]
pub struct ControllerError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: ControllerProblem,
}

/// What is wrong with a controller file.
#[derive(Debug, thiserror::Error)]
pub enum ControllerProblem {
    /// The operating system does not let it be read.
    #[error("cannot be read")]
    Read(#[source] std::io::Error),
    /// A directory or a device.
    #[error("is {found}: expected a file")]
    NotAFile {
        /// What it is.
        found: &'static str,
    },
    /// Larger than any controller.
    #[error("has {found} bytes: expected at most {limit}")]
    TooLarge {
        /// Its size in bytes.
        found: u64,
        /// The most that is read.
        limit: u64,
    },
    /// Not the bytes of a controller.
    #[error(transparent)]
    Format(FormatError),
    /// The operating system does not let it be written.
    #[error("cannot be written")]
    Write(#[source] std::io::Error),
}

/// `text` on one line: what comes out of a broken file may hold line ends and control characters.
pub(super) fn one_line(text: impl ToString) -> String {
    text.to_string()
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect()
}
