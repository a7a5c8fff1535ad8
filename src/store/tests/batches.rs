//! Batches: their order, and what fails with what.

use super::kit::{Bench, LOUNGE, START_MS};
use super::kit::{again, ask, failed, keyed, lounge, named, new, pair, texts, told, words};
use crate::hub::event::{Kind, Role};
use crate::hub::id::{RoomId, UserId};
use crate::hub::ports::{Append, Fault, NewAccount, NewRoom, Read, Stored, Write};
use crate::store::limits::ROOMS_REMEMBERED_MAX;

#[test]
fn receipts_come_by_shard_in_order_and_before_the_replies() {
    let mut bench = Bench::new();
    let rooms = [bench.open_room(lounge("7")).id, bench.open_room(lounge("8")).id];
    let on = |shard: usize, text: &str| {
        Write::Appends(vec![Append { shard, ..words(rooms[shard], 1, text) }])
    };
    let (reply, edited) = ask();
    let batch = vec![
        on(1, "a"),
        on(0, "b"),
        Write::Edit(rooms[0], crate::hub::id::MessageId(1), "x".into(), reply),
        on(1, "c"),
        on(0, "d"),
        on(1, "e"),
    ];
    let answers = bench.writer.commit(batch.into_iter(), START_MS);
    assert!(edited.try_recv().is_err(), "nothing is told before it is sent");
    let calls = std::sync::Mutex::new(Vec::new());
    let calls = std::sync::Arc::new(calls);
    let heard = calls.clone();
    let edited = std::sync::Mutex::new(edited);
    let edited = std::sync::Arc::new(edited);
    let unanswered = edited.clone();
    answers.send(&move |shard, receipts| {
        assert!(unanswered.lock().unwrap().try_recv().is_err());
        let places = receipts.iter().map(|receipt| new(&receipt.outcome).1);
        heard.lock().unwrap().push((shard, places.collect::<Vec<_>>()));
    });
    assert_eq!(*calls.lock().unwrap(), [(1, vec![1, 2, 3]), (0, vec![1, 2])]);
    assert!(told(&edited.lock().unwrap()).unwrap().is_none());
    assert_eq!(texts(&bench.history(rooms[1]).0).concat(), "eca");
}

#[test]
fn places_and_ids_go_on_after_a_restart() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    bench.say(room, "one");
    let (before, _) = bench.say(room, "two");
    let mut bench = bench.restarted();
    // The clock went back by an hour meanwhile.
    bench.now_ms -= 3_600_000;
    let (after, seq) = bench.say(room, "three");
    assert_eq!(seq, 3);
    assert!(after > before, "{after} after {before}");
}

#[test]
fn a_failing_item_fails_alone() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let login = || NewAccount { login: Some("ann".into()), ..named("ann") };
    let (first, first_told) = ask();
    let (second, second_told) = ask();
    let (unnamed, unnamed_told) = ask();
    let general =
        |code| NewRoom { name: Some("general".into()), unique_name: true, ..lounge(code) };
    bench.open_room(general("g"));
    let receipts = bench.batch(vec![
        Write::Appends(vec![words(room, 1, "good")]),
        Write::AddAccount(login(), first),
        Write::Appends(vec![words(RoomId(99), 1, "nowhere")]),
        Write::AddAccount(login(), second),
        Write::OpenRoom(general("h"), unnamed),
        Write::Appends(vec![words(room, 1, "good, too")]),
    ]);
    let outcomes: Vec<_> = receipts[0].1.iter().map(|r| &r.outcome).collect();
    assert_eq!((new(outcomes[0]).1, new(outcomes[2]).1), (1, 2));
    assert_eq!(failed(outcomes[1]), Fault::Store("no such room".into()));
    assert!(told(&first_told).is_ok());
    assert_eq!(told(&second_told).unwrap_err(), Fault::Taken("login"));
    assert_eq!(told(&unnamed_told).unwrap_err(), Fault::Taken("name"));
    assert_eq!(texts(&bench.history(room).0), ["good, too", "good"]);
}

#[test]
fn an_item_that_fails_half_way_leaves_nothing_behind() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let trap = "CREATE TEMP TRIGGER trap BEFORE INSERT ON member WHEN new.user = 13
        BEGIN SELECT RAISE(ABORT, 'not 13'); END";
    bench.writer.connection.execute_batch(trap).unwrap();
    let members = [12, 13].map(|user| (UserId(user), Role::Member)).into();
    let (reply, asked) = ask();
    let receipts = bench.batch(vec![
        Write::Appends(vec![words(room, 1, "before")]),
        Write::OpenRoom(NewRoom { members, ..lounge("8") }, reply),
        Write::Appends(vec![words(room, 1, "after")]),
    ]);
    let places: Vec<u64> = receipts[0].1.iter().map(|r| new(&r.outcome).1).collect();
    assert_eq!(places, [1, 2]);
    assert!(matches!(told(&asked), Err(Fault::Store(words)) if words.contains("not 13")));
    let (rooms, total) = bench.read(|reply| Read::Rooms(LOUNGE, 0, 9, reply)).unwrap();
    assert_eq!((rooms[0].last_seq, total), (2, 1));
}

#[test]
fn a_full_disk_fails_the_batch_and_the_next_one_works_when_there_is_room() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    bench.say(room, "before");
    let pages = |bench: &Bench, sql: &str| {
        let connection = &bench.writer.connection;
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let used = pages(&bench, "PRAGMA page_count");
    pages(&bench, &format!("PRAGMA max_page_count = {}", used + 4));

    let big = "x".repeat(60_000);
    let (reply, asked) = ask();
    let (late_reply, late_asked) = ask();
    let receipts = bench.batch(vec![
        Write::Appends(vec![words(room, 1, "small")]),
        Write::OpenRoom(lounge("8"), reply),
        Write::Appends(vec![words(room, 1, &big)]),
        Write::Appends(vec![words(room, 1, "late")]),
        Write::OpenRoom(lounge("9"), late_reply),
    ]);
    let outcomes = receipts[0].1.iter().map(|receipt| &receipt.outcome);
    for outcome in outcomes {
        assert!(matches!(failed(outcome), Fault::Store(words) if words.contains("full")));
    }
    assert!(matches!(told(&asked), Err(Fault::Store(_))));
    assert!(matches!(told(&late_asked), Err(Fault::Store(_))));
    assert_eq!(texts(&bench.history(room).0), ["before"]);
    failed(&bench.append(words(room, 1, &big)));

    pages(&bench, "PRAGMA max_page_count = 1000000");
    assert_eq!(bench.say(room, &big).1, 2, "the places of the lost are given out again");
    assert_eq!(bench.open_room(lounge("8")).number, 2);
}

#[test]
fn a_failing_commit_fails_the_batch_and_not_the_next() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    // A constraint that is only looked at by COMMIT, broken by one message.
    let trap = "CREATE TABLE jam (room REFERENCES room (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TEMP TRIGGER trap AFTER INSERT ON message WHEN new.text = 'jam'
        BEGIN INSERT INTO jam VALUES (-1); END";
    bench.writer.connection.execute_batch(trap).unwrap();
    let (reply, asked) = ask();
    let receipts = bench.batch(vec![
        Write::Appends(vec![keyed(room, 1, "good", "k")]),
        Write::Appends(vec![words(room, 1, "jam")]),
        Write::OpenRoom(lounge("8"), reply),
    ]);
    for receipt in &receipts[0].1 {
        assert!(matches!(failed(&receipt.outcome), Fault::Store(_)));
    }
    assert!(matches!(told(&asked), Err(Fault::Store(_))));
    assert_eq!(bench.history(room).1, 0);
    // Sent again under the same key, it is new: the first was never stored.
    assert_eq!(new(&bench.append(keyed(room, 1, "good", "k"))).1, 1);
}

#[test]
fn a_key_whose_message_failed_counts_for_nothing() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let trap = "CREATE TEMP TRIGGER trap BEFORE INSERT ON message WHEN new.text = 'bad'
        BEGIN SELECT RAISE(ABORT, 'not that'); END";
    bench.writer.connection.execute_batch(trap).unwrap();
    let say = |text| Write::Appends(vec![keyed(room, 1, text, "k")]);
    let receipts = bench.batch(vec![say("bad"), say("good"), say("good")]);
    let outcomes: Vec<_> = receipts.iter().flat_map(|(_, told)| told).collect();
    let [bad, good, good_again] = &outcomes[..] else { panic!("{} answers", outcomes.len()) };
    assert!(matches!(failed(&bad.outcome), Fault::Store(_)));
    assert_eq!(new(&good.outcome).1, 1);
    assert_eq!(again(&good_again.outcome).id, new(&good.outcome).0);
    assert_eq!(texts(&bench.history(room).0), ["good"]);
}

#[test]
fn a_writer_goes_on_after_a_batch_it_lost() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let trap = "CREATE TABLE jam (room REFERENCES room (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TEMP TRIGGER trap AFTER INSERT ON message WHEN new.text = 'jam'
        BEGIN INSERT INTO jam VALUES (-1); END";
    bench.writer.connection.execute_batch(trap).unwrap();
    let say = |text| vec![Write::Appends(vec![keyed(room, 1, text, text)])];
    let batches = vec![say("one"), say("jam"), say("two"), say("one")];
    let answers = bench.writer.at_once(batches, START_MS);
    let (to, told) = std::sync::mpsc::channel();
    for answer in answers {
        let to = to.clone();
        answer.send(&move |_, receipts| to.send(receipts).unwrap());
    }
    let outcomes: Vec<Stored> = told.try_iter().flatten().map(|receipt| receipt.outcome).collect();
    let [one, jam, two, one_again] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert_eq!((new(one).1, new(two).1), (1, 2));
    assert!(matches!(failed(jam), Fault::Store(_)));
    assert_eq!(again(one_again).id, new(one).0);
    assert_eq!(texts(&bench.history(room).0), ["two", "one"]);
}

#[test]
fn another_process_may_write_beside_it() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    bench.say(room, "one");
    let mut other = bench.beside();
    other.add(named("ann"));
    assert_eq!(bench.add(named("bob")).person.id.0, 2);
    // Even what it says in a room that is remembered here does not put two in one place.
    let (id, seq) = other.say(room, "two");
    let (next, next_seq) = bench.say(room, "three");
    assert_eq!((seq, next_seq), (2, 3));
    assert!(next > id);
    assert_eq!(bench.history(room).1, 3);
}

#[test]
fn a_file_that_somebody_holds_fails_the_batch_and_not_the_next() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    bench.writer.connection.busy_timeout(std::time::Duration::from_millis(1)).unwrap();
    let other = rusqlite::Connection::open(bench.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = failed(&bench.append(words(room, 1, "one")));
    assert!(matches!(locked, Fault::Store(words) if words.contains("locked")));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(bench.say(room, "one").1, 1);
}

#[test]
fn what_is_remembered_of_rooms_is_bounded() {
    let mut bench = Bench::new();
    let rooms: Vec<RoomId> = (0..3).map(|n| bench.open_room(lounge(&n.to_string())).id).collect();
    let made = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO room (realm, people, number, kind, unique_name, created_ms)
        SELECT 'pairs', 'claimed', i, 'open', 0, 0 FROM n";
    let count = ROOMS_REMEMBERED_MAX as i64;
    bench.writer.connection.execute(made, [count]).unwrap();
    let tails = "INSERT INTO tail SELECT id, 0, 0, 0 FROM room WHERE realm = 'pairs' ORDER BY id";
    bench.writer.connection.execute(tails, []).unwrap();
    let last = bench.writer.connection.last_insert_rowid().cast_unsigned();
    let quiet = |room| Append { author: None, ..words(RoomId(room), 1, "x") };
    let all = rooms[0].0..=last;
    bench.batch(all.map(|room| Write::Appends(vec![quiet(room)])).collect());
    assert_eq!(bench.writer.rooms_remembered(), 0, "too many: all are forgotten");
    for room in rooms {
        assert_eq!(bench.say(room, "on").1, 2, "and read anew");
    }
    assert_eq!(bench.writer.rooms_remembered(), 3);
}

#[test]
fn a_word_of_a_later_version_is_a_fault_of_the_read_alone() {
    let mut bench = Bench::new();
    let room = bench.open_room(pair(1, 2)).id;
    let mut append = words(room, 1, "x");
    append.author = None;
    append.draft.kind = Kind::System;
    let (id, _) = match bench.append(append) {
        Stored::New { id, seq, .. } => (id, seq),
        other => panic!("{other:?}"),
    };
    let sql = "UPDATE message SET kind = 'hologram'";
    bench.writer.connection.execute(sql, []).unwrap();
    let read = bench.read(|reply| Read::Message(id, reply));
    assert!(matches!(read, Err(Fault::Store(_))));
}
