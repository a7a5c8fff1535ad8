//! What is encoded decodes to itself: Engine.IO packets and payloads, Socket.IO packets of every
//! kind, frames, and the small codecs below them.

use std::borrow::Cow;

use crate::strategies::{json_text, name, namespace, text};
use bytes::BufMut;
use polylogue_protocol::{
    eio::{self, base64, payload, query},
    frame::{self, Frames, Opcode},
    json,
    sid::{Sid, sid},
    sio::{self, Assembled, Assembler, Event, Kind, encode, packet::ID_MAX},
};
use proptest::{collection::vec, prelude::*};
use serde_json::value::RawValue;

/// What an Engine.IO packet is made from: its type, and what it carries.
#[derive(Debug, Clone)]
struct Carried {
    kind: u8,
    text: String,
    bytes: Vec<u8>,
}

impl Carried {
    fn packet(&self) -> eio::Packet<'_> {
        match self.kind {
            0 => eio::Packet::Open(&self.text),
            1 => eio::Packet::Close,
            2 => eio::Packet::Ping(&self.text),
            3 => eio::Packet::Pong(&self.text),
            4 => eio::Packet::Message(&self.text),
            5 => eio::Packet::Upgrade,
            6 => eio::Packet::Noop,
            _ => eio::Packet::Binary(Cow::Borrowed(&self.bytes)),
        }
    }
}

fn carried() -> impl Strategy<Value = Carried> {
    (0..8_u8, text(), vec(any::<u8>(), 0..80)).prop_map(|(kind, text, bytes)| {
        let text = text.replace('\x1e', "");
        Carried { kind, text, bytes }
    })
}

fn encoded(packet: &eio::Packet<'_>) -> String {
    let mut out = Vec::new();
    packet.encode_text(&mut out);
    String::from_utf8(out.to_vec()).expect("packets are UTF-8")
}

/// The one Socket.IO packet that `write` frames, as it comes out of the Engine.IO message.
fn framed(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut frames = Frames::new();
    frames.text(write);
    let batch = frames.seal();
    let (opcode, payload) = frame::walk(&batch).next().expect("one frame");
    assert_eq!(opcode, Opcode::Text);
    let text = str::from_utf8(&payload).expect("text frames are UTF-8");
    match eio::Packet::decode(text) {
        Ok(eio::Packet::Message(message)) => message.to_owned(),
        other => panic!("{other:?} is no message"),
    }
}

fn put_args(out: &mut Vec<u8>, args: &[String], is_behind_name: bool) {
    for (place, arg) in args.iter().enumerate() {
        if place > 0 || is_behind_name {
            out.put_u8(b',');
        }
        out.put_slice(arg.as_bytes());
    }
}

fn texts(args: &[&RawValue]) -> Vec<String> {
    args.iter().map(|arg| arg.get().to_owned()).collect()
}

proptest! {
    #[test]
    fn engine_io_packets(carried in carried()) {
        let packet = carried.packet();
        let text = encoded(&packet);
        prop_assert_eq!(eio::Packet::decode(&text), Ok(packet));
    }

    #[test]
    fn payloads(all in vec(carried(), 1..=payload::PACKETS_PER_PAYLOAD_MAX)) {
        let frames = all.iter().map(|carried| match carried.packet() {
            eio::Packet::Binary(bytes) => (Opcode::Binary, bytes.into_owned()),
            other => (Opcode::Text, encoded(&other).into_bytes()),
        });
        let mut out = Vec::new();
        prop_assert_eq!(payload::encode(frames, &mut out), all.len());
        let body = str::from_utf8(&out).expect("payloads are UTF-8");
        let found: Vec<_> = payload::decode(body).collect();
        let expected: Vec<_> = all.iter().map(|carried| Ok(carried.packet())).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn batches(parts in vec((any::<bool>(), 0..70_000_usize), 0..8)) {
        let mut frames = Frames::new();
        for (is_text, length) in &parts {
            match is_text {
                true => frames.text(|out| out.put_bytes(b'x', *length)),
                false => frames.binary(&vec![0xff; *length]),
            }
        }
        let batch = frames.take();
        let found: Vec<_> = frame::walk(&batch).collect();
        prop_assert_eq!(found.len(), parts.len());
        for ((opcode, payload), (is_text, length)) in found.iter().zip(&parts) {
            let (kind, byte) = if *is_text { (Opcode::Text, b'x') } else { (Opcode::Binary, 0xff) };
            prop_assert_eq!(*opcode, kind);
            prop_assert_eq!(payload, &vec![byte; *length]);
        }
    }

    #[test]
    fn events(
        nsp in namespace(),
        id in proptest::option::of(0..=ID_MAX),
        name in name(),
        args in vec(json_text(), 0..4),
    ) {
        let message = framed(|out| {
            encode::event_head(out, &nsp, id, &name);
            put_args(out, &args, true);
            encode::event_tail(out);
        });
        let packet = sio::Packet::decode(&message).expect("an event");
        prop_assert_eq!((packet.kind, packet.attachments), (Kind::Event, 0));
        prop_assert_eq!((packet.namespace, packet.id), (&*nsp, id));
        let event = Event::parse(packet.payload.expect("a payload")).expect("an event");
        prop_assert_eq!(&event.name, &name);
        prop_assert_eq!(texts(&event.args), args);
    }

    #[test]
    fn acks(nsp in namespace(), id in 0..=ID_MAX, args in vec(json_text(), 0..4)) {
        let message = framed(|out| {
            encode::ack_head(out, &nsp, id);
            put_args(out, &args, false);
            encode::ack_tail(out);
        });
        let packet = sio::Packet::decode(&message).expect("an ack");
        prop_assert_eq!((packet.kind, packet.namespace, packet.id), (Kind::Ack, &*nsp, Some(id)));
        let found = sio::parse_args(packet.payload.expect("a payload")).expect("an array");
        prop_assert_eq!(texts(&found), args);
    }

    #[test]
    fn the_ends_of_a_namespace(
        nsp in namespace(),
        id in text(),
        pid in proptest::option::of(text()),
    ) {
        let message = framed(|out| encode::connect(out, &nsp, &id, pid.as_deref()));
        let packet = sio::Packet::decode(&message).expect("a connect");
        prop_assert_eq!((packet.kind, packet.namespace, packet.id), (Kind::Connect, &*nsp, None));
        let granted: serde_json::Value =
            serde_json::from_str(packet.payload.expect("an object")).expect("valid");
        prop_assert_eq!(granted["sid"].as_str(), Some(&*id));
        prop_assert_eq!(granted["pid"].as_str(), pid.as_deref());

        let message = framed(|out| encode::connect_error(out, &nsp, r#"{"message":"no"}"#));
        let packet = sio::Packet::decode(&message).expect("a refusal");
        prop_assert_eq!((packet.kind, packet.namespace), (Kind::ConnectError, &*nsp));
        prop_assert_eq!(packet.payload, Some(r#"{"message":"no"}"#));

        let message = framed(|out| encode::disconnect(out, &nsp));
        let packet = sio::Packet::decode(&message).expect("a disconnect");
        prop_assert_eq!((packet.kind, packet.namespace), (Kind::Disconnect, &*nsp));
        prop_assert_eq!((packet.id, packet.payload), (None, None));
    }

    #[test]
    fn binary_packets(
        nsp in namespace(),
        id in 0..=ID_MAX,
        is_ack in any::<bool>(),
        name in name(),
        attachments in vec(vec(any::<u8>(), 0..40), 1..=10),
    ) {
        let args: Vec<String> = (0..attachments.len())
            .map(|num| format!(r#"{{"_placeholder":true,"num":{num}}}"#))
            .collect();
        let count = attachments.len();
        let message = framed(|out| {
            match is_ack {
                true => encode::binary_ack_head(out, &nsp, count, id),
                false => encode::binary_event_head(out, &nsp, count, Some(id), &name),
            }
            put_args(out, &args, !is_ack);
            encode::event_tail(out);
        });
        let total = attachments.iter().map(Vec::len).sum();
        let mut assembler = Assembler::new(total);
        prop_assert!(matches!(assembler.text(&message), Ok(Assembled::Waiting)));
        let mut last = None;
        for attachment in &attachments {
            last = Some(assembler.binary(attachment).expect("it was announced"));
        }
        let Some(Assembled::Binary(whole)) = last else { panic!("{last:?} is not whole") };
        let packet = whole.packet();
        let kind = if is_ack { Kind::BinaryAck } else { Kind::BinaryEvent };
        prop_assert_eq!((packet.kind, packet.attachments), (kind, count));
        prop_assert_eq!((packet.namespace, packet.id), (&*nsp, Some(id)));
        prop_assert_eq!(Ok(packet), sio::Packet::decode(&message));
        let found: Vec<Vec<u8>> = whole.attachments().iter().map(|bytes| bytes.to_vec()).collect();
        prop_assert_eq!(found, attachments);
    }

    #[test]
    fn string_literals(text in text()) {
        let mut out = Vec::new();
        json::json_str(&mut out, &text);
        prop_assert!(out.iter().all(|byte| *byte >= b' '));
        let value: &RawValue = serde_json::from_slice(&out).expect("a literal");
        prop_assert_eq!(json::string(value).expect("a string"), &*text);
        let read: String = serde_json::from_slice(&out).expect("a string");
        prop_assert_eq!(read, text);
    }

    #[test]
    fn base64_of_any_bytes(bytes in vec(any::<u8>(), 0..100)) {
        let mut out = Vec::new();
        base64::encode(&bytes, &mut out);
        let text = str::from_utf8(&out).expect("ASCII");
        prop_assert_eq!(base64::decode(text), bytes.clone());
        prop_assert_eq!(base64::decode(text.trim_end_matches('=')), bytes);
    }

    #[test]
    fn percent_encoding(text in text()) {
        let coded: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        prop_assert_eq!(query::percent_decode(&coded), text);
    }

    #[test]
    fn session_ids(random in any::<[u8; 12]>(), counter in any::<u32>()) {
        let id = sid(random, counter);
        prop_assert_eq!(Sid::parse(id.as_str()), Some(id));
    }
}
