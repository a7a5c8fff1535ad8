//! The rooms that a grant has asked for seats in. Few, mostly: a list in order, with no space
//! ahead, takes less memory than a table, and every session has some.

use super::grant::Seat;
use crate::hub::event::Place;

/// See the module's head.
#[derive(Default)]
pub(super) struct Seats(Box<[(Place, Seat)]>);

impl Seats {
    fn find(&self, place: &Place) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.cmp(place))
    }

    pub(super) fn at(&self, place: &Place) -> Option<&Seat> {
        self.find(place).ok().map(|at| &self.0[at].1)
    }

    pub(super) fn at_mut(&mut self, place: &Place) -> Option<&mut Seat> {
        self.find(place).ok().map(|at| &mut self.0[at].1)
    }

    pub(super) fn insert(&mut self, place: Place, seat: Seat) {
        match self.find(&place) {
            Ok(at) => self.0[at].1 = seat,
            Err(at) => self.change(|seats| {
                seats.reserve_exact(1);
                seats.insert(at, (place, seat));
            }),
        }
    }

    pub(super) fn remove(&mut self, place: &Place) -> Option<Seat> {
        let at = self.find(place).ok()?;
        Some(self.change(|seats| seats.remove(at).1))
    }

    fn change<T>(&mut self, change: impl FnOnce(&mut Vec<(Place, Seat)>) -> T) -> T {
        let mut seats = std::mem::take(&mut self.0).into_vec();
        let changed = change(&mut seats);
        self.0 = seats.into();
        changed
    }

    /// Keeps those of which `keep` says so.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&mut Seat) -> bool) {
        self.change(|seats| seats.retain_mut(|(_, seat)| keep(seat)));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(Place, Seat)> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<(Place, Seat)> for Seats {
    fn from_iter<I: IntoIterator<Item = (Place, Seat)>>(seats: I) -> Seats {
        let mut all = Seats::default();
        seats.into_iter().for_each(|(place, seat)| all.insert(place, seat));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Seat, Seats};
    use crate::hub::event::Address;
    use crate::hub::id::{Realm, RoomId};
    use crate::net::recovery::LostSeat;

    fn place(number: u64) -> Place {
        Place { realm: Realm("r"), address: Address::Number(number) }
    }

    fn seat(number: u64) -> (Place, Seat) {
        let room = RoomId(number);
        (place(number), Seat::again(LostSeat { room, sole: false, grace_ms: 0, had_answer: true }))
    }

    #[test]
    fn every_seat_is_found_whatever_the_order_they_came_in() {
        let mut seats: Seats = [7, 3, 9, 1, 3].map(seat).into_iter().collect();
        let room = |seats: &Seats, number| seats.at(&place(number)).map(|seat| seat.room.0);
        assert_eq!([1, 3, 7, 9].map(|number| room(&seats, number)), [1, 3, 7, 9].map(Some));
        assert_eq!((room(&seats, 2), seats.len()), (None, 4));
        assert_eq!(seats.remove(&place(3)).map(|seat| seat.room), Some(RoomId(3)));
        assert!(seats.remove(&place(3)).is_none());
        seats.retain(|seat| seat.room.0 > 1);
        assert_eq!(seats.iter().map(|(_, seat)| seat.room.0).collect::<Vec<_>>(), [7, 9]);
    }
}
