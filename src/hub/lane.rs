//! A lane: the members of one room who are told the same words.
//!
//! Members who share a dialect and a spelling of the namespace share a lane. What happened is
//! put into words once per lane, as one contiguous run of sealed frames; each member is then
//! handed a reference to it, in one push. Only those who asked for something in the batch, or
//! sat down in the middle of it, get slices of their own.

use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame::Frames;

use super::command::Outcome;
use super::id::{LaneId, VoiceId};
use super::telling::{Telling, Told, Weight};
use super::trail::{self, Offset, Upto};
use super::voice::{Audience, Mark, Pen, Tongue, View, Voice};
use crate::limits;

/// See the module's head.
pub(super) struct Lane {
    /// What offsets call it; `None`: there are none, since nobody can come back.
    id: Option<LaneId>,
    tongue: Arc<dyn Tongue>,
    namespace: Arc<str>,
    members: Vec<Member>,
    /// Members who sat down while tellings were waiting, and the first that each one hears.
    latecomers: Vec<(VoiceId, u64)>,
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
    upto: Option<Upto>,
}

/// A mark and the telling it belongs to, by its place in the batch.
struct Placed {
    mark: Mark,
    telling: usize,
    weight: Weight,
}

/// Words on their way to the members.
struct Batch {
    shared: Words,
    /// Members whose words are not just `shared`, sorted by voice.
    apart: Vec<(VoiceId, Words)>,
    /// The next member to be handed them.
    next: usize,
}

/// Words for a member, and the offset they end with.
#[derive(Default)]
struct Words {
    frames: Vec<Bytes>,
    upto: Option<Upto>,
}

impl Lane {
    pub(super) fn new(voice: &Voice, id: Option<LaneId>) -> Lane {
        Lane {
            id,
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
        self.speaks_as(voice) && *self.namespace == *voice.namespace
    }

    /// What offsets call it.
    pub(super) fn id(&self) -> Option<LaneId> {
        self.id
    }

    /// Whether the voice is of the same dialect.
    pub(super) fn speaks_as(&self, voice: &Voice) -> bool {
        Arc::ptr_eq(&self.tongue, &voice.tongue)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Seats a voice, which hears what is told from `from` on; `held`: not before
    /// [`Lane::release`]. Returns its place.
    pub(super) fn seat(&mut self, voice: Arc<Voice>, from: u64, held: bool) -> usize {
        self.latecomers.push((voice.id, from));
        self.members.push(Member { voice, from, held: held.then(Held::default) });
        self.members.len() - 1
    }

    /// Takes the member at `place` away, with what waited for a history that it will not be told.
    /// The last member moves there; its voice is returned.
    pub(super) fn unseat(&mut self, place: usize) -> Option<VoiceId> {
        let Member { voice, held, .. } = self.members.swap_remove(place);
        self.latecomers.retain(|(id, _)| *id != voice.id);
        if let Some(held) = held.filter(|held| !held.frames.is_empty()) {
            voice.outlet.push(&held.frames);
        }
        self.members.get(place).map(|member| member.voice.id)
    }

    /// The voice at `place`.
    pub(super) fn voice(&self, place: usize) -> &Arc<Voice> {
        &self.members[place].voice
    }

    /// Whether what the member at `place` is to hear waits.
    pub(super) fn is_held(&self, place: usize) -> bool {
        self.members[place].held.is_some()
    }

    /// Forgets what waits for the member at `place`.
    pub(super) fn drop_held(&mut self, place: usize) {
        self.members[place].held = None;
    }

    /// Sends a member the words that its history was put into, then all that waited for them.
    pub(super) fn release(&mut self, place: usize, history: Option<Bytes>) {
        let Member { voice, from, held } = &mut self.members[place];
        let held = held.take().unwrap_or_default();
        let mut upto = held.upto;
        let mut frames: Vec<Bytes> = history.into_iter().collect();
        if let (Some(lane), Some(_)) = (self.id, frames.first()) {
            let offset = Offset { lane, position: *from };
            let mut end = Frames::new();
            offset.write(&self.namespace, &mut end);
            frames.push(end.seal());
            let offset = held.upto.map_or(offset, |upto| upto.offset);
            upto = Some(Upto { offset, joined: Some(*from) });
        }
        frames.extend(held.frames);
        frames.retain(|run| !run.is_empty());
        if !frames.is_empty() {
            voice.outlet.allow(frames.iter().map(Bytes::len).sum());
            send(voice, &frames, upto);
        }
    }

    /// Puts tellings into words, the first of them being number `position`. Must be followed by
    /// [`Lane::deliver`] until that is done.
    pub(super) fn word(
        &mut self,
        tellings: &[Telling],
        position: u64,
        view: &View<'_>,
        place_of: impl Fn(VoiceId) -> Option<usize>,
    ) {
        let (mut shared, mut aside) = (Frames::new(), Frames::new());
        let mut marks = Vec::new();
        if self.id.is_some() {
            trail::write_opening(&self.namespace, &mut shared);
        }
        let start = shared.len();
        for (number, telling) in tellings.iter().enumerate() {
            self.word_one(telling, view, &mut shared, &mut aside, &mut marks);
            if marks.is_empty() {
                self.note_seat(telling, &place_of);
            }
            let weight = telling.weight();
            let place = |mark| Placed { mark, telling: number, weight };
            self.marks.extend(marks.drain(..).map(place));
        }
        let (end, next) = (shared.len(), position + tellings.len() as u64);
        let offset = self.id.map(|lane| Offset { lane, position: next });
        if let Some(offset) = offset {
            offset.write(&self.namespace, &mut shared);
        }
        let (shared, aside) = (shared.seal(), aside.seal());
        let run = Run { tellings, position, offset, start, end, shared, aside };
        let apart = self.apart(&run, place_of);
        let is_shared = |placed: &&Placed| placed.mark.audience != Audience::Author;
        let shared = run.words(self.marks.iter().filter(is_shared));
        self.marks.clear();
        self.latecomers.retain(|(_, from)| *from > next);
        self.batch = Some(Batch { shared, apart, next: 0 });
    }

    fn word_one(
        &self,
        telling: &Telling,
        view: &View<'_>,
        shared: &mut Frames,
        aside: &mut Frames,
        marks: &mut Vec<Mark>,
    ) {
        match telling {
            Telling::Event(told) => self.word_event(told, view, shared, aside, marks),
            Telling::Answer(reply) => {
                if self.suits(&reply.to) {
                    reply.word(&mut Pen::for_one(&self.namespace, reply.ack, aside, marks));
                }
            }
        }
    }

    fn word_event(
        &self,
        told: &Told,
        view: &View<'_>,
        shared: &mut Frames,
        aside: &mut Frames,
        marks: &mut Vec<Mark>,
    ) {
        let about = told.about.as_deref().unwrap_or(view.row);
        let view = View { row: about, ..*view };
        let mut pen = Pen::for_lane(&self.namespace, shared, aside, marks);
        self.tongue.tell(&told.event, &view, &mut pen);
    }

    /// A member who has sat down without a word knows that it sits here.
    fn note_seat(&self, telling: &Telling, place_of: impl Fn(VoiceId) -> Option<usize>) {
        if let (Telling::Answer(reply), Some(lane)) = (telling, self.id)
            && matches!(reply.outcome, Ok(Outcome::Joined(_)))
            && let Some(member) = place_of(reply.to.id).and_then(|place| self.members.get(place))
            && self.suits(&reply.to)
        {
            member.voice.outlet.sat(lane, member.from);
        }
    }

    /// The words of those members who do not get just the shared ones.
    fn apart(
        &self,
        run: &Run<'_>,
        place_of: impl Fn(VoiceId) -> Option<usize>,
    ) -> Vec<(VoiceId, Words)> {
        let mut apart: Vec<VoiceId> = self.latecomers.iter().map(|(id, _)| *id).collect();
        for Placed { mark, telling, .. } in &self.marks {
            match &run.tellings[*telling] {
                Telling::Answer(reply) => {
                    if reply.is_history() {
                        reply.to.outlet.allow(mark.end - mark.start);
                    }
                    apart.push(reply.to.id);
                }
                Telling::Event(told) => {
                    let is_shared = mark.audience == Audience::Everyone;
                    apart.extend(told.author.filter(|_| !is_shared));
                    apart.extend(&told.except);
                }
            }
        }
        apart.sort_unstable();
        apart.dedup();
        apart
            .into_iter()
            .filter_map(|id| Some((id, self.slices(&self.members[place_of(id)?], run))))
            .collect()
    }

    /// One member's words.
    fn slices(&self, member: &Member, run: &Run<'_>) -> Words {
        run.words(self.marks.iter().filter(|Placed { mark, telling, .. }| {
            let is_late = run.position + (*telling as u64) < member.from;
            !is_late && is_heard(member.voice.id, mark.audience, &run.tellings[*telling])
        }))
    }

    /// An event that was told once, in the words that a voice would have heard.
    pub(super) fn word_for(&self, told: &Told, voice: VoiceId, view: &View<'_>) -> Bytes {
        let (mut shared, mut aside) = (Frames::new(), Frames::new());
        let mut marks = Vec::new();
        self.word_event(told, view, &mut shared, &mut aside, &mut marks);
        let (shared, aside) = (shared.seal(), aside.seal());
        let heard = marks.iter().filter(|mark| told.is_heard(voice, mark.audience));
        let words: Vec<&[u8]> = heard
            .map(|mark| match mark.audience {
                Audience::Author => &aside[mark.start..mark.end],
                Audience::Everyone | Audience::Others => &shared[mark.start..mark.end],
            })
            .collect();
        words.concat().into()
    }

    /// Hands the batch to the next members. `true`: there are more.
    pub(super) fn deliver(&mut self) -> bool {
        let Some(batch) = &mut self.batch else {
            return false;
        };
        let upto = self.members.len().min(batch.next + limits::PUSHES_PER_TURN_MAX);
        for member in &mut self.members[batch.next..upto] {
            let words = match batch.apart.binary_search_by_key(&member.voice.id, |own| own.0) {
                Ok(own) => &batch.apart[own].1,
                Err(_) => &batch.shared,
            };
            if words.frames.iter().all(Bytes::is_empty) {
                continue;
            }
            match &mut member.held {
                Some(held) => {
                    held.bytes += words.frames.iter().map(Bytes::len).sum::<usize>();
                    if held.bytes > limits::HELD_BYTES_MAX {
                        member.voice.outlet.overrun();
                    } else {
                        held.frames.extend_from_slice(&words.frames);
                        held.upto = words.upto.or(held.upto);
                    }
                }
                None => send(&member.voice, &words.frames, words.upto),
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

/// A batch's tellings and their words: those that a lane shares, and those for one.
struct Run<'a> {
    tellings: &'a [Telling],
    position: u64,
    /// What the batch ends with, where it must not be missed; `None`: nobody can come back.
    offset: Option<Offset>,
    /// Where, in `shared`, the packets begin behind the opening, and end before the offset.
    start: usize,
    end: usize,
    shared: Bytes,
    aside: Bytes,
}

impl Run<'_> {
    /// The words of some packets: neighbouring ones as one slice.
    fn words<'a>(&self, placed: impl Iterator<Item = &'a Placed>) -> Words {
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

fn send(voice: &Voice, frames: &[Bytes], upto: Option<Upto>) {
    match upto {
        Some(upto) => voice.outlet.tell(frames, upto),
        None => voice.outlet.push(frames),
    }
}

/// Whether a packet of a telling is for that voice.
fn is_heard(voice: VoiceId, audience: Audience, telling: &Telling) -> bool {
    match telling {
        Telling::Answer(reply) => reply.to.id == voice,
        Telling::Event(told) => told.is_heard(voice, audience),
    }
}

#[cfg(test)]
impl Lane {
    /// The voices in it, by their places.
    pub(super) fn voices(&self) -> impl Iterator<Item = VoiceId> {
        self.members.iter().map(|member| member.voice.id)
    }

    /// How many latecomers are noted, and the most bytes that wait for one member.
    pub(super) fn load(&self) -> (usize, usize) {
        let held = self.members.iter().filter_map(|member| member.held.as_ref());
        (
            self.latecomers.len(),
            held.map(|held| held.frames.iter().map(Bytes::len).sum()).max().unwrap_or(0),
        )
    }
}
