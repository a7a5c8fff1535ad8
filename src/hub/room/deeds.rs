//! What a room does when it is asked: the deeds, one function each.

use std::sync::Arc;

use super::{AfterHistory, HistoryWanted, Room, Seat, Unwritten, voice_of};
use crate::hub::clock::Now;
use crate::hub::command::{
    Ask, Asker, Deed, Join, Joined, Leave, Outcome, Refusal, Topic, UserKey, Verb,
};
use crate::hub::event::{Draft, Message};
use crate::hub::id::VoiceId;
use crate::hub::lane::Lane;
use crate::hub::ports::{Append, Fault, Presence, Write};
use crate::hub::rights;
use crate::hub::text::Text;
use crate::hub::voice::{Event, Voice};
use crate::limits;

/// A change of a stored message that the shard must ask the writer for.
pub(in crate::hub) enum Wanted {
    /// To be read, for [`Room::history`].
    History(HistoryWanted),
    /// To be written, for [`Room::changed`].
    Change(Change),
}

/// A message that loses or changes its words.
pub(in crate::hub) struct Change {
    pub(in crate::hub) message: Message,
    /// New words; `None`: it goes.
    pub(in crate::hub) text: Option<Text>,
    pub(in crate::hub) from: Asker,
    pub(in crate::hub) topic: Topic,
}

impl Room {
    /// Does what is asked, or refuses. What it cannot do itself is returned.
    pub(in crate::hub) fn ask(&mut self, ask: Ask, now: Now) -> Option<Wanted> {
        self.used_ms = now.up_ms;
        let Ask { from, topic, deed } = ask;
        let verb = deed.verb();
        let is_seated = self.is_seated(&from, &deed);
        if let Err(refusal) = rights::may(&deed, from.who(), is_seated, &self.row, now.wall_ms) {
            self.answer(from, verb, topic, Err(refusal));
            return None;
        }
        match deed {
            Deed::Join(join) => return self.join(from, topic, join),
            Deed::Leave(leave) => self.leave(from, topic, leave),
            Deed::Say(draft) => self.say(from, topic, draft),
            Deed::Typing(is_on) => self.typing(from, topic, is_on, now),
            Deed::History(limit) => {
                let then = AfterHistory { from, topic, joined: None };
                return Some(self.read(limit, then));
            }
            Deed::Delete(Some(message)) => {
                return Some(Wanted::Change(Change { message: *message, text: None, from, topic }));
            }
            Deed::Edit(Some(message), text) => {
                let text = Some(text);
                return Some(Wanted::Change(Change { message: *message, text, from, topic }));
            }
            Deed::Amend(_) => {}
            Deed::Delete(None) | Deed::Edit(None, _) => {
                self.answer(from, verb, topic, Err(Refusal::NoSuchMessage));
            }
        }
        None
    }

    /// Whether the asker counts as one of those in the room. To take a user out it is enough
    /// that the user is in; a call from outside any session needs no seat.
    fn is_seated(&self, from: &Asker, deed: &Deed) -> bool {
        match (from, deed) {
            (Asker::Call(..), _) => true,
            (Asker::Voice(voice, _), Deed::Leave(Leave::User)) => self.roster.has(&user_of(voice)),
            (Asker::Voice(voice, _), _) => self.seats.contains_key(&voice.id),
        }
    }

    fn join(&mut self, from: Asker, topic: Topic, join: Join) -> Option<Wanted> {
        let Asker::Voice(voice, ack) = from else {
            let outcome = Joined { again: false, history: Vec::new() };
            self.answer(from, Verb::Join, topic, Ok(Outcome::Joined(outcome)));
            return None;
        };
        let user = user_of(&voice);
        let has_seat = self.seats.contains_key(&voice.id);
        let again = self.roster.has(&user);
        let wants_history = join.history > 0 && !has_seat;
        if !has_seat {
            self.seat(&voice, wants_history);
        }
        if !again {
            self.tell(Event::Joined(Arc::clone(&voice.who)), Some(voice.id));
        }
        let from = Asker::Voice(voice, ack);
        if wants_history {
            return Some(
                self.read(join.history, AfterHistory { from, topic, joined: Some(again) }),
            );
        }
        let outcome = Joined { again, history: Vec::new() };
        self.answer(from, Verb::Join, topic, Ok(Outcome::Joined(outcome)));
        None
    }

    /// **Invariant:** the cut is `last_seq` now. What has a receipt by now is history; what gets
    /// one later is told. A member's seat and its cut are taken in one step: no gap, no double.
    fn read(&self, limit: u64, then: AfterHistory) -> Wanted {
        Wanted::History(HistoryWanted { upto_seq: self.row.last_seq, limit, then })
    }

    fn seat(&mut self, voice: &Arc<Voice>, held: bool) {
        let lane = self.lanes.iter().position(|lane| lane.suits(voice)).unwrap_or_else(|| {
            self.lanes.push(Lane::new(voice));
            self.lanes.len() - 1
        });
        let from = self.next_position();
        let place = self.lanes[lane].seat(Arc::clone(voice), from, held);
        self.seats.insert(voice.id, Seat { lane, place });
        if self.roster.enter(&voice.who, voice.id) {
            self.announce(Presence::In(Arc::clone(&self.key), voice.who.id));
        }
    }

    fn leave(&mut self, from: Asker, topic: Topic, leave: Leave) {
        let who = Arc::clone(from.who());
        let voices = match (&from, leave) {
            (Asker::Voice(voice, _), Leave::Voice) => vec![voice.id],
            _ => self.roster.voices(&(who.realm, who.id)).to_vec(),
        };
        // Those who leave have a right to all that was told before.
        self.flush();
        for voice in voices {
            self.unseat(voice);
        }
        self.answer(from, Verb::Leave, topic, Ok(Outcome::Left));
    }

    /// A voice is gone: its session has closed.
    pub(in crate::hub) fn gone(&mut self, voice: VoiceId, now: Now) {
        self.used_ms = now.up_ms;
        self.unseat(voice);
    }

    fn unseat(&mut self, id: VoiceId) {
        let Some(Seat { lane, place }) = self.seats.remove(&id) else {
            return;
        };
        let voice = Arc::clone(self.lanes[lane].voice(place));
        if let Some(moved) = self.lanes[lane].unseat(place) {
            self.seats.insert(moved, Seat { lane, place });
        }
        let user = user_of(&voice);
        if self.roster.leave(user, id) {
            self.stop_typing(user);
            self.tell(Event::Left(Arc::clone(&voice.who)), None);
            self.announce(Presence::Out(Arc::clone(&self.key), voice.who.id));
        }
    }

    fn say(&mut self, from: Asker, topic: Topic, draft: Draft) {
        self.stop_typing((from.who().realm, from.who().id));
        let append = Append {
            shard: self.shard,
            room: self.row.id,
            author: Some((from.who().realm, from.who().id)),
            draft: draft.clone(),
        };
        match self.ports.writes.try_send(Write::Append(append)) {
            Ok(()) => self.unwritten.push_back(Unwritten { from, topic, draft }),
            Err(_) => {
                let refusal = self.refuse_for(&Fault::Busy);
                self.answer(from, Verb::Say, topic, Err(refusal));
            }
        }
    }

    /// The writer's word on a change that was asked for.
    pub(in crate::hub) fn changed(
        &mut self,
        from: Asker,
        topic: Topic,
        verb: Verb,
        changed: Result<Option<Message>, Fault>,
    ) {
        let outcome = match changed {
            Ok(Some(message)) if verb == Verb::Delete => {
                self.tell(Event::Deleted(message.clone()), voice_of(&from));
                Ok(Outcome::Deleted(message))
            }
            Ok(Some(message)) => {
                self.tell(Event::Edited(message.clone()), voice_of(&from));
                Ok(Outcome::Edited(message))
            }
            Ok(None) => Err(Refusal::NoSuchMessage),
            Err(fault) => Err(self.refuse_for(&fault)),
        };
        self.answer(from, verb, topic, outcome);
    }

    fn typing(&mut self, from: Asker, topic: Topic, is_on: bool, now: Now) {
        if let Asker::Voice(voice, _) = &from {
            let user = user_of(voice);
            if is_on {
                let until_ms = now.up_ms + limits::TYPING_MS;
                self.typing.insert(user, (until_ms, Arc::clone(voice)));
            } else {
                self.typing.remove(&user);
            }
            self.tell(Event::Typing(Arc::clone(&voice.who), is_on), Some(voice.id));
        }
        self.answer(from, Verb::Typing, topic, Ok(Outcome::Told));
    }

    /// Ends a user's typing for those who saw it begin.
    pub(super) fn stop_typing(&mut self, user: UserKey) {
        if let Some((_, voice)) = self.typing.remove(&user) {
            self.tell(Event::Typing(Arc::clone(&voice.who), false), Some(voice.id));
        }
    }
}

/// The user whose voice it is.
fn user_of(voice: &Voice) -> UserKey {
    (voice.who.realm, voice.who.id)
}
