//! What the outbox notes of a room: the server's own files.

#[allow(dead_code, unreachable_pub, reason = "the server's own")]
#[path = "../../../../src/hub/id.rs"]
pub(crate) mod id;
#[allow(dead_code, unreachable_pub, reason = "the server's own")]
#[path = "../../../../src/hub/offset.rs"]
pub(crate) mod offset;
#[allow(dead_code, unreachable_pub, reason = "the server's own")]
#[path = "../../../../src/hub/trail.rs"]
pub(crate) mod trail;
