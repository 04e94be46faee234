//! A descent that does what a session's safety net advises.

use descender_control::{Advice, Keeper, Session};
use descender_task::{Descent, NetworkDescent};

/// The states of a descent that its session's net may ask for; nothing where there is no net.
pub(crate) struct Guard(Option<Keeper<Vec<u8>>>);

impl Guard {
    /// Before the first step.
    pub(crate) fn new(session: &Session, descent: &NetworkDescent) -> Self {
        Self((session.is_guarded()).then(|| Keeper::new(descent.save())))
    }

    /// Follows the session's advice after a step. Tells whether the descent can go on: it cannot where the loss was not
    /// finite and nothing was restored.
    pub(crate) fn obey(
        &mut self,
        session: &Session,
        descent: &mut NetworkDescent,
        loss: f32,
    ) -> bool {
        let Some(keeper) = &mut self.0 else {
            return loss.is_finite();
        };
        let back = match session.advice() {
            Advice::Proceed => None,
            Advice::Save => {
                keeper.save(descent.save());
                None
            }
            Advice::Restore => Some(keeper.restore()),
            Advice::Restart => Some(keeper.restart()),
        };
        match back {
            None => loss.is_finite(),
            Some(state) => {
                descent
                    .restore(state)
                    .expect("a descent takes back what it has saved itself");
                true
            }
        }
    }
}
