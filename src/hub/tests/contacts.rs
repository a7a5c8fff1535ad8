//! Who is told beyond the room: contacts, members in their personal rooms, the backplane.

use std::sync::Arc;

use super::stage::{Stage, draft, message, row};
use crate::hub::command::{Deed, Join};
use crate::hub::event::{Draft, Place, RoomKind, RoomRow};
use crate::hub::id::UserId;
use crate::hub::ports::Stored;
use crate::hub::telling::Ring;
use crate::hub::voice::Event;

fn for_contacts(contacts: &[u64], grace_ms: u64) -> Deed {
    let contacts: Arc<[UserId]> = contacts.iter().map(|user| UserId(*user)).collect();
    Deed::Join(Join { contacts: Some(contacts), grace_ms, ..Join::default() })
}

/// Where a ring goes: the address, the event, how many voices are left out.
fn rung(rings: &[Ring]) -> Vec<String> {
    let spell = |ring: &Ring| {
        let event = match &ring.event {
            Event::Joined(who) => format!("joined {}", who.name),
            Event::Left(who) => format!("left {}", who.name),
            Event::Said(message) => format!("said {}", message.seq),
            other => format!("{other:?}"),
        };
        format!("{:?} {event} -{}", ring.to.address, ring.except.len())
    };
    rings.iter().map(spell).collect()
}

/// Contacts share the room and are told of it in their personal rooms alone: a voice in both must
/// not be left out there.
#[test]
fn contacts_are_told_in_their_personal_rooms_whether_or_not_they_are_here() {
    let mut stage = Stage::of(RoomRow::fleeting(&Place::lobby(super::stage::REALM)));
    let (friend, stranger) = (stage.seated(2), stage.seated(3));
    friend.ear.lines();
    let guest = stage.guest(1);
    stage.ask(&guest, for_contacts(&[2, 4], 0));
    stage.settle();
    assert!(friend.ear.lines().is_empty() && stranger.ear.lines().is_empty());
    assert_eq!(
        rung(&stage.rings()),
        ["Personal(UserId(2)) joined u1 -0", "Personal(UserId(4)) joined u1 -0"]
    );
    stage.gone(&guest);
    assert_eq!(
        rung(&stage.rings()),
        ["Personal(UserId(2)) left u1 -0", "Personal(UserId(4)) left u1 -0"]
    );
    assert!(stage.comings().is_empty(), "a room without a row is no other node's");
}

#[test]
fn contacts_are_told_of_a_leaving_when_the_grace_is_over() {
    let mut stage = Stage::open();
    let guest = stage.guest(1);
    stage.ask(&guest, for_contacts(&[2], 3_000));
    stage.rings();
    stage.gone(&guest);
    assert!(stage.rings().is_empty());
    stage.tick_after(3_000);
    assert_eq!(rung(&stage.rings()), ["Personal(UserId(2)) left u1 -0"]);
}

#[test]
fn members_who_are_not_here_are_rung_and_those_who_are_hear_it_once() {
    let mut stage = Stage::of(row(RoomKind::Group, &[1, 2, 3]));
    let author = stage.seated(1);
    let (tab, other_tab) = (stage.seated(2), stage.seated(2));
    tab.ear.lines();
    stage.ask(&author, Deed::Say(Draft { rings: true, ..draft("hello") }));
    stage.commit();
    let late = stage.seated(3);
    let rings = stage.rings();
    assert_eq!(rung(&rings), ["Personal(UserId(2)) said 1 -2", "Personal(UserId(3)) said 1 -0"]);
    assert_eq!(rings[0].except, [tab.voice.id, other_tab.voice.id]);
    stage.settle();
    assert_eq!(tab.ear.lines().iter().filter(|line| line.starts_with("said")).count(), 1);
    assert!(!late.ear.lines().iter().any(|line| line.starts_with("said")), "it is rung");
}

#[test]
fn what_is_said_again_rings_nobody() {
    let mut stage = Stage::of(row(RoomKind::Direct, &[1, 2]));
    let author = stage.seated(1);
    stage.ask(&author, Deed::Say(Draft { rings: true, ..draft("hello") }));
    stage.receipt(Stored::Again(Box::new(message(1, 1, "hello"))));
    assert!(stage.rings().is_empty());
}

#[test]
fn a_ring_is_told_to_all_voices_but_those_who_heard_it() {
    let place = Place::personal(super::stage::REALM, UserId(2));
    let mut stage = Stage::of(RoomRow::fleeting(&place));
    let (tab, other_tab) = (stage.seated(2), stage.seated(2));
    let about = Arc::new(row(RoomKind::Direct, &[1, 2]));
    let event = Event::Said(message(4, 1, "x"));
    let except = vec![other_tab.voice.id];
    stage.room.hear_ring(Ring { to: place, event, about: Arc::clone(&about), except });
    stage.settle();
    assert_eq!(tab.ear.lines(), ["said 4 x"]);
    assert!(other_tab.ear.lines().is_empty());
    let by = super::stage::person(1);
    let to = Place::personal(super::stage::REALM, UserId(2));
    stage.room.hear_ring(Ring { to, event: Event::RoomOpened(by), about, except: Vec::new() });
    stage.settle();
    assert_eq!(tab.ear.lines(), ["u1 opened 3"], "in the words of the room it is about");
}

#[test]
fn lobbies_are_told_that_other_nodes_are_away() {
    let mut stage = Stage::of(RoomRow::fleeting(&Place::lobby(super::stage::REALM)));
    let guest = stage.seated(1);
    stage.room.backplane_away(true);
    stage.room.backplane_away(false);
    stage.settle();
    assert_eq!(guest.ear.lines(), ["away true", "away false"]);
}

#[test]
fn what_the_backplane_did_not_take_is_told_again_in_order() {
    let mut stage = Stage::with_queues(row(RoomKind::Open, &[]), 10, 1);
    let (one, two, three) = (stage.guest(1), stage.guest(2), stage.guest(3));
    stage.join(&one);
    stage.join(&two);
    stage.join(&three);
    assert_eq!(stage.comings(), ["+1"]);
    // The queue takes things again, and user 2 goes before their coming was told.
    stage.gone(&two);
    stage.gone(&one);
    stage.tick_after(250);
    stage.settle();
    let mut told = stage.comings();
    stage.tick_after(250);
    told.extend(stage.comings());
    assert_eq!(told, ["-1", "+3"], "user 2 has not been there as far as others know");
    assert_eq!(stage.room.untold().count(), 0);
}

#[test]
fn what_the_backplane_did_not_take_is_bounded_by_the_users() {
    let mut stage = Stage::with_queues(row(RoomKind::Open, &[]), 10, 1);
    let tab = stage.guest(9);
    stage.join(&tab);
    for _ in 0..100 {
        let guest = stage.guest(1);
        stage.join(&guest);
        stage.gone(&guest);
        stage.settle();
    }
    assert_eq!(stage.room.untold().count(), 0);
    let guest = stage.guest(1);
    stage.join(&guest);
    assert_eq!(stage.room.untold().collect::<Vec<_>>(), [(1, true)]);
}
