//! Messages: said, read, edited, deleted, sent again.

use serde_json::value::RawValue;

use super::kit::{Bench, CLAIMED, LOUNGE, PAIRS, START_MS};
use super::kit::{again, failed, keyed, lounge, named, new, pair, texts, words};
use crate::hub::event::{Kind, Message};
use crate::hub::id::{ACCOUNTS, MessageId, RoomId, UserId};
use crate::hub::ports::{Append, Fault, Read, RoomKey, Stretch, Write};
use crate::hub::text::Text;
use crate::store::limits::{KEY_LIFE_MS, SWEEP_EVERY_MS};

fn message(bench: &Bench, id: MessageId) -> Option<(Message, String)> {
    bench.read(|reply| Read::Message(id, reply)).unwrap()
}

#[test]
fn what_is_said_is_read_as_it_was_said() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let author = bench.add(named("ann")).person;
    let (first, _) = bench.say(room, "first");
    bench.now_ms += 5;
    let mut append = words(room, author.id.0, "see");
    append.draft.kind = Kind::Image;
    append.draft.parent = Some(first);
    append.draft.extra = Some(r#"{"imageUrl":"x"}"#.into());
    let (id, seq) = new(&bench.append(append));

    let (said, realm) = message(&bench, id).expect("stored");
    assert_eq!(realm, "lounge");
    assert_eq!((said.id, said.room, said.seq), (id, room, seq));
    assert_eq!(said.author.as_deref(), Some(&author));
    assert_eq!((said.kind, said.parent), (Kind::Image, Some(first)));
    assert_eq!(said.text, Text::from("see"));
    assert_eq!(said.extra.as_deref(), Some(r#"{"imageUrl":"x"}"#));
    assert_eq!((said.created_ms, said.updated_ms), (START_MS + 5, START_MS + 5));
    assert!(message(&bench, MessageId(id.0 + 1)).is_none());
}

#[test]
fn messages_of_one_batch_share_nothing() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let (parent, _) = bench.say(room, "first");
    let kinds = [Kind::Text, Kind::Image, Kind::Text, Kind::System, Kind::Text, Kind::Text];
    let drafts = kinds.into_iter().enumerate().map(|(place, kind)| {
        let mut append = words(room, 1 + place as u64, &format!("words {place}"));
        append.draft.kind = kind;
        append.draft.parent = (place == 1 || place == 4).then_some(parent);
        append.draft.extra = [None, Some(r#"{"one":1}"#), Some(r#"{"two":2}"#)]
            .get(place)
            .and_then(|extra| extra.map(Into::into));
        if kind == Kind::System {
            append.author = None;
        }
        append
    });
    let drafts: Vec<Append> = drafts.collect();
    let batches = drafts.chunks(4).map(|chunk| vec![Write::Appends(chunk.to_vec())]).collect();
    let answers = bench.writer.at_once(batches, START_MS);
    answers.into_iter().for_each(|answers| answers.send(&|_, _| {}));

    let (mut history, _) = bench.history(room);
    history.reverse();
    assert_eq!(history.len(), 1 + drafts.len());
    let times = (0..).map(|place| START_MS + place / 4);
    for ((said, Append { author, draft, .. }), created_ms) in
        history[1..].iter().zip(drafts).zip(times)
    {
        assert_eq!((said.kind, said.parent), (draft.kind, draft.parent));
        assert_eq!((&said.text, &said.extra), (&draft.text, &draft.extra));
        assert_eq!(said.author.as_ref().map(|person| person.id), author.map(|(_, id)| id));
        assert_eq!(said.created_ms, created_ms);
    }
}

#[test]
fn a_cut_emoji_survives_as_text() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let literal = r#""cut \ud83d here\u0000 and \ud83d\ude00""#;
    let raw: &RawValue = serde_json::from_str(literal).unwrap();
    let mut append = words(room, 1, "");
    append.draft.text = Text::from_json(raw).unwrap();
    let (id, _) = new(&bench.append(append.clone()));

    let (said, _) = message(&bench, id).expect("stored");
    assert_eq!(said.text, append.draft.text);
    assert!(said.text.literal().contains(r"\ud83d here"), "{said:?}");
    let connection = rusqlite::Connection::open(bench.path()).unwrap();
    let kind: String =
        connection.query_row("SELECT typeof(text) FROM message", [], |row| row.get(0)).unwrap();
    assert_eq!(kind, "text");
}

#[test]
fn an_author_is_an_account_or_a_claimed_user_or_nobody() {
    let mut bench = Bench::new();
    let room = bench.open_room(pair(4, 9)).id;
    let from = |author| Append { author, ..words(room, 0, "hi") };
    let (claimed, _) = new(&bench.append(from(Some((CLAIMED, UserId(4))))));
    let (server, _) = new(&bench.append(from(None)));
    // An account's id is no claimed user's, even where the numbers are the same.
    failed(&bench.append(from(Some((ACCOUNTS, UserId(4))))));

    let (said, realm) = message(&bench, claimed).expect("stored");
    let author = said.author.expect("an author");
    assert_eq!((author.realm, author.id), (CLAIMED, UserId(4)));
    assert_eq!((&*author.name, realm.as_str()), ("user_4", "pairs"));
    assert!(message(&bench, server).expect("stored").0.author.is_none());
    assert_eq!(bench.history(room).1, 2);
}

#[test]
fn stretches_skip_and_stop_and_know_the_total() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let other = bench.open_room(lounge("8")).id;
    for n in 1..=6 {
        bench.say(room, &n.to_string());
        bench.say(other, "elsewhere");
    }
    let read = |upto_seq, skip, limit| {
        let stretch = Stretch { room, upto_seq, since: None, skip, limit };
        let (messages, total) = bench.read(|reply| Read::Messages(stretch, reply)).unwrap();
        assert_eq!(total, 6);
        texts(&messages).concat()
    };
    assert_eq!(read(u64::MAX, 0, u64::MAX), "654321");
    assert_eq!(read(u64::MAX, 2, 2), "43");
    assert_eq!(read(5, 0, 3), "543");
    assert_eq!(read(5, 1, 1), "4");
    assert_eq!(read(5, u64::MAX, 10), "");
    assert_eq!(read(u64::MAX, 0, 0), "");
}

#[test]
fn stretches_begin_after_any_id_and_know_how_much_came_since() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let other = bench.open_room(lounge("8")).id;
    let (mut ids, mut elsewhere) = (Vec::new(), Vec::new());
    for n in 1..=6 {
        ids.push(bench.say(room, &n.to_string()).0);
        elsewhere.push(bench.say(other, "elsewhere").0);
    }
    // Neither the one that is asked about nor one behind it need be there.
    for gone in [ids[2], ids[4]] {
        bench.write(|reply| Write::Delete(room, gone, reply)).unwrap().expect("it was there");
    }
    let read = |since, skip, limit| {
        let stretch = Stretch { room, upto_seq: u64::MAX, since: Some(since), skip, limit };
        let (messages, total) = bench.read(|reply| Read::Messages(stretch, reply)).unwrap();
        (texts(&messages).concat(), total)
    };
    assert_eq!(read(MessageId(0), 0, 10), ("6421".into(), 4));
    assert_eq!(read(ids[0], 0, 10), ("642".into(), 3));
    assert_eq!(read(ids[0], 1, 1), ("4".into(), 3));
    assert_eq!(read(ids[2], 0, 10), ("64".into(), 2));
    assert_eq!(read(ids[5], 0, 10), (String::new(), 0));
    assert_eq!(read(MessageId((1 << 53) - 1), 0, 10), (String::new(), 0));
    assert_eq!(read(elsewhere[1], 0, 10), ("64".into(), 2));
}

#[test]
fn all_messages_of_a_realm_come_in_the_order_they_were_said() {
    let mut bench = Bench::new();
    let rooms = [bench.open_room(lounge("7")).id, bench.open_room(lounge("8")).id];
    let foreign = bench.open_room(pair(1, 2)).id;
    let read = |bench: &Bench, realm, skip, limit| {
        let (messages, total) =
            bench.read(|reply| Read::AllMessages(realm, skip, limit, reply)).unwrap();
        (texts(&messages).concat(), total)
    };
    assert_eq!(read(&bench, LOUNGE, 0, 9), (String::new(), 0));
    for n in 0..5 {
        bench.say(rooms[n % 2], &n.to_string());
    }
    assert_eq!(read(&bench, LOUNGE, 1, 3), ("123".into(), 5));
    // Few among many are read along another index, to the same end.
    for n in 0..20 {
        let mut append = words(foreign, 1, &format!("{}", n % 10));
        append.author = None;
        new(&bench.append(append));
    }
    assert_eq!(read(&bench, LOUNGE, 1, 3), ("123".into(), 5));
    assert_eq!(read(&bench, PAIRS, 8, 4), ("8901".into(), 20));
}

#[test]
fn edits_keep_the_place_and_only_reach_their_room() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let other = bench.open_room(lounge("8")).id;
    let (id, seq) = bench.say(room, "befor");
    bench.now_ms += 1;
    let edit = |bench: &mut Bench, room| {
        bench.write(|reply| Write::Edit(room, id, "before".into(), reply)).unwrap()
    };
    assert!(edit(&mut bench, other).is_none());
    let edited = edit(&mut bench, room).expect("there");
    assert_eq!((edited.seq, edited.text.to_string()), (seq, "before".into()));
    assert_eq!((edited.created_ms, edited.updated_ms), (START_MS, START_MS + 1));
    assert_eq!(message(&bench, id).unwrap().0.text, Text::from("before"));
}

#[test]
fn a_deleted_newest_message_leaves_its_place_empty() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    bench.say(room, "one");
    let (id, _) = bench.say(room, "two");
    let delete =
        |bench: &mut Bench, room| bench.write(|reply| Write::Delete(room, id, reply)).unwrap();
    assert!(delete(&mut bench, RoomId(99)).is_none());
    let gone = delete(&mut bench, room).expect("there");
    assert_eq!(gone.text, Text::from("two"));
    assert!(delete(&mut bench, room).is_none());

    let mut bench = bench.restarted();
    let row = bench.read(|reply| Read::Room(RoomKey::Id(room), reply)).unwrap();
    assert_eq!(row.expect("there").last_seq, 2);
    assert_eq!(bench.say(room, "three").1, 3);
    let (left, total) = bench.history(room);
    assert_eq!((texts(&left), total), (vec!["three".into(), "one".into()], 2));
}

#[test]
fn the_same_key_is_the_same_message() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let other = bench.open_room(lounge("8")).id;
    // Twice in one batch, and once more after a restart.
    let twice = vec![
        Write::Appends(vec![keyed(room, 1, "hi", "k")]),
        Write::Appends(vec![keyed(room, 1, "hi", "k")]),
    ];
    let receipts = &bench.batch(twice)[0].1;
    let (id, seq) = new(&receipts[0].outcome);
    assert_eq!(again(&receipts[1].outcome).id, id);
    let mut bench = bench.restarted();
    let stored = bench.append(keyed(room, 1, "HI", "k"));
    assert_eq!((again(&stored).id, again(&stored).seq), (id, seq));
    assert_eq!(again(&stored).text, Text::from("hi"));

    // Another author, another key, another room: another message.
    new(&bench.append(keyed(room, 2, "hi", "k")));
    new(&bench.append(keyed(room, 1, "hi", "l")));
    new(&bench.append(keyed(other, 1, "hi", "k")));
    assert_eq!(bench.history(room).1, 3);
}

#[test]
fn a_key_ends_with_its_message_and_with_its_time() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let (first, _) = new(&bench.append(keyed(room, 1, "hi", "k")));
    bench.write(|reply| Write::Delete(room, first, reply)).unwrap().expect("there");
    let (second, _) = new(&bench.append(keyed(room, 1, "hi", "k")));
    assert_eq!(again(&bench.append(keyed(room, 1, "hi", "k"))).id, second);

    bench.now_ms += KEY_LIFE_MS;
    assert_eq!(again(&bench.append(keyed(room, 1, "hi", "k"))).id, second);
    bench.now_ms += 1;
    new(&bench.append(keyed(room, 1, "hi", "k")));
}

#[test]
fn old_keys_are_swept_away() {
    let mut bench = Bench::new();
    let room = bench.open_room(lounge("7")).id;
    let keys = |bench: &Bench| {
        let connection = rusqlite::Connection::open(bench.path()).unwrap();
        let count = "SELECT count(*) FROM sent";
        connection.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    for batch in 0..2 {
        let many = |n| Write::Appends(vec![keyed(room, 1, "hi", &format!("{batch}-{n}"))]);
        bench.batch((0..400).map(many).collect());
    }
    assert_eq!(keys(&bench), 800);
    bench.now_ms += KEY_LIFE_MS + SWEEP_EVERY_MS;
    bench.say(room, "a bounded step");
    assert_eq!(keys(&bench), 800 - 512);
    bench.say(room, "and the rest");
    assert_eq!(keys(&bench), 0);
}

#[test]
fn a_room_that_is_not_there_takes_no_words() {
    let mut bench = Bench::new();
    let nowhere = Fault::Store("no such room".into());
    assert_eq!(failed(&bench.append(words(RoomId(5), 1, "hi"))), nowhere);
    let fleeting = RoomId(RoomId::FLEETING | 1);
    assert_eq!(failed(&bench.append(words(fleeting, 1, "hi"))), nowhere);
}
