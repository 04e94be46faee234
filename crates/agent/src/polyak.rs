//! Polyak averaging: weights that follow others slowly, as those of a target network do.
//!
//! Source: T. Lillicrap et al., "Continuous control with deep reinforcement learning", 2016, Algorithm 1:
//! θ' ← τ θ + (1 − τ) θ'.

/// x ← x + rate · (goal − x).
pub(crate) fn approach(x: &mut [f32], goal: &[f32], rate: f32) {
    for (x, goal) in x.iter_mut().zip(goal) {
        *x += rate * (goal - *x);
    }
}
