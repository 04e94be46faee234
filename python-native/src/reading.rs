//! Words from Python: purposes of a start and parts of the data, by their names.

use descender::task::{Split, StartPoint, StartPurpose};
use pyo3::PyResult;
use pyo3::exceptions::PyValueError;

/// The start point with this purpose, seed and number.
pub(crate) fn start_point(purpose: &str, seed: u64, index: u64) -> PyResult<StartPoint> {
    let purpose = match purpose {
        "training" => StartPurpose::Training,
        "selection" => StartPurpose::Selection,
        "report" => StartPurpose::Report,
        _ => {
            return Err(PyValueError::new_err(format!(
                "purpose {purpose:?}: expected \"training\", \"selection\" or \"report\""
            )));
        }
    };
    Ok(StartPoint {
        purpose,
        seed,
        index,
    })
}

/// The part of the data of this name.
pub(crate) fn split(name: &str) -> PyResult<Split> {
    [Split::Training, Split::Selection, Split::Validation]
        .into_iter()
        .find(|split| split.name() == name)
        .ok_or_else(|| {
            PyValueError::new_err(format!(
                "split {name:?}: expected \"training\", \"selection\" or \"validation\""
            ))
        })
}

/// The name of a purpose, as [`start_point`] reads it.
pub(crate) const fn purpose_name(purpose: StartPurpose) -> &'static str {
    match purpose {
        StartPurpose::Training => "training",
        StartPurpose::Selection => "selection",
        StartPurpose::Report => "report",
        StartPurpose::Calibration => "calibration",
        StartPurpose::Tuning => "tuning",
    }
}
