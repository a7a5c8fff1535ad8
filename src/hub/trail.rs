//! The trail of what a connection was sent: from the one [`Offset`] that its client heard last
//! follows what it has heard of every room.

use std::collections::{HashMap, VecDeque};

use super::id::{LaneId, RoomId, VoiceId};
use super::offset::{Offset, Upto};
use crate::limits;

/// A seat that came to an end of which its client was told, in the words before that offset.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// Whose seat it was.
    pub voice: VoiceId,
    /// Where.
    pub room: RoomId,
    /// Whoever has heard that far knows of it.
    pub at: Offset,
}

/// How far a client has heard each lane that it sits in.
pub type Heard = HashMap<LaneId, u64>;

/// What was sent on a connection, in order. Bounded: what was sent long ago is remembered only by
/// how far it went.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// How far each lane had gone before the first of the runs, in the lanes' order. No space
    /// ahead: most sit in one lane.
    before: Box<[(LaneId, u64)]>,
    /// The last of the runs. Every batch is noted in it: with the connection it is at hand, and
    /// who hears of one lane only has no other.
    last: Option<Run>,
    /// Boxed: of most connections there is nothing in it.
    more: Option<Box<More>>,
}

/// What is rarely to be noted.
#[derive(Clone, Debug, Default)]
struct More {
    /// The runs behind `before`, but for the last.
    runs: VecDeque<Run>,
    /// Runs were forgotten: an offset from before `runs` means nothing any more.
    is_cut: bool,
    /// Seats that were taken away, and have not been taken anew.
    ends: Vec<End>,
}

/// Batches of one lane with none of another in between.
#[derive(Clone, Copy, Debug)]
struct Run {
    lane: LaneId,
    /// Where the first of them ended.
    from: u64,
    /// Where the last of them ended.
    upto: u64,
    /// The client has taken a seat there anew since: it says nothing of that lane any more, but
    /// where it stands among the others.
    is_past: bool,
}

impl Trail {
    /// Words were sent.
    pub fn note(&mut self, upto: Upto) {
        let Offset { lane, position } = upto.offset;
        if let Some(from) = upto.joined {
            self.begin_anew(lane, from);
            return self.push(Run { lane, from, upto: position, is_past: false });
        }
        match &mut self.last {
            Some(run) if run.lane == lane && !run.is_past => run.upto = position,
            _ => self.push(Run { lane, from: position, upto: position, is_past: false }),
        }
    }

    /// The client sits in a lane from that position on, without a word having been said of it.
    pub fn sat(&mut self, lane: LaneId, from: u64) {
        self.begin_anew(lane, from);
        self.remember(lane, from);
    }

    /// A seat was taken away, and the client told so.
    pub fn stood(&mut self, end: End) {
        let ends = &mut self.more.get_or_insert_default().ends;
        if ends.len() < limits::TRAIL_LANES_MAX {
            ends.push(end);
        }
    }

    /// Whether a client that has heard so much knows that this seat was taken away.
    #[must_use]
    pub fn knows_end(&self, heard: &Heard, voice: VoiceId, room: RoomId) -> bool {
        let mut its = self.ends().iter().filter(|end| end.voice == voice && end.room == room);
        its.any(|End { at, .. }| heard.get(&at.lane).is_some_and(|upto| *upto >= at.position))
    }

    /// How far a client has heard each lane whose last offset is `last`. An offset that was not
    /// sent on this connection, or none, comes from a client that has heard nothing here yet.
    /// `None`: it cannot be said.
    #[must_use]
    pub fn heard(&self, last: Option<Offset>) -> Option<Heard> {
        let before: Heard = self.before.iter().copied().collect();
        let mut heard = before.clone();
        let Some(Offset { lane, position }) = last else {
            return (!self.is_cut()).then_some(heard);
        };
        for run in self.more.iter().flat_map(|more| &more.runs).chain(&self.last) {
            let is_last = run.lane == lane && (run.from..=run.upto).contains(&position);
            if !run.is_past {
                heard.insert(run.lane, if is_last { position } else { run.upto });
            }
            if is_last {
                return Some(heard);
            }
        }
        (!self.is_cut()).then_some(before)
    }

    fn ends(&self) -> &[End] {
        self.more.as_ref().map_or(&[], |more| &more.ends)
    }

    fn is_cut(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.is_cut)
    }

    fn push(&mut self, run: Run) {
        let Some(before) = self.last.replace(run) else { return };
        let more = self.more.get_or_insert_default();
        more.runs.push_back(before);
        if more.runs.len() >= limits::TRAIL_RUNS_MAX
            && let Some(oldest) = more.runs.pop_front()
        {
            more.is_cut = true;
            if !oldest.is_past {
                self.remember(oldest.lane, oldest.upto);
            }
        }
    }

    /// Of a lane that is not known, nobody can be told what was missed there: a new session.
    fn remember(&mut self, lane: LaneId, upto: u64) {
        if self.before.len() >= limits::TRAIL_LANES_MAX {
            self.before = Box::default();
        }
        match self.place(lane) {
            Ok(at) => self.before[at].1 = upto,
            Err(at) => {
                let mut before = std::mem::take(&mut self.before).into_vec();
                before.reserve_exact(1);
                before.insert(at, (lane, upto));
                self.before = before.into();
            }
        }
    }

    fn place(&self, lane: LaneId) -> Result<usize, usize> {
        self.before.binary_search_by_key(&lane, |(other, _)| *other)
    }

    /// What was heard of an earlier seat there says nothing of the one that begins with `from`:
    /// a room gives out no offset twice, and all that it gave out before are smaller.
    fn begin_anew(&mut self, lane: LaneId, from: u64) {
        if self.place(lane).is_ok_and(|at| self.before[at].1 < from) {
            let mut before = std::mem::take(&mut self.before).into_vec();
            before.retain(|(other, _)| *other != lane);
            self.before = before.into();
        }
        if let Some(more) = &mut self.more {
            more.ends.retain(|end| end.at.lane != lane || end.at.position >= from);
        }
        let runs = self.more.iter_mut().flat_map(|more| &mut more.runs).chain(&mut self.last);
        runs.filter(|run| run.lane == lane && run.upto < from).for_each(|run| run.is_past = true);
    }
}

#[cfg(test)]
mod tests {
    use super::{End, LaneId, Offset, RoomId, Trail, Upto, VoiceId};
    use crate::limits;

    const A: LaneId = LaneId(10);
    const B: LaneId = LaneId(11);

    fn offset(lane: LaneId, position: u64) -> Offset {
        Offset { lane, position }
    }

    fn sent(trail: &mut Trail, lane: LaneId, position: u64) {
        trail.note(Upto { offset: offset(lane, position), joined: None });
    }

    fn joined(trail: &mut Trail, lane: LaneId, position: u64) {
        trail.note(Upto { offset: offset(lane, position), joined: Some(position) });
    }

    fn heard(trail: &Trail, last: Option<Offset>) -> Option<[Option<u64>; 2]> {
        let heard = trail.heard(last)?;
        Some([heard.get(&A).copied(), heard.get(&B).copied()])
    }

    #[test]
    fn one_offset_tells_how_far_every_lane_was_heard() {
        let mut trail = Trail::default();
        trail.sat(A, 3);
        joined(&mut trail, B, 7);
        sent(&mut trail, A, 4);
        sent(&mut trail, A, 6);
        sent(&mut trail, B, 9);
        sent(&mut trail, A, 8);
        assert_eq!(heard(&trail, Some(offset(A, 4))), Some([Some(4), Some(7)]));
        assert_eq!(heard(&trail, Some(offset(A, 6))), Some([Some(6), Some(7)]));
        assert_eq!(heard(&trail, Some(offset(B, 9))), Some([Some(6), Some(9)]));
        assert_eq!(heard(&trail, Some(offset(A, 8))), Some([Some(8), Some(9)]));
        assert_eq!(heard(&trail, Some(offset(B, 7))), Some([Some(3), Some(7)]));
        // Nothing yet: what was sat down in without a word is known, the other seat is not.
        assert_eq!(heard(&trail, None), Some([Some(3), None]));
        assert_eq!(heard(&trail, Some(offset(A, 99))), Some([Some(3), None]));
    }

    #[test]
    fn a_seat_taken_anew_begins_anew() {
        let mut trail = Trail::default();
        joined(&mut trail, A, 1);
        sent(&mut trail, A, 5);
        joined(&mut trail, B, 2);
        joined(&mut trail, A, 9);
        assert_eq!(heard(&trail, Some(offset(B, 2))), Some([None, Some(2)]));
        assert_eq!(heard(&trail, Some(offset(A, 5))), Some([None, None]));
        assert_eq!(heard(&trail, Some(offset(A, 9))), Some([Some(9), Some(2)]));
    }

    #[test]
    fn an_offset_of_an_earlier_seat_still_tells_of_the_others() {
        let mut trail = Trail::default();
        trail.sat(A, 1);
        trail.sat(B, 1);
        sent(&mut trail, B, 5);
        sent(&mut trail, A, 8);
        trail.sat(A, 10);
        assert_eq!(heard(&trail, Some(offset(A, 8))), Some([Some(10), Some(5)]));
        sent(&mut trail, A, 12);
        joined(&mut trail, A, 20);
        assert_eq!(heard(&trail, Some(offset(A, 8))), Some([None, Some(5)]));
        sent(&mut trail, B, 6);
        assert_eq!(heard(&trail, Some(offset(A, 12))), Some([None, Some(5)]));
        assert_eq!(heard(&trail, Some(offset(A, 20))), Some([Some(20), Some(5)]));
    }

    #[test]
    fn a_seats_end_is_known_to_whoever_has_heard_of_it() {
        let (voice, room) = (VoiceId(1), RoomId(2));
        let mut trail = Trail::default();
        trail.sat(A, 1);
        sent(&mut trail, A, 3);
        sent(&mut trail, A, 4);
        trail.stood(End { voice, room, at: offset(A, 4) });
        let knows = |trail: &Trail, last, voice, room| {
            let heard = trail.heard(last).expect("it is not cut");
            trail.knows_end(&heard, voice, room)
        };
        assert!(knows(&trail, Some(offset(A, 4)), voice, room));
        for earlier in [None, Some(offset(A, 3))] {
            assert!(!knows(&trail, earlier, voice, room), "it has not heard of it");
        }
        assert!(!knows(&trail, Some(offset(A, 4)), VoiceId(9), room), "another's");
        assert!(!knows(&trail, Some(offset(A, 4)), voice, RoomId(9)), "elsewhere");
        joined(&mut trail, A, 6);
        assert!(!knows(&trail, Some(offset(A, 6)), voice, room), "it sits there again");
        for lane in 0..3 * limits::TRAIL_LANES_MAX as u64 {
            trail.sat(LaneId(lane), 1);
            trail.stood(End { voice, room, at: offset(LaneId(lane), 1) });
        }
        assert!(trail.before.len() <= limits::TRAIL_LANES_MAX, "seats without a word");
        assert!(trail.ends().len() <= limits::TRAIL_LANES_MAX, "seats taken away");
    }

    #[test]
    fn what_was_sent_long_ago_cannot_be_come_back_to() {
        let mut trail = Trail::default();
        let rounds = limits::TRAIL_RUNS_MAX as u64;
        for round in 1..=rounds {
            sent(&mut trail, A, round);
            sent(&mut trail, B, round);
        }
        assert_eq!(heard(&trail, Some(offset(A, 1))), None);
        assert_eq!(heard(&trail, None), None);
        assert_eq!(heard(&trail, Some(offset(A, rounds))), Some([Some(rounds), Some(rounds - 1)]));
        for lane in 0..3 * limits::TRAIL_LANES_MAX as u64 {
            sent(&mut trail, LaneId(lane), 1);
        }
        let runs = trail.more.map_or(0, |more| more.runs.len());
        assert_eq!(runs + 1, limits::TRAIL_RUNS_MAX, "the last is beside them");
        assert!(trail.before.len() <= limits::TRAIL_LANES_MAX);
    }
}
