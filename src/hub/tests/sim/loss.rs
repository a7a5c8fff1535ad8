//! Connections that are lost, and how their clients come back: as a session does it, for one room.
//!
//! What was sent last may not have been heard: the schedule says how much of it was, packet by
//! packet, and so which offset the client comes back with.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::super::stage::{Guest, draft, guest};
use super::ledger::{Ledger, Mark};
use super::world::World;
use crate::hub::comeback::{self, Comeback, Parting, Replay, Return};
use crate::hub::command::{Amend, Deed};
use crate::hub::event::RoomKind;
use crate::hub::id::UserId;
use crate::hub::offset;
use crate::hub::ports::Fault;
use crate::hub::room::Amending;
use crate::hub::trail::{self, Trail};
use crate::hub::voice::Outlet;
use crate::limits;

/// Somebody who was lost.
pub(super) struct Lost {
    /// Its place among the voices.
    pub(super) place: usize,
    /// Messages that its client hears of in its personal room.
    pub(super) rung: Vec<u64>,
    mark: Mark,
    trail: Trail,
    /// Whether it had a seat, as far as its session knows.
    had_seat: bool,
    /// When the room knew of it.
    known_ms: Option<u64>,
    is_flooded: bool,
    /// It was taken out meanwhile.
    is_banished: bool,
    /// It was cut off while it was let in; `true`: it may keep a part of what it had missed.
    was_cut: Option<bool>,
}

/// Somebody who was let in again, and was not told yet what was missed here and elsewhere.
pub(super) struct Returning {
    place: usize,
    replay: Option<Replay>,
    elsewhere: Replay,
    mark: Mark,
    rung: Vec<u64>,
}

impl World {
    pub(super) fn is_returning(&self, place: usize) -> bool {
        self.returning.iter().any(|one| one.place == place)
    }

    /// A connection is lost with some of what it was sent. The room may not know it yet.
    pub(super) fn somebody_is_lost(&mut self) {
        // Mostly it is somebody who sits here and knows it.
        if self.dice.percent(70) {
            self.settle();
        }
        let mut places = (0..8).filter_map(|_| self.somebody()).collect::<Vec<_>>();
        places.retain(|place| !self.voices[*place].is_stuck);
        let found = places.iter().copied().find(|place| self.voices[*place].sits());
        let is_any = self.dice.percent(25);
        let Some(place) = found.or(places.first().copied().filter(|_| is_any)) else { return };
        let marks = self.voices[place].marks();
        let mark = match self.dice.percent(40) {
            true => marks[marks.len() - 1].clone(),
            false => marks[self.dice.below(marks.len())].clone(),
        };
        self.lose(place, mark, Vec::new(), None);
    }

    fn lose(&mut self, place: usize, mark: Mark, rung: Vec<u64>, was_cut: Option<bool>) {
        let one = &mut self.voices[place];
        (one.is_connected, one.is_stuck, one.is_lost) = (false, true, true);
        let (voice, trail) = (one.guest.voice.id, one.guest.ear.trail());
        let had_seat = self.room.has_seat(voice) || one.knows_seat(&mark);
        let is_known = self.dice.percent(75);
        self.note(|| format!("{voice} is lost at {:?}; the room knows: {is_known}", mark.offset));
        let known_ms = is_known.then_some(self.now.up_ms);
        let (is_flooded, is_banished) = (false, false);
        self.lost.push(Lost {
            place,
            rung,
            mark,
            trail,
            had_seat,
            known_ms,
            is_flooded,
            is_banished,
            was_cut,
        });
        if is_known {
            self.room.gone(voice, Parting::Lost, self.now);
        }
        self.check();
    }

    /// The client of a lost connection comes back with the last offset that it has heard.
    pub(super) fn somebody_comes_back(&mut self) {
        if self.lost.is_empty() {
            return;
        }
        let lost = self.lost.swap_remove(self.dice.below(self.lost.len()));
        let last = offset::last_heard(lost.mark.offset.as_deref());
        let heard = last.ok().and_then(|last| lost.trail.heard(last));
        let was = self.voices[lost.place].guest.voice.id;
        let Some(heard) = heard else {
            self.note(|| format!("{was} comes back from the middle of a batch"));
            self.seen.torn += 1;
            return self.forget(lost.place);
        };
        let place = self.successor(lost.place);
        self.note(|| format!("{was} comes back, hearing {heard:?}"));
        let (guest, client) = (self.voices[place].guest.clone(), lost.mark.elsewhere);
        let elsewhere = &mut self.voices[lost.place].elsewhere;
        let Some(elsewhere) = elsewhere.come_back(&guest, &heard, client) else {
            self.seen.unsure += 1;
            self.seen.cut_refused += u64::from(lost.was_cut == Some(true));
            self.turned_away(place);
            return self.forget(lost.place);
        };
        let heard = Arc::new(heard);
        match self.ask_here(place, &lost, &heard) {
            Some(Comeback::Seated(replay)) => self.seated(place, &lost, replay, elsewhere),
            None => self.let_in(place, &lost, None, elsewhere),
            Some(Comeback::NoSeat | Comeback::Refused) => {
                self.seen.refused += 1;
                self.seen.flooded += u64::from(lost.is_flooded);
                self.seen.banished += u64::from(lost.is_banished);
                self.seen.cut_refused += u64::from(lost.was_cut == Some(true));
                self.turned_away(place);
            }
        }
        self.voices[lost.place].is_lost = false;
        if lost.had_seat && self.dice.percent(20) {
            let place = self.successor(lost.place);
            let again = self.ask_back(place, lost.place, &heard).try_recv();
            assert!(!matches!(again, Ok(Comeback::Seated(_))), "{was} comes back twice");
            self.turned_away(place);
        }
        self.check();
    }

    /// Asks the room, as the session does where it had a seat; `None`: it is not asked, since the
    /// client knows that it has none.
    fn ask_here(
        &mut self,
        place: usize,
        lost: &Lost,
        heard: &Arc<trail::Heard>,
    ) -> Option<Comeback> {
        let was = &self.voices[lost.place];
        let (voice, room) = (was.guest.voice.id, self.room.row().id);
        if !lost.had_seat {
            return None;
        }
        if lost.trail.knows_end(heard, voice, room) {
            assert!(!self.room.has_seat(voice), "{voice} sits here");
            assert!(was.heard_end(&lost.mark), "{voice} does not know that it has no seat");
            self.seen.ended += 1;
            return None;
        }
        let answer = self.ask_back(place, lost.place, heard).try_recv();
        let answer = answer.expect("a room answers at once");
        self.note(|| format!("{voice} asks for its seat: {answer:?}"));
        self.seen.unseated += u64::from(matches!(answer, Comeback::NoSeat));
        Some(answer)
    }

    /// A new voice for whoever had that one. Returns its place.
    fn successor(&mut self, was: usize) -> usize {
        let Ledger { is_left_out, guest: was, .. } = &self.voices[was];
        let tongue = &self.tongues[usize::from(*is_left_out)];
        let guest = guest(was.voice.who.id.0, tongue, &was.voice.namespace);
        let one = Ledger::new(guest, *is_left_out);
        self.voices.push(one);
        self.voices.len() - 1
    }

    fn ask_back(
        &mut self,
        place: usize,
        was: usize,
        heard: &Arc<trail::Heard>,
    ) -> oneshot::Receiver<Comeback> {
        let (reply, answer) = oneshot::channel();
        let back = Return {
            voice: Arc::clone(&self.voices[place].guest.voice),
            was: self.voices[was].guest.voice.id,
            heard: Arc::clone(heard),
            sole: self.dice.percent(10),
            grace_ms: self.dice.pick(&[0, 0, 3_000]),
            contacts: None,
            reply,
        };
        self.room.come_back(back, self.now);
        answer
    }

    fn seated(&mut self, place: usize, lost: &Lost, replay: Replay, elsewhere: Replay) {
        let user = self.voices[place].guest.voice.who.id;
        let is_member = self.room.row().members.iter().any(|(member, _)| member.id == user);
        assert!(self.kind == RoomKind::Open || is_member, "{user} has no right to be here");
        assert!(!lost.is_banished, "{user} was taken out");
        assert!(!lost.is_flooded, "the tail is longer than it may be");
        let until_ms = lost.known_ms.unwrap_or(self.now.up_ms) + self.window_ms;
        assert!(self.now.up_ms < until_ms, "{user} comes too late");
        let (was, mark) = (&self.voices[lost.place], &lost.mark);
        assert!(was.knows_seat(mark), "{user} has not heard that it has this seat");
        self.let_in(place, lost, Some(replay), elsewhere);
    }

    /// It is let in again, and may be told what it missed before anything else happens.
    fn let_in(&mut self, place: usize, lost: &Lost, replay: Option<Replay>, elsewhere: Replay) {
        let stored = self.room.last_seq();
        let (one, was) = match self.voices.split_at_mut(place) {
            (before, [one, ..]) => (one, &before[lost.place]),
            _ => unreachable!("it is there"),
        };
        let mark = one.come_back(was, &lost.mark, &lost.rung, (stored, replay.is_some()));
        assert_ne!(lost.was_cut, Some(true), "a part of what it missed may be told twice");
        self.seen.cut += u64::from(lost.was_cut.is_some());
        let rung = lost.rung.clone();
        self.returning.push(Returning { place, replay, elsewhere, mark, rung });
        if self.dice.percent(25) {
            self.check();
            self.has_come_back(self.returning.len() - 1);
        }
    }

    /// Another room has answered as well.
    pub(super) fn somebody_has_come_back(&mut self) {
        if self.returning.is_empty() {
            return;
        }
        let which = self.dice.below(self.returning.len());
        if self.dice.percent(70) {
            return self.has_come_back(which);
        }
        let Returning { place, .. } = self.returning.swap_remove(which);
        let voice = self.voices[place].guest.voice.id;
        self.note(|| format!("{voice} is refused by another room"));
        self.seen.undone += 1;
        self.room.gone(voice, Parting::Undone, self.now);
        self.turned_away(place);
        self.check();
    }

    /// All rooms have taken it in: it is told what it missed, and hears the room again. Or it is
    /// cut off in the middle of that.
    fn has_come_back(&mut self, which: usize) {
        let Returning { place, replay, elsewhere, mark, rung } = self.returning.swap_remove(which);
        let last = replay.as_ref().and_then(|replay| replay.missed.last());
        if last.is_some_and(|last| last.stamp == u64::MAX) {
            // It is to hear what the others, the witness among them, have yet to be told.
            self.settle();
        }
        let mut replays: Vec<&Replay> = replay.iter().chain([&elsewhere]).collect();
        if self.dice.percent(50) {
            replays.reverse();
        }
        let Guest { voice, ear } = self.voices[place].guest.clone();
        let words = comeback::resume(&*ear, &voice.namespace, replays.into_iter());
        let has_lost_seat = replay.is_some() && !self.room.has_seat(voice.id);
        if !has_lost_seat && self.dice.percent(25) {
            self.note(|| format!("{} is cut off in {} words", voice.id, words.len()));
            self.room.release(voice.id);
            ear.lines();
            return self.lose(place, mark, rung, Some(!words.is_empty()));
        }
        if !words.is_empty() {
            ear.push(&words);
        }
        let one = &mut self.voices[place];
        one.replay();
        self.note(|| format!("{} is recovered, and told {}", voice.id, words.len()));
        self.seen.recovered += 1;
        self.seen.missed += replay.map_or(0, |replay| replay.missed.len() as u64);
        if has_lost_seat {
            self.seen.parted += 1;
            self.voices[place].has_parted = true;
        } else {
            // What it missed is told before CONNECT is answered: its client hears all of it, or
            // knows of none.
            self.check();
            self.voices[place].settle();
        }
        self.room.release(voice.id);
        self.check();
        self.voices[place].has_parted = false;
    }

    /// Whoever is not recovered is told nothing.
    fn turned_away(&mut self, place: usize) {
        let one = &mut self.voices[place];
        assert_eq!(one.guest.ear.lines(), [""; 0], "{} is told again", one.guest.voice.id);
        (one.is_connected, one.is_stuck) = (false, true);
    }

    /// Nobody will come back in its place: the room learns of the loss, if it has not.
    fn forget(&mut self, place: usize) {
        self.voices[place].is_lost = false;
        let voice = self.voices[place].guest.voice.id;
        self.room.gone(voice, Parting::Lost, self.now);
        self.check();
    }

    /// A change of the room may take some who are away out.
    pub(super) fn banish(&mut self, amending: &Amending, result: &Result<bool, Fault>) {
        let whom = match amending.amend {
            Amend::Remove(whom) | Amend::Expel(whom) => whom,
            Amend::Resign => amending.from.who().id,
            _ => return,
        };
        let voices = &self.voices;
        let is_theirs = |lost: &&mut Lost| voices[lost.place].guest.voice.who.id == whom;
        if *result == Ok(true) {
            self.lost.iter_mut().filter(is_theirs).for_each(|lost| lost.is_banished = true);
        }
    }

    /// Now and then more is said than a tail holds.
    pub(super) fn much_is_said(&mut self) {
        if self.lost.is_empty() || self.dice.percent(97) {
            return;
        }
        let words = "long ".repeat(limits::TAIL_BYTES_MAX / 4 / 5);
        let before = self.room.last_seq();
        let user = UserId(1 + self.dice.below(3) as u64);
        for _ in 0..5 {
            self.call(user.0, Deed::Say(draft(&words)));
            self.commit(1_000, false);
            while self.output() {}
        }
        self.settle();
        if self.room.last_seq() >= before + 5 && self.window_ms > 0 {
            self.lost.iter_mut().for_each(|lost| lost.is_flooded = true);
        }
    }

    /// Whoever is lost stays away, whoever comes back is back.
    pub(super) fn end_losses(&mut self) {
        while !self.returning.is_empty() {
            self.has_come_back(0);
        }
        while let Some(lost) = self.lost.pop() {
            self.forget(lost.place);
        }
    }
}
