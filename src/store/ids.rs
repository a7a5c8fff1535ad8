//! Ids of messages: 41 bits of milliseconds since 2025, 5 bits of node, 7 bits of sequence.
//!
//! They stay below 2^53, grow with time, and are minted in memory without asking anybody.

use crate::hub::id::MessageId;

/// 2025-01-01T00:00Z in ms since 1970.
const EPOCH_MS: u64 = 1_735_689_600_000;
const SEQUENCE_BITS: u32 = 7;
const NODE_BITS: u32 = 5;
const MS_BITS: u32 = 41;
const MS_SHIFT: u32 = SEQUENCE_BITS + NODE_BITS;
const SEQUENCE_LAST: u64 = (1 << SEQUENCE_BITS) - 1;
const MS_LAST: u64 = (1 << MS_BITS) - 1;

/// Mints the ids of one node.
///
/// **Invariant:** every id is larger than all before it and than the stored maximum. When a
/// millisecond's ids are used up, or the clock went back, ids come from milliseconds ahead.
#[derive(Debug)]
pub(super) struct Ids {
    node: u64,
    last_ms: u64,
    last_sequence: u64,
}

impl Ids {
    /// The highest node number.
    pub(super) const NODE_LAST: u8 = (1 << NODE_BITS) - 1;

    /// For a node, numbered 0 to [`Ids::NODE_LAST`] (higher bits are dropped).
    pub(super) fn new(node: u8) -> Ids {
        Ids {
            node: u64::from(node & Self::NODE_LAST),
            last_ms: 0,
            last_sequence: SEQUENCE_LAST,
        }
    }

    /// Keeps all ids to come above a stored one.
    pub(super) fn stay_above(&mut self, stored: MessageId) {
        let stored_ms = stored.0 >> MS_SHIFT;
        if stored_ms > self.last_ms {
            self.last_ms = stored_ms;
            self.last_sequence = SEQUENCE_LAST;
        }
    }

    /// The next id, at `now_ms` since 1970. `None` when 41 bits no longer hold the time (2094).
    pub(super) fn mint(&mut self, now_ms: u64) -> Option<MessageId> {
        let now = now_ms.saturating_sub(EPOCH_MS);
        let (ms, sequence) = if now > self.last_ms {
            (now, 0)
        } else if self.last_sequence < SEQUENCE_LAST {
            (self.last_ms, self.last_sequence + 1)
        } else {
            (self.last_ms + 1, 0)
        };
        if ms > MS_LAST {
            return None;
        }
        (self.last_ms, self.last_sequence) = (ms, sequence);
        Some(MessageId(
            ms << MS_SHIFT | self.node << SEQUENCE_BITS | sequence,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{EPOCH_MS, Ids, MS_LAST, MS_SHIFT, SEQUENCE_LAST};
    use crate::hub::id::MessageId;

    #[test]
    fn spells_time_node_and_sequence() {
        let mut ids = Ids::new(3);
        assert_eq!(ids.mint(EPOCH_MS + 5), Some(MessageId(5 << 12 | 3 << 7)));
        assert_eq!(
            ids.mint(EPOCH_MS + 5),
            Some(MessageId(5 << 12 | 3 << 7 | 1))
        );
        assert_eq!(ids.mint(EPOCH_MS + 6), Some(MessageId(6 << 12 | 3 << 7)));
    }

    #[test]
    fn grows_whatever_the_clock_does() {
        let mut ids = Ids::new(Ids::NODE_LAST);
        let mut last = MessageId(0);
        for now in [9, 9, 3, 0, 10, 10, 9, 11] {
            for _ in 0..300 {
                let id = ids.mint(EPOCH_MS + now).unwrap();
                assert!(id > last, "{id} after {last}");
                last = id;
            }
        }
        assert!(ids.mint(0).unwrap() > last, "a clock before the epoch");
    }

    #[test]
    fn borrows_from_the_future_when_a_millisecond_is_full() {
        let mut ids = Ids::new(0);
        let of = |ms: u64| EPOCH_MS + ms;
        for sequence in 0..=SEQUENCE_LAST {
            assert_eq!(ids.mint(of(7)), Some(MessageId(7 << MS_SHIFT | sequence)));
        }
        assert_eq!(ids.mint(of(7)), Some(MessageId(8 << MS_SHIFT)));
        assert_eq!(ids.mint(of(8)), Some(MessageId(8 << MS_SHIFT | 1)));
        assert_eq!(ids.mint(of(9)), Some(MessageId(9 << MS_SHIFT)));
    }

    #[test]
    fn stays_above_what_is_stored_even_by_another_node() {
        let stored = MessageId(50 << MS_SHIFT | 31 << 7 | 4);
        let mut ids = Ids::new(0);
        ids.stay_above(stored);
        assert!(ids.mint(EPOCH_MS + 50).unwrap() > stored);
        let last = ids.mint(EPOCH_MS + 99).unwrap();
        ids.stay_above(stored);
        assert!(
            ids.mint(EPOCH_MS).unwrap() > last,
            "an old maximum changes nothing"
        );
    }

    #[test]
    fn never_reaches_two_to_the_53() {
        let mut ids = Ids::new(Ids::NODE_LAST);
        let id = ids.mint(EPOCH_MS + MS_LAST).unwrap();
        assert!(id.0 < 1 << 53);
        assert_eq!(ids.mint(EPOCH_MS + MS_LAST + 1), None);
        assert_eq!(ids.mint(u64::MAX), None);
    }
}
