//! A load generator for any Socket.IO server.
fn main() {}
