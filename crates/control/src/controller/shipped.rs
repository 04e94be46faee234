//! The controllers that come with the program.

use super::Controller;

/// A controller that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct ShippedController {
    /// The name, which stands where a file could.
    pub name: &'static str,
    /// What it is, in a line.
    pub description: &'static str,
    /// The licence of the file.
    pub licence: &'static str,
    /// What it was trained on, what it is worth, and for which jobs: a page of Markdown.
    pub card: &'static str,
    bytes: &'static [u8],
}

/// The controllers that come with the program, in the order of their names.
pub const SHIPPED: &[ShippedController] = &[ShippedController {
    name: "pretrained",
    description: "η, β₁, β₂ and weight decay of AdamW, read off the job: steps, batch, examples, parameters, input scale, targets, layers, fan-in",
    licence: "MIT OR Apache-2.0",
    card: include_str!("../../controllers/pretrained.md"),
    bytes: include_bytes!("../../controllers/pretrained.safetensors"),
}];

impl ShippedController {
    /// The one of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static ShippedController> {
        SHIPPED.iter().find(|shipped| shipped.name == name)
    }

    /// The file, byte by byte.
    #[must_use]
    pub fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// The controller.
    #[must_use]
    pub fn controller(&self) -> Controller {
        Controller::from_bytes(self.bytes).expect(
            "the controllers that come with the program are a part of it, and its tests read them",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_controller_can_be_read_and_steers_jobs_of_any_length() {
        for shipped in SHIPPED {
            let controller = shipped.controller();
            assert!(controller.control().is_relative(), "{}", shipped.name);
            assert_eq!(controller.to_bytes(), shipped.bytes());
        }
        assert!(ShippedController::by_name("nobody").is_none());
    }
}
