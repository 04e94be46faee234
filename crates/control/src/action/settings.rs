//! Which actions a controller has: the list of the built-in definitions, and one's own by value.

use std::any::Any;
use std::sync::Arc;

use descender_optim::{HyperParameter, HyperParameters};
use serde::{Deserialize, Serialize};

use super::registry::BuiltInAction;
use super::{Action, ActionDefinition, ActionSpace};
use crate::{NotBuiltIn, Own, SettingsError};

/// Makes [`ActionSettings`] from the list of the built-in definitions.
macro_rules! built_in_actions {
    ($($(#[$doc:meta])* $Variant:ident($module:ident::$Definition:ident)),+ $(,)?) => {
        $(pub use super::$module::$Definition;)+

        /// Which actions there are, and what each does to μ.
        ///
        /// In a configuration, `name` says which, and the definition's settings follow. Methods that ask an absent
        /// definition of one's own (see [`Own`]) find no actions; [`ActionSettings::check`] refuses it.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "name", rename_all = "kebab-case")]
        pub enum ActionSettings {
            $($(#[$doc])* $Variant($Definition),)+
            /// A definition that is not built in.
            Own(Own<dyn ActionDefinition>),
        }

        impl ActionSettings {
            /// Name and one-line description of every definition that is built in.
            #[must_use]
            pub fn names() -> &'static [(&'static str, &'static str)] {
                &[$(($Definition::NAME, $Definition::DESCRIPTION)),+]
            }

            /// The definition.
            ///
            /// # Errors
            /// If it is not built in, and its value is absent.
            pub fn definition(&self) -> Result<&dyn ActionDefinition, NotBuiltIn> {
                match self {
                    $(Self::$Variant(definition) => Ok(definition),)+
                    Self::Own(own) => own.require("action"),
                }
            }
        }

        /// A built-in definition becomes its variant, any other [`ActionSettings::Own`].
        impl<D: ActionDefinition + 'static> From<D> for ActionSettings {
            fn from(definition: D) -> Self {
                let any: &dyn Any = &definition;
                $(if let Some(built_in) = any.downcast_ref::<$Definition>() {
                    return Self::$Variant(built_in.clone());
                })+
                Self::Own(Own::new(definition.name().to_owned(), Arc::new(definition)))
            }
        }
    };
}

built_in_actions! {
    /// Discrete: action i multiplies η by the i-th factor.
    Factors(factors::Factors),
    /// Continuous: each decision places hyper-parameters anew, between fixed ends around an anchor.
    Anchored(anchored::Anchored),
}

impl Default for ActionSettings {
    fn default() -> Self {
        ActionSettings::Factors(Factors::default())
    }
}

impl ActionSettings {
    /// Discrete actions that multiply η by these factors.
    #[must_use]
    pub fn factors(factors: impl Into<Vec<f32>>) -> Self {
        ActionSettings::Factors(Factors {
            factors: factors.into(),
        })
    }

    /// Checks every field.
    ///
    /// # Errors
    /// Names the field that cannot be used, or the definition whose value is absent.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.definition()?.check()
    }

    /// [`ActionDefinition::space`].
    #[must_use]
    pub fn space(&self) -> ActionSpace {
        self.definition()
            .map_or(ActionSpace::Discrete(0), ActionDefinition::space)
    }

    /// [`ActionDefinition::apply`]: changes μ as `action` says before step `step` (from 0).
    pub fn apply(&self, action: &Action, step: u64, mu: &mut HyperParameters) {
        if let Ok(definition) = self.definition() {
            definition.apply(action, step, mu);
        }
    }

    /// [`ActionDefinition::follow`]: changes μ to what it is before step `step`, between two decisions.
    pub fn follow(&self, action: &Action, step: u64, mu: &mut HyperParameters) {
        if let Ok(definition) = self.definition() {
            definition.follow(action, step, mu);
        }
    }

    /// [`ActionDefinition::begin`]: changes μ to what it is before the first decision.
    pub fn begin(&self, mu: &mut HyperParameters) {
        if let Ok(definition) = self.definition() {
            definition.begin(mu);
        }
    }

    /// The entries of μ that an action may change, in the order of μ.
    #[must_use]
    pub fn entries(&self) -> Vec<HyperParameter> {
        let mut entries = self
            .definition()
            .map_or(Vec::new(), ActionDefinition::entries);
        entries.sort_unstable();
        entries
    }

    /// [`ActionDefinition::descriptions`].
    #[must_use]
    pub fn descriptions(&self) -> Vec<String> {
        self.definition()
            .map_or(Vec::new(), ActionDefinition::descriptions)
    }
}
