//! Seats that only one of a user's voices may have, and who waits for them.

use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::stage::{Guest, Stage};
use crate::hub::command::{Deed, Join, Leave};
use crate::limits;

fn sole(stage: &mut Stage, guest: &Guest, ack: u64) -> oneshot::Receiver<bool> {
    let (seated, answer) = oneshot::channel();
    let join = Join { sole: true, seated: Some(seated), ..Join::default() };
    stage.ask_for(guest, Some(ack), Deed::Join(join));
    answer
}

/// Two voices of one user: the first sits, the second waits.
fn rivals() -> (Stage, Guest, Guest, oneshot::Receiver<bool>) {
    let mut stage = Stage::open();
    let (first, second) = (stage.guest(1), stage.guest(1));
    let mut seated = sole(&mut stage, &first, 1);
    assert_eq!(seated.try_recv(), Ok(true));
    stage.settle();
    assert_eq!(first.ear.lines(), ["joined u1", "you joined []", "ack 1 ok"]);
    let waits = sole(&mut stage, &second, 2);
    stage.settle();
    assert_eq!(first.ear.pings.load(Ordering::Relaxed), 1);
    assert!(second.ear.lines().is_empty() && !stage.room.has_seat(second.voice.id));
    (stage, first, second, waits)
}

#[test]
fn a_rival_that_answers_keeps_the_seat() {
    let (mut stage, first, second, mut waits) = rivals();
    stage.tick_after(250);
    assert!(second.ear.lines().is_empty());
    first.ear.heard_ms.store(stage.now.up_ms, Ordering::Relaxed);
    stage.tick_after(250);
    assert_eq!(second.ear.lines(), ["Join refused: SeatTaken", "ack 2 no"]);
    assert!(waits.try_recv().is_err() && stage.room.has_seat(first.voice.id));
    assert!(!first.ear.is_given_up.load(Ordering::Relaxed));
}

#[test]
fn a_rival_that_does_not_answer_is_given_up() {
    let (mut stage, first, second, mut waits) = rivals();
    stage.tick_after(limits::SEAT_PATIENCE_MS - 1);
    assert!(second.ear.lines().is_empty());
    stage.tick_after(1);
    stage.settle();
    assert!(first.ear.is_given_up.load(Ordering::Relaxed));
    assert_eq!(second.ear.lines(), ["joined u1", "you joined []", "ack 2 ok"]);
    assert_eq!(waits.try_recv(), Ok(true));
    assert!(!stage.room.has_seat(first.voice.id) && stage.room.has_seat(second.voice.id));
    stage.room.audit();
}

#[test]
fn a_seat_that_is_freed_is_given() {
    let (mut stage, first, second, mut waits) = rivals();
    stage.gone(&first);
    stage.tick_after(250);
    stage.settle();
    assert_eq!(second.ear.lines(), ["joined u1", "you joined []", "ack 2 ok"]);
    assert_eq!(waits.try_recv(), Ok(true));
    assert!(!first.ear.is_given_up.load(Ordering::Relaxed));
}

#[test]
fn who_is_gone_waits_no_more() {
    let (mut stage, first, second, _waits) = rivals();
    stage.gone(&second);
    stage.gone(&first);
    stage.tick_after(limits::SEAT_PATIENCE_MS);
    assert!(stage.present().is_empty());
}

/// A session that has left a room does not know that it may yet be given a seat there: nobody
/// would ever take it back.
#[test]
fn who_leaves_waits_no_more() {
    let (mut stage, first, second, mut waits) = rivals();
    stage.ask_for(&second, Some(3), Deed::Leave(Leave::Voice));
    assert_eq!(
        second.ear.lines(),
        ["Join refused: SeatTaken", "ack 2 no", "Leave refused: NotIn", "ack 3 no"]
    );
    assert!(waits.try_recv().is_err());
    stage.gone(&first);
    stage.tick_after(limits::SEAT_PATIENCE_MS);
    assert!(stage.present().is_empty());
}

#[test]
fn the_same_voice_is_no_rival_of_itself() {
    let mut stage = Stage::open();
    let guest = stage.guest(1);
    let _first = sole(&mut stage, &guest, 1);
    let mut again = sole(&mut stage, &guest, 2);
    assert_eq!(again.try_recv(), Ok(true));
    stage.settle();
    assert_eq!(guest.ear.lines().last().unwrap(), "ack 2 ok");
}

#[test]
fn only_so_many_wait() {
    let mut stage = Stage::open();
    let first = stage.guest(1);
    let _first = sole(&mut stage, &first, 1);
    for _ in 0..limits::WAITING_SEATS_MAX {
        let other = stage.guest(1);
        let _waits = sole(&mut stage, &other, 1);
        assert!(other.ear.lines().is_empty());
    }
    let other = stage.guest(1);
    let _waits = sole(&mut stage, &other, 1);
    assert_eq!(other.ear.lines(), ["Join refused: SeatTaken", "ack 1 no"]);
    stage.room.audit();
}

/// A settled join asks for its history like any other.
#[test]
fn who_waited_is_told_the_history() {
    let (mut stage, first, second, _waits) = rivals();
    stage.gone(&second);
    let join = Join { sole: true, history: 3, ..Join::default() };
    stage.ask(&second, Deed::Join(join));
    stage.gone(&first);
    stage.tick_after(250);
    let wanted = stage.history_wanted();
    assert_eq!(wanted.limit, 3);
    stage.history(wanted, Ok(Vec::new()));
    assert_eq!(second.ear.lines()[0], "you joined []");
}
