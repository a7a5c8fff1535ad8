//! The protocol's decoders. Inputs are text, or lines of it, so that a kept one can be read.

use bytes::Bytes;
use polylogue_protocol::conn::{Conn, Due, Probe, Timing, Transport};
use polylogue_protocol::eio::{Packet, Query, Request, base64, jsonp, payload, query, verify};
use polylogue_protocol::frame::{self, Frames};
use polylogue_protocol::json;
use polylogue_protocol::sid::Sid;
use polylogue_protocol::sio::packet::{ATTACHMENTS_MAX, ID_MAX};
use polylogue_protocol::sio::{self, Assembled, Assembler, Event, parse_args};

const ATTACHMENT_BYTES_MAX: usize = 64;

/// An Engine.IO packet; one that reads is written, and reads the same again.
pub(crate) fn eio_packet(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(packet) = Packet::decode(text) else { return };
    let mut out = Vec::new();
    packet.encode_text(&mut out);
    let again = str::from_utf8(&out).expect("packets are UTF-8");
    assert_eq!(Packet::decode(again), Ok(packet));
}

/// A polling payload: the packets, then at most one error, then the end.
pub(crate) fn payload(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut packets = payload::decode(text);
    let mut count = 0;
    while let Some(packet) = packets.next() {
        count += 1;
        if packet.is_err() {
            assert!(packets.next().is_none(), "an error is the end");
        }
    }
    assert!((1..=payload::PACKETS_PER_REQUEST_MAX + 1).contains(&count));
    let decoded = base64::decode(text);
    let mut out = Vec::new();
    base64::encode(&decoded, &mut out);
    let again = str::from_utf8(&out).expect("base64 is ASCII");
    assert_eq!(base64::decode(again), decoded);
}

/// The form of a script tag's POST, and the call that answers its poll.
pub(crate) fn jsonp(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Some(payload) = jsonp::decode(text) {
        assert!(payload.len() <= text.len() * 3, "a broken escape becomes three bytes at most");
    }
    let mut out = Vec::new();
    jsonp::encode("0", text, &mut out);
    let call = str::from_utf8(&out).expect("a script is UTF-8");
    let literal = call.strip_prefix("___eio[0](").and_then(|rest| rest.strip_suffix(");"));
    let literal = literal.expect("a call");
    assert!(!literal.contains(['\n', '\u{2028}', '\u{2029}']), "a line of its own");
    assert_eq!(serde_json::from_str::<String>(literal).expect("a literal"), text);
}

/// Lines: the query, the method and whether it is an upgrade, the Origin.
pub(crate) fn query(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut lines = text.splitn(3, '\n');
    let (text, how) = (lines.next().unwrap_or_default(), lines.next().unwrap_or("GET"));
    assert!(query::pairs(text).count() <= query::PAIRS_MAX);
    assert!(query::percent_decode(text).len() <= text.len() * 3);
    let (method, upgrade) = how.split_once(' ').unwrap_or((how, ""));
    let request = Request {
        method,
        is_upgrade: upgrade == "upgrade",
        origin: lines.next().map(str::as_bytes),
        is_allowed: upgrade != "forbidden",
    };
    let query = Query::parse(text);
    for current in [None, Some(Transport::Polling), Some(Transport::WebSocket)] {
        if let Err(error) = verify(&query, &request, |_| current) {
            assert!(error.code <= 5 && matches!(error.status, 400 | 403));
        }
    }
    if let Some(sid) = Sid::parse(text) {
        assert_eq!(sid.as_str(), text);
    }
}

/// A Socket.IO packet, within the bounds that its fields have.
pub(crate) fn sio_packet(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(packet) = sio::Packet::decode(text) else { return };
    assert!(packet.namespace.starts_with('/') && !packet.namespace.contains(','));
    assert!(packet.id.is_none_or(|id| id <= ID_MAX));
    assert_eq!(packet.kind.is_binary(), packet.attachments > 0);
    assert!(packet.attachments <= ATTACHMENTS_MAX);
    assert!(packet.payload.is_none_or(|payload| !payload.contains('\x1e')));
}

/// An event, an ack's arguments, and the strings among them.
pub(crate) fn event(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mended = json::mend_surrogates(text);
    assert_eq!(json::mend_surrogates(&mended), mended, "once is enough");
    let args = parse_args(text);
    let Ok(event) = Event::parse(text) else { return };
    let args = args.expect("an event is an array");
    assert_eq!(event.args.len() + 1, args.len());
    let strings = args.iter().filter_map(|arg| json::string(arg));
    let strings: usize = strings.map(|string| string.len()).sum();
    assert!(strings <= text.len(), "reading never makes it longer");
}

/// Lines: messages in any order, an attachment behind a `b`. What waits stays within its bounds,
/// what is whole has all its parts.
pub(crate) fn assembler(bytes: &[u8]) {
    let mut assembler = Assembler::new(ATTACHMENT_BYTES_MAX);
    for message in bytes.split(|byte| *byte == b'\n') {
        let led_to = match (message.strip_prefix(b"b"), str::from_utf8(message)) {
            (Some(attachment), _) => assembler.binary(attachment),
            (None, Ok(text)) => assembler.text(text),
            (None, Err(_)) => continue,
        };
        let waits = matches!(led_to, Ok(Assembled::Waiting));
        if let Ok(Assembled::Binary(whole)) = &led_to {
            assert_eq!(whole.attachments().len(), whole.packet().attachments);
            let bytes: usize = whole.attachments().iter().map(Bytes::len).sum();
            assert!(bytes <= ATTACHMENT_BYTES_MAX);
        }
        drop(led_to);
        assert_eq!(assembler.is_waiting(), waits);
    }
}

/// Frames; those that are found, framed again, are what they were found in.
pub(crate) fn frame_walk(bytes: &[u8]) {
    let batch = Bytes::copy_from_slice(bytes);
    let mut again = Frames::new();
    for (opcode, payload) in frame::walk(&batch) {
        again.frame(opcode, &payload);
    }
    assert!(batch.starts_with(&again.seal()));
}

const TIMING: Timing =
    Timing { ping_interval_ms: 300, ping_timeout_ms: 200, upgrade_timeout_ms: 450 };
const PACKETS: [&str; 8] = ["0", "1", "2", "2probe", "3", "4a", "5", "bAQ=="];
/// More than may be due at one moment.
const DUE_STEPS_MAX: usize = 4;

/// A connection, driven by bytes: the first says by which transport it begins, each of the others
/// what happens next and how much time passes before.
pub(crate) fn conn(bytes: &[u8]) {
    let Some((first, steps)) = bytes.split_first() else { return };
    let transport = if first & 1 == 0 { Transport::Polling } else { Transport::WebSocket };
    let mut now_ms = 0;
    let mut conn = Conn::new(transport, now_ms, &TIMING);
    for step in steps {
        let before = conn.clone();
        now_ms += u64::from(step >> 5) * 40;
        let packet = Packet::decode(PACKETS[usize::from(step & 7)]).expect("a packet");
        let mut is_upgraded = false;
        match step >> 3 & 3 {
            0 => drop(conn.hear(packet, now_ms, &TIMING)),
            1 => is_upgraded = conn.probe_heard(packet, now_ms, &TIMING) == Probe::Upgraded,
            2 => drop(conn.probe_opened(now_ms, &TIMING)),
            _ => conn.probe_closed(now_ms),
        }
        let is_settled = (0..DUE_STEPS_MAX).any(|_| conn.due(now_ms, &TIMING) == Due::Nothing);
        assert!(is_settled, "what is due has an end");
        assert!(conn.next_due_ms() > now_ms, "time goes on");
        assert!(conn.is_closed() || !before.is_closed(), "closed for good");
        assert_eq!(conn.transport() != before.transport(), is_upgraded);
        assert!(!conn.is_upgrading() || conn.transport() == Transport::Polling);
    }
}
