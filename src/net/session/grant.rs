//! A grant: what one dialect gave a session, and the seats that were asked for with it.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::super::recovery::{LostGrant, LostSeat};
use crate::hub::Hub;
use crate::hub::comeback::Parting;
use crate::hub::command::{Deed, Join, Refusal, Topic};
use crate::hub::event::Place;
use crate::hub::id::RoomId;
use crate::hub::ports::Fault;
use crate::hub::voice::Voice;
use crate::limits;

/// What one dialect gave.
pub(super) struct Grant {
    /// The dialect's place in the mount.
    pub(super) place: usize,
    pub(super) voice: Arc<Voice>,
    /// When its token ends, in ms since 1970.
    pub(super) expires_ms: Option<u64>,
    /// Rooms that a seat was asked for in. A room is looked up once.
    pub(super) seats: Seats,
    /// The room that it moved to last.
    pub(super) here: Option<Place>,
}

/// The seats of one grant, by their places and in their order: mostly one, which is found at once.
#[derive(Default)]
pub(super) struct Seats(Vec<(Place, Seat)>);

/// A seat, or one that was asked for.
pub(super) struct Seat {
    pub(super) room: RoomId,
    pub(super) sole: bool,
    pub(super) grace_ms: u64,
    /// What the room will say to it, or has said and nobody has looked at yet.
    asked: Option<oneshot::Receiver<bool>>,
}

impl Grant {
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
        let seat = self.seats.of_mut(place)?;
        let asked = seat.asked.replace(oneshot::channel().1)?;
        Some((place.clone(), asked))
    }

    /// What is kept of it for a client that was lost.
    pub(super) fn lost(&mut self) -> LostGrant {
        self.seats.drop_refused();
        let seat = |(place, seat): &(Place, Seat)| {
            let Seat { room, sole, grace_ms, .. } = *seat;
            (place.clone(), LostSeat { room, sole, grace_ms })
        };
        let seats = self.seats.iter().map(seat).collect();
        LostGrant { voice: self.voice.id, seats, here: self.here.clone() }
    }

    /// Has a seat, and leaves the room it was in before.
    pub(super) fn arrive(&mut self, place: Place, hub: &Hub) {
        if let Some(seat) = self.seats.of_mut(&place) {
            seat.asked = None;
        }
        let before = self.here.replace(place);
        if before != self.here
            && let Some(seat) = before.and_then(|before| self.seats.remove(&before))
        {
            hub.gone(seat.room, self.voice.id, Parting::Left);
        }
    }

    /// The room that a deed is for; a join makes it known for all that follows.
    pub(super) async fn room(
        &mut self,
        place: &Place,
        deed: &mut Deed,
        hub: &Hub,
    ) -> Result<Option<RoomId>, Refusal> {
        let known = match deed {
            Deed::Leave(_) => {
                self.here.take_if(|here| here == place);
                self.seats.remove(place).map(|seat| seat.room)
            }
            _ => self.seats.of(place).map(|seat| seat.room),
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
            None if join.create => Box::pin(hub.open(place, self.voice.who.realm)).await,
            None => Box::pin(hub.find(place)).await,
        };
        let found = found.map_err(|fault| unavailable(&fault))?;
        if let Some(room) = found {
            let (seated, asked) = oneshot::channel();
            join.seated = Some(seated);
            let (sole, grace_ms) = (join.sole, join.grace_ms);
            let seat = Seat { room, sole, grace_ms, asked: Some(asked) };
            self.seats.insert(place.clone(), seat);
        }
        Ok(found)
    }

    /// Whether it may ask for one more seat. Those that were refused count no more.
    fn has_room_for_one(&mut self) -> bool {
        if self.seats.len() >= limits::SEATS_PER_VOICE_MAX {
            self.seats.drop_refused();
        }
        self.seats.len() < limits::SEATS_PER_VOICE_MAX
    }
}

impl Seats {
    fn find(&self, place: &Place) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(place))
    }

    fn of(&self, place: &Place) -> Option<&Seat> {
        self.find(place).ok().map(|at| &self.0[at].1)
    }

    fn of_mut(&mut self, place: &Place) -> Option<&mut Seat> {
        self.find(place).ok().map(|at| &mut self.0[at].1)
    }

    fn insert(&mut self, place: Place, seat: Seat) {
        match self.find(&place) {
            Ok(at) => self.0[at].1 = seat,
            Err(at) => {
                // One is the rule: space for four would cost more than it saves.
                if self.0.is_empty() {
                    self.0.reserve_exact(1);
                }
                self.0.insert(at, (place, seat));
            }
        }
    }

    pub(super) fn remove(&mut self, place: &Place) -> Option<Seat> {
        self.find(place).ok().map(|at| self.0.remove(at).1)
    }

    fn drop_refused(&mut self) {
        self.0.retain_mut(|(_, seat)| !seat.is_refused());
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, (Place, Seat)> {
        self.0.iter()
    }
}

impl FromIterator<(Place, Seat)> for Seats {
    fn from_iter<I: IntoIterator<Item = (Place, Seat)>>(seats: I) -> Seats {
        let mut seats: Vec<_> = seats.into_iter().collect();
        seats.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Seats(seats)
    }
}

impl Seat {
    /// A seat that was lost, had again.
    pub(super) fn again(LostSeat { room, sole, grace_ms }: LostSeat) -> Seat {
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
