//! Turns the entries and the outcomes of calibration and tuning into contenders that are ready to run.

use std::collections::BTreeMap;

use super::tune::Found;
use crate::comparison::Tuning;
use crate::contender::{Calibration, Contender, Entry};

/// A contender with what its settings cost to find.
pub(super) struct ReadyContender {
    pub(super) contender: Contender,
    pub(super) tuning: Option<Tuning>,
}

/// Every entry as a contender; `found` are the outcomes of the searches.
pub(super) fn ready(
    entries: &[Entry],
    calibration: &Calibration,
    found: &BTreeMap<usize, Found>,
) -> Vec<ReadyContender> {
    let ready = |(place, entry): (usize, &Entry)| {
        let (contender, tuning) = match entry {
            Entry::Ready(contender) => (contender.clone(), None),
            Entry::NegativeControl(control) => {
                let controller = Entry::find_controller(entries)
                    .expect("the entries were checked: a control has its controller");
                (control.contender(controller, calibration), None)
            }
            Entry::Tuned(_) => {
                let (contender, tuning) = &found[&place];
                (contender.clone(), Some(tuning.clone()))
            }
        };
        ReadyContender { contender, tuning }
    };
    entries.iter().enumerate().map(ready).collect()
}
