//! A descent as a reinforcement-learning environment, with its rewards.
