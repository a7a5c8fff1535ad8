//! Packets as text, appended piece by piece to a frame that is being built.
//!
//! Each head writes the Engine.IO `4` in front, the kind, the namespace where it is not `/`, and
//! the id; what a caller writes between a head and its tail is its own JSON. Speaks to
//! [`crate::frame::Frames::text`], inside which all this happens.

use bytes::BufMut;

use super::packet::ROOT_NAMESPACE;
use crate::json::decimal;

pub use crate::json::json_str;

const CONNECT: &[u8] = b"40";
const DISCONNECT: &[u8] = b"41";
const EVENT: &[u8] = b"42";
const ACK: &[u8] = b"43";
const CONNECT_ERROR: &[u8] = b"44";
const BINARY_EVENT: &[u8] = b"45";
const BINARY_ACK: &[u8] = b"46";

/// Grants a namespace: `40/nsp,{"sid":"...","pid":"..."}`. `pid` lets the client recover later.
pub fn connect(out: &mut Vec<u8>, nsp: &str, sid: &str, pid: Option<&str>) {
    head(out, CONNECT, nsp);
    out.put_slice(b"{\"sid\":");
    json_str(out, sid);
    if let Some(pid) = pid {
        out.put_slice(b",\"pid\":");
        json_str(out, pid);
    }
    out.put_u8(b'}');
}

/// Refuses a namespace: `44/nsp,{...}`. `payload_json` is an object with a `message`.
pub fn connect_error(out: &mut Vec<u8>, nsp: &str, payload_json: &str) {
    head(out, CONNECT_ERROR, nsp);
    out.put_slice(payload_json.as_bytes());
}

/// Ends a namespace: `41/nsp,`.
pub fn disconnect(out: &mut Vec<u8>, nsp: &str) {
    head(out, DISCONNECT, nsp);
}

/// Starts an event: `42/nsp,12["name"`. Each argument is written as `,` and JSON, then
/// [`event_tail`].
pub fn event_head(out: &mut Vec<u8>, nsp: &str, id: Option<u64>, name: &str) {
    head(out, EVENT, nsp);
    name_head(out, id, name);
}

/// Ends an event, binary or not: `]`.
pub fn event_tail(out: &mut Vec<u8>) {
    out.put_u8(b']');
}

/// Starts an ack: `43/nsp,12[`. The arguments are written with `,` between them, then [`ack_tail`].
pub fn ack_head(out: &mut Vec<u8>, nsp: &str, id: u64) {
    head(out, ACK, nsp);
    args_head(out, id);
}

/// Ends an ack, binary or not: `]`.
pub fn ack_tail(out: &mut Vec<u8>) {
    out.put_u8(b']');
}

/// Starts an event with attachments: `451-/nsp,12["name"`. The binary frames follow the text's.
pub fn binary_event_head(
    out: &mut Vec<u8>,
    nsp: &str,
    attachments: usize,
    id: Option<u64>,
    name: &str,
) {
    binary_head(out, BINARY_EVENT, attachments, nsp);
    name_head(out, id, name);
}

/// Starts an ack with attachments: `461-/nsp,12[`. The binary frames follow the text's.
pub fn binary_ack_head(out: &mut Vec<u8>, nsp: &str, attachments: usize, id: u64) {
    binary_head(out, BINARY_ACK, attachments, nsp);
    args_head(out, id);
}

fn binary_head(out: &mut Vec<u8>, kind: &[u8], attachments: usize, nsp: &str) {
    out.put_slice(kind);
    decimal(out, attachments as u64);
    out.put_u8(b'-');
    namespace(out, nsp);
}

fn head(out: &mut Vec<u8>, kind: &[u8], nsp: &str) {
    out.put_slice(kind);
    namespace(out, nsp);
}

fn namespace(out: &mut Vec<u8>, nsp: &str) {
    if nsp != ROOT_NAMESPACE {
        out.put_slice(nsp.as_bytes());
        out.put_u8(b',');
    }
}

fn name_head(out: &mut Vec<u8>, id: Option<u64>, name: &str) {
    if let Some(id) = id {
        decimal(out, id);
    }
    out.put_u8(b'[');
    json_str(out, name);
}

fn args_head(out: &mut Vec<u8>, id: u64) {
    decimal(out, id);
    out.put_u8(b'[');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out.to_vec()).expect("packets are UTF-8")
    }

    #[test]
    fn every_kind_is_written() {
        assert_eq!(written(|out| connect(out, "/", "S", None)), r#"40{"sid":"S"}"#);
        assert_eq!(
            written(|out| connect(out, "/chat", "S", Some("P"))),
            r#"40/chat,{"sid":"S","pid":"P"}"#
        );
        assert_eq!(
            written(|out| connect_error(out, "/x", r#"{"message":"Invalid namespace"}"#)),
            r#"44/x,{"message":"Invalid namespace"}"#
        );
        assert_eq!(written(|out| disconnect(out, "/")), "41");
        assert_eq!(written(|out| disconnect(out, "/x")), "41/x,");
        let event = written(|out| {
            event_head(out, "/x", Some(12), "na\"me");
            out.put_slice(b",1");
            event_tail(out);
        });
        assert_eq!(event, r#"42/x,12["na\"me",1]"#);
        let ack = written(|out| {
            ack_head(out, "/", 0);
            ack_tail(out);
        });
        assert_eq!(ack, "430[]");
        assert_eq!(written(|out| binary_event_head(out, "/x", 2, None, "e")), r#"452-/x,["e""#);
        assert_eq!(written(|out| binary_ack_head(out, "/", 1, 7)), "461-7[");
    }
}
