//! The built-in tasks that are task files, in the folder `tasks/` of this crate.
//!
//! The first line of such a file is a comment, which says what it is.

use std::path::Path;

use crate::file::{self, TaskFileError};
use crate::task::Task;

/// A task file that is part of the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuiltInTask {
    /// Its name.
    pub(crate) name: &'static str,
    text: &'static str,
}

macro_rules! tasks {
    ($($name:literal),+ $(,)?) => {
        /// The task files, in the order in which they are listed.
        pub(crate) const BUILT_IN: &[BuiltInTask] = &[$(BuiltInTask {
            name: $name,
            text: include_str!(concat!("../tasks/", $name, ".toml")),
        }),+];
    };
}

tasks! {
    "mnist-logistic",
    "mnist-mlp",
    "mnist-residual",
    "mnist-gru",
    "mnist-lstm",
    "cancer-logistic",
    "penguins-linear",
    "quadratic",
    "rosenbrock",
}

impl BuiltInTask {
    /// The task file of this name.
    pub(crate) fn by_name(name: &str) -> Option<&'static BuiltInTask> {
        BUILT_IN.iter().find(|task| task.name == name)
    }

    /// What it is, in one line.
    pub(crate) fn about(&self) -> &'static str {
        let line = self.text.lines().next().unwrap_or_default();
        line.trim_start_matches(['#', ' '])
    }

    /// The task; `data`, where given, takes the place of its data.
    pub(crate) fn task(&self, data: Option<&Path>) -> Result<Task, TaskFileError> {
        let path = format!("{}.toml", self.name);
        let path = Path::new(&path);
        file::made(self.text, path, data).map_err(|problem| TaskFileError {
            file: path.to_owned(),
            problem,
        })
    }
}

#[cfg(test)]
mod tests {
    use descender_optim::Method;

    use super::*;
    use crate::{Descent, Problem as _, Split, StartPoint};

    /// Thirty steps of Adam.
    fn walk(descent: &mut dyn Descent, rate: f32) {
        let method = Method::by_name("adam").unwrap();
        for _ in 0..30 {
            descent.step(&[method.hyper_parameters(rate)]);
        }
    }

    #[test]
    fn every_task_learns_in_thirty_steps_and_goes_on_from_a_saved_state() {
        for listed in BUILT_IN {
            let name = listed.name;
            assert!(
                listed.text.starts_with("# ") && listed.about().len() > 20,
                "{name}"
            );
            let task = listed.task(None).unwrap();
            assert_eq!(task.name, name);
            task.check().unwrap();
            assert!(
                task.selection.is_some() && task.warnings().is_empty(),
                "{name}"
            );
            let mut descent = task.descent(Method::by_name("adam").unwrap()).unwrap();
            descent.reset(StartPoint::default());
            let loss = |descent: &mut dyn Descent, split| descent.evaluate(split).unwrap().loss;
            let before = loss(&mut *descent, Split::Selection);
            assert!(before < 3.0 * descent.chance_loss(), "{name}: {before}");
            let rate = match name {
                "mnist-residual" => 0.001,
                name if name.starts_with("mnist-") => 0.01,
                _ => 0.03,
            };
            walk(&mut *descent, rate);
            let after = loss(&mut *descent, Split::Selection);
            println!(
                "{name}: {before} {after} {}",
                task.network.parameter_count()
            );
            assert!(after < 0.97 * before, "{name}: {before} {after}");
            let state = descent.save().unwrap();
            walk(&mut *descent, rate);
            let last = loss(&mut *descent, Split::Validation);
            let mut other = task.descent(Method::by_name("adam").unwrap()).unwrap();
            other.restore(&state).unwrap();
            walk(&mut *other, rate);
            let again = loss(&mut *other, Split::Validation);
            assert_eq!(last.to_bits(), again.to_bits(), "{name}: {last} {again}");
        }
    }

    #[test]
    fn rosenbrocks_valley_is_followed_to_its_end() {
        let task = BuiltInTask::by_name("rosenbrock")
            .unwrap()
            .task(None)
            .unwrap();
        let method = Method::by_name("adam").unwrap();
        let mut descent = task.descent(method).unwrap();
        descent.reset(StartPoint::default());
        for _ in 0..task.steps {
            descent.step(&[method.hyper_parameters(0.05)]);
        }
        let end = descent.evaluate(Split::Validation).unwrap();
        assert!(end.loss < 0.05 && end.accuracy.is_nan(), "{end:?}");
    }
}
