//! The real outbox, compiled over a scheduler that decides which thread runs next: thousands of
//! orders in which pushers, the writing task, polls, an upgrade and a close could meet. A seed or
//! a schedule brings each of them back.

mod hub;
#[allow(dead_code, unreachable_pub, reason = "the server's own, of which the outbox needs a part")]
#[path = "../../../src/limits.rs"]
mod limits;
mod net;

pub use net::scenes;
