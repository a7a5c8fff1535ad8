//! Changes of a room: members, owners, names, ends. One is written after the other.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::stage::{Stage, newest, person, row, say};
use crate::hub::command::{Amend, Deed, Join, Outcome, Refusal};
use crate::hub::event::{Role, RoomKind, RoomRow};
use crate::hub::id::UserId;
use crate::hub::ports::{Fault, Write};
use crate::hub::room::Want;
use crate::limits;

fn group(members: &[u64]) -> Stage {
    Stage::of(row(RoomKind::Group, members))
}

/// Asks for a change as a call, and answers for the store.
fn amend(stage: &mut Stage, by: u64, amend: Amend, stored: bool) -> Result<Outcome, Refusal> {
    let mut answer = stage.call(by, Deed::Amend(amend));
    if let Some(wanted) = stage.amend_wanted() {
        assert!(answer.try_recv().is_err(), "not before it is stored");
        stage.amended(wanted, Ok(stored));
    }
    stage.settle();
    answer.try_recv().expect("it is answered")
}

fn members(stage: &Stage) -> Vec<(u64, Role)> {
    stage.room.row().members.iter().map(|(member, role)| (member.id.0, *role)).collect()
}

/// The write of a change as words.
fn written(room: &RoomRow, who: u64, amend: &Amend) -> String {
    let (reply, mut answer) = oneshot::channel();
    let reply = Box::new(move |result| reply.send(result).expect("the test waits for it"));
    let (words, reply) = match amend.write(room, UserId(who), reply) {
        Write::SetMember(_, user, role, reply) => (format!("set {user} {}", role.as_str()), reply),
        Write::DropMember(_, user, reply) => (format!("drop {user}"), reply),
        Write::HandOver(_, user, heir, reply) => (format!("drop {user} for {heir}"), reply),
        Write::DropRoom(_, reply) => ("drop room".into(), reply),
        Write::ChangeRoom(_, change, reply) => {
            reply(Ok(Some(room.clone())));
            assert_eq!(answer.try_recv(), Ok(Ok(true)));
            let name = change.name.as_deref().unwrap_or("-").to_owned();
            return format!("{name} {:?} {:?}", change.owner, change.ends_ms);
        }
        _ => panic!("no write of an amend"),
    };
    reply(Ok(true));
    assert_eq!(answer.try_recv(), Ok(Ok(true)));
    words
}

#[test]
fn every_change_is_written_as_what_it_means() {
    let room = row(RoomKind::Group, &[1, 2, 3]);
    let write = |who, amend: &Amend| written(&room, who, amend);
    assert_eq!(write(1, &Amend::End(9)), "- None Some(9)");
    assert_eq!(write(1, &Amend::Rename("n".into())), "n None None");
    assert_eq!(write(1, &Amend::Add(person(4))), "set 4 member");
    assert_eq!(write(1, &Amend::Remove(UserId(2))), "drop 2");
    assert_eq!(write(1, &Amend::Drop), "drop room");
    assert_eq!(write(2, &Amend::Resign), "drop 2");
    assert_eq!(write(1, &Amend::Resign), "drop 1 for 2");
    assert_eq!(write(9, &Amend::Expel(UserId(3))), "drop 3");
    assert_eq!(write(9, &Amend::Expel(UserId(1))), "drop 1 for 2");
    let last = row(RoomKind::Group, &[1]);
    assert_eq!(written(&last, 9, &Amend::Expel(UserId(1))), "drop room");
    assert_eq!(written(&last, 1, &Amend::Resign), "drop room");
}

#[test]
fn who_is_added_may_come_in_and_all_are_told() {
    let mut stage = group(&[1]);
    let (owner, guest) = (stage.seated(1), stage.guest(2));
    stage.join(&guest);
    assert_eq!(guest.ear.lines(), ["Join refused: NotMember"]);
    assert!(amend(&mut stage, 1, Amend::Add(person(2)), true).is_ok());
    assert_eq!(owner.ear.lines(), ["u1 added u2 to 3"]);
    let rings = stage.rings();
    assert_eq!(rings.len(), 1);
    assert_eq!(rings[0].to.address, crate::hub::event::Address::Personal(UserId(2)));
    stage.join(&guest);
    stage.settle();
    assert_eq!(guest.ear.lines(), ["joined u2", "you joined []"]);
    assert_eq!(members(&stage), [(1, Role::Owner), (2, Role::Member)]);
    let again = amend(&mut stage, 1, Amend::Add(person(2)), true);
    assert_eq!(again.unwrap_err(), Refusal::MemberAlready);
    let twice = amend(&mut stage, 1, Amend::Add(person(5)), false);
    assert_eq!(twice.unwrap_err(), Refusal::MemberAlready, "the store knew them");
}

#[test]
fn who_is_removed_hears_so_and_nothing_after() {
    let mut stage = group(&[1, 2]);
    let owner = stage.seated(1);
    let (tab, other_tab) = (stage.seated(2), stage.seated(2));
    owner.ear.lines();
    tab.ear.lines();
    stage.ask_for(&owner, Some(4), Deed::Amend(Amend::Remove(UserId(2))));
    stage.ask(&owner, say("still here"));
    stage.commit();
    let wanted = stage.amend_wanted().unwrap();
    stage.amended(wanted, Ok(true));
    stage.ask(&owner, say("among ourselves"));
    stage.commit();
    stage.settle();
    for removed in [&tab, &other_tab] {
        assert_eq!(removed.ear.lines(), ["said 1 still here", "u1 removed u2 from 3"]);
        stage.ask(removed, say("but"));
        stage.ask(removed, newest(3));
        assert_eq!(removed.ear.lines(), ["Say refused: NotMember", "History refused: NotMember"]);
    }
    assert_eq!(stage.present(), [1]);
    let heard = owner.ear.lines();
    assert!(heard.contains(&"left u2".to_owned()) && heard.contains(&"ack 4 ok".to_owned()));
    assert_eq!(stage.rings()[0].except, [tab.voice.id, other_tab.voice.id], "heard here, once");
}

#[test]
fn who_resigns_passes_the_room_on_and_the_last_one_drops_it() {
    let mut stage = group(&[1, 2, 3]);
    let (owner, next, third) = (stage.seated(1), stage.seated(2), stage.seated(3));
    [&owner, &next].iter().for_each(|guest| drop(guest.ear.lines()));
    stage.ask_for(&owner, Some(1), Deed::Amend(Amend::Resign));
    let wanted = stage.amend_wanted().unwrap();
    stage.amended(wanted, Ok(true));
    stage.settle();
    let heard = owner.ear.lines();
    assert_eq!(heard, ["resigned u1 owner=2", "you amended [2, 3] owner=2", "ack 1 ok"]);
    assert_eq!(next.ear.lines(), ["resigned u1 owner=2", "left u1"]);
    assert_eq!(members(&stage), [(2, Role::Owner), (3, Role::Member)]);
    assert!(amend(&mut stage, 3, Amend::Resign, true).is_ok());
    assert_eq!(stage.room.row().owner, Some(UserId(2)), "the owner stays");
    assert!(matches!(amend(&mut stage, 2, Amend::Resign, true), Ok(Outcome::Amended(None))));
    assert_eq!(next.ear.lines().last().unwrap(), "dropped");
    assert!(stage.wants.iter().any(|want| matches!(want, Want::Forget)));
    assert!(!third.ear.lines().iter().any(|line| line == "dropped"), "they had left");
    assert!(stage.room.is_idle(stage.now));
}

#[test]
fn an_owner_who_is_expelled_passes_the_room_on_and_hears_so() {
    let mut stage = group(&[1, 2]);
    let owner = stage.seated(1);
    assert!(amend(&mut stage, 9, Amend::Expel(UserId(1)), true).is_ok());
    assert_eq!(owner.ear.lines(), ["u9 removed u1 from 3"]);
    assert_eq!(members(&stage), [(2, Role::Owner)]);
    assert!(stage.present().is_empty());
    let last = amend(&mut stage, 9, Amend::Expel(UserId(2)), true);
    assert!(matches!(last, Ok(Outcome::Amended(None))));
}

/// What a resignation means depends on who is left: two at once would each see the other.
#[test]
fn changes_are_written_one_after_the_other() {
    let mut stage = group(&[1, 2]);
    let mut first = stage.call(1, Deed::Amend(Amend::Resign));
    let mut second = stage.call(2, Deed::Amend(Amend::Resign));
    let mut third = stage.call(2, Deed::Amend(Amend::Rename("n".into())));
    let wanted = stage.amend_wanted().unwrap();
    assert!(stage.amend_wanted().is_none(), "the others wait");
    assert_eq!(written(stage.room.row(), 1, &wanted.amend), "drop 1 for 2");
    stage.amended(wanted, Ok(true));
    assert!(first.try_recv().unwrap().is_ok());
    let wanted = stage.amend_wanted().unwrap();
    assert_eq!(written(stage.room.row(), 2, &wanted.amend), "drop room");
    stage.amended(wanted, Ok(true));
    assert!(matches!(second.try_recv(), Ok(Ok(Outcome::Amended(None)))));
    assert_eq!(third.try_recv().unwrap().unwrap_err(), Refusal::NoSuchRoom);
}

#[test]
fn who_has_lost_the_right_meanwhile_is_refused() {
    let mut stage = group(&[1, 2, 3]);
    let _first = stage.call(1, Deed::Amend(Amend::Remove(UserId(2))));
    let mut second = stage.call(2, Deed::Amend(Amend::Add(person(4))));
    let wanted = stage.amend_wanted().unwrap();
    stage.amended(wanted, Ok(true));
    assert_eq!(second.try_recv().unwrap().unwrap_err(), Refusal::NotMember);
    assert!(amend(&mut stage, 1, Amend::Remove(UserId(3)), true).is_ok(), "the next one runs");
}

#[test]
fn only_so_many_changes_wait() {
    let mut stage = group(&[1]);
    let mut waiting: Vec<_> = (0..=limits::AMENDMENTS_MAX)
        .map(|n| stage.call(1, Deed::Amend(Amend::Rename(n.to_string().into()))))
        .collect();
    let mut refused = stage.call(1, Deed::Amend(Amend::Rename("x".into())));
    assert_eq!(refused.try_recv().unwrap().unwrap_err(), Refusal::Unavailable);
    for answer in &mut waiting {
        let wanted = stage.amend_wanted().unwrap();
        stage.amended(wanted, Ok(true));
        assert!(answer.try_recv().unwrap().is_ok());
    }
}

#[test]
fn a_name_is_told_and_one_that_is_taken_is_refused() {
    let mut stage = group(&[1]);
    let owner = stage.seated(1);
    assert!(amend(&mut stage, 1, Amend::Rename("ours".into()), true).is_ok());
    assert_eq!(owner.ear.lines(), ["renamed ours"]);
    let mut answer = stage.call(1, Deed::Amend(Amend::Rename("theirs".into())));
    let wanted = stage.amend_wanted().unwrap();
    stage.amended(wanted, Err(Fault::Taken("name")));
    assert_eq!(answer.try_recv().unwrap().unwrap_err(), Refusal::Taken("name"));
    assert_eq!(stage.room.row().name.as_deref(), Some("ours"));
}

#[test]
fn a_room_that_is_given_an_end_ends_then() {
    let mut stage = Stage::open();
    let guest = stage.seated(1);
    let ends_ms = stage.now.wall_ms + 500;
    assert!(amend(&mut stage, 2, Amend::End(ends_ms), true).is_ok());
    stage.tick_after(499);
    assert_eq!(stage.present(), [1]);
    stage.tick_after(1);
    assert_eq!(guest.ear.lines(), ["ended"]);
}

#[test]
fn a_room_that_is_dropped_is_nobodys() {
    let mut stage = group(&[1, 2]);
    let (one, two) = (stage.seated(1), stage.seated(2));
    one.ear.lines();
    let outcome = amend(&mut stage, 1, Amend::Drop, true);
    assert!(matches!(outcome, Ok(Outcome::Amended(None))));
    assert_eq!(
        (one.ear.lines(), two.ear.lines()),
        (vec!["dropped".into()], vec!["dropped".into()])
    );
    for deed in [say("x"), Deed::Join(Join::default()), newest(1), Deed::Delete(None)] {
        stage.ask(&one, deed);
        assert!(one.ear.lines()[0].ends_with("refused: NoSuchRoom"));
    }
    assert!(stage.room.is_idle(stage.now), "at once");
    stage.room.audit();
}

#[test]
fn a_change_that_the_store_refuses_changes_nothing() {
    let mut stage = group(&[1, 2]);
    let before = members(&stage);
    let mut answer = stage.call(1, Deed::Amend(Amend::Remove(UserId(2))));
    let wanted = stage.amend_wanted().unwrap();
    stage.amended(wanted, Err(Fault::Busy));
    assert_eq!(answer.try_recv().unwrap().unwrap_err(), Refusal::Unavailable);
    let gone = amend(&mut stage, 1, Amend::Remove(UserId(2)), false);
    assert_eq!(gone.unwrap_err(), Refusal::NoSuchMember);
    assert_eq!(members(&stage), before);
    assert_eq!(Arc::strong_count(&stage.room.row().members[0].0), 1);
}
