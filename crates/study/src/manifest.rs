//! `manifest.json`: where a run came from.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

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
    /// Instruction sets that the processor has and the program uses.
    pub cpu_features: Vec<String>,
    /// Threads of the last start.
    pub threads: usize,
    /// When the run was first started (UTC, RFC 3339).
    pub started: String,
    /// How often it was resumed.
    pub resumed: u64,
    /// When it was complete; empty before.
    pub ended: String,
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
        }
    }
}

/// This moment, UTC, RFC 3339.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

fn cpu_features() -> Vec<String> {
    #[cfg(target_arch = "x86_64")]
    let detected = [
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let detected: [(&str, bool); 0] = [];
    detected
        .into_iter()
        .filter(|(_, present)| *present)
        .map(|(name, _)| name.to_owned())
        .collect()
}
