//! The lock that the outbox is under: the system's. `tests/schedules` compiles the outbox over one
//! of its own in this one's place, whose every order follows from a seed.

pub(super) use std::sync::{Mutex, MutexGuard};
