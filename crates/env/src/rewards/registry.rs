//! What makes a reward built in: a name in configuration files, settings that can be checked, and the list of all.

use descender_task::StateError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::EnvironmentSettingsError;
use crate::reward::Reward;

/// The settings of a built-in reward.
pub(super) trait BuiltInReward: Default {
    /// The name in files: that of the list's entry, in kebab case.
    const NAME: &'static str;

    /// One line about it.
    const DESCRIPTION: &'static str;

    /// Checks every setting but those of the [ending](Reward::ending).
    fn check(&self) -> Result<(), EnvironmentSettingsError>;

    /// The reward, before its first reset. Settings that were not checked must not make it panic or allocate.
    fn build(&self) -> Box<dyn Reward>;
}

/// The bytes of a reward's memory.
pub(super) fn save(memory: &impl Serialize) -> Vec<u8> {
    postcard::to_stdvec(memory).expect("plain numbers and lists always have a binary form")
}

/// The memory in the bytes that [`save`] made for the reward `name`.
pub(super) fn restore<T: DeserializeOwned>(
    name: &'static str,
    memory: &[u8],
) -> Result<T, StateError> {
    let unreadable = |reason| StateError::unreadable(name, reason);
    let (memory, rest) = postcard::take_from_bytes(memory)
        .map_err(|error: postcard::Error| unreadable(error.to_string()))?;
    if rest.is_empty() {
        Ok(memory)
    } else {
        Err(unreadable(format!("{} bytes too many", rest.len())))
    }
}

/// From the list of the built-in rewards: `RewardSettings` and all of it that goes by kind.
macro_rules! built_in_rewards {
    ($($(#[$documentation:meta])* $kind:ident($settings:ty),)+) => {
        /// Which reward, with its settings; in a configuration file a section with the kind as `name`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "name", rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum RewardSettings {
            $($(#[$documentation])* $kind($settings),)+
            /// A reward of the program's own; each environment has a clone of it. A file holds only its name.
            Own(Own<dyn Reward>),
        }

        impl RewardSettings {
            /// Name and one-line description of every built-in reward.
            #[must_use]
            pub fn names() -> &'static [(&'static str, &'static str)] {
                &[$((<$settings>::NAME, <$settings>::DESCRIPTION)),+]
            }

            /// The name of this reward.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$kind(_) => <$settings>::NAME,)+
                    Self::Own(own) => own.name(),
                }
            }

            /// The built-in reward called `name`, with default settings.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                match name {
                    $(<$settings>::NAME => Some(Self::$kind(<$settings>::default())),)+
                    _ => None,
                }
            }

            fn check_fields(&self) -> Result<(), EnvironmentSettingsError> {
                match self {
                    $(Self::$kind(settings) => settings.check(),)+
                    Self::Own(_) => Ok(()),
                }
            }

            /// The reward, whatever its settings are; refused if there is none.
            fn prototype(&self) -> Result<Box<dyn Reward>, EnvironmentSettingsError> {
                match self {
                    $(Self::$kind(settings) => Ok(settings.build()),)+
                    Self::Own(own) => clone_of(own),
                }
            }
        }
    };
}

pub(super) use built_in_rewards;
