//! The hub: rooms, and nothing about how anyone speaks.

pub mod event;
pub mod id;
pub mod ports;
pub mod text;
