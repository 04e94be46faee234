//! What can be asked of a [`Method`]: lists, look-up by name, settings, and its μ.

use serde::Serialize;

use crate::optimizers::Method;
use crate::{HyperParameters, OptimizerError, setting};

/// A method as `descender list optimizers` shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MethodInfo {
    /// The name, as in settings and on the command line.
    pub name: &'static str,
    /// One line on what it does.
    pub description: &'static str,
    /// The η that people usually start from: the default of PyTorch or of the authors' program, where it is not a
    /// placeholder.
    pub learning_rate: f32,
    /// The method with its default settings.
    pub method: Method,
    /// Names and default values of its settings, as [`Method::with_setting`] reads them.
    pub settings: Vec<(&'static str, String)>,
}

impl Method {
    /// Every method with its default settings, simplest first.
    pub fn names() -> Vec<MethodInfo> {
        Method::defaults()
            .into_iter()
            .map(|method| MethodInfo {
                name: method.name(),
                description: method.description(),
                learning_rate: method.usual_learning_rate(),
                method,
                settings: method.settings(),
            })
            .collect()
    }

    /// The method called `name` with its default settings.
    pub fn by_name(name: &str) -> Option<Method> {
        Method::names()
            .into_iter()
            .find(|info| info.name == name)
            .map(|info| info.method)
    }

    /// Like [`Method::by_name`], with an error that lists the known names.
    ///
    /// # Errors
    /// No method has this name.
    pub fn parse(name: &str) -> Result<Method, OptimizerError> {
        Method::by_name(name).ok_or_else(|| OptimizerError::UnknownName {
            kind: "optimizer",
            name: name.into(),
            known: Method::names()
                .iter()
                .map(|info| info.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// The method's μ with this η.
    pub fn hyper_parameters(&self, learning_rate: f32) -> HyperParameters {
        let [second, first] = self.moments();
        HyperParameters {
            learning_rate,
            a1: second.decay as f32,
            a2: second.weight as f32,
            a3: second.constant as f32,
            b1: first.decay as f32,
            b2: first.weight as f32,
            b3: first.constant as f32,
            c: 1.0,
            w: 1.0,
        }
    }

    /// Names and values of the settings, as [`Method::with_setting`] reads them.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mut method = *self;
        setting::list(method.table())
    }

    /// The same method with the setting `key` at `value`.
    ///
    /// # Errors
    /// The method has no such setting (the error names those it has), or the value is not allowed.
    pub fn with_setting(&self, key: &str, value: &str) -> Result<Method, OptimizerError> {
        let mut method = *self;
        setting::set(&self.owner(), method.table(), key, value)?;
        Ok(method)
    }

    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting whose value is not allowed, with what was expected.
    pub fn check(&self) -> Result<(), OptimizerError> {
        let mut method = *self;
        setting::check(&self.owner(), method.table())
    }

    fn owner(&self) -> String {
        format!("optimizer \"{}\"", self.name())
    }
}
