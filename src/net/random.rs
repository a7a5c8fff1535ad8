//! Ids that nobody can guess.

use std::sync::atomic::{AtomicU32, Ordering};

use polylogue_protocol::sid::{self, Sid};

/// A new session id: 12 random bytes and 3 that count.
pub(super) fn sid() -> Sid {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let mut random = [0; 12];
    getrandom::fill(&mut random).expect("the kernel has random bytes");
    sid::sid(random, COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A name for this run of this node.
#[must_use]
pub fn node_name() -> String {
    sid().as_str().to_owned()
}
