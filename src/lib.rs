//! polylogue: a chat server that stock Socket.IO clients reach unmodified.

pub mod config;
pub mod hub;
pub mod keys;
pub mod limits;
pub mod lock;
