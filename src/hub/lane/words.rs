//! A batch's words: what a lane shares, what is for one, and who is handed which slices of both.

use std::ops::Deref;

use bytes::Bytes;

use crate::hub::id::VoiceId;
use crate::hub::offset::{Offset, Upto};
use crate::hub::telling::{Telling, Weight};
use crate::hub::voice::{Audience, Delivery, Mark, Outlet};

/// Words for a member, and the offset they end with.
#[derive(Default)]
pub(in crate::hub) struct Words {
    pub(super) frames: Slices,
    pub(super) upto: Option<Upto>,
}

/// Whole frames, one after the other: mostly a single slice, which takes no list.
pub(super) enum Slices {
    One(Bytes),
    Many(Vec<Bytes>),
}

impl Default for Slices {
    fn default() -> Slices {
        Slices::Many(Vec::new())
    }
}

impl Deref for Slices {
    type Target = [Bytes];

    fn deref(&self) -> &[Bytes] {
        match self {
            Slices::One(slice) => std::slice::from_ref(slice),
            Slices::Many(slices) => slices,
        }
    }
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
        let mut stretches = Stretches::default();
        let (mut heaviest, mut has_seat) = (Weight::Light, false);
        for Placed { mark, weight, .. } in placed {
            if *weight == Weight::Lasting && heaviest < Weight::Lasting {
                stretches.open(self.start);
            }
            heaviest = heaviest.max(*weight);
            has_seat |= *weight == Weight::Seat;
            stretches.add(mark.audience == Audience::Author, mark.start, mark.end);
        }
        let offset = self.offset.filter(|_| heaviest > Weight::Light);
        if offset.is_some() {
            stretches.add(false, self.end, self.shared.len());
        }
        let joined = |offset: Offset| has_seat.then_some(offset.position);
        let upto = offset.map(|offset| Upto { offset, joined: joined(offset) });
        Words { frames: self.slices(stretches), upto }
    }

    fn slices(&self, Stretches { first, more }: Stretches) -> Slices {
        let slice = |(is_aside, start, end)| match is_aside {
            true => self.aside.slice(start..end),
            false => self.shared.slice(start..end),
        };
        match first {
            Some(only) if more.is_empty() => Slices::One(slice(only)),
            first => Slices::Many(first.into_iter().chain(more).map(slice).collect()),
        }
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

/// A stretch of words that are apart (`true`) or shared: where it begins and ends.
type Stretch = (bool, usize, usize);

/// Stretches of words, none next to another. Mostly there is one.
#[derive(Default)]
struct Stretches {
    first: Option<Stretch>,
    more: Vec<Stretch>,
}

impl Stretches {
    /// Puts what stands in `shared` before `start` in front.
    fn open(&mut self, start: usize) {
        match &mut self.first {
            Some(first) if !first.0 && first.1 == start => first.1 = 0,
            _ if start > 0 => {
                let second = self.first.replace((false, 0, start));
                self.more.splice(0..0, second);
            }
            _ => {}
        }
    }

    fn add(&mut self, is_aside: bool, start: usize, end: usize) {
        let last = self.more.last_mut().or(self.first.as_mut());
        match last {
            Some(last) if last.0 == is_aside && last.2 == start => last.2 = end,
            Some(_) => self.more.push((is_aside, start, end)),
            None => self.first = Some((is_aside, start, end)),
        }
    }
}
