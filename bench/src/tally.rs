//! What one receiver heard, judged as it comes: per sender a counter that must go up by one, and
//! over all senders one rolling hash of the order, which receivers of a room compare at the end.
//! Pure. A delivery costs an index and a multiplication.

/// Counters a receiver still waits for, remembered one by one; behind this many only their
/// number is known.
pub const MISSING_MAX: usize = 1024;

/// The judgement on one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The next of its sender (a gap before it shows as loss, unless it is filled).
    Fresh,
    /// It had been passed over: it comes after a later one of the same sender.
    Late,
    /// It was here before.
    Duplicate,
}

/// One receiver's account.
#[derive(Clone, Debug)]
pub struct Tally {
    last: Vec<u32>,
    missing: Vec<(usize, u32)>,
    order_hash: u64,
    received: u64,
    late: u64,
    duplicates: u64,
}

impl Tally {
    /// For a room of `senders` senders.
    pub fn new(senders: usize) -> Self {
        let last = vec![0; senders];
        Self { last, missing: Vec::new(), order_hash: 0, received: 0, late: 0, duplicates: 0 }
    }

    /// Judges message `counter`, from 1, of the room's sender `slot`, from 0.
    pub fn note(&mut self, slot: usize, counter: u32) -> Verdict {
        let last = self.last[slot];
        if counter <= last && !self.take_missing(slot, counter) {
            self.duplicates += 1;
            return Verdict::Duplicate;
        }
        self.received += 1;
        self.order_hash = roll(self.order_hash, slot, counter);
        if counter <= last {
            self.late += 1;
            return Verdict::Late;
        }
        let room = MISSING_MAX - self.missing.len();
        self.missing.extend((last + 1..counter).take(room).map(|missing| (slot, missing)));
        self.last[slot] = counter;
        Verdict::Fresh
    }

    /// The counter that follows the last one heard of `slot`: for deliveries without a stamp.
    pub fn next_counter(&self, slot: usize) -> u32 {
        self.last[slot] + 1
    }

    /// Different messages heard.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Messages that came behind a later one of the same sender.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// Copies beyond the first.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Equal for two receivers that heard the same messages in the same order.
    pub fn order_hash(&self) -> u64 {
        self.order_hash
    }

    fn take_missing(&mut self, slot: usize, counter: u32) -> bool {
        let found = self.missing.iter().position(|&missing| missing == (slot, counter));
        found.map(|index| self.missing.swap_remove(index)).is_some()
    }
}

fn roll(hash: u64, slot: usize, counter: u32) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let message = (slot as u64) << 32 | u64::from(counter);
    (hash.rotate_left(5) ^ message).wrapping_mul(ODD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_is_fresh() {
        let mut tally = Tally::new(2);
        for (slot, counter) in [(0, 1), (1, 1), (0, 2), (1, 2)] {
            assert_eq!(tally.note(slot, counter), Verdict::Fresh);
        }
        assert_eq!((tally.received(), tally.late(), tally.duplicates()), (4, 0, 0));
        assert_eq!(tally.next_counter(0), 3);
    }

    #[test]
    fn a_late_message_is_not_a_duplicate_and_a_duplicate_is_not_received() {
        let mut tally = Tally::new(1);
        assert_eq!(tally.note(0, 1), Verdict::Fresh);
        assert_eq!(tally.note(0, 4), Verdict::Fresh);
        assert_eq!(tally.note(0, 2), Verdict::Late);
        assert_eq!(tally.note(0, 2), Verdict::Duplicate);
        assert_eq!(tally.note(0, 4), Verdict::Duplicate);
        // Three of the four that were sent: one is lost.
        assert_eq!((tally.received(), tally.late(), tally.duplicates()), (3, 1, 2));
    }

    #[test]
    fn the_missing_are_bounded() {
        let mut tally = Tally::new(1);
        tally.note(0, 10_000_000);
        assert_eq!(tally.missing.len(), MISSING_MAX);
        assert_eq!(tally.note(0, 1), Verdict::Late);
        assert_eq!(tally.note(0, 9_000_000), Verdict::Duplicate);
    }

    #[test]
    fn the_hash_knows_the_order_among_senders() {
        let heard = |order: &[(usize, u32)]| {
            let mut tally = Tally::new(2);
            for &(slot, counter) in order {
                tally.note(slot, counter);
            }
            tally.order_hash()
        };
        let one = heard(&[(0, 1), (1, 1), (0, 2)]);
        assert_eq!(one, heard(&[(0, 1), (1, 1), (0, 2)]));
        assert_ne!(one, heard(&[(1, 1), (0, 1), (0, 2)]));
        assert_ne!(one, heard(&[(0, 1), (0, 2), (1, 1)]));
    }
}
