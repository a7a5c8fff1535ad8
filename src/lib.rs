//! polylogue: a chat server that stock Socket.IO clients reach unmodified.

pub mod hub;
pub mod limits;
pub mod store;
