//! `manifest.json`: the provenance of a run.

use std::time::{Duration, SystemTime};

use descender_nn::InstructionSet;
use serde::{Deserialize, Serialize};

use crate::phase::Phase;

/// Provenance of a run folder. Nothing in it is part of the result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the program.
    pub version: String,
    /// The command as typed.
    pub command: Vec<String>,
    /// Seed of the run.
    pub seed: u64,
    /// Processor architecture.
    pub architecture: String,
    /// Instruction sets that the processor has, of those the program can use; it uses the last.
    pub cpu_features: Vec<String>,
    /// Threads of the last start.
    pub threads: usize,
    /// When the run was first started (UTC, RFC 3339).
    pub started: String,
    /// How often it was resumed.
    pub resumed: u64,
    /// When it was completed; empty before.
    pub ended: String,
    /// The time that each phase of the run took, in their order, over all starts of the program.
    pub phases: Vec<PhaseTime>,
}

/// A phase of a run with its duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseTime {
    /// The phase.
    #[serde(rename = "name")]
    pub phase: Phase,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Manifest {
    /// The manifest of a run that starts now.
    #[must_use]
    pub fn start(command: Vec<String>, seed: u64, threads: usize) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command,
            seed,
            architecture: std::env::consts::ARCH.to_owned(),
            cpu_features: cpu_features(),
            threads,
            started: now(),
            resumed: 0,
            ended: String::new(),
            phases: Vec::new(),
        }
    }
}

impl Manifest {
    /// The manifest of a run that has lost its own: a run can go on without it.
    #[must_use]
    pub fn lost(seed: u64) -> Self {
        Self {
            started: "unknown".to_owned(),
            ..Self::start(Vec::new(), seed, 1)
        }
    }

    /// Why a continuation by this program on this machine may not give the same bits, in words.
    #[must_use]
    pub fn differences(&self) -> Vec<String> {
        let here = Self::start(Vec::new(), self.seed, self.threads);
        [
            ("version", &self.version, &here.version),
            ("processor", &self.cpu(), &here.cpu()),
        ]
        .into_iter()
        .filter(|(_, then, now)| then != now)
        .map(|(what, then, now)| {
            format!("the run was started with {what} {then} and goes on with {now}: the bits may differ from here on")
        })
        .collect()
    }

    fn cpu(&self) -> String {
        format!("{} ({})", self.architecture, self.cpu_features.join(", "))
    }
}

/// The current time (UTC, RFC 3339).
#[must_use]
pub fn now() -> String {
    stamp(SystemTime::now())
}

/// `time` (UTC, RFC 3339). A clock before 1970 or after 9999 counts as the end of that range that is nearer.
#[must_use]
pub fn stamp(time: SystemTime) -> String {
    /// The last second of the year 9999, in seconds since 1970.
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    let (first, last) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + LAST);
    humantime::format_rfc3339_seconds(time.clamp(first, last)).to_string()
}

fn cpu_features() -> Vec<String> {
    InstructionSet::available()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_clock_has_a_stamp() {
        let day = Duration::from_secs(86_400);
        let far = Duration::from_secs(1 << 40);
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(stamp(epoch + day), "1970-01-02T00:00:00Z");
        assert_eq!(stamp(epoch - day), "1970-01-01T00:00:00Z");
        assert_eq!(stamp(epoch + far), "9999-12-31T23:59:59Z");
    }
}
