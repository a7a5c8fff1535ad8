//! A batch's words: what a lane shares, what is for one, and who is handed which slices of both.

use bytes::Bytes;

use crate::hub::id::VoiceId;
use crate::hub::telling::{Telling, Weight};
use crate::hub::trail::{Offset, Upto};
use crate::hub::voice::{Audience, Delivery, Mark, Outlet};

/// Words for a member, and the offset they end with.
#[derive(Default)]
pub(in crate::hub) struct Words {
    pub(super) frames: Vec<Bytes>,
    pub(super) upto: Option<Upto>,
}

impl Words {
    pub(super) fn is_empty(&self) -> bool {
        self.frames.iter().all(Bytes::is_empty)
    }

    /// The words on their way to somebody.
    pub(super) fn to<'a>(&'a self, outlet: &'a dyn Outlet) -> Delivery<'a> {
        Delivery { to: outlet, frames: &self.frames, upto: self.upto }
    }

    /// Sends them, where there are any.
    pub(in crate::hub) fn send(&self, outlet: &dyn Outlet) {
        if !self.frames.is_empty() {
            self.to(outlet).send();
        }
    }
}

/// A mark and the telling it belongs to, by its place in the batch.
pub(super) struct Placed {
    pub(super) mark: Mark,
    pub(super) telling: usize,
    pub(super) weight: Weight,
    pub(super) is_volatile: bool,
}

/// A batch's tellings and their words: those that a lane shares, and those for one.
pub(super) struct Run<'a> {
    pub(super) tellings: &'a [Telling],
    pub(super) position: u64,
    /// What the batch ends with, where it must not be missed; `None`: nobody can come back.
    pub(super) offset: Option<Offset>,
    /// Where, in `shared`, the packets begin behind the opening, and end before the offset.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) shared: Bytes,
    pub(super) aside: Bytes,
}

impl Run<'_> {
    /// The words of some packets: neighbouring ones as one slice.
    pub(super) fn words<'a>(&self, placed: impl Iterator<Item = &'a Placed>) -> Words {
        let mut slices = Slices::default();
        let (mut heaviest, mut has_seat) = (Weight::Light, false);
        for Placed { mark, weight, .. } in placed {
            if *weight == Weight::Lasting && heaviest < Weight::Lasting {
                slices.open(self.start);
            }
            heaviest = heaviest.max(*weight);
            has_seat |= *weight == Weight::Seat;
            slices.add(mark.audience == Audience::Author, mark.start, mark.end);
        }
        let offset = self.offset.filter(|_| heaviest > Weight::Light);
        if offset.is_some() {
            slices.add(false, self.end, self.shared.len());
        }
        let slice = |(is_aside, start, end)| match is_aside {
            true => self.aside.slice(start..end),
            false => self.shared.slice(start..end),
        };
        let joined = |offset: Offset| has_seat.then_some(offset.position);
        let upto = offset.map(|offset| Upto { offset, joined: joined(offset) });
        Words { frames: slices.0.into_iter().map(slice).collect(), upto }
    }

    /// Whether a packet is for that voice, which hears the room from telling `from` on.
    pub(super) fn is_for(&self, placed: &Placed, voice: VoiceId, from: u64) -> bool {
        self.position + placed.telling as u64 >= from
            && match &self.tellings[placed.telling] {
                Telling::Answer(reply) => reply.to.id == voice,
                Telling::Event(told) => told.is_heard(voice, placed.mark.audience),
            }
    }
}

/// Stretches of words that are apart (`true`) or shared, none next to another.
#[derive(Default)]
struct Slices(Vec<(bool, usize, usize)>);

impl Slices {
    /// Puts what stands in `shared` before `start` in front.
    fn open(&mut self, start: usize) {
        match self.0.first_mut() {
            Some(first) if !first.0 && first.1 == start => first.1 = 0,
            _ if start > 0 => self.0.insert(0, (false, 0, start)),
            _ => {}
        }
    }

    fn add(&mut self, is_aside: bool, start: usize, end: usize) {
        match self.0.last_mut() {
            Some(last) if last.0 == is_aside && last.2 == start => last.2 = end,
            _ => self.0.push((is_aside, start, end)),
        }
    }
}
