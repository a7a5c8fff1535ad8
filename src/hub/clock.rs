//! Time. Read at the edges; everything inside takes it as an argument.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since 1970, by the wall's clock: it may jump. For what people are shown.
    pub wall_ms: u64,
    /// Milliseconds since the first question, by a clock that never jumps. For waiting.
    pub up_ms: u64,
}

/// This moment.
#[must_use]
pub fn now() -> Now {
    Now { wall_ms: wall_ms(), up_ms: up_ms() }
}

/// See [`Now::wall_ms`].
#[must_use]
pub fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// See [`Now::up_ms`].
#[must_use]
pub fn up_ms() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let since = START.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
