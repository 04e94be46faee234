//! Where the jobs of a learning come from.

use std::fmt::Debug;

use descender_task::{Problem, Split, StartPoint, StartPurpose, Task};

use crate::instance::JobInstance;
use crate::set::{DataSource, JobSet, JobSetError, NetworkFamily};

/// Jobs by number: those of a set, or one task from many starts.
pub trait JobSource: Sync + Debug {
    /// The name, as a controller keeps it.
    fn name(&self) -> &str;

    /// A text that is the same exactly if the jobs are the same.
    fn identity(&self) -> String;

    /// Checks that jobs can be drawn.
    ///
    /// # Errors
    /// Names what can't be used.
    fn check(&self) -> Result<(), JobSetError>;

    /// Job number `index` of those that serve `purpose`. Its validation loss is what is learned.
    fn instance(&self, purpose: StartPurpose, index: u64) -> JobInstance;
}

impl JobSource for JobSet {
    fn name(&self) -> &str {
        &self.name
    }

    fn identity(&self) -> String {
        serde_json::to_string(self).expect("a set always has a text form")
    }

    fn check(&self) -> Result<(), JobSetError> {
        JobSet::check(self)
    }

    fn instance(&self, purpose: StartPurpose, index: u64) -> JobInstance {
        JobSet::instance(self, purpose, index)
    }
}

/// One task, whose jobs differ in where they start. What is learned is its loss on the selection data: the validation data
/// are for the report.
#[derive(Clone, Debug)]
pub struct OneTask {
    task: Task,
    seed: u64,
}

impl OneTask {
    /// The task for descents of so many steps; `None` if it has no selection data.
    #[must_use]
    pub fn new(task: &Task, steps: u64, seed: u64) -> Option<Self> {
        let task = Task {
            steps,
            validation: task.data(Split::Selection)?,
            ..task.clone()
        };
        Some(Self { task, seed })
    }
}

impl JobSource for OneTask {
    fn name(&self) -> &str {
        &self.task.name
    }

    fn identity(&self) -> String {
        format!(
            "{}, {} steps, seed {}",
            self.task.identity(),
            self.task.steps,
            self.seed
        )
    }

    fn check(&self) -> Result<(), JobSetError> {
        Ok(())
    }

    fn instance(&self, purpose: StartPurpose, index: u64) -> JobInstance {
        JobInstance {
            task: self.task.clone(),
            data: DataSource::Own,
            network: NetworkFamily::Own,
            start: StartPoint {
                purpose,
                seed: self.seed,
                index,
            },
        }
    }
}
