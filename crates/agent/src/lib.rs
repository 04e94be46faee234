//! Reinforcement-learning agents that learn to control an optimizer.
