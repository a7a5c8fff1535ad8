//! A member of a lane, and the words that wait until it has heard the history.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;

use super::batch::Batch;
use super::words::{Slices, Words};
use crate::hub::id::VoiceId;
use crate::hub::offset::Upto;
use crate::hub::voice::{Delivery, Outlet, Voice};
use crate::limits;

/// One seat. Who is pushed to a thousand times a second is here, not a pointer further.
pub(super) struct Member {
    pub(super) id: VoiceId,
    pub(super) outlet: Arc<dyn Outlet>,
    pub(super) voice: Arc<Voice>,
    /// The first telling that this member hears.
    pub(super) from: u64,
    /// What waits until the member has been told the history; `None` once it has.
    pub(super) held: Option<Box<RefCell<Held>>>,
}

/// Words that wait for the history to be told first.
#[derive(Default)]
pub(super) struct Held {
    pub(super) frames: Vec<Bytes>,
    pub(super) bytes: usize,
    pub(super) upto: Option<Upto>,
}

impl Member {
    /// Who is to be handed the batch; for one who waits for the history, its words wait now.
    pub(super) fn hearer(&self, batch: &Batch) -> Option<(VoiceId, Arc<dyn Outlet>)> {
        if self.held.is_some() {
            self.hear(batch.words_for(self.id, self.outlet.as_ref()));
            return None;
        }
        Some((self.id, Arc::clone(&self.outlet)))
    }

    /// Words for it; `None`: there are none, or they wait until it has heard the history.
    pub(super) fn hear<'a>(&'a self, words: &'a Words) -> Option<Delivery<'a>> {
        if words.is_empty() {
            return None;
        }
        let Some(held) = &self.held else {
            return Some(words.to(self.outlet.as_ref()));
        };
        let held = &mut *held.borrow_mut();
        held.bytes += words.frames.iter().map(Bytes::len).sum::<usize>();
        if held.bytes > limits::HELD_BYTES_MAX {
            self.outlet.overrun();
        } else {
            held.frames.extend_from_slice(&words.frames);
            held.upto = words.upto.or(held.upto);
        }
        None
    }
}

impl Held {
    /// The words of a seat that begins with `from`: each of their offsets is one that was sent.
    pub(super) fn words(self, from: u64) -> Words {
        let upto = self.upto.map(|upto| Upto { joined: Some(from), ..upto });
        Words { frames: Slices::Many(self.frames), upto }
    }
}
