//! The bytes of an answer, block by block, with an end to waiting for them.

use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use crate::error::MirrorProblem;

/// Bytes that are read at once.
const BLOCK: usize = 1 << 16;
/// Blocks that may wait to be written.
const WAITING: usize = 4;

/// An answer that is being read by a thread of its own, so that whoever waits for it can stop to.
pub(crate) struct Body {
    blocks: Receiver<Result<Vec<u8>, MirrorProblem>>,
    patience: Duration,
}

impl Body {
    /// Reads `reader` to its end; no block takes longer than `patience`.
    pub(crate) fn read(mut reader: impl Read + Send + 'static, patience: Duration) -> Self {
        let (sender, blocks) = sync_channel(WAITING);
        std::thread::spawn(move || {
            loop {
                let mut block = vec![0; BLOCK];
                let (told, ends) = match reader.read(&mut block) {
                    Ok(0) => return,
                    Ok(length) => {
                        block.truncate(length);
                        (Ok(block), false)
                    }
                    Err(error) => (Err(MirrorProblem::Cut(error.to_string())), true),
                };
                // Whoever waited may have gone.
                if sender.send(told).is_err() || ends {
                    return;
                }
            }
        });
        Body { blocks, patience }
    }

    /// The next bytes; none at the end.
    pub(crate) fn next(&self) -> Result<Option<Vec<u8>>, MirrorProblem> {
        match self.blocks.recv_timeout(self.patience) {
            Ok(block) => block.map(Some),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => Err(MirrorProblem::Stalled(
                self.patience.as_millis().try_into().unwrap_or(u64::MAX),
            )),
        }
    }
}
