//! The command `descender`.
fn main() {}
