//! What an action definition needs in order to be built in.

use super::ActionDefinition;

/// An action definition that configurations can name: it is listed in [`ActionSettings`](super::ActionSettings).
pub(super) trait BuiltInAction: ActionDefinition + Clone {
    /// The name, as in configurations: the name of its variant in kebab case.
    const NAME: &'static str;
    /// One line that says what an action does.
    const DESCRIPTION: &'static str;
}
