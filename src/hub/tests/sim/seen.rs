//! How much of what may happen has happened: a run in which nothing did proves nothing.

/// See the module's head.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) stored: u64,
    pub(super) histories: u64,
    pub(super) rings: u64,
    pub(super) amends: u64,
    pub(super) faults: u64,
    pub(super) amend_faults: u64,
    pub(super) overflows: u64,
    /// Sessions that came back, and how many lasting events they were told again.
    pub(super) recovered: u64,
    pub(super) missed: u64,
    /// Those that were refused: after a flood, with no right any more, or otherwise.
    pub(super) flooded: u64,
    pub(super) banished: u64,
    pub(super) refused: u64,
    /// Those that had heard a part of a batch, and those of which another room was not sure.
    pub(super) torn: u64,
    pub(super) undone: u64,
    /// Those that lost the seat again before they were told what they missed.
    pub(super) parted: u64,
}

impl Seen {
    pub(super) fn add(&mut self, more: &Seen) {
        self.stored += more.stored;
        self.histories += more.histories;
        self.rings += more.rings;
        self.amends += more.amends;
        self.faults += more.faults;
        self.amend_faults += more.amend_faults;
        self.overflows += more.overflows;
        self.recovered += more.recovered;
        self.missed += more.missed;
        self.flooded += more.flooded;
        self.banished += more.banished;
        self.refused += more.refused;
        self.torn += more.torn;
        self.undone += more.undone;
        self.parted += more.parted;
    }

    /// A run in which nothing happened proves nothing.
    pub(super) fn assert_rich(&self) {
        for (what, count) in [
            ("messages", self.stored),
            ("histories", self.histories),
            ("rings", self.rings),
            ("changes", self.amends),
            ("faults", self.faults),
            ("faults of changes", self.amend_faults),
            ("overflows", self.overflows),
            ("comebacks", self.recovered),
            ("events missed by those who came back", self.missed),
            ("comebacks to a tail that has overflowed", self.flooded),
            ("comebacks without a right", self.banished),
            ("comebacks refused", self.refused),
            ("comebacks from the middle of a batch", self.torn),
            ("comebacks undone", self.undone),
            ("comebacks to a seat lost at once", self.parted),
        ] {
            eprintln!("{count:>9} {what}");
            assert!(count > 0, "no {what} in the whole run");
        }
    }
}
