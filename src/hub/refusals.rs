//! How often asks were refused, by reason: for whoever watches the server.
//!
//! Counted where a refusal is told, and shown by the network. A process has one hub, and one count.

use std::sync::atomic::{AtomicU64, Ordering};

use super::command::Refusal;

/// One of each.
const ALL: [Refusal; 15] = [
    Refusal::NoSuchRoom,
    Refusal::Ended,
    Refusal::NotIn,
    Refusal::NotMember,
    Refusal::SeatTaken,
    Refusal::NotOwner,
    Refusal::MemberAlready,
    Refusal::NoSuchMember,
    Refusal::Taken(""),
    Refusal::WrongKind,
    Refusal::NoSuchMessage,
    Refusal::NotYours,
    Refusal::TooLong(0),
    Refusal::TooManySeats,
    Refusal::Unavailable,
];

static COUNTS: [AtomicU64; ALL.len()] = [const { AtomicU64::new(0) }; ALL.len()];

/// Counts a refusal that is about to be told.
pub(super) fn count(refusal: &Refusal) {
    let place = ALL.iter().position(|one| word(one) == word(refusal));
    place.map(|place| COUNTS[place].fetch_add(1, Ordering::Relaxed));
}

/// Refusals since the start, by reason.
pub fn counts() -> impl Iterator<Item = (&'static str, u64)> {
    ALL.iter().zip(&COUNTS).map(|(one, count)| (word(one), count.load(Ordering::Relaxed)))
}

/// The reason, in the words of a metric.
fn word(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NoSuchRoom => "no such room",
        Refusal::Ended => "room has ended",
        Refusal::NotIn => "not in the room",
        Refusal::NotMember => "not a member",
        Refusal::SeatTaken => "seat taken",
        Refusal::NotOwner => "not the owner",
        Refusal::MemberAlready => "member already",
        Refusal::NoSuchMember => "no such member",
        Refusal::Taken(_) => "name taken",
        Refusal::WrongKind => "wrong kind of room",
        Refusal::NoSuchMessage => "no such message",
        Refusal::NotYours => "another's message",
        Refusal::TooLong(_) => "text too long",
        Refusal::TooManySeats => "too many rooms",
        Refusal::Unavailable => "unavailable",
    }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Refusal, count, counts};

    #[test]
    fn every_refusal_is_counted_under_its_reason() {
        let of = |reason| counts().find(|(word, _)| *word == reason).unwrap().1;
        // Other tests of this process refuse as well.
        let before = of("name taken");
        count(&Refusal::Taken("email"));
        assert!(of("name taken") > before);
        ALL.iter().for_each(count);
        assert!(counts().all(|(_, count)| count > 0));
    }
}
