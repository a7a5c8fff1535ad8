//! Another room that a voice sits in: what it tells shares the connection, and so the trail, with
//! the room that is looked at. It is played here as a room would tell.

use bytes::Bytes;
use polylogue_protocol::frame::Frames;

use super::super::stage::Guest;
use super::world::World;
use crate::hub::comeback::{Missed, Replay};
use crate::hub::id::LaneId;
use crate::hub::offset::{self, Offset, Upto};
use crate::hub::trail::Heard;
use crate::hub::voice::{self, Outlet};

/// See the module's head. What the other room knows of one voice.
#[derive(Clone)]
pub(super) struct Elsewhere {
    lane: LaneId,
    /// The first telling that is for it.
    from: u64,
    /// The number of the next telling.
    next: u64,
    /// The numbers of what was told.
    told: Vec<u64>,
}

/// How far a client has heard of it: the first number that it has not; `None`: not even that it
/// sits there.
pub(super) type HeardElsewhere = Option<u64>;

impl Elsewhere {
    pub(super) fn of(guest: &Guest) -> Elsewhere {
        let lane = LaneId(1_000_000_000 + guest.voice.id.0);
        Elsewhere { lane, from: 1, next: 1, told: Vec::new() }
    }

    fn offset(&self) -> Offset {
        Offset { lane: self.lane, position: self.next }
    }

    /// The voice sits down there, maybe once more; returns what its client knows of that at once.
    pub(super) fn sit(&mut self, guest: &Guest, has_words: bool) -> HeardElsewhere {
        self.next += 1;
        self.from = self.next;
        if !has_words {
            guest.ear.sat(self.lane, self.from);
            return Some(self.from);
        }
        let words = line(guest, &format!("else sits {}", self.from));
        self.next += 1;
        let upto = Upto { offset: self.offset(), joined: Some(self.next) };
        guest.ear.tell(&[words, self.end(guest)], upto);
        None
    }

    /// Something is told there; `is_heard`: the voice is not away.
    pub(super) fn tell(&mut self, guest: &Guest, is_heard: bool) {
        self.told.push(self.next);
        let words = line(guest, &format!("else {}", self.next));
        self.next += 1;
        if is_heard {
            let mut opening = Frames::new();
            offset::write_opening(&guest.voice.namespace, &mut opening);
            let upto = Upto { offset: self.offset(), joined: None };
            guest.ear.tell(&[opening.seal(), words, self.end(guest)], upto);
        }
    }

    fn end(&self, guest: &Guest) -> Bytes {
        let mut end = Frames::new();
        self.offset().write(&guest.voice.namespace, &mut end);
        end.seal()
    }

    /// What follows for a client that has heard so much.
    fn rest(&self, from: u64) -> impl Iterator<Item = u64> {
        self.told.iter().copied().filter(move |told| *told >= from)
    }

    /// What a client hears: nothing twice, nothing left out.
    pub(super) fn heard(&self, before: HeardElsewhere, line: &str) -> HeardElsewhere {
        if let Some(from) = line.strip_prefix("sits ") {
            return Some(from.parse().expect("a number"));
        }
        let number = line.parse().expect("a number");
        let expected = self.rest(before.expect("it sits there")).next();
        assert_eq!(expected, Some(number), "elsewhere each is heard once, in order");
        Some(number + 1)
    }

    /// What the lost one's successor is told; `None`: the trail does not say how far it has heard.
    pub(super) fn come_back(
        &mut self,
        guest: &Guest,
        heard: &Heard,
        client: HeardElsewhere,
    ) -> Option<Replay> {
        let since = heard.get(&self.lane).copied().filter(|since| *since >= self.from)?;
        let client = client.expect("it knows that it sits there").max(self.from);
        let (told, heard) = (self.rest(since).next(), self.rest(client).next());
        assert_eq!(told, heard, "elsewhere {client} is the next to be heard, and {since} is told");
        let word = |number| Missed { stamp: number, words: line(guest, &format!("else {number}")) };
        let missed = self.rest(since).map(word).collect();
        self.next += 1;
        self.from = self.next;
        Some(Replay { missed, offset: self.offset() })
    }
}

fn line(guest: &Guest, words: &str) -> Bytes {
    voice::solo(&guest.voice.namespace, None, |pen| pen.emit("t", &words))
}

impl World {
    /// Something happens in somebody's other room.
    pub(super) fn elsewhere(&mut self) {
        let place = self.dice.below(self.voices.len().max(1));
        if place >= self.voices.len() || self.is_returning(place) {
            return;
        }
        let one = &self.voices[place];
        let is_away = !one.is_connected;
        if !is_away && self.dice.percent(20) {
            let has_words = self.dice.percent(50);
            self.note(|| format!("{} sits down elsewhere", self.voices[place].guest.voice.id));
            self.voices[place].sit_elsewhere(has_words);
        } else {
            self.note(|| format!("{} is told elsewhere", self.voices[place].guest.voice.id));
            let one = &mut self.voices[place];
            one.elsewhere.tell(&one.guest, !is_away);
        }
        self.check();
    }
}
