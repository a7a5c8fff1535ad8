//! A batch of words on its way to a lane's members, and the parts that it is carried in.
//!
//! Whoever runs the room hands it to the members one after the other. Where they are many, other
//! threads take a [`Part`] of them each: the last member has it sooner, for the same work. The
//! room does nothing else until all parts are through, so its order is everybody's.

use std::sync::Arc;

use super::words::Words;
use crate::hub::id::VoiceId;
use crate::hub::voice::{Delivery, Outlet};
use crate::limits;

/// Words on their way to the members.
pub(super) struct Batch {
    pub(super) shared: Words,
    /// How many packets of `shared` are volatile: mostly none.
    pub(super) volatile: u64,
    /// `shared` without them.
    pub(super) lean: Words,
    /// Members whose words are not just `shared`, sorted by voice.
    pub(super) apart: Vec<Apart>,
}

/// A member's own words.
pub(super) struct Apart {
    pub(super) id: VoiceId,
    pub(super) place: usize,
    pub(super) words: Words,
}

impl Batch {
    /// Whether nothing is told but to those who get words of their own.
    pub(super) fn is_quiet(&self) -> bool {
        self.volatile == 0 && self.shared.is_empty()
    }

    /// What a member is told: what is volatile is left out for one who is too far behind for it.
    pub(super) fn words_for(&self, member: VoiceId, outlet: &dyn Outlet) -> &Words {
        match self.apart.binary_search_by_key(&member, |own| own.id) {
            Ok(own) => &self.apart[own].words,
            Err(_) if self.volatile > 0 && outlet.leaves_out(self.volatile) => &self.lean,
            Err(_) => &self.shared,
        }
    }
}

/// Into how many parts a batch is cut at most, and how many members make one at least.
#[derive(Clone, Copy)]
pub(in crate::hub) struct Spread {
    pub(in crate::hub) parts_max: usize,
    pub(in crate::hub) members_min: usize,
}

impl Spread {
    /// How many parts so many members are handed a batch in.
    pub(super) fn parts(self, members: usize) -> usize {
        (members / self.members_min).clamp(1, self.parts_max)
    }
}

/// Members that are handed a batch on another thread.
pub(in crate::hub) struct Part {
    batch: Arc<Batch>,
    hearers: Vec<(VoiceId, Arc<dyn Outlet>)>,
}

impl Part {
    pub(super) fn new(batch: &Arc<Batch>, hearers: Vec<(VoiceId, Arc<dyn Outlet>)>) -> Part {
        Part { batch: Arc::clone(batch), hearers }
    }

    /// Hands some of them their words. `true`: call again, after letting others run.
    pub(in crate::hub) fn deliver(&mut self) -> bool {
        let rest = self.hearers.len().saturating_sub(limits::PUSHES_PER_TURN_MAX);
        let deliveries = self.hearers[rest..].iter().filter_map(|(id, outlet)| {
            let outlet = outlet.as_ref();
            let words = self.batch.words_for(*id, outlet);
            (!words.is_empty()).then(|| words.to(outlet))
        });
        Delivery::send_all(&deliveries.collect::<Vec<_>>());
        self.hearers.truncate(rest);
        rest > 0
    }
}
