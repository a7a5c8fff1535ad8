//! A lane: the members of one room who are told the same words.
//!
//! Members who share a dialect and a spelling of the namespace share a lane. What happened is
//! put into words once per lane, as one contiguous run of sealed frames; each member is then
//! handed a reference to it, in one push. Only those who asked for something in the batch, or
//! sat down in the middle of it, get slices of their own.

use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame::Frames;

use super::id::VoiceId;
use super::telling::{self, Telling};
use super::voice::{Audience, Mark, Outlet, Pen, Tongue, View, Voice};
use crate::limits;

/// See the module's head.
pub(super) struct Lane {
    tongue: Arc<dyn Tongue>,
    namespace: Arc<str>,
    members: Vec<Member>,
    /// Members who sat down while tellings were waiting, and the first that each one hears.
    latecomers: Vec<(VoiceId, u64)>,
    /// Reused from batch to batch.
    marks: Vec<Placed>,
    batch: Option<Batch>,
}

/// One seat. Who is pushed to a thousand times a second is here, not a pointer further.
struct Member {
    id: VoiceId,
    outlet: Arc<dyn Outlet>,
    voice: Arc<Voice>,
    /// The first telling that this member hears.
    from: u64,
    /// What waits until the member has been told the history; `None` once it has.
    held: Option<Box<Held>>,
}

/// Words that wait for the history to be told first.
#[derive(Default)]
struct Held {
    frames: Vec<Bytes>,
    bytes: usize,
}

/// A mark and the telling it belongs to, by its place in the batch.
struct Placed {
    mark: Mark,
    telling: usize,
    is_volatile: bool,
}

/// Words on their way to the members.
struct Batch {
    shared: Bytes,
    /// How many packets of `shared` are volatile: mostly none.
    volatile: u64,
    /// `shared` without them.
    lean: Vec<Bytes>,
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
        self.latecomers.push((voice.id, from));
        let (id, outlet) = (voice.id, Arc::clone(&voice.outlet));
        let held = held.then(Box::default);
        self.members.push(Member { id, outlet, voice, from, held });
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

    /// Sends a member the words that its history was put into, then all that waited for them.
    pub(super) fn release(&mut self, place: usize, first: Bytes) {
        let member = &mut self.members[place];
        let mut frames = vec![first];
        frames.extend(member.held.take().unwrap_or_default().frames);
        frames.retain(|run| !run.is_empty());
        if !frames.is_empty() {
            member.outlet.allow(frames.iter().map(Bytes::len).sum());
            member.outlet.push(&frames);
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
        let first_list = telling::first_list(tellings, view.roster.len());
        for (number, telling) in tellings.iter().enumerate() {
            let view = View { is_changing: number < first_list, ..*view };
            let is_volatile = self.word_one(telling, &view, &mut shared, &mut aside, &mut marks);
            let place = |mark| Placed { mark, telling: number, is_volatile };
            self.marks.extend(marks.drain(..).map(place));
        }
        let run = Run { tellings, position, shared: shared.seal(), aside: aside.seal() };
        let (volatile, lean) = self.lean(&run);
        let apart = self.apart(&run, place_of);
        let next = position + tellings.len() as u64;
        self.marks.clear();
        self.latecomers.retain(|(_, from)| *from > next);
        let shared = run.shared;
        self.batch = Some(Batch { shared, volatile, lean, apart, next: 0 });
    }

    /// Returns whether the words are volatile.
    fn word_one(
        &self,
        telling: &Telling,
        view: &View<'_>,
        shared: &mut Frames,
        aside: &mut Frames,
        marks: &mut Vec<Mark>,
    ) -> bool {
        match telling {
            Telling::Event(told) => {
                let about = told.about.as_deref().unwrap_or(view.row);
                let view = View { row: about, ..*view };
                let mut pen = Pen::for_lane(&self.namespace, shared, aside, marks);
                self.tongue.tell(&told.event, &view, &mut pen);
                self.tongue.is_volatile(&told.event, &view)
            }
            Telling::Answer(reply) => {
                if self.suits(&reply.to) {
                    let mut pen = Pen::for_one(&self.namespace, reply.ack, aside, marks);
                    reply.word(Some(view.roster), &mut pen);
                }
                false
            }
        }
    }

    /// The words of those members who do not get just the shared ones.
    fn apart(
        &self,
        run: &Run<'_>,
        place_of: impl Fn(VoiceId) -> Option<usize>,
    ) -> Vec<(VoiceId, Vec<Bytes>)> {
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
    fn slices(&self, member: &Member, run: &Run<'_>) -> Vec<Bytes> {
        let heard = self.marks.iter().filter(|Placed { mark, telling, .. }| {
            let is_late = run.position + (*telling as u64) < member.from;
            !is_late && is_heard(member.id, mark.audience, &run.tellings[*telling])
        });
        let volatile = heard.clone().filter(|placed| placed.is_volatile).count() as u64;
        let is_lean = volatile > 0 && member.outlet.leaves_out(volatile);
        run.slices(heard.filter(|placed| !(is_lean && placed.is_volatile)))
    }

    /// How many of the shared packets are volatile, and the others where there are such.
    fn lean(&self, run: &Run<'_>) -> (u64, Vec<Bytes>) {
        let shared = self.marks.iter().filter(|placed| placed.mark.audience != Audience::Author);
        match shared.clone().filter(|placed| placed.is_volatile).count() as u64 {
            0 => (0, Vec::new()),
            some => (some, run.slices(shared.filter(|placed| !placed.is_volatile))),
        }
    }

    /// Hands the batch to the next members. `true`: there are more.
    pub(super) fn deliver(&mut self) -> bool {
        let Some(batch) = &mut self.batch else {
            return false;
        };
        let upto = self.members.len().min(batch.next + limits::PUSHES_PER_TURN_MAX);
        for member in &mut self.members[batch.next..upto] {
            let words = match batch.apart.binary_search_by_key(&member.id, |own| own.0) {
                Ok(own) => batch.apart[own].1.as_slice(),
                Err(_) if batch.is_lean_for(member) => &batch.lean,
                Err(_) => std::slice::from_ref(&batch.shared),
            };
            if words.iter().all(Bytes::is_empty) {
                continue;
            }
            match &mut member.held {
                Some(held) => {
                    held.bytes += words.iter().map(Bytes::len).sum::<usize>();
                    if held.bytes > limits::HELD_BYTES_MAX {
                        member.outlet.overrun();
                    } else {
                        held.frames.extend_from_slice(words);
                    }
                }
                None => member.outlet.push(words),
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

impl Batch {
    /// Whether a member who is handed the shared words is too far behind for the volatile ones.
    fn is_lean_for(&self, member: &Member) -> bool {
        self.volatile > 0 && member.outlet.leaves_out(self.volatile)
    }
}

/// A batch's tellings and their words: those that a lane shares, and those for one.
struct Run<'a> {
    tellings: &'a [Telling],
    position: u64,
    shared: Bytes,
    aside: Bytes,
}

impl Run<'_> {
    /// The words of some packets: neighbouring ones as one slice.
    fn slices<'a>(&self, placed: impl Iterator<Item = &'a Placed>) -> Vec<Bytes> {
        let mut runs: Vec<(bool, usize, usize)> = Vec::new();
        for Placed { mark, .. } in placed {
            let is_aside = mark.audience == Audience::Author;
            match runs.last_mut() {
                Some(run) if run.0 == is_aside && run.2 == mark.start => run.2 = mark.end,
                _ => runs.push((is_aside, mark.start, mark.end)),
            }
        }
        let slice = |(is_aside, start, end)| match is_aside {
            true => self.aside.slice(start..end),
            false => self.shared.slice(start..end),
        };
        runs.into_iter().map(slice).collect()
    }
}

/// Whether a packet of a telling is for that voice.
fn is_heard(voice: VoiceId, audience: Audience, telling: &Telling) -> bool {
    match telling {
        Telling::Answer(reply) => reply.to.id == voice,
        Telling::Event(told) if told.except.contains(&voice) => false,
        Telling::Event(told) => match audience {
            Audience::Everyone => true,
            Audience::Others => told.author != Some(voice),
            Audience::Author => told.author == Some(voice),
        },
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
