//! A controller as data: all of it except the numbers in its network.

use descender_nn::NetworkSpecification;
use descender_optim::Method;
use serde::{Deserialize, Serialize};

use super::{Controller, Provenance};
use crate::{ControlSettings, PolicyHead};

/// Everything about a controller except the numbers in its network, as it stands in the controller file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// How the network's outputs become an action. Files written before there was a choice name none: greedy values.
    #[serde(default)]
    pub head: PolicyHead,
    /// The policy network.
    pub network: NetworkSpecification,
    /// Observation, actions, bounds, interval and initial η.
    pub control: ControlSettings,
    /// Names of the features that the observation writes, in their order.
    pub features: Vec<String>,
    /// The optimizer that the controller was trained to steer.
    pub method: Method,
    /// Where the controller comes from.
    pub provenance: Provenance,
}

impl Controller {
    /// The controller as data.
    #[must_use]
    pub fn description(&self) -> Description {
        let features = self.control.observation.feature_names();
        Description {
            head: self.policy.head(),
            network: self.policy.specification().clone(),
            control: self.control.clone(),
            features: features.into_iter().map(str::to_owned).collect(),
            method: self.method,
            provenance: self.provenance.clone(),
        }
    }
}
