//! An entry of a comparison: ready to run, or still to be made for it.

use std::path::Path;

use descender_control::{Controller, ControllerError};

use super::{Competitor, CompetitorError, Control, Item, Tuned};

/// An entry of a comparison.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Entry {
    /// Ready to run.
    Ready(Competitor),
    /// A negative control of the comparison's controller, which is watched first.
    Control(Control),
    /// A method whose learning rate is searched first.
    Tuned(Tuned),
}

impl Entry {
    /// The entry that the controller of the comparison is.
    #[must_use]
    pub fn controller(controller: Controller) -> Self {
        Self::Ready(Competitor::controller(controller))
    }

    /// Reads a list of items and loads the files that it names.
    ///
    /// # Errors
    /// [`CompetitorError`], naming the item or the file.
    pub fn load_list(list: &str) -> Result<Vec<Self>, CompetitorError> {
        Self::load_list_in(list, Path::new(""))
    }

    /// As [`Entry::load_list`], with file names that are relative to `folder`.
    ///
    /// # Errors
    /// As there.
    pub fn load_list_in(list: &str, folder: &Path) -> Result<Vec<Self>, CompetitorError> {
        Item::parse_list(list)?
            .into_iter()
            .map(|item| item.load(folder))
            .collect()
    }

    /// The item as typed; `controller` for the controller of the comparison.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Ready(competitor) => &competitor.name,
            Self::Control(control) => control.name(),
            Self::Tuned(tuned) => &tuned.name,
        }
    }

    /// The controller of the comparison, if it is among `entries`.
    #[must_use]
    pub fn find_controller(entries: &[Self]) -> Option<&Controller> {
        entries.iter().find_map(|entry| match entry {
            Self::Ready(Competitor {
                role: crate::comparison::Role::Controller,
                steering: super::Steering::Controller(controller),
                ..
            }) => Some(&**controller),
            _ => None,
        })
    }

    /// Checks that there are entries, and that the negative controls among them have a controller to be made from.
    ///
    /// # Errors
    /// [`CompetitorError::Nothing`], or [`CompetitorError::NoController`], naming the first that has none.
    pub fn check(entries: &[Self]) -> Result<(), CompetitorError> {
        if entries.is_empty() {
            return Err(CompetitorError::Nothing);
        }
        let control = entries.iter().find_map(|entry| match entry {
            Self::Control(control) => Some(control.name().to_owned()),
            _ => None,
        });
        match control {
            Some(item) if Self::find_controller(entries).is_none() => {
                Err(CompetitorError::NoController { item })
            }
            _ => Ok(()),
        }
    }
}

impl From<Competitor> for Entry {
    fn from(competitor: Competitor) -> Self {
        Self::Ready(competitor)
    }
}

/// The controller of a file, or of the run folder `path`.
///
/// # Errors
/// The file cannot be read or used.
pub fn load_controller(path: &Path) -> Result<Controller, ControllerError> {
    if path.is_dir() {
        Controller::load(path.join("controller.safetensors"))
    } else {
        Controller::load(path)
    }
}
