//! What may be asked of a room by those who sit in it: to speak, to edit, to delete, to leave.

use super::stage::{Stage, draft, guest, message, newest, row, say};
use super::tongue::Plain;
use crate::hub::command::{Deed, Leave, Outcome, Refusal};
use crate::hub::event::{Draft, Kind, Message, RoomKind};
use crate::hub::ports::{Fault, Stored, Write};
use crate::hub::room::{Change, Want};
use crate::limits;

#[test]
fn nothing_is_told_before_the_receipt() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    author.ear.lines();
    stage.ask_for(&author, Some(5), say("hello"));
    stage.settle();
    assert!(author.ear.lines().is_empty() && other.ear.lines().is_empty());
    stage.commit();
    stage.settle();
    assert_eq!(author.ear.lines(), ["said 1 hello", "you said 1", "ack 5 ok"]);
    assert_eq!(other.ear.lines(), ["said 1 hello"]);
    assert_eq!(stage.room.last_seq(), 1);
}

#[test]
fn an_answer_stands_behind_what_was_told_before_it() {
    let mut stage = Stage::open().speaking(Plain::OTHERS);
    let (author, other) = (stage.seated(1), stage.seated(2));
    author.ear.lines();
    for (by, text) in [(&other, "a"), (&author, "b"), (&other, "c")] {
        stage.ask_for(by, Some(1), say(text));
    }
    stage.commit();
    stage.settle();
    assert_eq!(author.ear.lines(), ["said 1 a", "you said 2", "ack 1 ok", "said 3 c"]);
    assert_eq!(other.ear.lines(), ["you said 1", "ack 1 ok", "said 2 b", "you said 3", "ack 1 ok"]);
}

#[test]
fn what_was_said_before_is_acked_and_not_told() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    author.ear.lines();
    stage.ask_for(&author, Some(1), say("hello"));
    stage.receipt(Stored::Again(Box::new(message(1, 1, "hello"))));
    stage.settle();
    assert_eq!(author.ear.lines(), ["you said 1 again", "ack 1 ok"]);
    assert!(other.ear.lines().is_empty());
}

#[test]
fn a_commit_that_fails_is_refused_and_leaves_no_hole() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    author.ear.lines();
    stage.ask_for(&author, Some(1), say("lost"));
    stage.ask_for(&author, Some(2), say("kept"));
    stage.writes.try_recv().unwrap();
    stage.receipt(Stored::Failed(Fault::Store("no disk".into())));
    stage.commit();
    stage.settle();
    assert_eq!(
        author.ear.lines(),
        ["Say refused: Unavailable", "ack 1 no", "said 1 kept", "you said 1", "ack 2 ok"]
    );
    assert_eq!(other.ear.lines(), ["said 1 kept"]);
}

#[test]
fn a_full_queue_before_the_writer_refuses_and_keeps_receipts_apart() {
    let mut stage = Stage::with_queues(row(RoomKind::Open, &[]), 1, 10);
    let author = stage.seated(1);
    stage.ask_for(&author, Some(1), say("first"));
    stage.ask_for(&author, Some(2), say("too much"));
    stage.settle();
    assert_eq!(author.ear.lines(), ["Say refused: Unavailable", "ack 2 no"]);
    stage.commit();
    stage.settle();
    assert_eq!(author.ear.lines(), ["said 1 first", "you said 1", "ack 1 ok"]);
}

#[test]
fn a_receipt_for_nothing_is_nothing() {
    let mut stage = Stage::open();
    let other = stage.seated(2);
    stage.receipt(Stored::Failed(Fault::Busy));
    stage.settle();
    assert!(other.ear.lines().is_empty());
}

#[test]
fn the_author_is_the_asker_and_the_server_has_none() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    stage.ask(&author, say("mine"));
    stage.ask(&author, Deed::Say(Draft { kind: Kind::System, ..draft("the server's") }));
    let authors: Vec<_> = std::iter::from_fn(|| stage.writes.try_recv().ok())
        .map(|write| match write {
            Write::Appends(appends) => appends[0].author.map(|(_, user)| user.0),
            _ => unreachable!("both are appends"),
        })
        .collect();
    assert_eq!(authors, [Some(1), None]);
}

#[test]
fn who_leaves_hears_all_that_was_told_before_and_nothing_after() {
    let mut stage = Stage::open();
    let (leaver, other) = (stage.seated(1), stage.seated(2));
    leaver.ear.lines();
    stage.ask(&other, say("before"));
    stage.commit();
    stage.ask_for(&leaver, Some(9), Deed::Leave(Leave::Voice));
    stage.ask(&other, say("after"));
    stage.commit();
    stage.settle();
    assert_eq!(leaver.ear.lines(), ["said 1 before", "you left", "ack 9 ok"]);
    let heard = other.ear.lines();
    assert_eq!(heard, ["said 1 before", "you said 1", "left u1", "said 2 after", "you said 2"]);
}

#[test]
fn a_user_leaves_with_every_voice_a_voice_alone() {
    let mut stage = Stage::open();
    let (first, second, other) = (stage.seated(1), stage.seated(1), stage.seated(2));
    stage.leave(&second);
    assert_eq!(stage.present(), [1, 2]);
    let third = stage.seated(1);
    // From a voice that is not in itself: it is enough that its user is.
    other.ear.lines();
    stage.ask(&second, Deed::Leave(Leave::User));
    stage.settle();
    assert_eq!(stage.present(), [2]);
    assert!(!stage.room.has_seat(first.voice.id) && !stage.room.has_seat(third.voice.id));
    assert_eq!(other.ear.lines(), ["left u1"]);
    stage.ask(&second, Deed::Leave(Leave::User));
    assert_eq!(second.ear.lines().last().unwrap(), "Leave refused: NotIn");
}

#[test]
fn what_somebody_said_before_leaving_is_acked_to_them_outside() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    stage.ask_for(&author, Some(1), say("and off"));
    stage.leave(&author);
    author.ear.lines();
    stage.commit();
    assert_eq!(author.ear.lines(), ["you said 1", "ack 1 ok"]);
}

#[test]
fn edits_and_deletions_are_told_once_the_store_has_made_them() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    author.ear.lines();
    let old = message(1, 1, "old");
    stage.ask_for(&author, Some(1), Deed::Edit(Some(Box::new(old.clone())), "new".into()));
    stage.ask_for(&author, Some(2), Deed::Delete(Some(Box::new(old.clone()))));
    stage.settle();
    assert!(other.ear.lines().is_empty());
    let changes: Vec<Change> = std::mem::take(&mut stage.wants)
        .into_iter()
        .map(|want| match want {
            Want::Change(change) => change,
            _ => unreachable!("two changes are wanted"),
        })
        .collect();
    for Change { text, from, topic, .. } in changes {
        let verb = if text.is_some() { Deed::Edit(None, "".into()) } else { Deed::Delete(None) };
        let text = text.unwrap_or_else(|| "new".into());
        let changed = Message { text, ..old.clone() };
        stage.room.changed(from, topic, verb.verb(), Ok(Some(changed)));
    }
    stage.settle();
    assert_eq!(other.ear.lines(), ["edited 1 new", "deleted 1"]);
    let heard = author.ear.lines();
    assert_eq!(
        heard,
        ["edited 1 new", "you edited 1", "ack 1 ok", "deleted 1", "you deleted 1", "ack 2 ok"]
    );
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    stage.ask(&author, Deed::Delete(None));
    stage.ask(&author, Deed::Edit(None, "new".into()));
    stage.ask(&author, Deed::Delete(Some(Box::new(message(1, 1, "gone meanwhile")))));
    let Some(Want::Change(Change { from, topic, .. })) = stage.wants.pop() else {
        panic!("a change is wanted")
    };
    stage.room.changed(from, topic, Deed::Delete(None).verb(), Ok(None));
    stage.settle();
    let heard = author.ear.lines();
    assert_eq!(heard.iter().filter(|line| line.contains("refused: NoSuchMessage")).count(), 3);
}

#[test]
fn a_call_needs_no_seat_and_is_answered_as_it_is() {
    let mut stage = Stage::open();
    let other = stage.seated(2);
    let mut said = stage.call(1, say("from outside"));
    assert!(said.try_recv().is_err(), "not before it is stored");
    stage.commit();
    stage.settle();
    assert!(matches!(said.try_recv(), Ok(Ok(Outcome::Said { .. }))));
    assert_eq!(other.ear.lines(), ["said 1 from outside"]);
    let mut joined = stage.call(1, Deed::Join(crate::hub::command::Join::default()));
    assert!(matches!(joined.try_recv(), Ok(Ok(Outcome::Joined(_)))));
    assert_eq!(stage.present(), [2]);
}

#[test]
fn a_stranger_is_refused_at_once() {
    let mut stage = Stage::open();
    let stranger = stage.guest(3);
    for deed in [say("let me in"), Deed::Typing(true), newest(5), Deed::Leave(Leave::Voice)] {
        let verb = deed.verb();
        stage.ask_for(&stranger, Some(1), deed);
        let refused = format!("{verb:?} refused: {:?}", Refusal::NotIn);
        assert_eq!(stranger.ear.lines(), [refused.as_str(), "ack 1 no"]);
    }
    assert!(stage.writes.try_recv().is_err() && stage.wants.is_empty());
}

#[test]
fn a_history_that_was_asked_for_may_be_longer_than_the_usual_bounds() {
    let mut stage = Stage::of(row(RoomKind::Group, &[1, 2]));
    let (inside, outside) = (stage.seated(1), stage.guest(2));
    for member in [&inside, &outside] {
        stage.ask(member, newest(10));
        let wanted = stage.history_wanted();
        assert_eq!((wanted.upto_seq, wanted.limit), (0, 10));
        stage.history(wanted, Ok(vec![message(2, 1, "b"), message(1, 1, "a")]));
        stage.settle();
        assert_eq!(member.ear.lines(), ["history [2, 1]"]);
        let allowed = member.ear.allowed_bytes.load(std::sync::atomic::Ordering::Relaxed);
        assert!(allowed > 0 && allowed < limits::OUTBOX_BYTES_MAX);
    }
}

#[test]
fn another_tongue_is_no_room_of_its_own() {
    let mut stage = Stage::open();
    let plain = stage.seated(1);
    let other = guest(2, &(std::sync::Arc::new(Plain::OTHERS) as _), "/chat");
    stage.join(&other);
    stage.settle();
    plain.ear.lines();
    other.ear.lines();
    stage.ask(&other, say("hello"));
    stage.commit();
    stage.settle();
    assert_eq!(plain.ear.lines(), ["said 1 hello"]);
    assert_eq!(other.ear.lines(), ["you said 1"]);
}
