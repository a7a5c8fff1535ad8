//! No input stops a decoder: it returns, says what is wrong, and keeps within its bounds.

use crate::strategies::{json_text, json_value, text};
use bytes::Bytes;
use polylogue_protocol::{
    eio::{self, Query, payload, query},
    error::Error,
    frame::{self, HEADER_BYTES_MAX},
    json,
    sid::Sid,
    sio::placeholder::renumber,
    sio::{self, Assembled, Assembler, Event, packet::ATTACHMENTS_MAX, packet::ID_MAX},
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, value::RawValue};

const DEPTH: usize = 100_000;

/// Packets that are right, for mutations to start from.
const WHOLE: [&str; 10] = [
    r#"42/admin,12["chat",{"text":"h\u00e9\ud83d\ude00","n":[1,2.5e3,null,true]}]"#,
    r#"452-/x,7["b",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#,
    r#"461-9007199254740991[{"_placeholder":true,"num":0}]"#,
    r#"40/chat?x=1,{"token":"a.b.c"}"#,
    r#"430["ok"]"#,
    r#"44{"message":"Invalid namespace"}"#,
    "41/admin,",
    "2probe",
    "bAQIDBA==",
    "4a\x1ebAQ==\x1e3",
];

/// One change to a text, at a place somewhere in it.
fn mutated() -> impl Strategy<Value = String> {
    let sharp = "[\"\\\\{}\\[\\],:/?0-9\\-uéd=\x1e ]{0,3}";
    (prop::sample::select(WHOLE.to_vec()), any::<prop::sample::Index>(), 0..4_usize, sharp)
        .prop_map(|(whole, place, cut, put)| {
            let chars: Vec<char> = whole.chars().collect();
            let place = place.index(chars.len());
            let rest = chars.iter().skip(place + cut);
            chars[..place].iter().copied().chain(put.chars()).chain(rest.copied()).collect()
        })
}

/// Puts a text through every decoder of text, and checks what came out against the bounds.
fn decode_all(text: &str) {
    let _ = eio::Packet::decode(text);
    let packets: Vec<_> = payload::decode(text).collect();
    let (last, before) = packets.split_last().expect("even nothing is an error");
    assert!(before.iter().all(Result::is_ok), "errors come last");
    assert!(last.is_err() || packets.len() == text.split('\x1e').count());
    for message in [text, text.get(1..).unwrap_or("")] {
        if let Ok(packet) = sio::Packet::decode(message) {
            check(&packet);
        }
        let _ = Assembler::new(0).text(message);
    }
    let _ = Event::parse(text);
    let _ = sio::parse_args(text);
    let _ = Query::parse(text);
    assert!(query::pairs(text).count() <= query::PAIRS_MAX);
    let _ = query::percent_decode(text);
    let _ = json::mend_surrogates(text);
    let _ = Sid::parse(text);
}

fn check(packet: &sio::Packet<'_>) {
    assert!(packet.id.is_none_or(|id| id <= ID_MAX));
    assert!(packet.namespace.starts_with('/') && !packet.namespace.contains(','));
    assert_eq!(packet.kind.is_binary(), (1..=ATTACHMENTS_MAX).contains(&packet.attachments));
    let Some(payload) = packet.payload else {
        return;
    };
    let is_event = matches!(packet.kind, sio::Kind::Event | sio::Kind::BinaryEvent);
    let is_ack = matches!(packet.kind, sio::Kind::Ack | sio::Kind::BinaryAck);
    assert_eq!(Event::parse(payload).is_ok(), is_event || is_ack && names_itself(payload));
    assert_eq!(sio::parse_args(payload).is_ok(), is_event || is_ack);
}

/// Whether an ack's first argument could be an event's name.
fn names_itself(payload: &str) -> bool {
    let args = sio::parse_args(payload).expect("an array");
    let is_name = |char: char| char == '"' || char == '-' || char.is_ascii_digit();
    args.first().is_some_and(|first| first.get().starts_with(is_name))
}

/// What the assembler must say of a binary packet's payload, found the plain way.
fn points_below(value: &Value, attachments: u64) -> bool {
    match value {
        Value::Array(all) => all.iter().all(|one| points_below(one, attachments)),
        Value::Object(members) => {
            let is_placeholder = members.get("_placeholder") == Some(&Value::Bool(true));
            let num = members.get("num").and_then(Value::as_f64);
            let is_place = |num: f64| (0..attachments).any(|place| place as f64 == num);
            (!is_placeholder || num.is_some_and(is_place))
                && members.values().all(|one| points_below(one, attachments))
        }
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text(text in text()) {
        decode_all(&text);
    }

    #[test]
    fn any_text_behind_a_type(
        head in "[0-6b]{1,2}[0-9]{0,17}-?(/[a-z]*,)?[0-9]{0,17}",
        text in text(),
    ) {
        decode_all(&(head + &text));
    }

    #[test]
    fn what_was_right_once(text in mutated()) {
        decode_all(&text);
    }

    #[test]
    fn any_batch(bytes in vec(any::<u8>(), 0..200)) {
        let batch = Bytes::from(bytes);
        let total: usize = frame::walk(&batch).map(|(_, payload)| payload.len() + 2).sum();
        prop_assert!(total <= batch.len());
    }

    #[test]
    fn a_batch_cut_anywhere(length in 0..70_000_usize, cut in any::<prop::sample::Index>()) {
        let first = frame::text("whole");
        let second = frame::binary(&vec![7; length]);
        let both = [&first[..], &second[..]].concat();
        let batch = Bytes::from(both).slice(..first.len() + cut.index(second.len()));
        prop_assert_eq!(frame::walk(&batch).count(), 1);
        prop_assert!(second.len() <= length + HEADER_BYTES_MAX);
    }

    #[test]
    fn placeholders(args in vec(json_value(), 0..4), attachments in 1..=3_usize) {
        let payload = Value::from(args);
        let text = format!("6{attachments}-{payload}");
        let taken = Assembler::new(0).text(&text).map(|_| ());
        let expected = points_below(&payload, attachments as u64);
        prop_assert_eq!(taken, if expected { Ok(()) } else { Err(Error::InvalidPlaceholder) });
        let mut used = Vec::new();
        let renumbered = renumber(&payload.to_string(), attachments, &mut used);
        prop_assert_eq!(renumbered.is_some(), expected);
        if let Some(once) = renumbered {
            let mut again = Vec::new();
            prop_assert_eq!(renumber(&once, used.len(), &mut again), Some(once));
            prop_assert_eq!(again, (0..used.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn mended_text_is_unicode(json in json_text(), units in vec(0xd000..=0xdfff_u16, 0..8)) {
        prop_assert_eq!(json::mend_surrogates(&json), &*json);
        let escapes: String = units.iter().map(|unit| format!("\\u{unit:04X}")).collect();
        let literal = format!("\"{escapes}\"");
        let cut = format!("[{json},{literal}]");
        let mended = json::mend_surrogates(&cut);
        prop_assert!(serde_json::from_str::<Value>(&mended).is_ok(), "{}", mended);
        let value: &RawValue = serde_json::from_str(&literal).expect("a string");
        prop_assert_eq!(json::string(value).expect("a string"), String::from_utf16_lossy(&units));
    }

    #[test]
    fn an_assembler_keeps_its_bounds(
        steps in vec(proptest::option::weighted(0.7, vec(any::<u8>(), 0..50)), 0..40),
    ) {
        let mut assembler = Assembler::new(100);
        let mut held = 0;
        for step in &steps {
            let led_to = match step {
                None => assembler.text("53-[\"b\"]"),
                Some(bytes) => assembler.binary(bytes),
            };
            held = match (&led_to, step) {
                (Ok(Assembled::Waiting), Some(bytes)) => held + bytes.len(),
                _ => 0,
            };
            prop_assert_eq!(assembler.is_waiting(), matches!(led_to, Ok(Assembled::Waiting)));
            prop_assert!(held <= 100);
            if let Ok(Assembled::Binary(whole)) = led_to {
                prop_assert_eq!(whole.attachments().len(), 3);
            }
        }
    }
}

#[test]
fn depth_costs_no_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(DEPTH), close.repeat(DEPTH));
        for whole in
            [format!("2[\"a\",{deep}]"), format!("30[{deep}]"), format!("0{{\"a\":{deep}}}")]
        {
            assert!(sio::Packet::decode(&whole).is_ok());
        }
        let binary = format!("51-[\"a\",{deep}]");
        assert!(matches!(Assembler::new(0).text(&binary), Ok(Assembled::Waiting)));
        assert!(Event::parse(&binary[3..]).is_ok());
        decode_all(&open.repeat(DEPTH));
        decode_all(&format!("42[\"a\",{}", open.repeat(DEPTH)));
    }
}

#[test]
fn length_costs_no_more_than_a_pass() {
    for long in ["\\", "\"", "%", "&", "\x1e", "[1,", "4\x1e", "\\ud83d", "9", "=", "/"] {
        let long = long.repeat(1_000_000 / long.len());
        decode_all(&long);
        decode_all(&format!("42[\"{long}\"]"));
        decode_all(&format!("42{long}"));
    }
}
