//! Messages that no history lists yet: nobody sees a difference.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rusqlite::Connection;

use super::kit::{Bench, LOUNGE, ask, lounge, pair, told, words};
use crate::hub::id::{MessageId, RoomId};
use crate::hub::ports::{Read, Stretch, Write};
use crate::store::limits::{LISTED_PER_BATCH_MIN, UNLISTED_MAX, UNLISTED_REACH_MAX};
use crate::store::unlisted::{Unlisted, UnlistedMessages};

/// The one number that a query finds, as the writer sees the file.
fn number(bench: &Bench, query: &str) -> u64 {
    let found = bench.writer.connection.query_row(query, [], |row| row.get::<_, i64>(0));
    found.unwrap().cast_unsigned()
}

/// How many messages the histories list.
fn listed(bench: &Bench) -> usize {
    usize::try_from(number(bench, "SELECT count(*) FROM history")).unwrap()
}

/// Says so many in the rooms in turn, in batches.
fn chat(bench: &mut Bench, rooms: &[RoomId], count: usize) {
    let all: Vec<RoomId> = rooms.iter().copied().cycle().take(count).collect();
    for batch in all.chunks(500) {
        let said = batch.iter().map(|room| words(*room, 1, "x")).collect();
        bench.now_ms += 1;
        bench.batch(vec![Write::Appends(said)]);
    }
}

/// The places of a stretch, newest first, and the total.
fn places(bench: &Bench, stretch: Stretch) -> (Vec<u64>, u64) {
    let room = stretch.room;
    let (messages, total) = bench.read(|reply| Read::Messages(stretch, reply)).unwrap();
    assert!(messages.iter().all(|said| said.room == room));
    (messages.iter().map(|said| said.seq).collect(), total)
}

fn all_of(room: RoomId) -> Stretch {
    Stretch { room, upto_seq: u64::MAX, since: None, skip: 0, limit: u64::MAX }
}

/// Whatever is asked about a room whose messages have these places, it is answered from them.
fn assert_tells(bench: &Bench, room: RoomId, expected: &[u64], ids: &[(u64, MessageId)]) {
    let newest_first: Vec<u64> = expected.iter().rev().copied().collect();
    let all = newest_first.len() as u64;
    assert_eq!(places(bench, all_of(room)), (newest_first.clone(), all));
    for skip in [0, 1, all / 2, all - 1, all] {
        let asked = Stretch { skip, limit: 3, ..all_of(room) };
        let page: Vec<u64> =
            newest_first.iter().skip(usize::try_from(skip).unwrap()).take(3).copied().collect();
        assert_eq!(places(bench, asked), (page, all), "skipping {skip}");
    }
    for (seq, id) in ids {
        let upto = Stretch { upto_seq: *seq, limit: 2, ..all_of(room) };
        let before: Vec<u64> =
            newest_first.iter().filter(|place| *place <= seq).take(2).copied().collect();
        assert_eq!(places(bench, upto), (before, all), "up to {seq}");
        let after: Vec<u64> = newest_first.iter().filter(|place| *place > seq).copied().collect();
        let count = after.len() as u64;
        let since = Stretch { since: Some(*id), ..all_of(room) };
        assert_eq!(places(bench, since), (after, count), "since {seq}");
    }
}

#[test]
fn a_history_is_the_same_wherever_its_listing_has_come_to() {
    let mut bench = Bench::new();
    let rooms: Vec<RoomId> = (0..3).map(|n| bench.open_room(lounge(&n.to_string())).id).collect();
    let mut asked = Vec::new();
    let mut places_left: Vec<u64> = (1..=3_401).collect();
    chat(&mut bench, &rooms, 600);
    asked.push({
        let (id, seq) = bench.say(rooms[0], "noted");
        (seq, id)
    });
    assert_eq!(listed(&bench), 0, "few enough to wait");
    chat(&mut bench, &rooms, 9_000);
    let so_far = listed(&bench);
    assert!((1_409..9_000).contains(&so_far), "{so_far} of 9,601 are listed");
    let (id, seq) = bench.say(rooms[0], "noted too");
    asked.push((seq, id));
    chat(&mut bench, &rooms, 597);

    // One goes that is listed, one at the seam, one that waits, and the newest.
    let (all, _) = bench.history(rooms[0]);
    let seam = number(&bench, &format!("SELECT max(seq) FROM history WHERE room = {}", rooms[0]));
    for gone in [7, seam, seam + 40, 3_401] {
        let id = all.iter().find(|said| said.seq == gone).expect("there").id;
        bench.write(|reply| Write::Delete(rooms[0], id, reply)).unwrap().expect("there");
        asked.push((gone, id));
        places_left.retain(|seq| *seq != gone);
    }
    assert_tells(&bench, rooms[0], &places_left, &asked);
    let mut bench = bench.restarted();
    assert_tells(&bench, rooms[0], &places_left, &asked);
    assert_eq!(bench.say(rooms[0], "on").1, 3_402, "no place is given out again");
    places_left.push(3_402);
    assert_tells(&bench, rooms[0], &places_left, &asked);
}

#[test]
fn a_long_rooms_messages_are_listed_a_few_at_a_time() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    chat(&mut bench, &[room], UNLISTED_MAX);
    assert_eq!(listed(&bench), 0);
    bench.say(room, "one more");
    assert_eq!(listed(&bench), LISTED_PER_BATCH_MIN);
    chat(&mut bench, &[room], 500);
    assert_eq!(listed(&bench), LISTED_PER_BATCH_MIN + 1_000);
}

#[test]
fn a_quiet_rooms_message_is_listed_before_the_start_would_take_long() {
    let mut bench = Bench::new();
    let quiet = bench.open_room(lounge("7")).id;
    let (first, _) = bench.say(quiet, "all alone");
    let rooms: Vec<RoomId> = (0..2).map(|n| bench.open_room(pair(n, n + 1)).id).collect();
    let said = |room| {
        let mut said = words(room, 1, "x");
        said.author = None;
        said
    };
    for _ in 0..(UNLISTED_REACH_MAX as usize + 1_500) / 500 {
        let batch = rooms.iter().copied().cycle().take(500).map(said).collect();
        bench.now_ms += 5;
        bench.batch(vec![Write::Appends(batch)]);
    }
    let below = number(&bench, "SELECT below FROM listed");
    assert!(below > first.0, "it was found among too many");
    let bench = bench.restarted();
    assert_eq!(places(&bench, all_of(quiet)), (vec![1], 1));
    // A realm with few messages is read along the histories and what they do not list.
    let few = bench.read(|reply| Read::AllMessages(LOUNGE, 0, 9, reply)).unwrap();
    assert_eq!((few.0.len(), few.1), (1, 1));
}

#[test]
fn a_batch_that_is_lost_leaves_nothing_behind() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    chat(&mut bench, &[room], UNLISTED_MAX);
    let before = (listed(&bench), bench.history(room).1);
    let trap = "CREATE TEMP TRIGGER trap BEFORE INSERT ON history
        BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
    bench.writer.connection.execute_batch(trap).unwrap();
    chat(&mut bench, &[room], 100);
    assert_eq!((listed(&bench), bench.history(room).1), before);
    assert_eq!(bench.history(room).0.len() as u64, before.1);
    bench.writer.connection.execute_batch("DROP TRIGGER trap").unwrap();
    chat(&mut bench, &[room], 100);
    assert!(listed(&bench) > before.0);
    let expected: Vec<u64> = (1..=before.1 + 100).rev().collect();
    assert_eq!(places(&bench, all_of(room)), (expected, before.1 + 100));
}

#[test]
fn said_and_taken_away_in_one_batch() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let other = bench.open_room(lounge("8")).id;
    let (id, _) = bench.say(room, "one");
    let (gone, asked) = ask();
    let (dropped, dropped_asked) = ask();
    bench.batch(vec![
        Write::Appends(vec![words(room, 1, "two"), words(other, 1, "one")]),
        Write::Delete(room, id, gone),
        Write::Appends(vec![words(room, 1, "three")]),
        Write::DropRoom(other, dropped),
    ]);
    assert!(told(&asked).unwrap().is_some());
    assert_eq!(told(&dropped_asked), Ok(true));
    assert_eq!(places(&bench, all_of(room)), (vec![3, 2], 2));
    assert_eq!(places(&bench, all_of(other)), (Vec::new(), 0));
    let bench = bench.restarted();
    assert_eq!(places(&bench, all_of(room)), (vec![3, 2], 2));
    assert_eq!(number(&bench, "SELECT count(*) FROM message"), 2);
}

#[test]
fn whoever_reads_meanwhile_misses_nothing() {
    let mut bench = Bench::new();
    let rooms: Vec<RoomId> = (0..2).map(|n| bench.open_room(lounge(&n.to_string())).id).collect();
    chat(&mut bench, &rooms, UNLISTED_MAX - 500);
    let over = AtomicBool::new(false);
    let reading = bench.reading();
    let reads = std::thread::scope(|scope| {
        let (over, room) = (&over, rooms[0]);
        let reads = scope.spawn(move || {
            let mut reads = 0;
            while !over.load(Relaxed) {
                let newest = Stretch { limit: 4_500, ..all_of(room) };
                let (messages, total) = reading.ask(|reply| Read::Messages(newest, reply)).unwrap();
                let places: Vec<u64> = messages.iter().map(|said| said.seq).collect();
                let expected: Vec<u64> = (1..=total).rev().take(4_500).collect();
                assert_eq!(places, expected);
                reads += 1;
            }
            reads
        });
        for _ in 0..200 {
            chat(&mut bench, &rooms, 20);
        }
        over.store(true, Relaxed);
        reads.join().expect("what was read is whole")
    });
    assert!(reads > 0);
    assert!(listed(&bench) > 0, "some were listed meanwhile");
}

#[test]
fn whoever_reads_while_the_newest_go_misses_none_of_the_others() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    chat(&mut bench, &[room], 100);
    let over = AtomicBool::new(false);
    let reading = bench.reading();
    std::thread::scope(|scope| {
        let over = &over;
        let reads = scope.spawn(move || {
            let mut reads = 0;
            while !over.load(Relaxed) {
                let newest = Stretch { limit: 3, since: Some(MessageId(0)), ..all_of(room) };
                let (messages, total) = reading.ask(|reply| Read::Messages(newest, reply)).unwrap();
                let places: Vec<u64> = messages.iter().map(|said| said.seq).collect();
                // Every fifth one goes, the newest perhaps not yet.
                let stays = |seq: &u64| *seq == places[0] || *seq <= 100 || !seq.is_multiple_of(5);
                let left: Vec<u64> = (1..=places[0]).rev().filter(stays).collect();
                assert_eq!(places, left[..3]);
                assert_eq!(total, left.len() as u64);
                reads += 1;
            }
            reads
        });
        for _ in 0..300 {
            chat(&mut bench, &[room], 5);
            let newest = bench.history(room).0[0].id;
            bench.write(|reply| Write::Delete(room, newest, reply)).unwrap().expect("there");
        }
        over.store(true, Relaxed);
        assert!(reads.join().expect("what was read is whole") > 0);
    });
}

#[test]
fn ids_stay_above_those_that_are_listed_though_the_newest_is_gone() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    chat(&mut bench, &[room], UNLISTED_MAX);
    let (newest, _) = bench.say(room, "going");
    bench.write(|reply| Write::Delete(room, newest, reply)).unwrap().expect("there");
    // As a migration leaves it: all are listed, the one that is gone among them.
    let all = "UPDATE listed SET below = ?1";
    bench.writer.connection.execute(all, [newest.0.cast_signed() + 1]).unwrap();
    let mut bench = bench.restarted();
    bench.now_ms -= 60_000;
    assert!(bench.say(room, "by a clock set back").0 > newest);
}

#[test]
fn the_room_that_has_waited_longest_is_listed_first() {
    let mut unlisted = UnlistedMessages::default();
    let (early, late) = (RoomId(2), RoomId(1));
    let message = |n: usize| Unlisted { seq: n as u64 + 1, id: MessageId(n as u64 + 70) };
    for n in 0..100 {
        unlisted.push(early, message(n));
    }
    for n in 100..UNLISTED_MAX + 20 {
        unlisted.push(late, message(n));
    }
    let due = unlisted.due(30);
    assert_eq!(due.len(), LISTED_PER_BATCH_MIN, "as many as a step has");
    assert!(due.iter().all(|(room, _)| *room == early));
    assert_eq!(due[0].1, message(0));
    // What is left begins with the room's next one, and then with the other room.
    let upto = due.last().expect("some").1.seq;
    let next = unlisted.lowest_beyond(&[(early, upto)].into_iter().collect());
    assert_eq!(next, Some(MessageId(70 + upto)));
    unlisted.remove(early, u64::MAX);
    assert_eq!(unlisted.lowest_beyond(&Default::default()), Some(message(100).id));
    assert!(unlisted.due(30).is_empty(), "80 fewer than there may be");
    // Whoever comes again waits anew, behind the others.
    unlisted.push(early, message(UNLISTED_MAX + 20));
    for n in UNLISTED_MAX + 21..UNLISTED_MAX + 200 {
        unlisted.push(late, message(n));
    }
    assert!(unlisted.due(30).iter().all(|(room, _)| *room == late));
}

#[test]
fn a_file_of_the_first_version_is_brought_up_to_this_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("facts.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("../../../sql/sqlite/schema/0001_facts.sql")).unwrap();
    old.execute_batch(
        "INSERT INTO room (id, realm, people, number, kind, unique_name, created_ms, updated_ms,
             last_seq, messages)
         VALUES (4, 'lounge', 'accounts', 1, 'open', 0, 1, 1, 3, 2);
         INSERT INTO message (id, room, seq, kind, text, created_ms, updated_ms)
         VALUES (500, 4, 1, 'text', 'one', 1, 1), (900, 4, 3, 'text', 'three', 1, 1);
         PRAGMA application_id = 0x706f6c79; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(old);
    let mut bench = Bench::on_file(dir);
    assert_eq!(places(&bench, all_of(RoomId(4))), (vec![3, 1], 2));
    let (id, seq) = bench.say(RoomId(4), "four");
    assert_eq!((seq, id.0 > 900), (4, true));
    assert_eq!(places(&bench, all_of(RoomId(4))), (vec![4, 3, 1], 3));
}
