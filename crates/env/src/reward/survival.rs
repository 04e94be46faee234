//! Do the magnitudes of the three-tier reward make surviving better?
