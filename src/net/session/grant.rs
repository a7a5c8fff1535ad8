//! A grant: what one dialect gave a session, and the seats that were asked for with it.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::super::recovery::{LostGrant, LostSeat};
use super::seats::Seats;
use crate::hub::Hub;
use crate::hub::comeback::Parting;
use crate::hub::command::{Deed, Join, Refusal, Topic};
use crate::hub::event::Place;
use crate::hub::id::{Realm, RoomId, VoiceId};
use crate::hub::ports::Fault;
use crate::hub::voice::Voice;
use crate::limits;

/// What one dialect gave.
pub(super) struct Grant {
    /// Nothing before it has asked a room for anything.
    pub(super) voice: Option<Arc<Voice>>,
    /// When its token ends, in ms since 1970; `u64::MAX`: it does not.
    expires_ms: u64,
    /// Rooms that a seat was asked for in. A room is looked up once.
    pub(super) seats: Seats,
    /// The room that it moved to last. Boxed: few ever move.
    pub(super) here: Option<Box<Place>>,
}

/// A seat, or one that was asked for.
pub(super) struct Seat {
    pub(super) room: RoomId,
    pub(super) sole: bool,
    pub(super) grace_ms: u64,
    /// What the room will say to it, or has said and nobody has looked at yet.
    asked: Option<oneshot::Receiver<bool>>,
}

impl Grant {
    pub(super) fn new(expires_ms: Option<u64>) -> Grant {
        let expires_ms = expires_ms.unwrap_or(u64::MAX);
        Grant { voice: None, expires_ms, seats: Seats::default(), here: None }
    }

    /// When its token ends, in ms since 1970.
    pub(super) fn expires_ms(&self) -> Option<u64> {
        Some(self.expires_ms).filter(|expires_ms| *expires_ms < u64::MAX)
    }

    /// For a join that moves: where to, and whether it has its seat there. Until it has, the seat
    /// is noted as one that was refused.
    pub(super) fn moves(
        &mut self,
        topic: &Topic,
        deed: &Deed,
    ) -> Option<(Place, oneshot::Receiver<bool>)> {
        let (Topic::Room(place), Deed::Join(Join { moves: true, .. })) = (topic, deed) else {
            return None;
        };
        let seat = self.seats.at_mut(place)?;
        let asked = seat.asked.replace(oneshot::channel().1)?;
        Some((place.clone(), asked))
    }

    /// Its voice's id.
    pub(super) fn id(&self) -> Option<VoiceId> {
        self.voice.as_ref().map(|voice| voice.id)
    }

    /// What is kept of it for a client that was lost.
    pub(super) fn lost(&mut self) -> LostGrant {
        self.seats.retain(|seat| !seat.is_refused());
        let seat = |(place, seat): &(Place, Seat)| {
            let Seat { room, sole, grace_ms, ref asked } = *seat;
            let had_answer = asked.is_none();
            (place.clone(), LostSeat { room, sole, grace_ms, had_answer })
        };
        let seats = self.seats.iter().map(seat).collect();
        LostGrant { voice: self.id(), seats, here: self.here.clone() }
    }

    /// Has the seats again that were lost.
    pub(super) fn take_back(&mut self, was: LostGrant) {
        let again = was.seats.into_iter().map(|(place, seat)| (place, Seat::again(seat)));
        self.seats = again.collect();
        self.here = was.here.filter(|here| self.seats.at(here).is_some());
    }

    /// Has a seat, and leaves the room it was in before.
    pub(super) fn arrive(&mut self, place: Place, hub: &Hub) {
        if let Some(seat) = self.seats.at_mut(&place) {
            seat.asked = None;
        }
        let before = self.here.replace(Box::new(place));
        if before != self.here
            && let Some(seat) = before.and_then(|before| self.seats.remove(&before))
            && let Some(voice) = self.id()
        {
            hub.gone(seat.room, voice, Parting::Left);
        }
    }

    /// The room that a deed of somebody of that realm is for; a join makes it known for all that
    /// follows.
    pub(super) async fn room(
        &mut self,
        place: &Place,
        deed: &mut Deed,
        hub: &Hub,
        realm: Realm,
    ) -> Result<Option<RoomId>, Refusal> {
        let known = match deed {
            Deed::Leave(_) => {
                self.here.take_if(|here| **here == *place);
                self.seats.remove(place).map(|seat| seat.room)
            }
            _ => self.seats.at(place).map(|seat| seat.room),
        };
        let Deed::Join(join) = deed else {
            // A lookup is rare, and boxed: every connection's task would carry the space for it.
            return match known {
                Some(room) => Ok(Some(room)),
                None => Box::pin(hub.find(place)).await.map_err(|fault| unavailable(&fault)),
            };
        };
        let found = match known {
            Some(room) => Ok(Some(room)),
            None if !self.has_room_for_one() => return Err(Refusal::TooManySeats),
            None if join.create => Box::pin(hub.open(place, realm)).await,
            None => Box::pin(hub.find(place)).await,
        };
        let found = found.map_err(|fault| unavailable(&fault))?;
        if let Some(room) = found {
            // A room without a row refuses nobody: its answer is known.
            let asks = join.moves || join.sole || !room.is_fleeting();
            let (seated, asked) = asks.then(oneshot::channel).unzip();
            join.seated = seated;
            let (sole, grace_ms) = (join.sole, join.grace_ms);
            let seat = Seat { room, sole, grace_ms, asked };
            self.seats.insert(place.clone(), seat);
        }
        Ok(found)
    }

    /// Whether it may ask for one more seat. Those that were refused count no more.
    fn has_room_for_one(&mut self) -> bool {
        if self.seats.len() >= limits::SEATS_PER_VOICE_MAX {
            self.seats.retain(|seat| !seat.is_refused());
        }
        self.seats.len() < limits::SEATS_PER_VOICE_MAX
    }
}

impl Seat {
    /// One that was lost and is taken again.
    pub(super) fn again(lost: LostSeat) -> Seat {
        let LostSeat { room, sole, grace_ms, .. } = lost;
        Seat { room, sole, grace_ms, asked: None }
    }

    /// Whether the room has said no; one that drops the question says so, too.
    fn is_refused(&mut self) -> bool {
        let said = self.asked.as_mut().map(oneshot::Receiver::try_recv);
        if let Some(Ok(true)) = said {
            self.asked = None;
        }
        matches!(said, Some(Ok(false) | Err(TryRecvError::Closed)))
    }
}

pub(super) fn unavailable(fault: &Fault) -> Refusal {
    tracing::error!(%fault, "a room could not be looked up");
    Refusal::Unavailable
}
