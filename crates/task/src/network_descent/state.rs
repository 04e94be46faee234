//! What a saved descent consists of, and how it is told from the descent of another task.

use descender_nn::NetworkSpecification;
use descender_optim::Optimizer;
use flate2::Crc;
use serde::{Deserialize, Serialize};

use crate::batch_order::BatchOrderState;
use crate::{StartPoint, StateError, Task};

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
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) task: String,
    pub(super) network: NetworkSpecification,
    pub(super) batch_size: u64,
    pub(super) examples: u64,
    /// CRC-32 of the training labels, which differ between data sets.
    pub(super) labels: u32,
}

impl Identity {
    pub(super) fn of(task: &Task) -> Identity {
        let mut labels = Crc::new();
        labels.update(&task.train.labels);
        Identity {
            task: task.name.clone(),
            network: task.network.specification().clone(),
            batch_size: task.batch_size as u64,
            examples: task.train.len() as u64,
            labels: labels.sum(),
        }
    }

    pub(super) fn check(&self, expected: &Identity) -> Result<(), StateError> {
        let Identity {
            task,
            network,
            batch_size,
            examples,
            labels,
        } = self;
        if *task != expected.task {
            return Err(StateError::mismatch("task", task, &expected.task));
        }
        if *network != expected.network {
            let [found, expected] =
                [network, &expected.network].map(|network| format!("{:?}", network.layers));
            return Err(StateError::mismatch("network", found, expected));
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
        if *labels != expected.labels {
            let [found, expected] =
                [*labels, expected.labels].map(|checksum| format!("{checksum:08x}"));
            return Err(StateError::mismatch(
                "checksum of the training labels",
                found,
                expected,
            ));
        }
        Ok(())
    }
}
