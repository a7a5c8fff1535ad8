//! What a socket says above the protocol: CONNECT's payload, and events with any arguments. What
//! dialects answer must be whole frames with packets in them that a client can read.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use polylogue::dialects::{Admission, Findings, Incoming, Knock};
use polylogue::hub::command::{Command, Deed};
use polylogue::hub::voice;
use polylogue_protocol::frame::{self, Opcode};
use polylogue_protocol::sio::{Assembled, Assembler, Event, Kind, Packet, parse_args};
use serde_json::Value;

use crate::stage::{MESSAGE_BYTES_MAX, STAGE};

const ACK: u64 = 7;

/// A Socket.IO packet with an event. Its arguments are heard under every name that any dialect
/// listens to, by the dialect and as from somebody whom it did not admit.
pub(crate) fn hear(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut assembler = Assembler::new(MESSAGE_BYTES_MAX);
    let Ok(Assembled::Event(packet, event)) = assembler.text(text) else { return };
    let attachments = [Bytes::from_static(b"\x01\xff")];
    for dialect in &STAGE.dialects {
        for name in dialect.charter().events {
            let incoming = Incoming { name, args: &event.args, attachments: &attachments };
            let mut command = None;
            let words = voice::solo(packet.namespace, Some(ACK), |pen| {
                command = dialect.hear(&STAGE.who, &incoming, pen);
            });
            let acks = check_words(&words);
            assert!(acks == 0 || command.is_none(), "{name} is answered twice");
            command.iter().for_each(check_command);
            let words = voice::solo(packet.namespace, Some(ACK), |pen| {
                dialect.stranger(&incoming, pen);
            });
            check_words(&words);
        }
    }
}

fn check_command(command: &Command) {
    let text = match &command.deed {
        Deed::Say(draft) => Some(&draft.text),
        Deed::Edit(_, text) => Some(text),
        _ => None,
    };
    assert!(text.is_none_or(|text| text.bytes_count() <= MESSAGE_BYTES_MAX), "a long message");
}

/// Whole frames, each with a packet in it; returns how many of them are acks.
fn check_words(words: &Bytes) -> usize {
    let mut walk = frame::walk(words);
    let mut acks = 0;
    for (opcode, payload) in walk.by_ref() {
        assert_eq!(opcode, Opcode::Text, "no dialect says bytes");
        let text = str::from_utf8(&payload).expect("words are UTF-8");
        let packet = text.strip_prefix('4').map(Packet::decode);
        let packet = packet.expect("a message").expect("a packet");
        let args = packet.payload.expect("with a payload");
        match packet.kind {
            Kind::Event => drop(Event::parse(args).expect("an event")),
            Kind::Ack => {
                assert_eq!(packet.id, Some(ACK));
                acks += 1;
                drop(parse_args(args).expect("an ack"));
            }
            other => panic!("a dialect says {other:?}"),
        }
    }
    assert!(walk.rest().is_empty(), "a torn frame");
    assert!(acks <= 1, "an ack is given once");
    acks
}

/// Lines: the query, a token in a header, CONNECT's payload. Whoever is refused is told why.
pub(crate) fn knock(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(3, '\n');
    let (query, token) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let auth = lines.next().filter(|auth| auth.starts_with('{'));
    let auth = auth.and_then(|auth| serde_json::from_str(auth).ok());
    for dialect in &STAGE.dialects {
        let knock = Knock {
            namespace: dialect.charter().namespaces[0],
            auth,
            query,
            header_token: (!token.is_empty()).then_some(token),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            findings: Findings::default(),
        };
        match STAGE.runtime.block_on(dialect.admit(&knock)) {
            Admission::NotMine => {}
            Admission::Refused(refused) => {
                let payload: Value = serde_json::from_str(&refused.payload).expect("JSON");
                assert!(payload["message"].is_string(), "a CONNECT_ERROR has a message");
            }
            Admission::Welcome(welcome) => {
                let words = voice::solo(knock.namespace, None, |pen| {
                    dialect.greet(&welcome.who, &knock, pen);
                });
                check_words(&words);
            }
        }
    }
}
