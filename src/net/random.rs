//! Ids that nobody can guess.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};

use polylogue_protocol::sid::{self, Sid};

/// Random bytes of one id.
const RANDOM_BYTES: usize = 12;
/// Ids whose bytes the kernel is asked for at once: a connection wants three.
const IDS_PER_DRAW: usize = 64;

/// The kernel's random bytes, drawn ahead.
struct Stock {
    bytes: [u8; RANDOM_BYTES * IDS_PER_DRAW],
    /// How many of them are given out.
    given: usize,
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock::EMPTY) };
}

impl Stock {
    const SIZE: usize = RANDOM_BYTES * IDS_PER_DRAW;
    const EMPTY: Stock = Stock { bytes: [0; Self::SIZE], given: Self::SIZE };

    fn take(&mut self) -> [u8; RANDOM_BYTES] {
        if self.given == Self::SIZE {
            getrandom::fill(&mut self.bytes).expect("the kernel has random bytes");
            self.given = 0;
        }
        let mut taken = [0; RANDOM_BYTES];
        // They are gone from here: no id is found in memory before or after its time.
        taken.swap_with_slice(&mut self.bytes[self.given..self.given + RANDOM_BYTES]);
        self.given += RANDOM_BYTES;
        taken
    }
}

/// A new session id: 12 random bytes and 3 that count.
pub(super) fn sid() -> Sid {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let random = STOCK.with_borrow_mut(Stock::take);
    sid::sid(random, COUNTER.fetch_add(1, Ordering::Relaxed))
}

/// A name for this run of this node.
#[must_use]
pub fn node_name() -> String {
    sid().as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{IDS_PER_DRAW, RANDOM_BYTES, Stock};

    #[test]
    fn no_random_bytes_are_given_out_twice_nor_kept() {
        let mut stock = Stock::EMPTY;
        let taken: HashSet<_> = (0..3 * IDS_PER_DRAW).map(|_| stock.take()).collect();
        assert_eq!(taken.len(), 3 * IDS_PER_DRAW);
        assert!(!taken.contains(&[0; RANDOM_BYTES]));
        assert!(stock.bytes.iter().all(|byte| *byte == 0), "all of them are given out");
    }
}
