//! The table of rights: every deed, in every kind of room, by everybody, seated or not.

use super::stage::{REALM, draft, message, newest, person, row};
use crate::hub::command::{Amend, Deed, Join, Leave, Refusal};
use crate::hub::event::{Person, Role, RoomKind, RoomRow};
use crate::hub::id::{Realm, UserId};
use crate::hub::rights::{may, may_read};

const NOW_MS: u64 = 1_000;

/// Whoever asks: the room's owner is 1, its admin 2, 3 and 4 are members, 9 is a stranger.
const WHO: [(&str, u64); 4] = [("stranger", 9), ("member", 3), ("admin", 2), ("owner", 1)];

fn room(kind: RoomKind) -> RoomRow {
    let members: &[u64] = if kind == RoomKind::Open { &[] } else { &[1, 2, 3, 4] };
    let mut room = row(kind, members);
    if let Some((_, role)) = room.members.get_mut(1) {
        *role = Role::Admin;
    }
    room
}

/// The deeds, each with the letters that [`TABLE`] answers with.
fn deeds(who: u64) -> Vec<(&'static str, Deed)> {
    let theirs = if who == 4 { 3 } else { 4 };
    let message = |by| Some(Box::new(message(1, by, "x")));
    vec![
        ("join", Deed::Join(Join::default())),
        ("leave", Deed::Leave(Leave::Voice)),
        ("leave all", Deed::Leave(Leave::User)),
        ("say", Deed::Say(draft("x"))),
        ("type", Deed::Typing(true)),
        ("read", newest(1)),
        ("delete own", Deed::Delete(message(who))),
        ("delete other's", Deed::Delete(message(theirs))),
        ("delete none", Deed::Delete(None)),
        ("edit own", Deed::Edit(message(who), "y".into())),
        ("edit other's", Deed::Edit(message(theirs), "y".into())),
        ("end", Deed::Amend(Amend::End(5))),
        ("rename", Deed::Amend(Amend::Rename("n".into()))),
        ("drop", Deed::Amend(Amend::Drop)),
        ("add new", Deed::Amend(Amend::Add(person(8)))),
        ("add member", Deed::Amend(Amend::Add(person(4)))),
        ("remove member", Deed::Amend(Amend::Remove(UserId(4)))),
        ("remove owner", Deed::Amend(Amend::Remove(UserId(1)))),
        ("remove stranger", Deed::Amend(Amend::Remove(UserId(77)))),
        ("resign", Deed::Amend(Amend::Resign)),
        ("expel owner", Deed::Amend(Amend::Expel(UserId(1)))),
        ("expel stranger", Deed::Amend(Amend::Expel(UserId(77)))),
    ]
}

/// y: yes; i: not in; m: not a member; o: not the owner; a: member already; s: no such member;
/// k: the wrong kind of room; x: another's message; d: no such message.
fn letter(result: &Result<(), Refusal>) -> char {
    match result {
        Ok(()) => 'y',
        Err(Refusal::NotIn) => 'i',
        Err(Refusal::NotMember) => 'm',
        Err(Refusal::NotOwner) => 'o',
        Err(Refusal::MemberAlready) => 'a',
        Err(Refusal::NoSuchMember) => 's',
        Err(Refusal::WrongKind) => 'k',
        Err(Refusal::NotYours) => 'x',
        Err(Refusal::NoSuchMessage) => 'd',
        Err(other) => panic!("not in the table: {other:?}"),
    }
}

/// Stranger, member, admin, owner: first without a seat, then (behind the stroke) with one.
const TABLE: [(&str, &str, &str, &str); 22] = [
    ("join", "yyyy/yyyy", "myyy/myyy", "myyy/myyy"),
    ("leave", "iiii/yyyy", "iiii/yyyy", "iiii/yyyy"),
    ("leave all", "iiii/yyyy", "iiii/yyyy", "iiii/yyyy"),
    ("say", "iiii/yyyy", "myyy/myyy", "myyy/myyy"),
    ("type", "iiii/yyyy", "myyy/myyy", "myyy/myyy"),
    ("read", "iiii/yyyy", "myyy/myyy", "myyy/myyy"),
    ("delete own", "yyyy/yyyy", "myyy/myyy", "myyy/myyy"),
    ("delete other's", "xxxx/xxxx", "mxxx/mxxx", "mxxx/mxxx"),
    ("delete none", "dddd/dddd", "mddd/mddd", "mddd/mddd"),
    ("edit own", "yyyy/yyyy", "myyy/myyy", "myyy/myyy"),
    ("edit other's", "xxxx/xxxx", "mxxx/mxxx", "mxxx/mxxx"),
    ("end", "yyyy/yyyy", "moyy/moyy", "moyy/moyy"),
    ("rename", "yyyy/yyyy", "myyy/myyy", "myyy/myyy"),
    ("drop", "yyyy/yyyy", "myyy/myyy", "myyy/myyy"),
    ("add new", "kkkk/kkkk", "mkkk/mkkk", "myyy/myyy"),
    ("add member", "kkkk/kkkk", "mkkk/mkkk", "maaa/maaa"),
    ("remove member", "kkkk/kkkk", "mkkk/mkkk", "moyy/moyy"),
    ("remove owner", "kkkk/kkkk", "mkkk/mkkk", "moyo/moyo"),
    ("remove stranger", "kkkk/kkkk", "mkkk/mkkk", "msss/msss"),
    ("resign", "kkkk/kkkk", "mkkk/mkkk", "myyy/myyy"),
    ("expel owner", "kkkk/kkkk", "kkkk/kkkk", "yyyy/yyyy"),
    ("expel stranger", "kkkk/kkkk", "kkkk/kkkk", "ssss/ssss"),
];

fn letters(place: usize, room: &RoomRow) -> String {
    let all = |is_seated: bool| {
        WHO.iter().map(move |(_, who)| {
            let (_, deed) = deeds(*who).swap_remove(place);
            letter(&may(&deed, &person(*who), is_seated, room, NOW_MS))
        })
    };
    all(false).chain(['/']).chain(all(true)).collect()
}

#[test]
fn the_table_holds() {
    for (place, (name, open, direct, group)) in TABLE.iter().enumerate() {
        assert_eq!(*name, deeds(1)[place].0);
        let kinds = [(RoomKind::Open, open), (RoomKind::Direct, direct), (RoomKind::Group, group)];
        for (kind, expected) in kinds {
            assert_eq!(letters(place, &room(kind)), **expected, "{name} in {kind:?}");
        }
    }
}

#[test]
fn an_open_room_is_read_by_anybody_and_others_by_their_members() {
    for (kind, stranger) in [
        (RoomKind::Open, Ok(())),
        (RoomKind::Direct, Err(Refusal::NotMember)),
        (RoomKind::Group, Err(Refusal::NotMember)),
    ] {
        assert_eq!(may_read(&person(77), &room(kind)), stranger, "{kind:?}");
        assert_eq!(may_read(&person(4), &room(kind)), Ok(()), "{kind:?}");
    }
}

#[test]
fn a_room_that_has_ended_is_for_leaving_alone() {
    for kind in [RoomKind::Open, RoomKind::Group] {
        let ended = RoomRow { ends_ms: Some(NOW_MS), ..room(kind) };
        let open = RoomRow { ends_ms: Some(NOW_MS + 1), ..room(kind) };
        for (name, deed) in deeds(1) {
            let is_refused = matches!(name, "join" | "say" | "type" | "read");
            let result = may(&deed, &person(1), true, &ended, NOW_MS);
            assert_eq!(result == Err(Refusal::Ended), is_refused, "{name}");
            assert_ne!(may(&deed, &person(1), true, &open, NOW_MS), Err(Refusal::Ended), "{name}");
        }
    }
}

/// The same small integer in another realm is somebody else.
#[test]
fn a_number_from_another_realm_is_a_stranger() {
    let foreign = Person { realm: Realm("elsewhere"), ..(*person(1)).clone() };
    assert_ne!(foreign.realm, REALM);
    let group = room(RoomKind::Group);
    let joined = may(&Deed::Join(Join::default()), &foreign, false, &group, NOW_MS);
    assert_eq!(joined, Err(Refusal::NotMember));
    let own = Deed::Delete(Some(Box::new(message(1, 1, "x"))));
    assert_eq!(may(&own, &foreign, true, &room(RoomKind::Open), NOW_MS), Err(Refusal::NotYours));
}

#[test]
fn nobodys_message_is_nobodys_to_change() {
    let mut message = message(1, 1, "x");
    message.author = None;
    let deed = Deed::Delete(Some(Box::new(message)));
    assert_eq!(may(&deed, &person(1), true, &room(RoomKind::Open), NOW_MS), Err(Refusal::NotYours));
}
