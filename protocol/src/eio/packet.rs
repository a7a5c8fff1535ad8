//! One Engine.IO packet: a type, and what it carries.
//!
//! Borrows from the text it was read from. Speaks to [`super::payload`] and [`crate::conn`].

use std::borrow::Cow;

use bytes::BufMut;

use super::base64;
use crate::error::Error;

/// An Engine.IO packet (Engine.IO protocol, "Packet types").
///
/// What rides on a `close`, an `upgrade` or a `noop` means nothing, and is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet<'a> {
    /// `0`: the handshake, from the server only.
    Open(&'a str),
    /// `1`: the end.
    Close,
    /// `2`: the server's heartbeat; from a client `2probe` alone, on a second transport.
    Ping(&'a str),
    /// `3`: the client's answer.
    Pong(&'a str),
    /// `4`: a message, which here is a Socket.IO packet.
    Message(&'a str),
    /// A binary message: a binary frame, or `b` and base64 where only text can go.
    Binary(Cow<'a, [u8]>),
    /// `5`: the client moves to the second transport.
    Upgrade,
    /// `6`: nothing, which answers a pending poll.
    Noop,
}

impl<'a> Packet<'a> {
    /// Reads one text frame, or one packet of a polling payload.
    ///
    /// # Errors
    /// [`Error::EmptyPacket`], [`Error::UnknownPacketType`].
    pub fn decode(text: &'a str) -> Result<Packet<'a>, Error> {
        let kind = *text.as_bytes().first().ok_or(Error::EmptyPacket)?;
        let carried = text.get(1..).ok_or(Error::UnknownPacketType)?;
        Ok(match kind {
            b'0' => Packet::Open(carried),
            b'1' => Packet::Close,
            b'2' => Packet::Ping(carried),
            b'3' => Packet::Pong(carried),
            b'4' => Packet::Message(carried),
            b'5' => Packet::Upgrade,
            b'6' => Packet::Noop,
            b'b' => Packet::Binary(Cow::Owned(base64::decode(carried))),
            _ => return Err(Error::UnknownPacketType),
        })
    }

    /// Appends the packet as text; binary as `b` and base64.
    pub fn encode_text(&self, out: &mut Vec<u8>) {
        let (kind, carried) = match self {
            Packet::Open(carried) => (b'0', *carried),
            Packet::Close => (b'1', ""),
            Packet::Ping(carried) => (b'2', *carried),
            Packet::Pong(carried) => (b'3', *carried),
            Packet::Message(carried) => (b'4', *carried),
            Packet::Upgrade => (b'5', ""),
            Packet::Noop => (b'6', ""),
            Packet::Binary(bytes) => {
                out.put_u8(b'b');
                return base64::encode(bytes, out);
            }
        };
        out.put_u8(kind);
        out.put_slice(carried.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_and_writes() {
        for (text, packet) in [
            ("0{}", Packet::Open("{}")),
            ("1", Packet::Close),
            ("2", Packet::Ping("")),
            ("2probe", Packet::Ping("probe")),
            ("3probe", Packet::Pong("probe")),
            ("4", Packet::Message("")),
            ("42[\"é\"]", Packet::Message("2[\"é\"]")),
            ("5", Packet::Upgrade),
            ("6", Packet::Noop),
            ("bAQID", Packet::Binary(Cow::Borrowed(&[1, 2, 3]))),
            ("b", Packet::Binary(Cow::Borrowed(&[]))),
        ] {
            assert_eq!(Packet::decode(text), Ok(packet.clone()));
            let mut out = Vec::new();
            packet.encode_text(&mut out);
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        assert_eq!(Packet::decode(""), Err(Error::EmptyPacket));
        for text in ["7", "a", "é", "\u{1e}4", " 4", "-1"] {
            assert_eq!(Packet::decode(text), Err(Error::UnknownPacketType), "{text}");
        }
    }
}
