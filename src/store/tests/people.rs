//! Accounts: made, found, changed, taken away.

use super::kit::{Bench, CLAIMED, START_MS, lounge, named, words};
use crate::hub::event::{Role, RoomRow};
use crate::hub::id::{ACCOUNTS, UserId};
use crate::hub::ports::{
    Account, AccountChange, AccountKey, Fault, NewAccount, NewRoom, Read, RoomKey, Write,
};

fn add(bench: &mut Bench, new: NewAccount) -> Result<Account, Fault> {
    bench.write(|reply| Write::AddAccount(new, reply))
}

fn ensure(bench: &mut Bench, new: NewAccount) -> Result<Account, Fault> {
    bench.write(|reply| Write::EnsureAccount(new, reply))
}

fn account(bench: &Bench, key: AccountKey) -> Option<Account> {
    bench
        .read(|reply| Read::Account(ACCOUNTS, key, reply))
        .unwrap()
}

/// An account with everything.
fn full() -> NewAccount {
    NewAccount {
        code: Some("c0de".into()),
        nickname: Some("annie".into()),
        profile: Some(r#"{"first_name":"Ann"}"#.into()),
        login: Some("ann".into()),
        email: Some("Ann@example.com".into()),
        password: Some("$argon2id$".into()),
        role: Some("student".into()),
        ..named("ann")
    }
}

#[test]
fn an_account_is_found_by_each_of_its_keys() {
    let mut bench = Bench::new();
    let made = add(&mut bench, full()).unwrap();
    assert_eq!(made.person.id, UserId(1));
    let keys = [
        AccountKey::Id(UserId(1)),
        AccountKey::Code("c0de".into()),
        AccountKey::Login("ann".into()),
        AccountKey::Email("aNN@EXAMPLE.com".into()),
    ];
    for key in keys {
        let found = account(&bench, key.clone()).unwrap_or_else(|| panic!("{key:?}"));
        assert_eq!(found.person, made.person);
        assert_eq!(found.person.nickname.as_deref(), Some("annie"));
        assert_eq!(found.login.as_deref(), Some("ann"));
        assert_eq!(found.email.as_deref(), Some("Ann@example.com"));
        assert_eq!(found.password.as_deref(), Some("$argon2id$"));
        assert_eq!(found.role.as_deref(), Some("student"));
        assert_eq!((found.created_ms, found.updated_ms), (START_MS, START_MS));
    }
    for key in [
        AccountKey::Id(UserId(2)),
        AccountKey::Id(UserId(u64::MAX)),
        AccountKey::Login("ANN".into()),
    ] {
        assert!(account(&bench, key).is_none());
    }
}

#[test]
fn what_is_taken_is_named() {
    let mut bench = Bench::new();
    add(&mut bench, full()).unwrap();
    let taken = |bench: &mut Bench, new| match add(bench, new) {
        Err(Fault::Taken(what)) => what,
        other => panic!("not taken: {other:?}"),
    };
    let with_id = NewAccount {
        id: Some(UserId(1)),
        ..named("x")
    };
    let with_code = NewAccount {
        code: Some("c0de".into()),
        ..named("x")
    };
    let with_login = NewAccount {
        login: Some("ann".into()),
        ..named("x")
    };
    let with_email = NewAccount {
        email: Some("ANN@example.com".into()),
        ..named("x")
    };
    assert_eq!(taken(&mut bench, with_id.clone()), "id");
    assert_eq!(taken(&mut bench, with_code), "code");
    assert_eq!(taken(&mut bench, with_login), "login");
    assert_eq!(taken(&mut bench, with_email), "email");
    // Another realm's are its own.
    let elsewhere = NewAccount {
        realm: CLAIMED,
        ..full()
    };
    assert_eq!(add(&mut bench, elsewhere).unwrap().person.id, UserId(1));
}

#[test]
fn ids_count_up_from_the_highest_that_can_be_counted() {
    let mut bench = Bench::new();
    let with_id = |id| NewAccount {
        id: Some(UserId(id)),
        ..named("x")
    };
    add(&mut bench, with_id(40)).unwrap();
    assert_eq!(bench.add(named("y")).person.id, UserId(41));
    // An issuer's enormous numbers are accounts, but nothing to count on from.
    for id in [u64::MAX, 1 << 60, (1 << 53) - 1] {
        add(&mut bench, with_id(id)).unwrap();
        let key = AccountKey::Id(UserId(id));
        assert_eq!(account(&bench, key).expect("there").person.id.0, id);
    }
    assert_eq!(bench.add(named("z")).person.id, UserId(42));
}

#[test]
fn a_token_makes_its_account_once_and_keeps_its_names() {
    let mut bench = Bench::new();
    let token = |name: &str, nickname: Option<&str>| NewAccount {
        id: Some(UserId(7)),
        nickname: nickname.map(Into::into),
        ..named(name)
    };
    let made = ensure(&mut bench, token("ann", Some("a"))).unwrap();
    bench.now_ms += 1;
    let same = ensure(&mut bench, token("ann", None)).unwrap();
    assert_eq!(same.person, made.person, "no nickname is no new nickname");
    assert_eq!(same.updated_ms, START_MS, "nothing was written");
    let renamed = ensure(&mut bench, token("anna", Some("b"))).unwrap();
    assert_eq!(&*renamed.person.name, "anna");
    assert_eq!(renamed.person.nickname.as_deref(), Some("b"));
    assert_eq!(renamed.updated_ms, START_MS + 1);
    let added = NewAccount {
        login: Some("ann".into()),
        ..token("ann", None)
    };
    assert_eq!(add(&mut bench, added).unwrap_err(), Fault::Taken("id"));

    let subject = |name| NewAccount {
        code: Some("auth0|abc".into()),
        ..named(name)
    };
    let first = ensure(&mut bench, subject("eve")).unwrap().person;
    assert_eq!(first.id, UserId(8));
    assert_eq!(ensure(&mut bench, subject("eve")).unwrap().person, first);
    assert!(matches!(
        ensure(&mut bench, named("nobody")),
        Err(Fault::Store(_))
    ));
}

#[test]
fn a_token_seen_before_costs_no_write() {
    let mut bench = Bench::new();
    let token = || NewAccount {
        id: Some(UserId(7)),
        ..named("ann")
    };
    ensure(&mut bench, token()).unwrap();
    let other = rusqlite::Connection::open(bench.path()).unwrap();
    let version = || {
        let version = other.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0));
        version.unwrap()
    };
    let before = version();
    ensure(&mut bench, token()).unwrap();
    assert_eq!(version(), before);
}

#[test]
fn changes_leave_alone_what_they_do_not_name() {
    let mut bench = Bench::new();
    let id = bench.add(full()).person.id;
    bench.add(NewAccount {
        login: Some("bob".into()),
        ..named("bob")
    });
    bench.now_ms += 4;
    let change = |bench: &mut Bench, id, change| {
        bench.write(|reply| Write::ChangeAccount(ACCOUNTS, id, change, reply))
    };
    let role = AccountChange {
        role: Some("admin".into()),
        ..AccountChange::default()
    };
    let changed = change(&mut bench, id, role.clone())
        .unwrap()
        .expect("there");
    assert_eq!(changed.role.as_deref(), Some("admin"));
    assert_eq!(changed.login.as_deref(), Some("ann"));
    assert_eq!(changed.updated_ms, START_MS + 4);
    let login = AccountChange {
        login: Some("bob".into()),
        ..AccountChange::default()
    };
    assert_eq!(
        change(&mut bench, id, login).unwrap_err(),
        Fault::Taken("login")
    );
    assert!(change(&mut bench, UserId(99), role).unwrap().is_none());
}

#[test]
fn whoever_is_taken_away_leaves_words_without_an_author() {
    let mut bench = Bench::new();
    let id = bench.add(named("ann")).person.id;
    let room = bench.open_room(NewRoom {
        members: vec![(id, Role::Member), (UserId(50), Role::Member)],
        ..lounge("7")
    });
    bench.append(words(room.id, id.0, "mine"));
    let drop = |bench: &mut Bench| {
        bench
            .write(|reply| Write::DropAccount(ACCOUNTS, id, reply))
            .unwrap()
    };
    assert!(drop(&mut bench));
    assert!(!drop(&mut bench));
    let (said, _) = bench.history(room.id);
    assert!(said[0].author.is_none());
    let seen = bench.read(|reply| Read::Room(RoomKey::Id(room.id), reply));
    let members = |room: RoomRow| room.members.iter().map(|m| m.0.id.0).collect::<Vec<_>>();
    assert_eq!(members(seen.unwrap().expect("there")), [50]);

    // Nobody else ever gets the id; the same person may come back under it.
    assert_eq!(bench.add(named("bob")).person.id.0, id.0 + 1);
    let back = NewAccount {
        id: Some(id),
        ..named("ann")
    };
    ensure(&mut bench, back).unwrap();
    let (said, _) = bench.history(room.id);
    assert_eq!(said[0].author.as_ref().map(|by| &*by.name), Some("ann"));
}

#[test]
fn accounts_are_listed_in_the_order_they_were_made() {
    let mut bench = Bench::new();
    for (name, id) in [("c", 30), ("a", 10), ("b", 20)] {
        bench.now_ms += 1;
        bench.add(NewAccount {
            id: Some(UserId(id)),
            ..named(name)
        });
    }
    let list = |skip, limit| {
        let (accounts, total) = bench
            .read(|reply| Read::Accounts(ACCOUNTS, skip, limit, reply))
            .unwrap();
        let names = accounts.iter().map(|account| &*account.person.name);
        (names.collect::<String>(), total)
    };
    assert_eq!(list(0, 100), ("cab".into(), 3));
    assert_eq!(list(1, 1), ("a".into(), 3));
}
