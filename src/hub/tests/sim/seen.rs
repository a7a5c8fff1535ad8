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
    /// Those that had lost the seat, and knew it; and those that did not.
    pub(super) ended: u64,
    pub(super) unseated: u64,
    /// Those whose other room is not sure how much they heard.
    pub(super) unsure: u64,
    /// Those cut off while they were told what they missed, who came back once more.
    pub(super) cut: u64,
    pub(super) cut_refused: u64,
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
        self.ended += more.ended;
        self.unseated += more.unseated;
        self.unsure += more.unsure;
        self.cut += more.cut;
        self.cut_refused += more.cut_refused;
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
            ("comebacks without a seat that was lost before", self.ended),
            ("comebacks refused for a seat that was lost unheard", self.unseated),
            ("comebacks refused elsewhere", self.unsure),
            ("comebacks cut off, and again, with nothing missed", self.cut),
            ("comebacks cut off in what was missed, and refused", self.cut_refused),
        ] {
            eprintln!("{count:>9} {what}");
            assert!(count > 0, "no {what} in the whole run");
        }
    }
}
