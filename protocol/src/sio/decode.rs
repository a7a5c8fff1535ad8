//! Reads a Socket.IO packet: finds where its parts lie in the text, so that who owns the text can
//! borrow the packet from it again and again, and the text is checked once.
//!
//! Follows the Socket.IO protocol, "Packet encoding", and the stock parser where that is silent.

use std::ops::Range;

use serde_json::value::RawValue;

use super::event::Event;
use super::packet::{ATTACHMENTS_MAX, ID_MAX, Kind, Packet, ROOT_NAMESPACE};
use crate::{error::Error, json};

/// Names that both ends keep to themselves: an event by one of them is refused.
const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

impl<'a> Packet<'a> {
    /// Reads a packet: the text of an Engine.IO message, without its `4`.
    ///
    /// As stock parsers do, an event or an ack without a payload is a packet; it means nothing.
    ///
    /// # Errors
    /// [`Error::EmptyPacket`], [`Error::UnknownKind`], [`Error::InvalidAttachments`],
    /// [`Error::InvalidId`], [`Error::InvalidJson`], [`Error::InvalidPayload`],
    /// [`Error::ReservedEvent`].
    pub fn decode(text: &'a str) -> Result<Packet<'a>, Error> {
        Ok(Spans::measure(text)?.0.over(text))
    }
}

/// The measured parts of one text.
#[derive(Debug, Clone)]
pub(super) struct Spans {
    kind: Kind,
    attachments: usize,
    namespace: Option<Range<usize>>,
    id: Option<u64>,
    payload: Option<Range<usize>>,
}

impl Spans {
    /// Checks a text from one end to the other. An event is taken apart by the same look at it.
    pub(super) fn measure(text: &str) -> Result<(Spans, Option<Event<'_>>), Error> {
        let first = text.chars().next().ok_or(Error::EmptyPacket)?;
        let kind = kind(first).ok_or(Error::UnknownKind)?;
        let rest = &text[first.len_utf8()..];
        let (attachments, rest) = if kind.is_binary() { attachments(rest)? } else { (0, rest) };
        let start = text.len() - rest.len();
        let (namespace, rest) = if rest.starts_with('/') {
            let (named, rest) = rest.split_once(',').unwrap_or((rest, ""));
            (Some(start..start + named.len()), rest)
        } else {
            (None, rest)
        };
        let (id, rest) = id(rest)?;
        let json = rest.trim_end_matches(is_json_space);
        let (payload, event) = if rest.is_empty() {
            (None, None)
        } else {
            let start = text.len() - rest.len();
            (Some(start..start + json.len()), checked(kind, json)?)
        };
        Ok((Spans { kind, attachments, namespace, id, payload }, event))
    }

    /// The packet that lies in `text`, which must be the one that was measured.
    pub(super) fn over<'a>(&self, text: &'a str) -> Packet<'a> {
        Packet {
            kind: self.kind,
            attachments: self.attachments,
            namespace: self.namespace.clone().map_or(ROOT_NAMESPACE, |span| &text[span]),
            id: self.id,
            payload: self.payload.clone().map(|span| &text[span]),
        }
    }
}

/// What a packet's first character says it is. To JavaScript, white space is the number 0.
fn kind(char: char) -> Option<Kind> {
    if json::is_js_space(char) {
        return Some(Kind::Connect);
    }
    Kind::from_digit(u8::try_from(char).ok()?)
}

/// The number in front of a binary packet, in any spelling that JavaScript reads, and what follows
/// its `-`.
fn attachments(text: &str) -> Result<(usize, &str), Error> {
    let (number, rest) = text.split_once('-').ok_or(Error::InvalidAttachments)?;
    let number = json::js_number(number).filter(|number| number.fract() == 0.0);
    match number {
        Some(number) if (1.0..=ATTACHMENTS_MAX as f64).contains(&number) => {
            Ok((number as usize, rest))
        }
        _ => Err(Error::InvalidAttachments),
    }
}

/// The id in front of the payload, if there is one, and what follows it. White space counts as
/// digits: around a number it means nothing, and alone it is the number 0.
fn id(text: &str) -> Result<(Option<u64>, &str), Error> {
    let is_other = |char: char| !char.is_ascii_digit() && !json::is_js_space(char);
    let length = text.find(is_other).unwrap_or(text.len());
    if length == 0 {
        return Ok((None, text));
    }
    let (digits, rest) = text.split_at(length);
    match digits.trim_matches(json::is_js_space) {
        "" => Ok((Some(0), rest)),
        digits => match digits.parse() {
            Ok(id) if id <= ID_MAX => Ok((Some(id), rest)),
            _ => Err(Error::InvalidId),
        },
    }
}

/// Checks that a payload is JSON of the right shape; an event's is returned as one.
fn checked(kind: Kind, json: &str) -> Result<Option<Event<'_>>, Error> {
    let is_event = matches!(kind, Kind::Event | Kind::BinaryEvent);
    if is_event && json.starts_with('[') {
        return Event::parse(json).and_then(unreserved).map(Some);
    }
    serde_json::from_str::<&RawValue>(json).map_err(|_| Error::InvalidJson)?;
    let is_shaped = match kind {
        Kind::Connect => json.starts_with('{'),
        Kind::ConnectError => json.starts_with(['{', '"']),
        Kind::Ack | Kind::BinaryAck => json.starts_with('['),
        Kind::Disconnect | Kind::Event | Kind::BinaryEvent => false,
    };
    is_shaped.then_some(None).ok_or(Error::InvalidPayload)
}

fn unreserved(event: Event<'_>) -> Result<Event<'_>, Error> {
    match RESERVED_EVENTS.contains(&&*event.name) {
        true => Err(Error::ReservedEvent),
        false => Ok(event),
    }
}

const fn is_json_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the parts of a text, attachments left out.
    fn reads(text: &str, kind: Kind, namespace: &str, id: Option<u64>, payload: Option<&str>) {
        let packet = Packet::decode(text).expect(text);
        let found = (packet.kind, packet.namespace, packet.id, packet.payload);
        assert_eq!(found, (kind, namespace, id, payload), "{text}");
    }

    #[test]
    fn every_kind_reads() {
        reads("0", Kind::Connect, "/", None, None);
        reads("0{}", Kind::Connect, "/", None, Some("{}"));
        reads("1", Kind::Disconnect, "/", None, None);
        reads("2", Kind::Event, "/", None, None);
        reads("212", Kind::Event, "/", Some(12), None);
        reads(r#"2["a"]"#, Kind::Event, "/", None, Some(r#"["a"]"#));
        reads("2[1]", Kind::Event, "/", None, Some("[1]"));
        reads("2[-1.5e3,{}]", Kind::Event, "/", None, Some("[-1.5e3,{}]"));
        reads(r#"2[ "a" ] "#, Kind::Event, "/", None, Some(r#"[ "a" ]"#));
        reads("3", Kind::Ack, "/", None, None);
        reads("39[]", Kind::Ack, "/", Some(9), Some("[]"));
        reads("4", Kind::ConnectError, "/", None, None);
        reads(r#"4"no""#, Kind::ConnectError, "/", None, Some(r#""no""#));
        reads("61-", Kind::BinaryAck, "/", None, None);
    }

    #[test]
    fn a_namespace_ends_at_its_comma() {
        reads("0/admin,", Kind::Connect, "/admin", None, None);
        reads("0/admin", Kind::Connect, "/admin", None, None);
        reads("0/a?t=1,{ }", Kind::Connect, "/a?t=1", None, Some("{ }"));
        reads("1/admin,", Kind::Disconnect, "/admin", None, None);
        reads(r#"2/é,00456["a",{}]"#, Kind::Event, "/é", Some(456), Some(r#"["a",{}]"#));
        reads("4/x,{}", Kind::ConnectError, "/x", None, Some("{}"));
        reads(r#"510-/a,7["b"]"#, Kind::BinaryEvent, "/a", Some(7), Some(r#"["b"]"#));
    }

    #[test]
    fn attachments_are_counted() {
        for (text, attachments) in [
            ("2", 0),
            ("51-[\"a\"]", 1),
            ("610-", 10),
            ("603-/x,", 3),
            ("5+1-", 1),
            ("5 1e1-", 10),
            ("50x2-", 2),
        ] {
            assert_eq!(Packet::decode(text).expect(text).attachments, attachments);
        }
    }

    #[test]
    fn white_space_is_a_number_as_in_javascript() {
        reads(" ", Kind::Connect, "/", None, None);
        reads("\u{2028}/x,", Kind::Connect, "/x", None, None);
        reads("0 1", Kind::Connect, "/", Some(1), None);
        reads(r#"2 ["a"]"#, Kind::Event, "/", Some(0), Some(r#"["a"]"#));
        reads("2/x, 7\u{a0}[1]", Kind::Event, "/x", Some(7), Some("[1]"));
        assert_eq!(Packet::decode("21 2[1]"), Err(Error::InvalidId));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for (text, error) in [
            ("", Error::EmptyPacket),
            ("7", Error::UnknownKind),
            ("é", Error::UnknownKind),
            ("abc", Error::UnknownKind),
            ("0[]", Error::InvalidPayload),
            ("0\"a\"", Error::InvalidPayload),
            ("0null", Error::InvalidPayload),
            ("1{}", Error::InvalidPayload),
            ("1[]", Error::InvalidPayload),
            ("2[]", Error::InvalidPayload),
            ("2{}", Error::InvalidPayload),
            ("2\"a\"", Error::InvalidPayload),
            ("2[null]", Error::InvalidPayload),
            ("2[{}]", Error::InvalidPayload),
            ("2[[\"a\"]]", Error::InvalidPayload),
            ("3{}", Error::InvalidPayload),
            ("4[]", Error::InvalidPayload),
            ("2[", Error::InvalidJson),
            ("2[\"a\"]]", Error::InvalidJson),
            ("2[\"a\u{1e}\"]", Error::InvalidJson),
            ("2/admin,nope", Error::InvalidJson),
            ("2-1[\"a\"]", Error::InvalidJson),
            ("2é", Error::InvalidJson),
            ("5[\"a\"]", Error::InvalidAttachments),
            ("5-[\"a\"]", Error::InvalidAttachments),
            ("50-[\"a\"]", Error::InvalidAttachments),
            ("511-[\"a\"]", Error::InvalidAttachments),
            ("5é1-[\"a\"]", Error::InvalidAttachments),
            ("5Infinity-[\"a\"]", Error::InvalidAttachments),
            ("51.5-[\"a\"]", Error::InvalidAttachments),
            ("51", Error::InvalidAttachments),
            ("599999999999999999999999-[]", Error::InvalidAttachments),
            ("29007199254740992[\"a\"]", Error::InvalidId),
            ("399999999999999999999999[]", Error::InvalidId),
            ("2[\"connect\"]", Error::ReservedEvent),
            ("2[ \"d\\u0069sconnect\" ]", Error::ReservedEvent),
            ("51-[\"newListener\"]", Error::ReservedEvent),
        ] {
            assert_eq!(Packet::decode(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_largest_id_is_the_last() {
        let packet = Packet::decode("39007199254740991[]").expect("2^53 - 1");
        assert_eq!(packet.id, Some(ID_MAX));
    }

    #[test]
    fn half_a_surrogate_pair_and_any_depth_pass() {
        let cut = r#"2["chat","\ud83d"]"#;
        assert_eq!(Packet::decode(cut).expect("valid").payload, Some(&cut[1..]));
        let depth = 100_000;
        let deep = format!("2[\"a\",{}{}]", "[".repeat(depth), "]".repeat(depth));
        assert!(Packet::decode(&deep).is_ok());
        assert_eq!(Packet::decode(&deep[..depth]), Err(Error::InvalidJson));
    }
}
