//! Rooms and their members.

use super::kit::{Bench, CLAIMED, LOUNGE, PAIRS, START_MS};
use super::kit::{failed, lounge, named, pair, words};
use crate::hub::event::{Address, Place, Role, RoomKind, RoomRow};
use crate::hub::id::{ACCOUNTS, RoomId, UserId};
use crate::hub::ports::{Fault, NewRoom, Read, RoomChange, RoomKey, Write};

fn room(bench: &Bench, key: RoomKey) -> Option<RoomRow> {
    bench.read(|reply| Read::Room(key, reply)).unwrap()
}

fn open(bench: &mut Bench, new: NewRoom) -> Result<(RoomRow, bool), Fault> {
    bench.write(|reply| Write::OpenRoom(new, reply))
}

fn members(room: &RoomRow) -> Vec<(u64, Role)> {
    let members = room.members.iter();
    members.map(|(person, role)| (person.id.0, *role)).collect()
}

#[test]
fn a_room_is_found_by_row_code_and_number() {
    let mut bench = Bench::new();
    bench.open_room(lounge("7"));
    let made = bench.open_room(NewRoom {
        kind: RoomKind::Group,
        name: Some("den".into()),
        owner: Some(UserId(3)),
        ends_ms: Some(START_MS + 9),
        members: vec![(UserId(3), Role::Owner), (UserId(1), Role::Member)],
        ..lounge("8")
    });
    let at = |address| RoomKey::Place(Place { realm: LOUNGE, address });
    let by_code = at(Address::Code("8".into()));
    for key in [RoomKey::Id(made.id), by_code, at(Address::Number(2))] {
        let found = room(&bench, key.clone()).unwrap_or_else(|| panic!("{key:?}"));
        assert_eq!((found.id, found.number), (made.id, 2));
        assert_eq!((found.realm.0, found.kind), ("lounge", RoomKind::Group));
        assert_eq!(found.code.as_deref(), Some("8"));
        assert_eq!(found.name.as_deref(), Some("den"));
        assert_eq!((found.owner, found.ends_ms), (made.owner, Some(START_MS + 9)));
        assert_eq!((found.created_ms, found.updated_ms), (START_MS, START_MS));
        assert_eq!(members(&found), [(3, Role::Owner), (1, Role::Member)]);
        assert_eq!(&*found.members[0].0.name, "user_3");
    }
    let nowhere = [
        Address::Code("9".into()),
        Address::Number(3),
        Address::Number(u64::MAX),
        Address::Personal(UserId(3)),
        Address::Lobby,
    ];
    for address in nowhere {
        assert!(room(&bench, at(address)).is_none());
    }
}

#[test]
fn a_code_that_exists_finds_its_room() {
    let mut bench = Bench::new();
    let made = bench.open_room(pair(4, 9));
    let (found, is_new) = open(&mut bench, pair(4, 9)).unwrap();
    assert_eq!((found.id, is_new), (made.id, false));
    assert_eq!(found.members.len(), 2);
    assert_eq!(found.members[0].0.realm, CLAIMED);
    // Both in one batch: the second finds what the first made, with what was said between.
    let (reply, first) = super::kit::ask();
    let (reply_again, second) = super::kit::ask();
    bench.batch(vec![
        Write::OpenRoom(lounge("x"), reply),
        Write::Appends(vec![words(RoomId(made.id.0 + 1), 1, "hi")]),
        Write::OpenRoom(lounge("x"), reply_again),
    ]);
    let (first, _) = super::kit::told(&first).unwrap();
    let (second, is_new) = super::kit::told(&second).unwrap();
    assert_eq!((first.id, is_new), (second.id, false));
    assert_eq!((first.last_seq, second.last_seq), (0, 1));
}

#[test]
fn a_unique_name_is_taken_once_and_undoes_the_whole_room() {
    let mut bench = Bench::new();
    let named = |code, unique_name| NewRoom {
        name: Some("general".into()),
        unique_name,
        members: vec![(UserId(1), Role::Owner)],
        ..lounge(code)
    };
    let first = bench.open_room(named("a", true));
    assert_eq!(open(&mut bench, named("b", true)).unwrap_err(), Fault::Taken("name"));
    // A name that need not be unique is nobody's hindrance, nor is another realm's.
    bench.open_room(named("c", false));
    bench.open_room(NewRoom { realm: PAIRS, ..named("a", true) });
    let other = bench.open_room(NewRoom { name: Some("other".into()), ..named("d", true) });
    assert_eq!(other.number, 3, "what failed took no number");

    let rename = RoomChange { name: Some("general".into()), ..RoomChange::default() };
    let refused = bench.write(|reply| Write::ChangeRoom(other.id, rename, reply));
    assert_eq!(refused.unwrap_err(), Fault::Taken("name"));
    assert!(bench.write(|reply| Write::DropRoom(first.id, reply)).unwrap());
    bench.open_room(named("b", true));
}

#[test]
fn changes_leave_alone_what_they_do_not_name() {
    let mut bench = Bench::new();
    let made = bench.open_room(lounge("7"));
    bench.now_ms += 3;
    let (reply, changed) = super::kit::ask();
    let change = RoomChange { ends_ms: Some(START_MS + 60_000), ..RoomChange::default() };
    bench.batch(vec![
        Write::Appends(vec![words(made.id, 1, "hi")]),
        Write::ChangeRoom(made.id, change, reply),
        Write::Appends(vec![words(made.id, 1, "ho")]),
    ]);
    let changed = super::kit::told(&changed).unwrap().expect("there");
    assert_eq!(changed.ends_ms, Some(START_MS + 60_000));
    assert_eq!(changed.code.as_deref(), Some("7"));
    assert_eq!((changed.last_seq, changed.updated_ms), (1, START_MS + 3));
    let after = room(&bench, RoomKey::Id(made.id)).expect("there");
    assert_eq!(after.last_seq, 2);
    let nowhere = bench.write(|reply| Write::ChangeRoom(RoomId(99), RoomChange::default(), reply));
    assert!(nowhere.unwrap().is_none());
}

#[test]
fn a_dropped_room_takes_all_with_it_and_its_id_never_comes_back() {
    let mut bench = Bench::new();
    let made = bench.open_room(pair(4, 9));
    let mut append = super::kit::keyed(made.id, 4, "hi", "k");
    append.author = Some((CLAIMED, UserId(4)));
    let (message, _) = super::kit::new(&bench.append(append.clone()));
    assert!(bench.write(|reply| Write::DropRoom(made.id, reply)).unwrap());
    assert!(!bench.write(|reply| Write::DropRoom(made.id, reply)).unwrap());

    assert!(room(&bench, RoomKey::Id(made.id)).is_none());
    let gone = bench.read(|reply| Read::Message(message, reply)).unwrap();
    assert!(gone.is_none());
    assert_eq!(bench.history(made.id).1, 0);
    failed(&bench.append(append));
    let anew = bench.open_room(pair(4, 9));
    assert!(anew.id > made.id, "{} after {}", anew.id, made.id);
    assert_eq!(anew.last_seq, 0);
}

#[test]
fn members_come_go_and_change_their_role() {
    let mut bench = Bench::new();
    let made = bench.open_room(lounge("7")).id;
    let set = |bench: &mut Bench, user, role| {
        bench.write(|reply| Write::SetMember(made, UserId(user), role, reply))
    };
    for user in [5, 2, 8] {
        assert!(set(&mut bench, user, Role::Member).unwrap());
    }
    assert!(!set(&mut bench, 5, Role::Admin).unwrap());
    let drop =
        |bench: &mut Bench, user| bench.write(|reply| Write::DropMember(made, UserId(user), reply));
    assert!(drop(&mut bench, 2).unwrap());
    assert!(!drop(&mut bench, 2).unwrap());
    assert!(set(&mut bench, 2, Role::Member).unwrap());
    let found = room(&bench, RoomKey::Id(made)).expect("there");
    let in_order = [(5, Role::Admin), (8, Role::Member), (2, Role::Member)];
    assert_eq!(members(&found), in_order);

    let nowhere = bench.write(|reply| Write::SetMember(RoomId(99), UserId(1), Role::Member, reply));
    assert_eq!(nowhere.unwrap_err(), Fault::Store("no such room".into()));
}

#[test]
fn an_owners_going_and_the_next_ones_coming_are_one_step() {
    let mut bench = Bench::new();
    let made = bench.open_room(pair(4, 9)).id;
    let roles = |bench: &Bench| {
        let row = room(bench, RoomKey::Id(made)).expect("there");
        let roles = row.members.iter().map(|(who, role)| (who.id.0, *role)).collect::<Vec<_>>();
        (row.owner.map(|owner| owner.0), roles)
    };
    let before = roles(&bench);
    let hand_over = |bench: &mut Bench, user| {
        bench.write(|reply| Write::HandOver(made, UserId(user), UserId(9), reply))
    };
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE OF owner ON room \
                  BEGIN SELECT RAISE(ABORT, 'no'); END";
    bench.writer.connection.execute_batch(refuse).unwrap();
    assert!(matches!(hand_over(&mut bench, 4), Err(Fault::Store(_))));
    assert_eq!(roles(&bench), before, "nothing is done by half");
    bench.writer.connection.execute_batch("DROP TRIGGER refuse").unwrap();
    assert!(!hand_over(&mut bench, 5).unwrap(), "who is no member hands nothing over");
    assert_eq!(roles(&bench), before);
    assert!(hand_over(&mut bench, 4).unwrap());
    assert_eq!(roles(&bench), (Some(9), vec![(9, Role::Owner)]));
}

#[test]
fn rooms_are_listed_in_the_order_they_were_made() {
    let mut bench = Bench::new();
    for code in ["c", "a", "b"] {
        bench.open_room(lounge(code));
        bench.open_room(NewRoom { realm: PAIRS, ..lounge(code) });
    }
    let list = |skip, limit| {
        let (rooms, total) = bench.read(|reply| Read::Rooms(LOUNGE, skip, limit, reply)).unwrap();
        let codes = rooms.iter().filter_map(|room| room.code.as_deref());
        (codes.collect::<String>(), total)
    };
    assert_eq!(list(0, 100), ("cab".into(), 3));
    assert_eq!(list(1, 1), ("a".into(), 3));
    assert_eq!(list(9, 1), (String::new(), 3));
}

#[test]
fn a_users_rooms_come_by_last_activity() {
    let mut bench = Bench::new();
    let user = bench.add(named("ann")).person.id;
    let with = |code: &str, user| NewRoom { members: vec![(user, Role::Owner)], ..lounge(code) };
    let quiet = bench.open_room(with("quiet", user)).id;
    let busy = bench.open_room(with("busy", user)).id;
    bench.open_room(with("not hers", UserId(77)));
    bench.open_room(NewRoom { realm: PAIRS, ..with("another realm", user) });
    let rooms = |bench: &Bench| {
        let rooms = bench.read(|reply| Read::RoomsOf(LOUNGE, user, reply));
        let rooms = rooms.unwrap();
        assert_eq!(rooms[0].members[0].0.realm, ACCOUNTS);
        rooms.iter().map(|room| room.id).collect::<Vec<_>>()
    };
    assert_eq!(rooms(&bench), [busy, quiet]);
    bench.now_ms += 1;
    bench.say(quiet, "no longer");
    assert_eq!(rooms(&bench), [quiet, busy]);
}
