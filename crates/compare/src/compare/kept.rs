//! What a comparison keeps, and where.

use super::cache::RivalCache;
use super::store::TrialStore;

/// Where finished descents are kept and found again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept<'a> {
    /// All descents of this comparison, so that it can be continued.
    pub store: Option<&'a TrialStore>,
    /// The rivals' descents, for any comparison. It is a convenience: what it can't keep is not kept.
    pub cache: Option<&'a RivalCache>,
}

impl<'a> From<Option<&'a TrialStore>> for Kept<'a> {
    fn from(store: Option<&'a TrialStore>) -> Self {
        Self { store, cache: None }
    }
}
