//! Absence: voices whose transport was lost, and how they come back.
//!
//! A lost voice gives its seat up at once; the room remembers that it had one. Whoever takes its
//! place is told what the lost voice has not heard, and sits down, in one step.

use std::sync::Arc;

use super::seats::{Seat, asker_of, user_of};
use super::{Room, View};
use crate::hub::clock::Now;
use crate::hub::comeback::{Comeback, Missed, Parting, Replay, Return};
use crate::hub::command::{Asker, Deed, Join, UserKey};
use crate::hub::id::{LaneId, VoiceId};
use crate::hub::lane::Words;
use crate::hub::offset::Offset;
use crate::hub::rights;
use crate::hub::telling::Telling;
use crate::hub::trail::Heard;
use crate::hub::voice::Voice;
use crate::limits;

/// A seat that a lost voice had.
pub(super) struct Absence {
    user: UserKey,
    lane: usize,
    /// The first telling that it had a right to.
    from: u64,
    until_ms: u64,
    /// It would have been taken out meanwhile, or was never told that it had a seat.
    is_over: bool,
}

impl Room {
    /// A voice is gone: its session has closed.
    pub(in crate::hub) fn gone(&mut self, voice: VoiceId, parting: Parting, now: Now) {
        self.used_ms = now.up_ms;
        self.wait_no_more_for(voice);
        self.returning.remove(&voice);
        if let Some(Seat { lane, place, .. }) = self.seats.get(&voice).copied() {
            match parting {
                Parting::Left => {}
                Parting::Undone => self.lanes[lane].drop_held(place),
                Parting::Lost => self.note_absence(voice, lane, place, now),
            }
        }
        self.unseat(voice, now);
    }

    fn note_absence(&mut self, voice: VoiceId, lane: usize, place: usize, now: Now) {
        let tails = self.tail.tails();
        if !tails.is_on() {
            return;
        }
        let until_ms = tails.until_ms(now.up_ms);
        if self.absent.len() >= limits::ABSENT_PER_ROOM_MAX {
            // Whoever is not remembered cannot be told from one who never sat here.
            self.amnesia_until_ms = until_ms;
            return;
        }
        let user = user_of(self.lanes[lane].voice(place));
        let is_over = self.lanes[lane].is_held(place);
        let from = self.lanes[lane].hears_from(place);
        self.absent.insert(voice, Absence { user, lane, from, until_ms, is_over });
    }

    /// Somebody's lost voices would be taken out now: those of the asker's dialect, or all.
    pub(super) fn end_absences(&mut self, from: &Asker) {
        let user = asker_of(from);
        for absence in self.absent.values_mut().filter(|absence| absence.user == user) {
            absence.is_over |= match from {
                Asker::Voice(voice, _) => {
                    self.lanes.get(absence.lane).is_none_or(|lane| lane.speaks_as(voice))
                }
                Asker::Call(..) => true,
            };
        }
    }

    /// All lost voices of a user would be taken out now; `None`: everybody's.
    pub(super) fn end_absences_of(&mut self, user: Option<UserKey>) {
        let theirs = |absence: &&mut Absence| user.is_none_or(|user| absence.user == user);
        self.absent.values_mut().filter(theirs).for_each(|absence| absence.is_over = true);
    }

    /// The lost voices of a user who will be told, if they come back, what is told here.
    pub(super) fn absent_voices(&self, user: UserKey) -> impl Iterator<Item = VoiceId> {
        let theirs = move |absence: &Absence| absence.user == user && !absence.is_over;
        self.absent.iter().filter(move |(_, absence)| theirs(absence)).map(|(voice, _)| *voice)
    }

    /// Forgets those who can come back no more, and the tail once nobody can.
    pub(super) fn tick_absences(&mut self, now: Now) {
        self.tail.tick(now.up_ms);
        self.absent.retain(|_, absence| absence.until_ms > now.up_ms);
        if self.absent.is_empty() && self.seats.is_empty() {
            self.tail.clear();
        }
    }

    /// Takes a voice's successor in, if it may still be here and nothing it missed is forgotten.
    /// **Invariant:** what it is handed now and what it is told from its seat on is, together,
    /// all that was told since it last heard the room, each once.
    pub(in crate::hub) fn come_back(&mut self, back: Return, now: Now) {
        self.used_ms = now.up_ms;
        let Return { voice, was, heard, sole, grace_ms, contacts, reply } = back;
        // Its loss may be known to the session before it is known here.
        self.gone(was, Parting::Lost, now);
        let Some(absence) = self.absent.remove(&was) else {
            let is_sure = self.amnesia_until_ms <= now.up_ms;
            // The session may have closed meanwhile.
            let _ = reply.send(if is_sure { Comeback::NoSeat } else { Comeback::Refused });
            return;
        };
        let is_free = !absence.is_over && (!sole || self.rival(&voice).is_none());
        let deed = Deed::Join(Join::default());
        let may = rights::may(&deed, &voice.who, false, &self.row, now.wall_ms).is_ok();
        let missed = match is_free && may && !self.is_gone {
            true => self.missed(&absence, &voice, was, &heard),
            false => None,
        };
        let Some((missed, lane)) = missed else {
            let _ = reply.send(Comeback::Refused);
            return;
        };
        let mut join = Join { sole, grace_ms, contacts, ..Join::default() };
        let offset = Offset { lane, position: self.seat(&voice, &mut join, true) };
        self.returning.insert(voice.id, (Arc::clone(&voice), Words::default()));
        if reply.send(Comeback::Seated(Replay { missed, offset })).is_err() {
            self.gone(voice.id, Parting::Undone, now);
        }
    }

    /// What a lost voice has not heard, in the words of its lane; `None`: some of it is not known
    /// any more.
    fn missed(
        &self,
        absence: &Absence,
        voice: &Voice,
        was: VoiceId,
        heard: &Heard,
    ) -> Option<(Vec<Missed>, LaneId)> {
        let lane = self.lanes.get(absence.lane).filter(|lane| lane.suits(voice))?;
        let id = lane.id()?;
        // An offset from before its seat is one of an earlier seat here: it has not heard of this
        // one, and what was told in between was not for it.
        let since = heard.get(&id).copied().filter(|since| *since >= absence.from)?;
        let view = View { row: &self.row, roster: &self.roster, is_changing: false };
        let past = self.tail.since(since)?.map(|past| (past.stamp, &past.told));
        let pending =
            (self.position..).zip(&self.tellings).filter_map(|(position, telling)| match telling {
                Telling::Event(told) if position >= since && told.event.is_lasting() => {
                    Some((u64::MAX, told))
                }
                _ => None,
            });
        let missed = past.chain(pending).filter_map(|(stamp, told)| {
            let words = lane.word_for(told, was, &view);
            (!words.is_empty()).then_some(Missed { stamp, words })
        });
        Some((missed.collect(), id))
    }

    /// Whoever came back has been handed what it missed: it hears the room again.
    pub(in crate::hub) fn release(&mut self, voice: VoiceId) {
        let left = self.returning.remove(&voice);
        if let Some(Seat { lane, place, .. }) = self.seats.get(&voice).copied() {
            self.lanes[lane].release(place, None);
        } else if let Some((voice, words)) = left {
            words.send(voice.outlet.as_ref());
        }
    }
}
