//! Engine.IO v4 and Socket.IO v5 packets, as text, as far as a client under load needs them:
//! what it sends is written here, what it hears is classified without parsing the JSON.
//! Pure; `client` carries the packets, the scenarios read them.

use crate::template::Around;

/// Engine.IO's heartbeat, from the server.
pub const PING: &[u8] = b"2";
/// The answer to [`PING`].
pub const PONG: &[u8] = b"3";

/// One Engine.IO message or control packet from the server, borrowed.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `0{...}`: the Engine.IO handshake.
    Open(&'a [u8]),
    /// `1`: the transport closes.
    Close,
    /// `2`: wants a pong.
    Ping,
    /// `6`: nothing, to end a poll.
    Noop,
    /// `40{...}`: the namespace is joined.
    Connect(&'a [u8]),
    /// `41`: the server took the namespace away.
    Disconnect,
    /// `42["name",...]`: the name without its quotes, and all behind it up to the end.
    Event {
        /// As spelled on the wire, escapes included.
        name: &'a [u8],
        /// `,args]` or `]`.
        rest: &'a [u8],
    },
    /// `43<id>[...]`.
    Ack {
        /// The id that the emit carried.
        id: u64,
        /// The array, brackets included.
        args: &'a [u8],
    },
    /// `44{...}`: CONNECT was refused.
    ConnectError(&'a [u8]),
    /// Anything else, attachments among it.
    Other(&'a [u8]),
}

/// Says what `bytes` are. The namespace is skipped: a client here joins only one.
pub fn classify(bytes: &[u8]) -> Packet<'_> {
    match bytes {
        [b'0', rest @ ..] => Packet::Open(rest),
        b"1" => Packet::Close,
        b"2" => Packet::Ping,
        b"6" => Packet::Noop,
        [b'4', kind @ b'0'..=b'4', rest @ ..] => {
            socket_packet(*kind, skip_namespace(rest)).unwrap_or(Packet::Other(bytes))
        }
        _ => Packet::Other(bytes),
    }
}

fn socket_packet(kind: u8, rest: &[u8]) -> Option<Packet<'_>> {
    match kind {
        b'0' => Some(Packet::Connect(rest)),
        b'1' => Some(Packet::Disconnect),
        b'2' => {
            let (_, args) = take_id(rest);
            let after_quote = args.strip_prefix(b"[\"")?;
            let end = after_quote.iter().position(|&byte| byte == b'"')?;
            Some(Packet::Event { name: &after_quote[..end], rest: &after_quote[end + 1..] })
        }
        b'3' => {
            let (id, args) = take_id(rest);
            Some(Packet::Ack { id: id?, args })
        }
        _ => Some(Packet::ConnectError(rest)),
    }
}

fn skip_namespace(rest: &[u8]) -> &[u8] {
    if rest.first() != Some(&b'/') {
        return rest;
    }
    match rest.iter().position(|&byte| byte == b',') {
        Some(comma) => &rest[comma + 1..],
        None => &[],
    }
}

fn take_id(rest: &[u8]) -> (Option<u64>, &[u8]) {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let id = std::str::from_utf8(&rest[..digits]).ok().and_then(|text| text.parse().ok());
    (id, &rest[digits..])
}

/// `40`, `40/chat,{...}`: asks for `namespace`, with `auth` (a JSON object) if there is one.
pub fn connect(namespace: &str, auth: Option<&str>) -> String {
    format!("40{}{}", namespace_prefix(namespace), auth.unwrap_or(""))
}

/// `42["event",payload]`, with `id` in front of the array where an ack is wanted. An empty
/// `payload` makes an event without arguments.
pub fn event(namespace: &str, id: Option<u64>, event: &str, payload: &str) -> String {
    let id = id.map(|id| id.to_string()).unwrap_or_default();
    format!("{}{id}{}", event_head(namespace), array(event, payload))
}

/// What stands before an event's id or array: `42`, `42/chat,`.
pub fn event_head(namespace: &str) -> String {
    format!("42{}", namespace_prefix(namespace))
}

/// An event's array around a payload that is cut where its body belongs.
pub fn event_around(event: &str, payload: Around) -> Around {
    let name = serde_json::Value::from(event);
    match payload.after {
        Some(after) => Around {
            before: format!("[{name},{}", payload.before),
            after: Some(format!("{after}]")),
        },
        None => Around { before: array(event, &payload.before), after: None },
    }
}

/// Whether an ack's arguments say that the server refused: `[{"error":...` or
/// `"success":false` in the first of them.
pub fn is_refusal(args: &[u8]) -> bool {
    let first = args.strip_prefix(b"[{").unwrap_or_default();
    first.starts_with(b"\"error\"") || first.starts_with(b"\"success\":false")
}

fn array(event: &str, payload: &str) -> String {
    let name = serde_json::Value::from(event);
    let comma = if payload.is_empty() { "" } else { "," };
    format!("[{name}{comma}{payload}]")
}

fn namespace_prefix(namespace: &str) -> String {
    match namespace {
        "" | "/" => String::new(),
        other => format!("{other},"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_told_apart() {
        let cases: [(&str, Packet<'_>); 11] = [
            ("0{\"sid\":1}", Packet::Open(b"{\"sid\":1}")),
            ("1", Packet::Close),
            ("2", Packet::Ping),
            ("6", Packet::Noop),
            ("40{\"sid\":1}", Packet::Connect(b"{\"sid\":1}")),
            ("40/chat,{}", Packet::Connect(b"{}")),
            ("41/chat,", Packet::Disconnect),
            ("42[\"a\",1]", Packet::Event { name: b"a", rest: b",1]" }),
            ("42/chat,7[\"a\"]", Packet::Event { name: b"a", rest: b"]" }),
            ("4317[{}]", Packet::Ack { id: 17, args: b"[{}]" }),
            ("44{\"message\":\"no\"}", Packet::ConnectError(b"{\"message\":\"no\"}")),
        ];
        for (text, packet) in cases {
            assert_eq!(classify(text.as_bytes()), packet, "{text}");
        }
    }

    #[test]
    fn what_is_malformed_is_other() {
        for text in ["", "42", "42{}", "43[1]", "451-[\"a\"]", "9", "4"] {
            assert_eq!(classify(text.as_bytes()), Packet::Other(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn an_array_is_cut_where_its_body_belongs() {
        let cut = |after: Option<&str>| Around {
            before: "{\"b\":\"".into(),
            after: after.map(Into::into),
        };
        let around = event_around("a", cut(Some("\"}")));
        assert_eq!(around.before, "[\"a\",{\"b\":\"");
        assert_eq!(around.after.as_deref(), Some("\"}]"));
        assert_eq!(event_around("a", cut(None)).before, "[\"a\",{\"b\":\"]");
    }

    #[test]
    fn refusals_are_told_from_answers() {
        assert!(is_refusal(b"[{\"error\":\"no\"}]"));
        assert!(is_refusal(b"[{\"success\":false}]"));
        for args in [&b"[]"[..], b"[{\"id\":1}]", b"[\"error\"]", b"[{\"success\":true}]"] {
            assert!(!is_refusal(args));
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(connect("/", None), "40");
        assert_eq!(connect("/chat", Some("{\"a\":1}")), "40/chat,{\"a\":1}");
        assert_eq!(event("/", None, "a", ""), "42[\"a\"]");
        assert_eq!(event("/", Some(3), "a", "{}"), "423[\"a\",{}]");
        let text = event("/chat", Some(3), "a", "\"x\"");
        let expected = Packet::Event { name: b"a", rest: b",\"x\"]" };
        assert_eq!(classify(text.as_bytes()), expected);
    }
}
