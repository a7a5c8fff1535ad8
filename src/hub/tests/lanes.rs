//! Who hears what of a batch: lanes, audiences, latecomers, and where a batch ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::stage::{Guest, Stage, guest, say};
use super::tongue::Plain;
use crate::hub::command::Deed;
use crate::hub::lane::Spread;
use crate::hub::voice::Tongue;
use crate::limits;

#[test]
fn what_came_together_goes_out_in_one_push() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    let before = other.ear.pushes.load(Ordering::Relaxed);
    (0..50).for_each(|n| stage.ask(&author, say(&n.to_string())));
    stage.commit();
    stage.settle();
    assert_eq!(other.ear.lines().len(), 50);
    assert_eq!(other.ear.pushes.load(Ordering::Relaxed), before + 1);
}

#[test]
fn a_lane_is_a_tongue_and_a_spelling_of_the_namespace() {
    let plain: Arc<dyn Tongue> = Arc::new(Plain::EVERYONE);
    let both: Arc<dyn Tongue> = Arc::new(Plain::BOTH);
    let mut stage = Stage::open();
    let guests = [
        guest(1, &plain, "/"),
        guest(2, &plain, "/alias"),
        guest(3, &both, "/"),
        guest(4, &plain, "/"),
    ];
    guests.iter().for_each(|guest| stage.join(guest));
    stage.settle();
    guests.iter().for_each(|guest| drop(guest.ear.lines()));
    stage.ask_for(&guests[2], Some(4), say("x"));
    stage.commit();
    stage.settle();
    for other in [0, 1, 3] {
        assert_eq!(guests[other].ear.lines(), ["said 1 x"]);
    }
    assert_eq!(guests[2].ear.lines(), ["yours 1", "you said 1", "ack 4 ok"]);
    assert_eq!(stage.room.lanes(), [2, 1, 1]);
}

#[test]
fn an_authors_words_are_for_the_author_alone() {
    let mut stage = Stage::open().speaking(Plain::BOTH);
    let (one, two, three) = (stage.seated(1), stage.seated(2), stage.seated(3));
    [&one, &two, &three].iter().for_each(|guest| drop(guest.ear.lines()));
    stage.ask(&one, say("a"));
    stage.ask(&two, say("b"));
    stage.commit();
    stage.settle();
    assert_eq!(one.ear.lines(), ["yours 1", "you said 1", "said 2 b"]);
    assert_eq!(two.ear.lines(), ["said 1 a", "yours 2", "you said 2"]);
    assert_eq!(three.ear.lines(), ["said 1 a", "said 2 b"]);
}

#[test]
fn a_second_tab_of_the_author_is_one_of_the_others() {
    let mut stage = Stage::open().speaking(Plain::OTHERS);
    let (tab, other_tab) = (stage.seated(1), stage.seated(1));
    tab.ear.lines();
    stage.ask(&tab, say("a"));
    stage.commit();
    stage.settle();
    assert_eq!(tab.ear.lines(), ["you said 1"]);
    assert_eq!(other_tab.ear.lines(), ["said 1 a"]);
}

#[test]
fn who_sits_down_in_the_middle_of_a_batch_hears_its_end() {
    let mut stage = Stage::open();
    let author = stage.seated(1);
    let (first, second) = (stage.guest(2), stage.guest(3));
    stage.ask(&author, say("a"));
    stage.commit();
    stage.join(&first);
    stage.ask(&author, say("b"));
    stage.commit();
    stage.join(&second);
    stage.ask(&author, say("c"));
    stage.commit();
    stage.settle();
    assert_eq!(
        first.ear.lines(),
        ["joined u2", "you joined []", "said 2 b", "joined u3", "said 3 c"]
    );
    assert_eq!(second.ear.lines(), ["joined u3", "you joined []", "said 3 c"]);
    stage.ask(&author, say("d"));
    stage.commit();
    stage.settle();
    assert_eq!(second.ear.lines(), ["said 4 d"]);
}

#[test]
fn who_leaves_and_comes_back_within_a_batch_is_there_once() {
    let mut stage = Stage::open();
    let (author, other) = (stage.seated(1), stage.seated(2));
    stage.ask(&author, say("a"));
    stage.commit();
    stage.gone(&other);
    stage.ask(&author, say("b"));
    stage.commit();
    stage.join(&other);
    stage.ask(&author, say("c"));
    stage.commit();
    stage.settle();
    assert_eq!(other.ear.lines(), ["joined u2", "you joined []", "said 3 c"]);
    stage.room.audit();
}

/// A latecomer in the second part of what is told, where the first fills a batch alone.
#[test]
fn a_batch_ends_where_it_is_long_enough_and_nothing_is_lost_between() {
    let mut stage = Stage::open().speaking(Plain::OTHERS);
    let (author, other) = (stage.seated(1), stage.seated(2));
    author.ear.lines();
    let long = "x".repeat(limits::BATCH_BYTES_MAX / 3);
    (0..4).for_each(|_| stage.ask(&author, say(&long)));
    stage.commit();
    let late = stage.guest(3);
    stage.join(&late);
    (0..4).for_each(|_| stage.ask_for(&author, Some(1), say(&long)));
    stage.commit();
    let before = other.ear.pushes.load(Ordering::Relaxed);
    stage.settle();
    assert_eq!(other.ear.pushes.load(Ordering::Relaxed), before + 3);
    let seqs = |lines: Vec<String>| -> Vec<String> {
        lines.iter().map(|line| line.chars().take(6).collect()).collect()
    };
    let all = ["said 1", "said 2", "said 3", "said 4", "joined", "said 5", "said 6", "said 7"];
    assert_eq!(seqs(other.ear.lines()), [&all[..], &["said 8"]].concat());
    assert_eq!(
        seqs(late.ear.lines()),
        ["joined", "you jo", "said 5", "said 6", "said 7", "said 8"]
    );
    assert_eq!(author.ear.lines().iter().filter(|line| *line == "ack 1 ok").count(), 4);
}

/// A list of everybody for each of a crowd that joins would be a crowd of crowds.
#[test]
fn a_crowd_that_joins_at_once_is_listed_a_few_times() {
    let listed = |people: u64| {
        let mut stage = Stage::open().speaking(Plain::ROSTER);
        let first = stage.seated(1);
        first.ear.lines();
        let crowd: Vec<_> = (2..=people).map(|user| stage.guest(user)).collect();
        crowd.iter().for_each(|guest| stage.join(guest));
        stage.settle();
        let heard = first.ear.lines();
        assert_eq!(heard.iter().filter(|line| line.starts_with("joined u")).count(), crowd.len());
        let lists = heard.iter().filter(|line| **line == format!("{people} are in")).count();
        let of_last = crowd.last().unwrap().ear.lines();
        assert!(of_last.contains(&format!("{people} are in")), "{of_last:?}");
        assert_eq!(heard.len(), crowd.len() + lists, "every list names all who are in by then");
        lists
    };
    assert_eq!(listed(20), 19, "each change");
    assert_eq!(listed(500), limits::BATCH_BYTES_MAX / (500 * 50));
}

/// A room of 300, who have been told of each other.
fn crowded() -> (Stage, Vec<Guest>) {
    let mut stage = Stage::open();
    let crowd: Vec<_> = (1..=300).map(|user| stage.guest(user)).collect();
    crowd.iter().for_each(|guest| stage.join(guest));
    stage.settle();
    crowd.iter().for_each(|guest| drop(guest.ear.lines()));
    (stage, crowd)
}

#[test]
fn a_crowd_is_told_in_parts_and_everybody_once() {
    let (mut stage, crowd) = crowded();
    stage.ask(&crowd[0], say("a"));
    stage.commit();
    assert!(stage.room.word());
    let mut turns = 1;
    while stage.room.deliver() {
        turns += 1;
    }
    assert_eq!(turns, 300_usize.div_ceil(limits::PUSHES_PER_TURN_MAX));
    assert!(crowd[1..].iter().all(|guest| guest.ear.lines() == ["said 1 a"]));
    assert!(!stage.room.word());
}

#[test]
fn a_crowd_is_told_from_several_threads_and_everybody_once() {
    let (mut stage, crowd) = crowded();
    stage.ask_for(&crowd[299], Some(7), say("a"));
    stage.commit();
    assert!(stage.room.word());
    let spread = Spread { parts_max: 4, members_min: 90 };
    let mut parts = stage.room.parts(spread);
    assert_eq!(parts.len(), 2, "of three, one is told here");
    assert!(stage.room.parts(spread).is_empty(), "what is given away is not given twice");
    while stage.room.deliver() {}
    parts.iter_mut().for_each(|part| while part.deliver() {});
    assert!(crowd[..299].iter().all(|guest| guest.ear.lines() == ["said 1 a"]));
    assert_eq!(crowd[299].ear.lines().last().unwrap(), "ack 7 ok");
    assert!(!stage.room.word());
}

#[test]
fn seats_move_up_when_somebody_leaves() {
    let mut stage = Stage::open();
    let guests: Vec<_> = (1..=4).map(|user| stage.seated(user)).collect();
    stage.leave(&guests[0]);
    stage.leave(&guests[3]);
    stage.room.audit();
    guests.iter().for_each(|guest| drop(guest.ear.lines()));
    stage.ask_for(&guests[2], Some(7), say("a"));
    stage.commit();
    stage.settle();
    assert_eq!(guests[2].ear.lines().last().unwrap(), "ack 7 ok");
    assert_eq!(guests[1].ear.lines().last().unwrap(), "said 1 a");
    assert!(guests[0].ear.lines().is_empty() && guests[3].ear.lines().is_empty());
}

/// Comings of users who are there already are told to nobody: a quiet room sees no batch.
#[test]
fn a_quiet_room_remembers_no_latecomers_who_have_left() {
    let mut stage = Stage::open();
    let tab = stage.seated(1);
    for _ in 0..100 {
        let other_tab = stage.guest(1);
        let join = crate::hub::command::Join { history: 5, ..Default::default() };
        stage.ask(&other_tab, crate::hub::command::Deed::Join(join));
        let wanted = stage.history_wanted();
        stage.history(wanted, Ok(Vec::new()));
        stage.gone(&other_tab);
    }
    stage.room.audit();
    assert!(tab.ear.lines().is_empty());
}

#[test]
fn who_is_behind_misses_typing_and_no_message() {
    let mut stage = Stage::open().speaking(Plain::BOTH);
    let (author, behind, other) = (stage.seated(1), stage.seated(2), stage.seated(3));
    [&author, &behind, &other].iter().for_each(|guest| drop(guest.ear.lines()));
    behind.ear.is_behind.store(true, Ordering::Relaxed);
    stage.ask(&author, say("a"));
    stage.ask(&author, Deed::Typing(true));
    stage.ask(&behind, say("b"));
    stage.commit();
    stage.settle();
    let told = |guest: &super::stage::Guest| {
        let mut lines = guest.ear.lines();
        lines.sort_unstable();
        lines
    };
    assert_eq!(told(&other), ["said 1 a", "said 2 b", "types u1"]);
    assert_eq!(told(&behind), ["said 1 a", "you said 2", "yours 2"]);
    assert_eq!(told(&author), ["said 2 b", "you said 1", "you told", "yours 1"]);
    assert_eq!(behind.ear.left_out.load(Ordering::Relaxed), 1);
    stage.ask(&author, Deed::Typing(false));
    stage.settle();
    assert_eq!(other.ear.lines(), ["rests u1"]);
    assert!(behind.ear.lines().is_empty(), "nothing is left of the batch, not even a push");
}
