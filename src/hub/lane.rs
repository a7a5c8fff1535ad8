//! A lane: the members of one room who are told the same words.
//!
//! Members who share a dialect and a spelling of the namespace share a lane. What happened is
//! put into words once per lane, as one contiguous run of sealed frames; each member is then
//! handed a reference to it, in one push. Only those who asked for something in the batch, or
//! sat down in the middle of it, get slices of their own.

use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame::Frames;

use super::command::{Ask, Asker, Outcome, Refusal, Topic, Verb};
use super::id::VoiceId;
use super::voice::{self, Answer, Audience, Event, Mark, Pen, Tongue, View, Voice};
use crate::limits;

/// What a room has to tell: an event for all, or an answer for one.
pub(super) enum Telling {
    /// Something that happened, and the voice whose deed it was.
    Event(Event, Option<VoiceId>),
    /// An answer to a member of the room.
    Answer(Reply),
}

/// An answer with all that its tongue needs to word it.
pub(super) struct Reply {
    pub(super) to: Arc<Voice>,
    pub(super) ack: Option<u64>,
    pub(super) verb: Verb,
    pub(super) topic: Topic,
    pub(super) outcome: Result<Outcome, Refusal>,
}

impl Telling {
    /// About how many bytes its words take.
    pub(super) fn bytes(&self) -> usize {
        const WRAPPING_BYTES: usize = 100;
        match self {
            Telling::Event(Event::Said(message) | Event::Edited(message), _) => {
                message.text.literal().len()
                    + message.extra.as_ref().map_or(0, |extra| extra.len())
                    + WRAPPING_BYTES
            }
            _ => WRAPPING_BYTES,
        }
    }
}

impl Reply {
    /// Puts the answer into words.
    pub(super) fn word(&self, pen: &mut Pen<'_>) {
        let answer = Answer {
            verb: self.verb,
            topic: &self.topic,
            to: &self.to,
            outcome: self.outcome.as_ref(),
        };
        self.to.tongue.answer(&answer, pen);
    }

    /// Words the answer and sends it at once, to whoever is not in the room.
    pub(super) fn send(&self) {
        let frames = voice::solo(&self.to.namespace, self.ack, |pen| self.word(pen));
        if !frames.is_empty() {
            self.to.outlet.push(&[frames]);
        }
    }
}

/// Answers an ask that never came to a room.
pub(super) fn refuse(ask: Ask, refusal: Refusal) {
    let verb = ask.deed.verb();
    match ask.from {
        Asker::Voice(to, ack) => {
            Reply {
                to,
                ack,
                verb,
                topic: ask.topic,
                outcome: Err(refusal),
            }
            .send();
        }
        Asker::Call(_, reply) => {
            // The caller may have gone; then nobody wants the answer.
            let _ = reply.send(Err(refusal));
        }
    }
}

/// See the module's head.
pub(super) struct Lane {
    tongue: Arc<dyn Tongue>,
    namespace: Arc<str>,
    members: Vec<Member>,
    /// Members who sat down while tellings were waiting, and do not hear all of them.
    latecomers: Vec<VoiceId>,
    /// Reused from batch to batch.
    marks: Vec<Placed>,
    batch: Option<Batch>,
}

/// One seat.
struct Member {
    voice: Arc<Voice>,
    /// The first telling that this member hears.
    from: u64,
    /// What waits until the member has been told the history; `None` once it has.
    held: Option<Held>,
}

/// Words that wait for the history to be told first.
#[derive(Default)]
struct Held {
    frames: Vec<Bytes>,
    bytes: usize,
}

/// A mark with its telling's position and author.
struct Placed {
    mark: Mark,
    position: u64,
    author: Option<VoiceId>,
}

/// Words on their way to the members.
struct Batch {
    shared: Bytes,
    /// Members whose words are not just `shared`, sorted by voice.
    apart: Vec<(VoiceId, Vec<Bytes>)>,
    /// The next member to be handed them.
    next: usize,
}

impl Lane {
    pub(super) fn new(voice: &Voice) -> Lane {
        Lane {
            tongue: Arc::clone(&voice.tongue),
            namespace: Arc::clone(&voice.namespace),
            members: Vec::new(),
            latecomers: Vec::new(),
            marks: Vec::new(),
            batch: None,
        }
    }

    /// Whether the voice's words are this lane's.
    pub(super) fn suits(&self, voice: &Voice) -> bool {
        Arc::ptr_eq(&self.tongue, &voice.tongue) && *self.namespace == *voice.namespace
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Seats a voice, which hears what is told from `from` on; `held`: not before
    /// [`Lane::release`]. Returns its place.
    pub(super) fn seat(&mut self, voice: Arc<Voice>, from: u64, held: bool) -> usize {
        self.latecomers.push(voice.id);
        self.members.push(Member {
            voice,
            from,
            held: held.then(Held::default),
        });
        self.members.len() - 1
    }

    /// Takes the member at `place` away. The last member moves there; its voice is returned.
    pub(super) fn unseat(&mut self, place: usize) -> Option<VoiceId> {
        self.members.swap_remove(place);
        self.members.get(place).map(|member| member.voice.id)
    }

    /// The voice at `place`.
    pub(super) fn voice(&self, place: usize) -> &Arc<Voice> {
        &self.members[place].voice
    }

    /// Sends a member the words that its history was put into, then all that waited for them.
    pub(super) fn release(&mut self, place: usize, first: Bytes) {
        let member = &mut self.members[place];
        let mut frames = vec![first];
        frames.extend(member.held.take().unwrap_or_default().frames);
        frames.retain(|run| !run.is_empty());
        if !frames.is_empty() {
            member.voice.outlet.allow(frames.iter().map(Bytes::len).sum());
            member.voice.outlet.push(&frames);
        }
    }

    /// Puts tellings into words, the first of them being number `position`, until the batch is
    /// full. Returns how many it took. Must be followed by [`Lane::deliver`] until done.
    pub(super) fn word(
        &mut self,
        tellings: &[Telling],
        position: u64,
        view: &View<'_>,
        place_of: impl Fn(VoiceId) -> Option<usize>,
    ) {
        let (mut shared, mut aside) = (Frames::new(), Frames::new());
        let mut marks = Vec::new();
        for (telling, position) in tellings.iter().zip(position..) {
            let author = self.word_one(telling, view, &mut shared, &mut aside, &mut marks);
            self.marks.extend(marks.drain(..).map(|mark| Placed {
                mark,
                position,
                author,
            }));
        }
        let (shared, aside) = (shared.seal(), aside.seal());
        let apart = self.apart(&shared, &aside, place_of);
        self.marks.clear();
        self.latecomers.clear();
        self.batch = Some(Batch {
            shared,
            apart,
            next: 0,
        });
    }

    fn word_one(
        &self,
        telling: &Telling,
        view: &View<'_>,
        shared: &mut Frames,
        aside: &mut Frames,
        marks: &mut Vec<Mark>,
    ) -> Option<VoiceId> {
        match telling {
            Telling::Event(event, author) => {
                let mut pen = Pen::for_lane(&self.namespace, shared, aside, marks);
                self.tongue.tell(event, view, &mut pen);
                *author
            }
            Telling::Answer(reply) => {
                if self.suits(&reply.to) {
                    reply.word(&mut Pen::for_one(&self.namespace, reply.ack, aside, marks));
                }
                Some(reply.to.id)
            }
        }
    }

    /// The words of those members who do not get just the shared ones.
    fn apart(
        &self,
        shared: &Bytes,
        aside: &Bytes,
        place_of: impl Fn(VoiceId) -> Option<usize>,
    ) -> Vec<(VoiceId, Vec<Bytes>)> {
        let authors = self
            .marks
            .iter()
            .filter(|placed| placed.mark.audience != Audience::Everyone)
            .filter_map(|placed| placed.author);
        let mut apart: Vec<VoiceId> = authors.chain(self.latecomers.iter().copied()).collect();
        apart.sort_unstable();
        apart.dedup();
        apart
            .into_iter()
            .filter_map(|id| {
                let member = &self.members[place_of(id)?];
                Some((id, self.slices(member, shared, aside)))
            })
            .collect()
    }

    /// One member's words: neighbouring frames as one slice.
    fn slices(&self, member: &Member, shared: &Bytes, aside: &Bytes) -> Vec<Bytes> {
        let mut runs: Vec<(bool, usize, usize)> = Vec::new();
        for Placed {
            mark,
            position,
            author,
        } in &self.marks
        {
            let is_author = *author == Some(member.voice.id);
            let is_heard = match mark.audience {
                Audience::Everyone => true,
                Audience::Others => !is_author,
                Audience::Author => is_author,
            };
            if !is_heard || *position < member.from {
                continue;
            }
            let is_aside = mark.audience == Audience::Author;
            match runs.last_mut() {
                Some(run) if run.0 == is_aside && run.2 == mark.start => run.2 = mark.end,
                _ => runs.push((is_aside, mark.start, mark.end)),
            }
        }
        runs.into_iter()
            .map(|(is_aside, start, end)| if is_aside { aside } else { shared }.slice(start..end))
            .collect()
    }

    /// Hands the batch to the next members. `true`: there are more.
    pub(super) fn deliver(&mut self) -> bool {
        let Some(batch) = &mut self.batch else {
            return false;
        };
        let upto = self
            .members
            .len()
            .min(batch.next + limits::PUSHES_PER_TURN_MAX);
        for member in &mut self.members[batch.next..upto] {
            let words = match batch
                .apart
                .binary_search_by_key(&member.voice.id, |own| own.0)
            {
                Ok(own) => batch.apart[own].1.as_slice(),
                Err(_) => std::slice::from_ref(&batch.shared),
            };
            if words.iter().all(Bytes::is_empty) {
                continue;
            }
            match &mut member.held {
                Some(held) => {
                    held.bytes += words.iter().map(Bytes::len).sum::<usize>();
                    if held.bytes > limits::HELD_BYTES_MAX {
                        member.voice.outlet.overrun();
                    } else {
                        held.frames.extend_from_slice(words);
                    }
                }
                None => member.voice.outlet.push(words),
            }
        }
        batch.next = upto;
        let has_more = upto < self.members.len();
        if !has_more {
            self.batch = None;
        }
        has_more
    }
}
