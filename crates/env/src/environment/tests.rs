//! What an environment must hold to.
