//! The outbox and what it speaks to: its own files, but for the stream and the lock.

#[allow(dead_code, reason = "the server's own")]
#[path = "../../../../src/net/backlog.rs"]
mod backlog;
#[allow(dead_code, unreachable_pub, reason = "the server's own")]
#[path = "../../../../src/net/close.rs"]
mod close;
mod lock;
#[allow(dead_code, reason = "the server's own")]
#[path = "../../../../src/net/outbox/mod.rs"]
mod outbox;
pub mod scenes;
mod wire;
