//! Data sets, networks and start points, and the descent of a network.
