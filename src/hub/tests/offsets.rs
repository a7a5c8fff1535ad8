//! Offsets: what a client heard last says how far it has heard, and nothing else does.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::stage::{Guest, Stage, say};
use crate::hub::comeback::{Comeback, Parting, Return};
use crate::hub::command::{Deed, Join, Leave};
use crate::hub::offset::Offset;
use crate::hub::trail::Heard;

/// Joins, is told what was said, and takes what it heard.
fn join(stage: &mut Stage, guest: &Guest) -> Offset {
    stage.ask(guest, Deed::Join(Join { history: 5, ..Join::default() }));
    let wanted = stage.history_wanted();
    stage.history(wanted, Ok(Vec::new()));
    stage.settle();
    last(&guest.ear.lines())
}

/// The last offset of what was heard.
fn last(lines: &[String]) -> Offset {
    let mut offsets = lines.iter().rev().filter_map(|line| line.strip_prefix("offset "));
    offsets.find_map(Offset::parse).expect("an offset")
}

/// A voice that comes in the place of one that was lost, and what is told it of the room.
fn come_back(stage: &mut Stage, was: &Guest, at: Offset) -> (Guest, Offset) {
    stage.room.gone(was.voice.id, Parting::Lost, stage.now);
    let guest = stage.guest(was.voice.who.id.0);
    let (reply, mut answer) = oneshot::channel();
    let back = Return {
        voice: Arc::clone(&guest.voice),
        was: was.voice.id,
        heard: Arc::new(HashMap::from([(at.lane, at.position)])),
        sole: false,
        grace_ms: 0,
        contacts: None,
        reply,
    };
    stage.room.come_back(back, stage.now);
    match answer.try_recv() {
        Ok(Comeback::Seated(replay)) => (guest, replay.offset),
        other => panic!("it is not seated: {other:?}"),
    }
}

/// How far its client has heard the room, having heard that offset last.
fn heard(guest: &Guest, last: Offset) -> Option<Heard> {
    guest.ear.trail().heard(Some(last))
}

#[test]
fn no_offset_is_given_out_twice() {
    let mut stage = Stage::remembering();
    // While another tab stays, nothing is told of one that comes and goes.
    let (_tab, guest) = (stage.seated(1), stage.guest(1));
    let first = join(&mut stage, &guest);
    stage.leave(&guest);
    guest.ear.lines();
    let second = join(&mut stage, &guest);
    assert!(second.position > first.position, "{second:?} is as good as {first:?}");
    let (_back, third) = come_back(&mut stage, &guest, second);
    assert!(third.position > second.position, "{third:?} is as good as {second:?}");
}

#[test]
fn what_waited_for_a_history_is_noted_where_nobody_waits_for_that_any_more() {
    let mut stage = Stage::remembering();
    let (other, guest) = (stage.seated(2), stage.guest(1));
    stage.ask(&guest, Deed::Join(Join { history: 5, ..Join::default() }));
    stage.ask(&other, say("one"));
    stage.commit();
    stage.settle();
    stage.leave(&guest);
    let last = last(&guest.ear.lines());
    assert_eq!(heard(&guest, last), Some(HashMap::from([(last.lane, last.position)])));
}

#[test]
fn what_waited_for_one_who_is_back_is_noted_where_the_seat_is_lost_again() {
    let mut stage = Stage::remembering();
    let (tab, other, was) = (stage.seated(1), stage.seated(2), stage.guest(1));
    let before = join(&mut stage, &was);
    let (guest, _) = come_back(&mut stage, &was, before);
    stage.ask(&other, say("one"));
    stage.commit();
    stage.settle();
    stage.ask(&tab, Deed::Leave(Leave::User));
    stage.room.release(guest.voice.id);
    let last = last(&guest.ear.lines());
    assert_eq!(heard(&guest, last), Some(HashMap::from([(last.lane, last.position)])));
}
