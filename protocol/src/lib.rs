//! Engine.IO v4 and Socket.IO v5 as pure functions and state machines.
//!
//! No I/O, no clock, no randomness: time is an argument (`now_ms`), random bytes are an argument,
//! and what there is to do is a return value. Reading order, from the wire inwards: [`frame`] seals
//! WebSocket frames, [`eio`] reads what travels in them or in a polling body, [`sio`] reads what an
//! Engine.IO message carries, [`conn`] says what one connection does next.

pub mod conn;
pub mod eio;
pub mod error;
pub mod frame;
pub mod json;
pub mod sid;
pub mod sio;
