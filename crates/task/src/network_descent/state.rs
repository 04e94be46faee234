//! What a saved descent consists of, and how it is told from the descent of another task.

use descender_nn::NetworkSpecification;
use descender_optim::Optimizer;
use flate2::Crc;
use serde::{Deserialize, Serialize};

use crate::batch_order::BatchOrderState;
use crate::data::Dataset;
use crate::{Loss, StartPoint, StateError, Task};

/// Everything that an exact continuation needs; buffers and the data are made anew.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    pub(super) identity: Identity,
    pub(super) start: StartPoint,
    pub(super) steps: u64,
    pub(super) diverged: Option<f32>,
    pub(super) parameters: Vec<f32>,
    pub(super) optimizer: Optimizer,
    pub(super) order: BatchOrderState,
}

/// What tells the descent of one task from that of another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) task: String,
    pub(super) network: NetworkSpecification,
    pub(super) loss: Loss,
    pub(super) batch_size: u64,
    pub(super) examples: u64,
    /// CRC-32 of the training data: the answers, then the inputs.
    pub(super) data: u32,
}

impl Identity {
    /// Reads all the training data, so it is for once in a descent, not for each state.
    pub(super) fn of(task: &Task) -> Identity {
        Identity {
            task: task.name.clone(),
            network: task.network.specification().clone(),
            loss: task.loss,
            batch_size: task.batch_size as u64,
            examples: task.train.len() as u64,
            data: checksum(&task.train),
        }
    }

    pub(super) fn check(&self, expected: &Identity) -> Result<(), StateError> {
        let Identity {
            task,
            network,
            loss,
            batch_size,
            examples,
            data,
        } = self;
        if *task != expected.task {
            return Err(StateError::mismatch("task", task, &expected.task));
        }
        if *network != expected.network {
            let [found, expected] =
                [network, &expected.network].map(|network| format!("{:?}", network.layers));
            return Err(StateError::mismatch("network", found, expected));
        }
        if *loss != expected.loss {
            return Err(StateError::mismatch("loss", loss, expected.loss));
        }
        if *batch_size != expected.batch_size {
            return Err(StateError::mismatch(
                "batch size",
                batch_size,
                expected.batch_size,
            ));
        }
        if *examples != expected.examples {
            return Err(StateError::mismatch(
                "number of training examples",
                examples,
                expected.examples,
            ));
        }
        if *data != expected.data {
            let [found, expected] =
                [*data, expected.data].map(|checksum| format!("{checksum:08x}"));
            return Err(StateError::mismatch(
                "checksum of the training data",
                found,
                expected,
            ));
        }
        Ok(())
    }
}

/// CRC-32 of the answers and, in little-endian bytes, the inputs.
pub(crate) fn checksum(data: &Dataset) -> u32 {
    /// Inputs whose bytes are gathered at a time.
    const BLOCK: usize = 1024;
    let mut crc = Crc::new();
    data.answers.bytes(|piece| crc.update(piece));
    let mut bytes = Vec::with_capacity(BLOCK * size_of::<f32>());
    for block in data.inputs.chunks(BLOCK) {
        bytes.clear();
        bytes.extend(block.iter().flat_map(|value| value.to_le_bytes()));
        crc.update(&bytes);
    }
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_all_the_bytes_and_sees_each_value() {
        let mut data = (*Task::small().train).clone();
        let bytes: Vec<u8> = data
            .inputs
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let mut crc = Crc::new();
        data.answers.bytes(|piece| crc.update(piece));
        crc.update(&bytes);
        assert_eq!(checksum(&data), crc.sum());
        for entry in [0, 1023, 1024, data.inputs.len() - 1] {
            data.inputs[entry] += 0.5;
            assert_ne!(checksum(&data), crc.sum());
            data.inputs[entry] -= 0.5;
        }
        assert_eq!(checksum(&data), crc.sum());
    }
}
