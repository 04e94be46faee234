//! Reinforcement-learning controllers for the hyper-parameters of an optimizer: library and command.
