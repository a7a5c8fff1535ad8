//! A fan-out's members: who sits where, and how one of them tells which message a delivery is.

use super::flight::Flight;
use crate::stamp::Finder;
use crate::tally::Tally;

/// The numbers and names a stage needs.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) run: u32,
    pub(super) rooms: usize,
    pub(super) members: usize,
    pub(super) senders: usize,
    /// The event that delivers.
    pub(super) hear: Vec<u8>,
    /// `"key":` of the sender's user, where deliveries carry no stamp.
    pub(super) hear_user: Option<Vec<u8>>,
    pub(super) users_per_room: u64,
    pub(super) sender_hears: bool,
    pub(super) closed_loop: bool,
}

impl Cast {
    /// The seat's sender number, if it is a sender's: slot in the room * rooms + room.
    pub(super) fn number(&self, seat: &Seat) -> Option<usize> {
        let number = seat.member * self.rooms + seat.room;
        (number < self.senders).then_some(number)
    }

    /// How many of the senders are in that room.
    pub(super) fn senders_in(&self, room: usize) -> usize {
        (self.senders + self.rooms - 1 - room) / self.rooms
    }
}

/// A member's place, from 0. The first members of a room are its senders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) room: usize,
    pub(super) member: usize,
}

/// A member's ears.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) seat: Seat,
    pub(super) tally: Tally,
    finder: Finder,
}

/// A delivery's message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// The sender.
    pub(super) number: usize,
    pub(super) counter: u32,
    pub(super) intended_ns: u64,
}

impl Receiver {
    pub(super) fn new(seat: Seat, tally: Tally) -> Self {
        Self { seat, tally, finder: Finder::default() }
    }

    /// The message that an event's arguments are a delivery of; `None` if they are none of this
    /// run's.
    pub(super) fn identify(
        &mut self,
        cast: &Cast,
        flights: &[Option<Flight>],
        args: &[u8],
    ) -> Option<Heard> {
        let Some(key) = &cast.hear_user else {
            let stamp = self.finder.find(args)?;
            let (number, counter) = (stamp.sender as usize, stamp.counter);
            let heard = Heard { number, counter, intended_ns: stamp.intended_ns };
            return (stamp.run == cast.run).then_some(heard);
        };
        let user = number_behind(args, key)?.checked_sub(1)?;
        let room = (user / cast.users_per_room) as usize;
        let slot = (user % cast.users_per_room) as usize;
        if room != self.seat.room || slot >= cast.senders_in(room) {
            return None;
        }
        let number = slot * cast.rooms + room;
        // Without a stamp, the sender's messages are taken to come in their order.
        let counter = self.tally.next_counter(slot);
        let intended_ns = flights.get(number)?.as_ref()?.intended_ns(counter)?;
        Some(Heard { number, counter, intended_ns })
    }
}

/// The number behind `key` in JSON text.
fn number_behind(text: &[u8], key: &[u8]) -> Option<u64> {
    let at = text.windows(key.len()).position(|window| window == key)?;
    let digits = &text[at + key.len()..];
    let end = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&digits[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_are_spread_over_the_rooms_in_turn() {
        let cast = Cast {
            run: 100_000,
            rooms: 3,
            members: 4,
            senders: 5,
            hear: Vec::new(),
            hear_user: None,
            users_per_room: 4,
            sender_hears: true,
            closed_loop: true,
        };
        assert_eq!([0, 1, 2].map(|room| cast.senders_in(room)), [2, 2, 1]);
        let numbers = [(0, 0), (2, 0), (1, 1), (2, 1), (0, 2)];
        let numbers = numbers.map(|(room, member)| cast.number(&Seat { room, member }));
        assert_eq!(numbers, [Some(0), Some(2), Some(4), None, None]);
    }

    #[test]
    fn a_user_is_read_behind_its_key() {
        let key = b"\"userId\":";
        assert_eq!(number_behind(b",{\"conversationId\":3,\"userId\":17}]", key), Some(17));
        assert_eq!(number_behind(b",{\"userId\":\"x\"}]", key), None);
        assert_eq!(number_behind(b"]", key), None);
    }
}
