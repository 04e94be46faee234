#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod descended;
mod draw;
mod instance;
mod judge;
mod kept;
pub mod learn;
mod set;
mod source;
mod synthetic;

pub use descended::{JobOutcome, descend, probe_steps};
pub use instance::JobInstance;
pub use judge::{
    FamilyFigures, JobsComparison, JobsError, JobsFolder, JobsFolderError, JobsMethod,
    JobsProgress, JobsRequest, JobsSettings, JudgedJob, judge, judge_shard,
};
pub use kept::KeepError;
pub use set::{DataSource, JobSet, JobSetError, NetworkFamily, Sometimes, name_of};
pub use source::{JobSource, OneTask};
