//! The scheduler's lock: whoever takes or leaves it may have to wait for anybody else.

pub(super) use shuttle::sync::{Mutex, MutexGuard};
