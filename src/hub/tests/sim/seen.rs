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
    }

    /// A run in which nothing happened proves nothing.
    pub(super) fn assert_rich(&self) {
        let Seen { stored, histories, rings, amends, faults, amend_faults, overflows } = *self;
        for (what, count) in [
            ("messages", stored),
            ("histories", histories),
            ("rings", rings),
            ("changes", amends),
            ("faults", faults),
            ("faults of changes", amend_faults),
            ("overflows", overflows),
        ] {
            assert!(count > 0, "no {what} in the whole run");
        }
    }
}
