//! What must hold in a room whenever nobody is at work in it. For tests alone.

use std::collections::HashSet;

use super::{Room, Roster};
use crate::hub::id::VoiceId;
use crate::hub::telling::{Telling, Weight};
use crate::limits;

impl Room {
    /// Who is in the room.
    pub(in crate::hub) fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The last message that the room knows to be stored.
    pub(in crate::hub) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    /// Whether the voice has a seat.
    pub(in crate::hub) fn has_seat(&self, voice: VoiceId) -> bool {
        self.seats.contains_key(&voice)
    }

    /// How many tellings wait that must not be missed.
    pub(in crate::hub) fn lasting_to_tell(&self) -> usize {
        let is_lasting = |telling: &&Telling| telling.weight() == Weight::Lasting;
        self.tellings.iter().filter(is_lasting).count()
    }

    /// How many members each lane has.
    pub(in crate::hub) fn lanes(&self) -> Vec<usize> {
        self.lanes.iter().map(|lane| lane.voices().count()).collect()
    }

    /// Comings and goings that the backplane has yet to hear.
    pub(in crate::hub) fn untold(&self) -> impl Iterator<Item = (u64, bool)> {
        self.untold.iter().map(|(user, is_in)| (user.0, *is_in))
    }

    /// Fails with a sentence where something does not hold.
    pub(in crate::hub) fn audit(&self) {
        self.audit_seats();
        self.audit_roster();
        self.audit_bounds();
    }

    fn audit_seats(&self) {
        let members: usize = self.lanes.iter().map(|lane| lane.voices().count()).sum();
        assert_eq!(members, self.seats.len(), "as many seats as members of lanes");
        for (voice, seat) in &self.seats {
            let found = self.lanes[seat.lane].voices().nth(seat.place);
            assert_eq!(found, Some(*voice), "a seat is where its voice sits");
            assert!(seat.sitting <= self.sittings, "a seat that was never given");
        }
    }

    fn audit_roster(&self) {
        let mut voices = HashSet::new();
        for (user, theirs, leaves_ms) in self.roster.attendances() {
            match leaves_ms {
                None => assert!(!theirs.is_empty(), "{user:?} is in without a voice"),
                Some(_) => assert!(theirs.is_empty(), "{user:?} leaves with a voice inside"),
            }
            theirs
                .iter()
                .for_each(|voice| assert!(voices.insert(*voice), "{voice} is there twice"));
        }
        let seated: HashSet<VoiceId> = self.seats.keys().copied().collect();
        assert_eq!(voices, seated, "who is in has a seat, who has a seat is in");
    }

    fn audit_bounds(&self) {
        for lane in &self.lanes {
            let (latecomers, held_bytes) = lane.load();
            assert!(latecomers <= lane.voices().count(), "{latecomers} latecomers are remembered");
            assert!(held_bytes <= limits::HELD_BYTES_MAX, "{held_bytes} bytes wait for one member");
        }
        let (events, bytes) = self.tail.load();
        assert!(events <= limits::TAIL_EVENTS_MAX, "{events} events are kept");
        assert!(bytes <= limits::TAIL_BYTES_MAX, "{bytes} bytes of events are kept");
        assert!(self.absent.len() <= limits::ABSENT_PER_ROOM_MAX, "too many are remembered");
        assert!(self.waiting.len() <= limits::WAITING_SEATS_MAX, "too many wait for a seat");
        assert!(self.amendments.len() <= limits::AMENDMENTS_MAX, "too many changes wait");
        assert!(self.is_amending || self.amendments.is_empty(), "a change waits for nothing");
    }

    /// What is kept for later: tellings, messages on their way to the disk, wants whose answer
    /// has not come, joins that wait for a seat, users who are typing.
    pub(in crate::hub) fn burden(&self) -> [usize; 5] {
        let (tellings, unwritten) = (self.tellings.len(), self.unwritten.len());
        [tellings, unwritten, self.unanswered, self.waiting.len(), self.typing.len()]
    }
}
