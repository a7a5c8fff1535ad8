//! One Socket.IO packet: what kind, for which namespace, with which id and payload.
//!
//! Borrows from the text it was read from. Speaks to [`super::event`], which reads the payload.

use super::spans::Spans;
use crate::error::Error;

/// The most binary attachments of one packet, as in stock parsers.
pub const ATTACHMENTS_MAX: usize = 10;
/// The largest id of an event or an ack: JavaScript's largest exact integer.
pub const ID_MAX: u64 = (1 << 53) - 1;
/// The namespace of a packet that names none.
pub const ROOT_NAMESPACE: &str = "/";

/// What a packet is (Socket.IO protocol, "Packet types").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `0`: the client asks for a namespace, the server grants it.
    Connect,
    /// `1`: the end of one namespace.
    Disconnect,
    /// `2`: an event.
    Event,
    /// `3`: the answer to an event that had an id.
    Ack,
    /// `4`: the server refuses a namespace. From a client it is out of place.
    ConnectError,
    /// `5`: an event with attachments.
    BinaryEvent,
    /// `6`: an answer with attachments.
    BinaryAck,
}

impl Kind {
    /// Whether attachments follow.
    pub const fn is_binary(self) -> bool {
        matches!(self, Kind::BinaryEvent | Kind::BinaryAck)
    }

    pub(super) const fn from_digit(digit: u8) -> Option<Kind> {
        Some(match digit {
            b'0' => Kind::Connect,
            b'1' => Kind::Disconnect,
            b'2' => Kind::Event,
            b'3' => Kind::Ack,
            b'4' => Kind::ConnectError,
            b'5' => Kind::BinaryEvent,
            b'6' => Kind::BinaryAck,
            _ => return None,
        })
    }
}

/// A Socket.IO packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What it is.
    pub kind: Kind,
    /// How many binary messages follow: 1 to [`ATTACHMENTS_MAX`] for the binary kinds, else 0.
    pub attachments: usize,
    /// The namespace as the client spelled it; [`ROOT_NAMESPACE`] if it named none.
    pub namespace: &'a str,
    /// The id that an ack answers by, at most [`ID_MAX`].
    pub id: Option<u64>,
    /// JSON text of the shape that the kind asks for: an object to connect, an array to tell or to
    /// answer, an object or a string to refuse.
    pub payload: Option<&'a str>,
}

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
        Ok(Spans::measure(text)?.over(text))
    }
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
