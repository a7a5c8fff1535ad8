//! What the rooms of a shard say in one turn, on its way to the writer: given to it at once, so
//! that it wakes once and what came together is one commit.

use tokio::sync::mpsc;

use crate::hub::ports::{Append, Write};
use crate::limits;

/// See the module's head.
pub(super) struct Appends {
    writes: mpsc::Sender<Write>,
    /// What is said in this turn, and its place in the writer's queue.
    gathered: Vec<Append>,
    place: Option<mpsc::OwnedPermit<Write>>,
    /// How many have no receipt yet.
    unwritten: usize,
}

impl Appends {
    /// Nothing yet, for this queue.
    pub(super) fn new(writes: mpsc::Sender<Write>) -> Appends {
        Appends { writes, gathered: Vec::new(), place: None, unwritten: 0 }
    }

    /// Takes an append; `false`: the store is behind.
    pub(super) fn gather(&mut self, append: Append) -> bool {
        if self.unwritten >= limits::APPENDS_MAX || !self.has_place() {
            return false;
        }
        self.unwritten += 1;
        self.gathered.push(append);
        if self.gathered.len() >= limits::APPENDS_PER_WRITE_MAX {
            self.hand_over();
        }
        true
    }

    /// Gives the writer what was gathered. Whoever asks for another write does this first: one
    /// room's writes keep their order.
    pub(super) fn hand_over(&mut self) {
        if let Some(place) = self.place.take() {
            place.send(Write::Appends(std::mem::take(&mut self.gathered)));
        }
    }

    /// So many receipts have come.
    pub(super) fn written(&mut self, receipts: usize) {
        self.unwritten = self.unwritten.saturating_sub(receipts);
    }

    fn has_place(&mut self) -> bool {
        if self.place.is_none() {
            self.place = self.writes.clone().try_reserve_owned().ok();
        }
        self.place.is_some()
    }
}
