//! What makes an agent built in: a name in configuration files, settings that can be checked, and the list of all.

use crate::AgentBuilder;

/// The settings of a built-in agent. They have a `check`, too, which names the first setting with an impossible value.
pub(crate) trait BuiltInAgent: AgentBuilder + Default {
    /// The name in files: that of the list's entry, in kebab case.
    const NAME: &'static str;

    /// One line about it.
    const DESCRIPTION: &'static str;

    /// What it is, with its article.
    const WORDS: &'static str;
}

/// From the list of the built-in agents: `AgentSettings` and all of it that goes by kind.
macro_rules! built_in_agents {
    ($($(#[$documentation:meta])* $kind:ident($settings:ty),)+) => {
        /// An agent's kind and settings; in a configuration file `[agent]` with the kind as `name`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "name", rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum AgentSettings {
            $($(#[$documentation])* $kind($settings),)+
            /// An agent of the program's own. A file holds only its name.
            Own(Own<dyn AgentBuilder>),
        }

        impl AgentSettings {
            /// Every built-in agent: its name and one line about it.
            #[must_use]
            pub fn names() -> &'static [(&'static str, &'static str)] {
                &[$((<$settings>::NAME, <$settings>::DESCRIPTION)),+]
            }

            /// The name of this agent.
            #[must_use]
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$kind(_) => <$settings>::NAME,)+
                    Self::Own(own) => own.name(),
                }
            }

            /// The kind in words, with its article; for an agent of the program's own its name.
            #[must_use]
            pub fn words(&self) -> &str {
                match self {
                    $(Self::$kind(_) => <$settings>::WORDS,)+
                    Self::Own(own) => own.name(),
                }
            }

            /// The settings of the built-in agent called `name`, at their defaults.
            #[must_use]
            pub fn by_name(name: &str) -> Option<Self> {
                match name {
                    $(<$settings>::NAME => Some(Self::$kind(<$settings>::default())),)+
                    _ => None,
                }
            }

            /// Checks every setting.
            ///
            /// # Errors
            /// Names the first setting with an impossible value. An agent of the program's own that was read from a
            /// file has no value, and is refused.
            pub fn check(&self) -> Result<(), SettingsError> {
                match self {
                    $(Self::$kind(settings) => settings.check(),)+
                    Self::Own(own) => builder_of(own).map(|_| ()),
                }
            }

            /// What builds the agent.
            fn builder(&self) -> Result<&dyn AgentBuilder, SettingsError> {
                match self {
                    $(Self::$kind(settings) => Ok(settings),)+
                    Self::Own(own) => builder_of(own),
                }
            }
        }
    };
}

pub(crate) use built_in_agents;
