//! The bytes of a controller: one safetensors file (version 1 of the format).
//!
//! Each weight and bias of the policy network is a tensor `policy.LAYER.weight` or `policy.LAYER.bias`, where LAYER
//! is the layer's index in the network's list and shapes are those of `descender_nn` (linear weights are
//! `[in, out]`), type F32. The header's metadata has one key, [`KEY`], with this JSON:
//!
//! ```text
//! {"format_version": 1, "checksum": "crc32:89abcdef", "controller": {a Description}}
//! ```
//!
//! The checksum is CRC-32 (IEEE) over the text of `controller` as it stands, followed by the bytes of the tensors
//! in the order of the layers, weight before bias. Names, types and shapes need no checksum: the description says
//! what they must be. It is looked at last, so that a file with a recognisable fault gets the message of that
//! fault. There is one metadata key and no time in the file, so the same controller gives the same bytes.

use std::collections::HashMap;

use descender_nn::Network;
use safetensors::tensor::{Metadata, TensorView};
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::error::one_line;
use super::tensor_name::tensor_name;
use super::{Controller, Description, FormatError, ImpossibleController, OwnParts};
use crate::{ActionSettings, ObservationSettings, Policy, PolicyError};

/// The version of the format that this program writes and reads.
pub const FORMAT_VERSION: u64 = 1;

/// The key of the description in the header's metadata.
pub(super) const KEY: &str = "descender.controller";

/// The whole of the metadata entry.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Envelope {
    pub(super) format_version: u64,
    pub(super) checksum: String,
    pub(super) controller: Box<RawValue>,
}

/// What every version of the metadata entry has.
#[derive(Deserialize)]
struct Version {
    format_version: u64,
}

impl Controller {
    /// The bytes of the controller's file. The same controller gives the same bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(
            &self.description(),
            self.policy.network(),
            self.policy.parameters(),
        )
    }

    /// Reads a controller from the bytes of its file. All its parts must be built in.
    ///
    /// # Errors
    /// Says what is wrong with the bytes and what was expected. No bytes make it panic.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        Self::from_bytes_with(bytes, &OwnParts::new())
    }

    /// As [`Controller::from_bytes`], for a controller that has parts of one's own.
    ///
    /// # Errors
    /// As [`Controller::from_bytes`], or if a part that the file names is missing ([`FormatError::NotBuiltIn`]).
    pub fn from_bytes_with(bytes: &[u8], parts: &OwnParts) -> Result<Self, FormatError> {
        let container = Container::open(bytes)?;
        let entry = container
            .entry(KEY)
            .ok_or(FormatError::NoDescription { key: KEY })?;
        let Version { format_version } = json(entry)?;
        if format_version != FORMAT_VERSION {
            return Err(FormatError::Version {
                found: format_version,
                expected: FORMAT_VERSION,
            });
        }
        let envelope: Envelope = json(entry)?;
        let text = envelope.controller.get();
        let mut description: Description = json(text)?;
        parts.provide(&mut description.control);
        if let ObservationSettings::Own(own) = &description.control.observation {
            own.require("observation")?;
        }
        if let ActionSettings::Own(own) = &description.control.action {
            own.require("action")?;
        }
        check_features(&description)?;
        let network = Network::new(description.network.clone())
            .map_err(|error| ImpossibleController::from(PolicyError::Network(error)))?;
        let parameters = container.parameters(&network)?;
        let found = checksum(text, &parameters);
        let policy = Policy::with_head(description.head, description.network, parameters)
            .map_err(ImpossibleController::from)?;
        let controller = Controller::new(
            policy,
            description.control,
            description.method,
            description.provenance,
        )?;
        if found != envelope.checksum {
            return Err(FormatError::Checksum {
                found,
                expected: one_line(envelope.checksum),
            });
        }
        Ok(controller)
    }
}

/// The bytes for a description and the parameters of its network.
pub(super) fn encode(description: &Description, network: &Network, parameters: &[f32]) -> Vec<u8> {
    const PLAIN_DATA: &str =
        "a description is plain data with text keys and always has a JSON form";
    let controller = serde_json::value::to_raw_value(description).expect(PLAIN_DATA);
    let checksum = checksum(controller.get(), parameters);
    let envelope = Envelope {
        format_version: FORMAT_VERSION,
        checksum,
        controller,
    };
    encode_envelope(
        &serde_json::to_string(&envelope).expect(PLAIN_DATA),
        network,
        parameters,
    )
}

/// The bytes for a finished metadata entry and the parameters of the network.
pub(super) fn encode_envelope(entry: &str, network: &Network, parameters: &[f32]) -> Vec<u8> {
    const FITS: &str = "each tensor's bytes are those of its shape";
    let bytes: Vec<u8> = parameters
        .iter()
        .flat_map(|parameter| parameter.to_le_bytes())
        .collect();
    let views = network.tensors().iter().map(|tensor| {
        let data = &bytes[4 * tensor.range.start..4 * tensor.range.end];
        (
            tensor_name(tensor),
            TensorView::new(Dtype::F32, tensor.shape.clone(), data).expect(FITS),
        )
    });
    safetensors::serialize(
        views,
        Some(HashMap::from([(KEY.to_owned(), entry.to_owned())])),
    )
    .expect(FITS)
}

/// CRC-32 of the description's text and the parameters' bytes.
fn checksum(text: &str, parameters: &[f32]) -> String {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(text.as_bytes());
    for parameter in parameters {
        hasher.update(&parameter.to_le_bytes());
    }
    format!("crc32:{:08x}", hasher.finalize())
}

fn json<'text, T: Deserialize<'text>>(text: &'text str) -> Result<T, FormatError> {
    serde_json::from_str(text).map_err(|error| FormatError::Description {
        reason: one_line(error),
    })
}

/// The safetensors container: its header and the bytes of its tensors.
struct Container<'bytes> {
    header: Metadata,
    data: &'bytes [u8],
}

/// The length of the number in front of the header.
const PREFIX: usize = size_of::<u64>();

impl<'bytes> Container<'bytes> {
    fn open(bytes: &'bytes [u8]) -> Result<Self, FormatError> {
        match SafeTensors::read_metadata(bytes) {
            Ok((header_length, header)) => Ok(Container {
                header,
                data: &bytes[PREFIX + header_length..],
            }),
            Err(error) => Err(container_error(bytes, error)),
        }
    }

    /// The entry of this name in the header's metadata.
    fn entry(&self, key: &str) -> Option<&str> {
        self.header
            .metadata()
            .as_ref()?
            .get(key)
            .map(String::as_str)
    }

    /// The parameters of `network`, provided that its tensors, and no others, are there.
    fn parameters(&self, network: &Network) -> Result<Vec<f32>, FormatError> {
        let expected: Vec<String> = network.tensors().iter().map(tensor_name).collect();
        // In the file's order, so that the message is the same at every run.
        if let Some(name) = self
            .header
            .offset_keys()
            .into_iter()
            .find(|name| !expected.contains(name))
        {
            return Err(FormatError::UnexpectedTensor { name });
        }
        let mut parameters = Vec::new();
        for (tensor, name) in network.tensors().iter().zip(expected) {
            let Some(info) = self.header.info(&name) else {
                return Err(FormatError::MissingTensor { name });
            };
            if info.dtype != Dtype::F32 {
                return Err(FormatError::TensorType {
                    name,
                    found: info.dtype.to_string(),
                });
            }
            if info.shape != tensor.shape {
                let (found, expected) = (info.shape.clone(), tensor.shape.clone());
                return Err(FormatError::TensorShape {
                    name,
                    found,
                    expected,
                });
            }
            let (start, end) = info.data_offsets;
            let (numbers, _) = self.data[start..end].as_chunks();
            parameters.extend(numbers.iter().map(|number| f32::from_le_bytes(*number)));
        }
        Ok(parameters)
    }
}

/// Why the container could not be opened, told apart as far as the bytes let us.
fn container_error(bytes: &[u8], error: SafeTensorError) -> FormatError {
    let found = bytes.len();
    let Some(prefix) = bytes.first_chunk() else {
        return if found == 0 {
            FormatError::Empty
        } else {
            FormatError::Truncated {
                found,
                expected: PREFIX as u64,
            }
        };
    };
    let header_end = u64::from_le_bytes(*prefix).saturating_add(PREFIX as u64);
    match error {
        SafeTensorError::InvalidHeaderLength => FormatError::Truncated {
            found,
            expected: header_end,
        },
        SafeTensorError::MetadataIncompleteBuffer => {
            let header = usize::try_from(header_end)
                .ok()
                .and_then(|end| bytes.get(PREFIX..end));
            let data = header.and_then(|header| serde_json::from_slice::<Metadata>(header).ok());
            let expected =
                header_end.saturating_add(data.map_or(0, |header| header.data_len() as u64));
            if (found as u64) < expected {
                FormatError::Truncated { found, expected }
            } else {
                FormatError::NotSafetensors {
                    reason: format!("{found} bytes, expected {expected}"),
                }
            }
        }
        error => FormatError::NotSafetensors {
            reason: one_line(error),
        },
    }
}

/// Checks that the features in the file are those that this program computes for the observation.
fn check_features(description: &Description) -> Result<(), FormatError> {
    let expected = description.control.observation.feature_names();
    for index in 0..expected.len().max(description.features.len()) {
        let found = description.features.get(index).map_or("", String::as_str);
        let expected = expected.get(index).copied().unwrap_or("");
        if found != expected {
            let (found, expected) = (found.to_owned(), expected.to_owned());
            return Err(FormatError::Feature {
                number: index + 1,
                found,
                expected,
            });
        }
    }
    Ok(())
}
