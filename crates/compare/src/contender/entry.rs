//! An entry of a comparison: a contender, or what the comparison turns into one.

use std::path::Path;

use descender_control::{Controller, ControllerError, ShippedController};

use super::{Contender, ContenderError, NegativeControl, Steering, Tuned};

/// An entry of a comparison.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Entry {
    /// Ready to run.
    Ready(Contender),
    /// A negative control of the comparison's controller, made from it before the comparison.
    NegativeControl(NegativeControl),
    /// A method whose learning rate is searched before the comparison.
    Tuned(Tuned),
}

impl Entry {
    /// The controller of the comparison as an entry.
    #[must_use]
    pub fn controller(controller: Controller) -> Self {
        Self::Ready(Contender::controller(controller))
    }

    /// The item as typed; `controller` for the controller of the comparison.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ready(contender) => &contender.name,
            Self::NegativeControl(control) => control.name(),
            Self::Tuned(tuned) => &tuned.name,
        }
    }

    /// Bytes that identify the entry's descents: everything that these depend on, except the settings of the comparison
    /// and its controller.
    #[must_use]
    pub fn identity(&self) -> Vec<u8> {
        match self {
            Self::Ready(contender) => {
                let mut content = contender.settings().to_string().into_bytes();
                match &contender.steering {
                    Steering::Recorded(schedule) => {
                        for (_, values) in schedule.columns() {
                            content.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                        }
                    }
                    Steering::Controller(controller) => content.extend(controller.to_bytes()),
                    _ => {}
                }
                content
            }
            Self::NegativeControl(control) => control.name().into(),
            Self::Tuned(tuned) => format!("{tuned:?}").into_bytes(),
        }
    }

    /// The tuned method, if it is one.
    #[must_use]
    pub fn tuned(&self) -> Option<&Tuned> {
        match self {
            Self::Tuned(tuned) => Some(tuned),
            _ => None,
        }
    }

    /// Whether it is a negative control that is made from the controller's calibration.
    #[must_use]
    pub fn needs_calibration(&self) -> bool {
        matches!(self, Self::NegativeControl(control) if control.needs_calibration())
    }

    /// The controller of the comparison, if it is among `entries`.
    #[must_use]
    pub fn find_controller(entries: &[Self]) -> Option<&Controller> {
        entries.iter().find_map(|entry| match entry {
            Self::Ready(Contender {
                role: crate::comparison::Role::Controller,
                steering: Steering::Controller(controller),
                ..
            }) => Some(&**controller),
            _ => None,
        })
    }

    /// Checks that every controller among `entries` can steer descents of `steps` steps: one that paces itself by the
    /// length of its descents ([`ControlSettings::paces`](descender_control::ControlSettings::paces)) ends with it.
    ///
    /// # Errors
    /// [`ContenderError::Length`], naming the first that can't.
    pub fn check_steps(entries: &[Self], steps: u64) -> Result<(), ContenderError> {
        for entry in entries {
            if let Self::Ready(Contender {
                name,
                steering: Steering::Controller(controller),
                ..
            }) = entry
                && let Some(made) = controller.control().paces().first().map(|(_, pace)| *pace)
                && made != steps as f32
            {
                return Err(ContenderError::Length {
                    item: name.clone(),
                    made: made.round() as u64,
                    steps,
                });
            }
        }
        Ok(())
    }

    /// Checks that there are entries, and that the negative controls among them have a controller to be made from.
    ///
    /// # Errors
    /// [`ContenderError::Nothing`], or [`ContenderError::NoController`], naming the first such negative control.
    pub fn check(entries: &[Self]) -> Result<(), ContenderError> {
        if entries.is_empty() {
            return Err(ContenderError::Nothing);
        }
        let control = entries.iter().find_map(|entry| match entry {
            Self::NegativeControl(control) => Some(control.name().to_owned()),
            _ => None,
        });
        match control {
            Some(item) if Self::find_controller(entries).is_none() => {
                Err(ContenderError::NoController { item })
            }
            _ => Ok(()),
        }
    }
}

impl From<Contender> for Entry {
    fn from(contender: Contender) -> Self {
        Self::Ready(contender)
    }
}

/// The controller of a file, or of the run folder `path`; or, where there is neither, the one that comes with the program
/// under the last part of `path`.
///
/// # Errors
/// The file cannot be read or used.
pub fn load_controller(path: &Path) -> Result<Controller, ControllerError> {
    if let Some(shipped) = shipped(path) {
        Ok(shipped.controller())
    } else if path.is_dir() {
        Controller::load(path.join("controller.safetensors"))
    } else {
        Controller::load(path)
    }
}

/// The controller that comes with the program, if `path` is its name and no file or folder.
#[must_use]
pub fn shipped(path: &Path) -> Option<&'static ShippedController> {
    let name = path.file_name()?.to_str()?;
    ShippedController::by_name(name).filter(|_| !path.exists())
}
