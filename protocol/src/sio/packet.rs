//! One Socket.IO packet: what kind, for which namespace, with which id and payload.
//!
//! Borrows from the text it was read from ([`super::decode`]); [`super::event`] reads the payload.

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
