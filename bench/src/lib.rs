//! A load generator for any Socket.IO server.
//!
//! One process, one thread: hundreds of clients share one read buffer, frames are parsed where
//! they lie, and a message is rendered once per sender. So the generator costs far less than
//! the server it measures, and says what it cost.
//!
//! Reading order: `client` speaks to a server, `stamp` marks a message so that every copy of it
//! can be judged, `tally` judges, `scenario` puts clients to work, `report` says what came out.

pub mod cli;
pub mod client;
pub mod frame;
pub mod latency;
pub mod packet;
pub mod presets;
pub mod process;
pub mod report;
pub mod scenario;
pub mod stamp;
pub mod tally;
pub mod template;
pub mod tokens;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
