//! What a room does when the store has answered.

use std::sync::Arc;

use super::{AfterHistory, Room, Unwritten, voice_of};
use crate::hub::clock::Now;
use crate::hub::command::{Asker, Joined, Outcome, Refusal, Topic, Verb};
use crate::hub::event::{Kind, Message};
use crate::hub::ports::{Fault, Receipt, Stored};
use crate::hub::telling::Reply;
use crate::hub::voice::{self, Event};

impl Room {
    /// The writer's word on the oldest message that waits for it.
    pub(in crate::hub) fn receipt(&mut self, receipt: Receipt) {
        let Some(unwritten) = self.unwritten.pop_front() else {
            tracing::error!(room = %self.row.id, "a receipt for nothing");
            return;
        };
        let Unwritten { from, topic, draft } = unwritten;
        let outcome = match receipt.outcome {
            Stored::New { id, seq, created_ms } => {
                let rings = draft.rings;
                let is_system = draft.kind == Kind::System;
                let message = Message {
                    id,
                    room: self.row.id,
                    seq,
                    author: (!is_system).then(|| Arc::clone(from.who())),
                    kind: draft.kind,
                    text: draft.text,
                    parent: draft.parent,
                    extra: draft.extra,
                    created_ms,
                    updated_ms: created_ms,
                };
                self.last_seq = seq;
                self.tell(Event::Said(message.clone()), voice_of(&from));
                if rings {
                    self.ring_absent(&from, &message);
                }
                Ok(Outcome::Said { message, again: false })
            }
            Stored::Again(message) => Ok(Outcome::Said { message: *message, again: true }),
            Stored::Failed(fault) => Err(self.refuse_for(&fault)),
        };
        self.answer(from, Verb::Say, topic, outcome);
    }

    /// The store is behind: the newest message that waits for the writer does not reach it.
    pub(in crate::hub) fn untaken(&mut self) {
        if let Some(Unwritten { from, topic, .. }) = self.unwritten.pop_back() {
            let refusal = self.refuse_for(&Fault::Busy);
            self.answer(from, Verb::Say, topic, Err(refusal));
        }
    }

    /// Has the other members told, wherever they are. **Invariant:** whether a voice hears it here
    /// or in its personal room is decided here, now: it hears it once.
    fn ring_absent(&mut self, from: &Asker, message: &Message) {
        let row = Arc::clone(&self.row);
        let author = from.who();
        for (member, _) in &row.members {
            if member.id != author.id {
                self.ring(member.id, Event::Said(message.clone()));
            }
        }
    }

    /// What was read for a member or caller who asked for history. A joiner for whom nothing
    /// could be read is refused, and so has no seat: asking again later may help.
    pub(in crate::hub) fn history(
        &mut self,
        then: AfterHistory,
        messages: Result<Vec<Message>, Fault>,
        now: Now,
    ) {
        self.answered();
        let AfterHistory { from, topic, joined } = then;
        let messages = messages.map_err(|fault| self.refuse_for(&fault));
        let Some(joining) = joined else {
            return self.answer(from, Verb::History, topic, messages.map(Outcome::History));
        };
        let arrival = joining.arrival;
        let outcome = messages.map(|history| Outcome::Joined(Joined { arrival, history }));
        let seat = voice_of(&from).and_then(|voice| self.seats.get(&voice).copied());
        match (from, seat.filter(|seat| seat.sitting == joining.sitting)) {
            (Asker::Voice(to, ack), Some(seat)) => {
                let refused = outcome.is_err().then_some(to.id);
                if refused.is_some() {
                    self.flush();
                }
                let room = Some(Arc::clone(&self.row));
                let reply = Reply { to, ack, verb: Verb::Join, topic, room, outcome };
                let words = voice::solo(&reply.to.namespace, ack, |pen| {
                    reply.word(Some(&self.roster), pen);
                });
                self.lanes[seat.lane].release(seat.place, Some(words));
                if let Some(voice) = refused {
                    self.note_end(voice, self.lanes[seat.lane].hears_from(seat.place));
                    self.unseat(voice, now);
                }
            }
            // It has left meanwhile.
            (from, _) => self.answer(from, Verb::Join, topic, Err(Refusal::NotIn)),
        }
    }

    /// The writer's word on a change of a message.
    pub(in crate::hub) fn changed(
        &mut self,
        from: Asker,
        topic: Topic,
        verb: Verb,
        changed: Result<Option<Message>, Fault>,
    ) {
        self.answered();
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
}
