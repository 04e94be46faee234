//! A controller: a frozen policy with everything that is needed to use it, and its file.

mod assembly;
mod description;
mod error;
mod explain;
mod format;
mod own_parts;
mod provenance;
mod shipped;
mod store;
mod tensor_name;

pub use assembly::Controller;
pub use description::Description;
pub use error::{ControllerError, ControllerProblem, FormatError, ImpossibleController};
pub use format::FORMAT_VERSION;
pub use own_parts::OwnParts;
pub use provenance::Provenance;
pub use shipped::{SHIPPED, ShippedController};

#[cfg(test)]
mod tests;
