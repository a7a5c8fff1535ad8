//! A batch of words on its way to a lane's members, and the parts that it is carried in.
//!
//! Whoever runs the room hands it to the members one after the other. Where they are many, other
//! threads take a [`Part`] of them each: the last member has it sooner, for the same work. The
//! room does nothing else until all parts are through, so its order is everybody's.

use std::sync::Arc;

use bytes::Bytes;

use super::words::Words;
use crate::hub::id::VoiceId;
use crate::hub::trail::Upto;
use crate::hub::voice::Outlet;
use crate::limits;

/// Words on their way to the members.
pub(super) struct Batch {
    pub(super) shared: Words,
    /// How many packets of `shared` are volatile: mostly none.
    pub(super) volatile: u64,
    /// `shared` without them.
    pub(super) lean: Words,
    /// Members whose words are not just `shared`, sorted by voice.
    pub(super) apart: Vec<(VoiceId, Words)>,
}

impl Batch {
    /// What that member is handed; `None`: nothing of it is for them.
    pub(super) fn words_for(&self, id: VoiceId, outlet: &dyn Outlet) -> Option<&Words> {
        let words = match self.apart.binary_search_by_key(&id, |own| own.0) {
            Ok(own) => &self.apart[own].1,
            Err(_) if self.volatile > 0 && outlet.leaves_out(self.volatile) => &self.lean,
            Err(_) => &self.shared,
        };
        let is_empty = words.frames.iter().all(Bytes::is_empty);
        (!is_empty).then_some(words)
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
        for (id, outlet) in self.hearers.drain(rest..) {
            if let Some(words) = self.batch.words_for(id, outlet.as_ref()) {
                send(outlet.as_ref(), &words.frames, words.upto);
            }
        }
        rest > 0
    }
}

/// Pushes words, with the offset that they end with.
pub(super) fn send(outlet: &dyn Outlet, frames: &[Bytes], upto: Option<Upto>) {
    match upto {
        Some(upto) => outlet.tell(frames, upto),
        None => outlet.push(frames),
    }
}
