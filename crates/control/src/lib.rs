//! From a descent's feedback to hyper-parameters: observation, policy, action, safety, and the controller file.
