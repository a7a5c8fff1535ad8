//! What a room does when it is asked: the deeds.

use super::seats::{asker_of, user_of};
use super::{
    AfterHistory, Amending, Change, HistoryWanted, Joining, Room, Unwritten, Want, voice_of,
};
use crate::hub::clock::Now;
use crate::hub::command::{
    Arrival, Ask, Asker, Deed, Join, Joined, Leave, Outcome, Refusal, Topic, Verb,
};
use crate::hub::event::{Draft, Kind};
use crate::hub::id::MessageId;
use crate::hub::ports::Append;
use crate::hub::rights;
use crate::hub::voice::Voice;

impl Room {
    /// Does what is asked, or refuses.
    pub(in crate::hub) fn ask(&mut self, ask: Ask, now: Now) {
        self.used_ms = now.up_ms;
        if let (Deed::Leave(_), Some(voice)) = (&ask.deed, voice_of(&ask.from)) {
            self.wait_no_more(voice);
        }
        let is_seated = self.is_seated(&ask.from, &ask.deed);
        let may = match self.is_gone {
            true => Err(Refusal::NoSuchRoom),
            false => rights::may(&ask.deed, ask.from.who(), is_seated, &self.row, now.wall_ms),
        };
        if let Err(refusal) = may {
            let verb = ask.deed.verb();
            return self.answer(ask.from, verb, ask.topic, Err(refusal));
        }
        let Ask { from, topic, deed } = ask;
        match deed {
            Deed::Join(join) => self.join(from, topic, join, now),
            Deed::Leave(leave) => self.leave(from, topic, leave, now),
            Deed::Say(draft) => self.say(from, topic, draft),
            Deed::Typing(is_on) => {
                if let Asker::Voice(voice, _) = &from {
                    self.types(voice, is_on, now);
                }
                self.answer(from, Verb::Typing, topic, Ok(Outcome::Told));
            }
            Deed::History { limit, since } => {
                self.read(limit, since, AfterHistory { from, topic, joined: None });
            }
            Deed::Delete(Some(message)) => {
                self.want(Want::Change(Change { message: *message, text: None, from, topic }));
            }
            Deed::Edit(Some(message), text) => {
                let text = Some(text);
                self.want(Want::Change(Change { message: *message, text, from, topic }));
            }
            Deed::Delete(None) => {
                self.answer(from, Verb::Delete, topic, Err(Refusal::NoSuchMessage));
            }
            Deed::Edit(None, _) => {
                self.answer(from, Verb::Edit, topic, Err(Refusal::NoSuchMessage));
            }
            Deed::Amend(amend) => self.amend(Amending { amend, from, topic }),
        }
    }

    /// Whether the asker counts as one of those in the room. To take a user out it is enough
    /// that the user is in; a call from outside any session needs no seat.
    fn is_seated(&self, from: &Asker, deed: &Deed) -> bool {
        match (from, deed) {
            (Asker::Call(..), _) => true,
            (Asker::Voice(voice, _), Deed::Leave(Leave::User)) => self.kin(voice).next().is_some(),
            (Asker::Voice(voice, _), _) => self.seats.contains_key(&voice.id),
        }
    }

    fn join(&mut self, from: Asker, topic: Topic, mut join: Join, now: Now) {
        let Asker::Voice(voice, ack) = from else {
            // A call sits nowhere; it may say anew who is told of its user.
            self.roster.renew(asker_of(&from), join.contacts.take());
            let outcome = Joined { arrival: Arrival::Again, history: Vec::new() };
            return self.answer(from, Verb::Join, topic, Ok(Outcome::Joined(outcome)));
        };
        if join.sole
            && let Some(rival) = self.rival(&voice)
        {
            let ask = Ask { from: Asker::Voice(voice, ack), topic, deed: Deed::Join(join) };
            return self.wait_for_seat(ask, rival, now);
        }
        let has_seat = self.seats.contains_key(&voice.id);
        let arrival = self.arrival(&voice);
        if !has_seat {
            let is_held = join.history > 0;
            self.seat(&voice, &mut join, is_held);
        }
        let sitting = self.sittings;
        if let Some(seated) = join.seated.take() {
            // The session may have closed meanwhile.
            let _ = seated.send(true);
        }
        let from = Asker::Voice(voice, ack);
        if join.history > 0 && !has_seat {
            let joined = Some(Joining { arrival, sitting });
            return self.read(join.history, None, AfterHistory { from, topic, joined });
        }
        let outcome = Joined { arrival, history: Vec::new() };
        self.answer(from, Verb::Join, topic, Ok(Outcome::Joined(outcome)));
    }

    /// Whether the user of a voice that asks for a seat is in the room. One whose grace has begun
    /// is.
    fn arrival(&self, voice: &Voice) -> Arrival {
        let user = user_of(voice);
        match (self.roster.has(&user), self.roster.voices(&user)) {
            (false, _) => Arrival::First,
            (true, []) => Arrival::Again,
            (true, _) if self.kin(voice).next().is_none() => Arrival::Crossed,
            (true, _) => Arrival::Again,
        }
    }

    /// **Invariant:** the cut is `last_seq` now. What has a receipt by now is history; what gets
    /// one later is told. A member's seat and its cut are taken in one step: no gap, no double.
    fn read(&mut self, limit: u64, since: Option<MessageId>, then: AfterHistory) {
        let upto_seq = self.last_seq;
        self.want(Want::History(HistoryWanted { upto_seq, limit, since, then }));
    }

    fn leave(&mut self, from: Asker, topic: Topic, leave: Leave, now: Now) {
        let voices = match (&from, leave) {
            (Asker::Voice(voice, _), Leave::Voice) => vec![voice.id],
            (Asker::Voice(voice, _), Leave::User) => self.kin(voice).collect(),
            (Asker::Call(..), _) => self.roster.voices(&asker_of(&from)).to_vec(),
        };
        if leave == Leave::User {
            self.end_absences(&from);
        }
        // Those who leave have a right to all that was told before.
        self.flush();
        for voice in voices {
            self.unseat(voice, now);
        }
        self.answer(from, Verb::Leave, topic, Ok(Outcome::Left));
    }

    fn say(&mut self, from: Asker, topic: Topic, draft: Draft) {
        if draft.kind != Kind::System {
            self.stop_typing(asker_of(&from));
        }
        let who = from.who();
        let append = Append {
            shard: self.shard,
            room: self.row.id,
            author: (draft.kind != Kind::System).then_some((who.realm, who.id)),
            draft: draft.clone(),
        };
        self.unwritten.push_back(Unwritten { from, topic, draft });
        self.want(Want::Append(append));
    }
}
