//! polylogue.
fn main() {}
