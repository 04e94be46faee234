//! The paper's rival: Adam with its usual η.

use descender_optim::Method;

/// η of the paper's rival.
pub(crate) const ADAM_RATE: f32 = 0.001;

/// The paper's rival.
pub(crate) fn adam() -> Method {
    Method::by_name("adam").expect("Adam is one of the optimizers")
}
