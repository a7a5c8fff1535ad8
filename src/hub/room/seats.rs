//! Seats: who sits where, who comes and goes, and who is typing meanwhile.

use std::sync::Arc;

use super::roster::{Attendance, Departure};
use super::{Room, Want, voice_of};
use crate::hub::clock::Now;
use crate::hub::command::{Ask, Asker, Deed, Join, Refusal, UserKey, Verb};
use crate::hub::event::Place;
use crate::hub::id::{UserId, VoiceId};
use crate::hub::lane::Lane;
use crate::hub::offset::Offset;
use crate::hub::ports::Presence;
use crate::hub::telling::Ring;
use crate::hub::trail::End;
use crate::hub::voice::{Event, Voice};
use crate::limits;

/// Where a voice sits.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub(super) lane: usize,
    pub(super) place: usize,
    /// Which of the seats that the room has given, counted from 1: one that is given up and taken
    /// again is another.
    pub(super) sitting: u64,
}

/// A join that waits until it is known whether the user's other voice is still there.
pub(super) struct Waiting {
    ask: Ask,
    other: VoiceId,
    /// When the other voice's socket was asked for a sign of life.
    asked_ms: u64,
}

impl Room {
    /// Gives a voice a seat, and tells whoever is to know that its user has come.
    /// `held`: what it is to hear waits. Returns the first telling that it hears.
    pub(super) fn seat(&mut self, voice: &Arc<Voice>, join: &mut Join, held: bool) -> u64 {
        let lane = self.lanes.iter().position(|lane| lane.suits(voice)).unwrap_or_else(|| {
            self.lanes.push(Lane::new(voice, self.tail.tails().new_lane()));
            self.lanes.len() - 1
        });
        // No offset of an earlier seat may pass for one of this.
        let from = self.fresh_position();
        let place = self.lanes[lane].seat(Arc::clone(voice), from, held);
        self.sittings += 1;
        self.seats.insert(voice.id, Seat { lane, place, sitting: self.sittings });
        let contacts = join.contacts.take();
        let is_new = self.roster.enter(&voice.who, voice.id, join.grace_ms, contacts.clone());
        if is_new {
            self.announce(voice.who.id, true);
            let event = Event::Joined(Arc::clone(&voice.who));
            self.tell_presence(event, contacts, Some(voice.id));
        }
        from
    }

    /// Has a client's trail note that it has been told of the end of its seat, by `position`.
    pub(super) fn note_end(&self, voice: VoiceId, position: u64) {
        let Some(Seat { lane, place, .. }) = self.seats.get(&voice) else { return };
        let lane = &self.lanes[*lane];
        if let Some(id) = lane.id() {
            let at = Offset { lane: id, position };
            lane.voice(*place).outlet.stood(End { voice, room: self.row.id, at });
        }
    }

    /// Takes a voice's seat away, and tells that its user has left where it was the last.
    pub(super) fn unseat(&mut self, id: VoiceId, now: Now) {
        let Some(voice) = self.vacate(id) else { return };
        let user = user_of(&voice);
        if let Departure::Gone(attendance) = self.roster.leave(user, id, now.up_ms) {
            self.departed(attendance);
        }
    }

    /// Takes everybody out without a word.
    pub(super) fn clear(&mut self) {
        self.flush();
        let voices: Vec<VoiceId> = self.seats.keys().copied().collect();
        for id in voices {
            self.note_end(id, self.position);
            self.vacate(id);
        }
        let everybody: Vec<_> = self.roster.people().map(|who| who.id).collect();
        self.roster = super::Roster::default();
        for user in everybody {
            self.announce(user, false);
        }
        self.typing.clear();
        self.end_absences_of(None);
        self.lanes.clear();
    }

    fn vacate(&mut self, id: VoiceId) -> Option<Arc<Voice>> {
        let Seat { lane, place, .. } = self.seats.remove(&id)?;
        let voice = Arc::clone(self.lanes[lane].voice(place));
        if let Some((_, words)) = self.returning.get_mut(&id) {
            // What it has missed comes first.
            *words = self.lanes[lane].take_held(place);
        }
        if let Some(moved) = self.lanes[lane].unseat(place)
            && let Some(seat) = self.seats.get_mut(&moved)
        {
            seat.place = place;
        }
        Some(voice)
    }

    /// A user has left for good.
    fn departed(&mut self, attendance: Attendance) {
        let Attendance { who, contacts, .. } = attendance;
        self.stop_typing((who.realm, who.id));
        self.announce(who.id, false);
        self.tell_presence(Event::Left(who), contacts, None);
    }

    fn tell_presence(
        &mut self,
        event: Event,
        contacts: Option<Arc<[UserId]>>,
        author: Option<VoiceId>,
    ) {
        match contacts {
            None => self.tell(event, author),
            // Whoever shares this room is told of it nowhere else.
            Some(contacts) => contacts.iter().for_each(|user| {
                let to = Place::personal(self.row.realm, *user);
                let (event, about) = (event.clone(), Arc::clone(&self.row));
                self.wants.push(Want::Ring(Ring { to, event, about, except: Vec::new() }));
            }),
        }
    }

    /// A voice that waits for a seat has gone.
    pub(super) fn wait_no_more_for(&mut self, voice: VoiceId) {
        self.waiting.retain(|waiting| voice_of(&waiting.ask.from) != Some(voice));
    }

    /// The voice that already sits where only one of a user's voices may.
    pub(super) fn rival(&self, voice: &Voice) -> Option<VoiceId> {
        self.kin(voice).find(|other| *other != voice.id)
    }

    /// The voices in the room that its user has in the same dialect. What a client asks about
    /// its user's seats is about these: where dialects share rooms, one knows nothing of the
    /// seats that another has given out.
    ///
    /// One at a time: a user may have thousands, and mostly the first is enough.
    pub(super) fn kin(&self, voice: &Voice) -> impl Iterator<Item = VoiceId> {
        let voices = self.roster.voices(&user_of(voice)).iter().copied();
        let is_kin = |id: &VoiceId| {
            let Some(Seat { lane, place, .. }) = self.seats.get(id) else { return false };
            Arc::ptr_eq(&self.lanes[*lane].voice(*place).tongue, &voice.tongue)
        };
        voices.filter(is_kin)
    }

    /// Asks the rival's socket for a sign of life, and lets the join wait for it.
    pub(super) fn wait_for_seat(&mut self, ask: Ask, other: VoiceId, now: Now) {
        if self.waiting.len() >= limits::WAITING_SEATS_MAX {
            return self.refuse_seat(ask);
        }
        if let Some(Seat { lane, place, .. }) = self.seats.get(&other) {
            self.lanes[*lane].voice(*place).outlet.ping();
        }
        self.waiting.push(Waiting { ask, other, asked_ms: now.up_ms });
    }

    /// Settles who may sit down now.
    fn settle_waiting(&mut self, now: Now) {
        for waiting in std::mem::take(&mut self.waiting) {
            let rival = self.seats.get(&waiting.other).copied();
            let rival = rival.map(|seat| Arc::clone(self.lanes[seat.lane].voice(seat.place)));
            let is_late = now.up_ms >= waiting.asked_ms + limits::SEAT_PATIENCE_MS;
            match rival {
                None => self.ask(waiting.ask, now),
                Some(rival) if rival.outlet.heard_ms() >= waiting.asked_ms => {
                    self.refuse_seat(waiting.ask);
                }
                Some(rival) if is_late => {
                    self.unseat(rival.id, now);
                    rival.outlet.give_up();
                    self.ask(waiting.ask, now);
                }
                Some(_) => self.waiting.push(waiting),
            }
        }
    }

    /// A voice that waits for a seat wants it no more.
    pub(super) fn wait_no_more(&mut self, voice: VoiceId) {
        let is_its = |waiting: &Waiting| voice_of(&waiting.ask.from) == Some(voice);
        let (its, others) = std::mem::take(&mut self.waiting).into_iter().partition(is_its);
        self.waiting = others;
        Vec::into_iter(its).for_each(|waiting: Waiting| self.refuse_seat(waiting.ask));
    }

    fn refuse_seat(&mut self, ask: Ask) {
        debug_assert!(matches!(ask.deed, Deed::Join(_)), "only a join waits for a seat");
        self.answer(ask.from, Verb::Join, ask.topic, Err(Refusal::SeatTaken));
    }

    /// What time brings: seats that are free now, graces that are over, typing that nobody ended,
    /// the room's end, and what the backplane has yet to hear.
    pub(in crate::hub) fn tick(&mut self, now: Now) {
        self.settle_waiting(now);
        self.tick_absences(now);
        for attendance in self.roster.expired(now.up_ms) {
            self.departed(attendance);
        }
        let is_over = |until_ms: u64| until_ms <= now.up_ms;
        let over = self.typing.iter().filter(|(_, (until_ms, _))| is_over(*until_ms));
        for user in over.map(|(user, _)| *user).collect::<Vec<UserKey>>() {
            self.stop_typing(user);
        }
        if self.row.ends_ms.is_some_and(|ends_ms| ends_ms <= now.wall_ms) && !self.seats.is_empty()
        {
            self.tell(Event::Ended, None);
            self.clear();
        }
        for (user, is_in) in std::mem::take(&mut self.untold) {
            self.announce(user, is_in);
        }
    }

    /// Tells the backplane that somebody came (`true`) or went. **Invariant:** what it hears of
    /// one user is by turns, whenever its queue was full.
    fn announce(&mut self, user: UserId, is_in: bool) {
        if self.row.id.is_fleeting() || self.untold.remove(&user).is_some() {
            return;
        }
        let key = Arc::clone(&self.key);
        let presence = if is_in { Presence::In(key, user) } else { Presence::Out(key, user) };
        if self.ports.presence.try_send(presence).is_err() {
            self.untold.insert(user, is_in);
        }
    }

    /// Somebody types, or says that they do no more.
    pub(super) fn types(&mut self, voice: &Arc<Voice>, is_on: bool, now: Now) {
        let user = user_of(voice);
        if is_on {
            let until_ms = now.up_ms + limits::TYPING_MS;
            self.typing.insert(user, (until_ms, Arc::clone(voice)));
        } else {
            self.typing.remove(&user);
        }
        self.tell(Event::Typing(Arc::clone(&voice.who), is_on), Some(voice.id));
    }

    /// Ends a user's typing for those who saw it begin.
    pub(super) fn stop_typing(&mut self, user: UserKey) {
        if let Some((_, voice)) = self.typing.remove(&user) {
            self.tell(Event::Typing(Arc::clone(&voice.who), false), Some(voice.id));
        }
    }
}

/// The user whose voice it is.
pub(super) fn user_of(voice: &Voice) -> UserKey {
    (voice.who.realm, voice.who.id)
}

/// The user who asks.
pub(super) fn asker_of(from: &Asker) -> UserKey {
    (from.who().realm, from.who().id)
}
