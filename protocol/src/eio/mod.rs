//! Engine.IO v4: packets, polling payloads, the handshake and the request that asks for it.
//!
//! Follows the Engine.IO protocol, revision 4. Speaks to [`crate::conn`], which says what a packet
//! does to a connection, and to whoever answers HTTP requests.

pub mod base64;
pub mod handshake;
pub mod jsonp;
pub mod packet;
pub mod payload;
pub mod query;
mod transport;
pub mod verify;

pub use handshake::Handshake;
pub use packet::Packet;
pub use query::Query;
pub use transport::Transport;
pub use verify::{Asks, HandshakeError, Request, verify};
