//! What time brings: graces, typing, the end of a room, idleness.

use super::stage::{Guest, Stage, row, say};
use crate::hub::clock::Now;
use crate::hub::command::{Deed, Join};
use crate::hub::event::{RoomKind, RoomRow};
use crate::limits;

fn with_grace(stage: &mut Stage, guest: &Guest) {
    stage.ask(guest, Deed::Join(Join { grace_ms: 3_000, ..Join::default() }));
}

#[test]
fn a_user_stays_for_the_grace_and_leaves_once() {
    let mut stage = Stage::open();
    let other = stage.seated(2);
    let guest = stage.guest(1);
    with_grace(&mut stage, &guest);
    stage.settle();
    stage.gone(&guest);
    stage.tick_after(2_999);
    stage.settle();
    assert_eq!(other.ear.lines(), ["joined u1"]);
    assert_eq!((stage.present(), stage.comings()), (vec![1, 2], vec!["+2".into(), "+1".into()]));
    stage.tick_after(1);
    stage.tick_after(1);
    stage.settle();
    assert_eq!(other.ear.lines(), ["left u1"]);
    assert_eq!((stage.present(), stage.comings()), (vec![2], vec!["-1".into()]));
}

#[test]
fn who_comes_back_within_the_grace_was_never_away() {
    let mut stage = Stage::open();
    let other = stage.seated(2);
    let (first, second) = (stage.guest(1), stage.guest(1));
    with_grace(&mut stage, &first);
    stage.gone(&first);
    stage.tick_after(2_000);
    with_grace(&mut stage, &second);
    stage.tick_after(10_000);
    stage.settle();
    assert_eq!(other.ear.lines(), ["joined u1"]);
    assert_eq!(second.ear.lines(), ["you joined again []"]);
    assert_eq!(stage.comings(), ["+2", "+1"]);
    stage.room.audit();
}

#[test]
fn typing_is_told_to_the_others_and_ends_by_itself() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    author.ear.lines();
    stage.ask_for(&author, Some(1), Deed::Typing(true));
    stage.settle();
    assert_eq!(other.ear.lines(), ["types u1"]);
    assert_eq!(author.ear.lines(), ["you told", "ack 1 ok"]);
    stage.tick_after(limits::TYPING_MS - 1);
    // Typing on counts from the last key.
    stage.ask(&author, Deed::Typing(true));
    stage.tick_after(limits::TYPING_MS - 1);
    stage.settle();
    assert_eq!(other.ear.lines(), ["types u1"]);
    stage.tick_after(1);
    stage.tick_after(limits::TYPING_MS);
    stage.settle();
    assert_eq!(other.ear.lines(), ["rests u1"]);
    assert_eq!(stage.room.burden()[4], 0);
}

#[test]
fn typing_ends_with_a_message_a_word_or_a_leaving() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    stage.ask(&author, Deed::Typing(true));
    stage.ask(&author, say("a"));
    stage.commit();
    stage.settle();
    assert_eq!(other.ear.lines(), ["types u1", "rests u1", "said 1 a"]);
    stage.ask(&author, Deed::Typing(true));
    stage.ask(&author, Deed::Typing(false));
    stage.settle();
    assert_eq!(other.ear.lines(), ["types u1", "rests u1"]);
    stage.ask(&author, Deed::Typing(true));
    stage.gone(&author);
    stage.tick_after(limits::TYPING_MS);
    stage.settle();
    assert_eq!(other.ear.lines(), ["types u1", "rests u1", "left u1"]);
}

#[test]
fn typing_ends_before_a_grace_does() {
    let mut stage = Stage::open();
    let other = stage.seated(2);
    let guest = stage.guest(1);
    with_grace(&mut stage, &guest);
    stage.ask(&guest, Deed::Typing(true));
    stage.gone(&guest);
    stage.tick_after(3_000);
    stage.tick_after(limits::TYPING_MS);
    stage.settle();
    assert_eq!(other.ear.lines(), ["joined u1", "types u1", "rests u1", "left u1"]);
}

#[test]
fn a_call_types_for_nobody() {
    let mut stage = Stage::open();
    let other = stage.seated(2);
    let mut told = stage.call(1, Deed::Typing(true));
    stage.settle();
    assert!(told.try_recv().unwrap().is_ok());
    assert!(other.ear.lines().is_empty());
}

#[test]
fn a_room_ends_for_everybody_in_it_and_takes_nobody_more() {
    let ends_ms = Some(1_000_000 + 5_000);
    let mut stage = Stage::of(RoomRow { ends_ms, ..row(RoomKind::Open, &[]) });
    let (one, two) = (stage.seated(1), stage.seated(2));
    one.ear.lines();
    stage.tick_after(4_999);
    assert_eq!(stage.present(), [1, 2]);
    stage.ask(&two, say("in time"));
    stage.tick_after(1);
    stage.settle();
    assert_eq!(one.ear.lines(), ["ended"]);
    assert_eq!(two.ear.lines(), ["ended"]);
    assert!(stage.present().is_empty());
    let mut comings = stage.comings();
    comings.sort();
    assert_eq!(comings, ["+1", "+2", "-1", "-2"]);
    // What was on its way is stored and acked; nobody is there to hear it.
    stage.commit();
    stage.settle();
    assert_eq!(two.ear.lines(), ["you said 1"]);
    stage.join(&one);
    stage.ask(&one, say("too late"));
    assert_eq!(one.ear.lines(), ["Join refused: Ended", "Say refused: Ended"]);
    stage.tick_after(1);
    stage.settle();
    assert!(one.ear.lines().is_empty(), "it ends once");
    stage.room.audit();
}

#[test]
fn a_room_is_forgotten_when_nobody_has_used_it_for_a_while() {
    let mut stage = Stage::open();
    let at = |ms: u64| Now { up_ms: 10_000 + ms, wall_ms: 0 };
    assert!(!stage.room.is_idle(at(limits::ROOM_IDLE_MS - 1)));
    assert!(stage.room.is_idle(at(limits::ROOM_IDLE_MS)));
    let guest = stage.seated(1);
    assert!(!stage.room.is_idle(at(limits::ROOM_IDLE_MS)), "somebody is in it");
    stage.ask(&guest, say("a"));
    stage.gone(&guest);
    stage.settle();
    assert!(!stage.room.is_idle(at(limits::ROOM_IDLE_MS)), "a receipt is on its way");
    stage.commit();
    assert!(!stage.room.is_idle(at(limits::ROOM_IDLE_MS)), "something is to be told");
    stage.settle();
    assert!(stage.room.is_idle(at(limits::ROOM_IDLE_MS)));
}
