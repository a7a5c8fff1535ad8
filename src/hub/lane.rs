//! A lane: the members of one room who are told the same words.
//!
//! Members who share a dialect and a spelling of the namespace share a lane. What happened is
//! put into words once per lane, as one contiguous run of sealed frames; each member is then
//! handed a reference to it, in one push. Only those who asked for something in the batch, or
//! sat down in the middle of it, get slices of their own.

mod batch;
mod member;
mod words;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame::Frames;

use self::batch::{Apart, Batch};
pub(super) use self::batch::{Part, Spread};
use self::member::Member;
pub(super) use self::words::Words;
use self::words::{Placed, Run, Slices};
use super::command::Outcome;
use super::id::{LaneId, VoiceId};
use super::offset::{self, Offset, Upto};
use super::telling::{self, Telling, Told};
use super::voice::{Audience, Delivery, Mark, Pen, Tongue, View, Voice};

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
    sheet_marks: Vec<Mark>,
    batch: Option<Arc<Batch>>,
    /// The members who are still to be handed it here, or those of its `apart` where only they are.
    left: Range<usize>,
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
            sheet_marks: Vec::new(),
            batch: None,
            left: 0..0,
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
        let (id, outlet) = (voice.id, Arc::clone(&voice.outlet));
        let held = held.then(Box::default);
        self.members.push(Member { id, outlet, voice, from, held });
        self.members.len() - 1
    }

    /// Takes the member at `place` away, with what waited for a history that it will not be told.
    /// The last member moves there; its voice is returned.
    pub(super) fn unseat(&mut self, place: usize) -> Option<VoiceId> {
        let Member { voice, held, from, .. } = self.members.swap_remove(place);
        self.latecomers.retain(|(id, _)| *id != voice.id);
        if let Some(held) = held {
            held.into_inner().words(from).send(voice.outlet.as_ref());
        }
        self.members.get(place).map(|member| member.voice.id)
    }

    /// The voice at `place`.
    pub(super) fn voice(&self, place: usize) -> &Arc<Voice> {
        &self.members[place].voice
    }

    /// The first telling that the member at `place` hears.
    pub(super) fn hears_from(&self, place: usize) -> u64 {
        self.members[place].from
    }

    /// Whether what the member at `place` is to hear waits.
    pub(super) fn is_held(&self, place: usize) -> bool {
        self.members[place].held.is_some()
    }

    /// Forgets what waits for the member at `place`.
    pub(super) fn drop_held(&mut self, place: usize) {
        self.members[place].held = None;
    }

    /// Takes the words that wait for the member at `place`.
    pub(super) fn take_held(&mut self, place: usize) -> Words {
        let Member { held, from, .. } = &mut self.members[place];
        held.take().map(|held| held.into_inner().words(*from)).unwrap_or_default()
    }

    /// Sends a member the words that its history was put into, then all that waited for them.
    pub(super) fn release(&mut self, place: usize, history: Option<Bytes>) {
        let Member { outlet, from, held, .. } = &mut self.members[place];
        let mut words = held.take().unwrap_or_default().into_inner().words(*from);
        let mut frames: Vec<Bytes> = history.into_iter().collect();
        if let (Some(lane), Some(_)) = (self.id, frames.first()) {
            let offset = Offset { lane, position: *from };
            let mut end = Frames::new();
            offset.write(&self.namespace, &mut end);
            frames.push(end.seal());
            words.upto.get_or_insert(Upto { offset, joined: Some(*from) });
        }
        frames.extend_from_slice(&words.frames);
        frames.retain(|run| !run.is_empty());
        outlet.allow(frames.iter().map(Bytes::len).sum());
        Words { frames: Slices::Many(frames), ..words }.send(outlet.as_ref());
    }

    /// Puts tellings into words, the first of them being number `position`. Must be followed by
    /// [`Lane::aim`] and [`Lane::advance`] until that is done.
    pub(super) fn word(
        &mut self,
        tellings: &[Telling],
        position: u64,
        view: &View<'_>,
        place_of: impl Fn(VoiceId) -> Option<usize>,
    ) {
        let marks = std::mem::take(&mut self.sheet_marks);
        let mut sheet = Sheet { marks, ..Sheet::default() };
        let first_list = telling::first_list(tellings, view.roster.len());
        if self.id.is_some() {
            offset::write_opening(&self.namespace, &mut sheet.shared);
        }
        let start = sheet.shared.len();
        for (number, telling) in tellings.iter().enumerate() {
            let view = View { is_changing: number < first_list, ..*view };
            let is_volatile = self.word_one(telling, &view, &mut sheet);
            if sheet.marks.is_empty() {
                self.note_seat(telling, &place_of);
            }
            let weight = telling.weight();
            let place = |mark| Placed { mark, telling: number, weight, is_volatile };
            self.marks.extend(sheet.marks.drain(..).map(place));
        }
        let (end, next) = (sheet.shared.len(), position + tellings.len() as u64);
        let offset = self.id.map(|lane| Offset { lane, position: next });
        if let Some(offset) = offset {
            offset.write(&self.namespace, &mut sheet.shared);
        }
        self.sheet_marks = sheet.marks;
        let (shared, aside) = (sheet.shared.seal(), sheet.aside.seal());
        let run = Run { tellings, position, offset, start, end, shared, aside };
        let (volatile, lean) = self.lean(&run);
        let apart = self.apart(&run, place_of);
        let shared = run.words(self.shared_marks());
        self.marks.clear();
        self.latecomers.retain(|(_, from)| *from > next);
        let batch = Batch { shared, volatile, lean, apart };
        self.left = 0..if batch.is_quiet() { batch.apart.len() } else { self.members.len() };
        self.batch = Some(Arc::new(batch));
    }

    /// Returns whether the words are volatile.
    fn word_one(&self, telling: &Telling, view: &View<'_>, sheet: &mut Sheet) -> bool {
        match telling {
            Telling::Event(told) => self.word_event(told, view, sheet),
            Telling::Answer(reply) => {
                if self.suits(&reply.to) {
                    let Sheet { aside, marks, .. } = sheet;
                    let mut pen = Pen::for_one(&self.namespace, reply.ack, aside, marks);
                    reply.word(Some(view.roster), &mut pen);
                }
                false
            }
        }
    }

    fn word_event(&self, told: &Told, view: &View<'_>, sheet: &mut Sheet) -> bool {
        let about = told.about.as_deref().unwrap_or(view.row);
        let view = View { row: about, ..*view };
        self.tongue.tell(&told.event, &view, &mut sheet.pen(&self.namespace));
        self.tongue.is_volatile(&told.event, &view)
    }

    /// An event that was told once, in the words that a voice would have heard.
    pub(super) fn word_for(&self, told: &Told, voice: VoiceId, view: &View<'_>) -> Bytes {
        let mut sheet = Sheet::default();
        self.word_event(told, view, &mut sheet);
        let Sheet { shared, aside, marks } = sheet;
        let (shared, aside) = (shared.seal(), aside.seal());
        let heard = marks.iter().filter(|mark| told.is_heard(voice, mark.audience));
        let words = heard.map(|mark| match mark.audience {
            Audience::Author => &aside[mark.start..mark.end],
            Audience::Everyone | Audience::Others => &shared[mark.start..mark.end],
        });
        words.collect::<Vec<_>>().concat().into()
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
    fn apart(&self, run: &Run<'_>, place_of: impl Fn(VoiceId) -> Option<usize>) -> Vec<Apart> {
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
        let own = |id| {
            let place = place_of(id)?;
            Some(Apart { id, place, words: self.slices(&self.members[place], run) })
        };
        apart.into_iter().filter_map(own).collect()
    }

    /// One member's words.
    fn slices(&self, member: &Member, run: &Run<'_>) -> Words {
        let heard = self.marks.iter().filter(|placed| run.is_for(placed, member.id, member.from));
        let volatile = heard.clone().filter(|placed| placed.is_volatile).count() as u64;
        let is_lean = volatile > 0 && member.outlet.leaves_out(volatile);
        run.words(heard.filter(|placed| !(is_lean && placed.is_volatile)))
    }

    /// What is not for one alone.
    fn shared_marks(&self) -> impl Iterator<Item = &Placed> + Clone {
        self.marks.iter().filter(|placed| placed.mark.audience != Audience::Author)
    }

    /// How many of the shared packets are volatile, and the others where there are such.
    fn lean(&self, run: &Run<'_>) -> (u64, Words) {
        match self.shared_marks().filter(|placed| placed.is_volatile).count() as u64 {
            0 => (0, Words::default()),
            some => (some, run.words(self.shared_marks().filter(|placed| !placed.is_volatile))),
        }
    }

    /// Gives away the members beyond those that are to be handed the batch here, in parts.
    pub(super) fn parts(&mut self, spread: Spread) -> Vec<Part> {
        let Some(batch) = self.batch.as_ref().filter(|batch| !batch.is_quiet()) else {
            return Vec::new();
        };
        let count = self.left.len();
        let step = count.div_ceil(spread.parts(count)).max(1);
        let own_end = self.left.start + step.min(count);
        let rest = &mut self.members[own_end..self.left.end];
        self.left.end = own_end;
        let part = |members: &mut [Member]| {
            let hearers = members.iter_mut().filter_map(|member| member.hearer(batch));
            Part::new(batch, hearers.collect())
        };
        rest.chunks_mut(step).map(part).collect()
    }

    /// How many are still to be handed the batch here.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    /// Adds to a volley what the next members are told, so many of them at most; what those are
    /// told who wait for a history waits now. [`Lane::advance`] must follow. Returns how many.
    pub(super) fn aim<'a>(&'a self, most: usize, volley: &mut Vec<Delivery<'a>>) -> usize {
        let Some(batch) = &self.batch else {
            return 0;
        };
        let now = self.left.start..self.left.end.min(self.left.start + most);
        let count = now.len();
        if batch.is_quiet() {
            // A join that nobody else hears of is no reason to look at a thousand others.
            let apart = batch.apart[now].iter();
            volley.extend(apart.filter_map(|own| self.members[own.place].hear(&own.words)));
        } else {
            let hear = |member: &'a Member| {
                member.hear(batch.words_for(member.id, member.outlet.as_ref()))
            };
            volley.extend(self.members[now].iter().filter_map(hear));
        }
        count
    }

    /// So many more were handed the batch, as far as there are so many. Returns how many.
    pub(super) fn advance(&mut self, most: usize) -> usize {
        let count = self.left.len().min(most);
        self.left.start += count;
        if self.left.is_empty() {
            self.batch = None;
        }
        count
    }
}

/// A tongue's words as they are put down.
#[derive(Default)]
struct Sheet {
    shared: Frames,
    aside: Frames,
    marks: Vec<Mark>,
}

impl Sheet {
    fn pen<'a>(&'a mut self, namespace: &'a str) -> Pen<'a> {
        Pen::for_lane(namespace, &mut self.shared, &mut self.aside, &mut self.marks)
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
            held.map(|held| held.borrow().frames.iter().map(Bytes::len).sum()).max().unwrap_or(0),
        )
    }
}
