//! Joining: users and voices, and a history that comes late. No gap, no double.

use super::stage::{Guest, Stage, message, row, say};
use crate::hub::clock::Now;
use crate::hub::command::{Deed, Join, Leave};
use crate::hub::event::{Message, RoomKind, RoomRow};
use crate::hub::ports::Fault;
use crate::limits;

fn with_history(stage: &mut Stage, guest: &Guest, ack: u64) {
    let join = Join { history: 10, ..Join::default() };
    stage.ask_for(guest, Some(ack), Deed::Join(join));
}

fn messages(seqs: &[u64]) -> Vec<Message> {
    seqs.iter().map(|seq| message(*seq, 1, "before")).collect()
}

#[test]
fn a_user_comes_once_and_goes_with_the_last_voice() {
    let mut stage = Stage::open();
    let other = stage.seated(9);
    let (first, second) = (stage.guest(1), stage.guest(1));
    stage.join(&first);
    stage.join(&second);
    stage.settle();
    assert_eq!(first.ear.lines(), ["joined u1", "you joined []"]);
    assert_eq!(second.ear.lines(), ["you joined again []"]);
    stage.gone(&first);
    stage.settle();
    assert_eq!(other.ear.lines(), ["joined u1"]);
    assert_eq!(stage.comings(), ["+9", "+1"]);
    stage.gone(&second);
    stage.gone(&second);
    stage.settle();
    assert_eq!(other.ear.lines(), ["left u1"]);
    assert_eq!(stage.comings(), ["-1"]);
}

#[test]
fn a_voice_that_joins_again_keeps_its_seat_and_hears_no_second_history() {
    let mut stage = Stage::open();
    let guest = stage.guest(1);
    with_history(&mut stage, &guest, 1);
    with_history(&mut stage, &guest, 2);
    let wanted = stage.history_wanted();
    assert!(stage.wants.is_empty());
    stage.settle();
    stage.history(wanted, Ok(messages(&[2, 1])));
    assert_eq!(
        guest.ear.lines(),
        ["you joined [2, 1]", "ack 1 ok", "joined u1", "you joined again []", "ack 2 ok"]
    );
    stage.room.audit();
}

#[test]
fn history_comes_first_and_all_that_was_told_since_right_behind_it() {
    let mut stage = Stage::of(RoomRow { last_seq: 2, ..row(RoomKind::Open, &[]) });
    let author = stage.seated(1);
    let joiner = stage.guest(2);
    stage.ask(&author, say("on its way"));
    with_history(&mut stage, &joiner, 1);
    let wanted = stage.history_wanted();
    assert_eq!(wanted.upto_seq, 2, "what has no receipt yet is told, not history");
    stage.commit();
    stage.settle();
    stage.ask(&author, say("later"));
    stage.commit();
    stage.settle();
    assert!(joiner.ear.lines().is_empty());
    stage.ask(&author, say("not yet worded"));
    stage.commit();
    stage.history(wanted, Ok(messages(&[2, 1])));
    stage.settle();
    assert_eq!(
        joiner.ear.lines(),
        [
            "you joined [2, 1]",
            "ack 1 ok",
            "joined u2",
            "said 3 on its way",
            "said 4 later",
            "said 5 not yet worded"
        ]
    );
    let allowed = joiner.ear.allowed_bytes.load(std::sync::atomic::Ordering::Relaxed);
    assert!(allowed > 0, "a history may be longer than the usual bounds");
}

/// A message whose receipt has come, but that was not told yet, is history for a joiner.
#[test]
fn what_waits_to_be_told_is_not_told_to_whoever_reads_it_as_history() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    stage.ask(&author, say("stored"));
    stage.commit();
    let joiner = stage.guest(2);
    with_history(&mut stage, &joiner, 1);
    let wanted = stage.history_wanted();
    assert_eq!(wanted.upto_seq, 1);
    stage.history(wanted, Ok(messages(&[1])));
    stage.settle();
    assert_eq!(joiner.ear.lines(), ["you joined [1]", "ack 1 ok", "joined u2"]);
}

#[test]
fn a_history_that_cannot_be_read_refuses_the_join_and_takes_the_seat_back() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    let joiner = stage.guest(2);
    with_history(&mut stage, &joiner, 1);
    stage.ask_for(&joiner, Some(2), say("early"));
    stage.commit();
    let wanted = stage.history_wanted();
    stage.history(wanted, Err(Fault::Busy));
    stage.settle();
    let heard = joiner.ear.lines();
    assert_eq!(heard[..2], ["Join refused: Unavailable", "ack 1 no"]);
    assert!(heard.contains(&"ack 2 ok".to_owned()), "no answer is lost: {heard:?}");
    assert_eq!(author.ear.lines(), ["joined u2", "said 1 early", "left u2"]);
    assert_eq!(stage.present(), [1]);
    stage.room.audit();
    // Asking again helps.
    with_history(&mut stage, &joiner, 3);
    let wanted = stage.history_wanted();
    stage.history(wanted, Ok(messages(&[1])));
    assert_eq!(joiner.ear.lines(), ["you joined [1]", "ack 3 ok"]);
}

#[test]
fn who_leaves_before_the_history_comes_loses_no_answer_and_is_not_told_they_joined() {
    let mut stage = Stage::open();
    let joiner = stage.guest(2);
    with_history(&mut stage, &joiner, 1);
    stage.ask_for(&joiner, Some(2), say("hi"));
    stage.commit();
    stage.ask_for(&joiner, Some(3), Deed::Leave(Leave::Voice));
    let wanted = stage.history_wanted();
    stage.history(wanted, Ok(messages(&[])));
    stage.settle();
    let heard = joiner.ear.lines();
    let acks: Vec<_> = heard.iter().filter(|line| line.starts_with("ack")).collect();
    assert_eq!(acks, ["ack 2 ok", "ack 3 ok", "ack 1 no"]);
    assert_eq!(heard[heard.len() - 2], "Join refused: NotIn");
}

/// The first join's history must not be taken for the second's: what was said between would be
/// missing from it, and told again by the other.
#[test]
fn who_leaves_and_joins_again_hears_one_history_the_second() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    let joiner = stage.guest(2);
    with_history(&mut stage, &joiner, 1);
    let first = stage.history_wanted();
    stage.leave(&joiner);
    joiner.ear.lines();
    stage.ask(&author, say("between"));
    stage.commit();
    with_history(&mut stage, &joiner, 2);
    let second = stage.history_wanted();
    stage.history(first, Ok(messages(&[])));
    stage.ask(&author, say("after"));
    stage.commit();
    stage.settle();
    assert!(joiner.ear.lines().is_empty());
    stage.history(second, Ok(messages(&[1])));
    let heard = joiner.ear.lines();
    assert_eq!(heard[..2], ["you joined [1]", "ack 2 ok"]);
    assert_eq!(heard.iter().filter(|line| line.starts_with("said")).count(), 1);
    assert!(heard.contains(&"said 2 after".to_owned()) && heard.contains(&"ack 1 no".to_owned()));
}

#[test]
fn more_than_may_wait_for_a_history_closes_the_connection() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    let joiner = stage.guest(2);
    with_history(&mut stage, &joiner, 1);
    let long = "x".repeat(limits::HELD_BYTES_MAX / 8);
    for _ in 0..9 {
        stage.ask(&author, say(&long));
        stage.commit();
        stage.settle();
        stage.room.audit();
    }
    assert!(joiner.ear.is_overrun.load(std::sync::atomic::Ordering::Relaxed));
    assert!(!author.ear.is_overrun.load(std::sync::atomic::Ordering::Relaxed));
}

#[test]
fn a_room_is_not_idle_while_an_answer_is_on_its_way() {
    let mut stage = Stage::open();
    let joiner = stage.guest(1);
    with_history(&mut stage, &joiner, 1);
    stage.gone(&joiner);
    stage.settle();
    stage.tick_after(limits::ROOM_IDLE_MS);
    let later = Now { up_ms: stage.now.up_ms + 1, ..stage.now };
    assert!(!stage.room.is_idle(later));
    let wanted = stage.history_wanted();
    stage.history(wanted, Ok(Vec::new()));
    assert!(stage.room.is_idle(later));
    assert!(!stage.room.is_idle(Now { up_ms: later.up_ms - limits::ROOM_IDLE_MS, ..later }));
}
