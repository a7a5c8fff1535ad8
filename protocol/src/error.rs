//! What can be wrong with bytes that claim to be Engine.IO or Socket.IO.
//!
//! One enum for every decoder of the crate. All of them mean the same to a connection: it closes.

use std::fmt;

/// Why something could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// A packet without even a type: an empty frame, an empty payload, a trailing separator.
    EmptyPacket,
    /// The first character names no Engine.IO packet type.
    UnknownPacketType,
    /// More packets in one payload than [`crate::eio::payload::PACKETS_PER_REQUEST_MAX`].
    TooManyPackets,
    /// The first character of a message names no Socket.IO packet type.
    UnknownKind,
    /// The number of attachments is not an integer from 1 to
    /// [`crate::sio::packet::ATTACHMENTS_MAX`] with a `-` behind it.
    InvalidAttachments,
    /// The id of an event or an ack is above 2^53 - 1.
    InvalidId,
    /// The payload is not JSON.
    InvalidJson,
    /// The payload is JSON, but not what this kind of packet carries.
    InvalidPayload,
    /// An event by a name that both ends keep to themselves, such as `connect`.
    ReservedEvent,
    /// A placeholder that points at no attachment of its packet.
    InvalidPlaceholder,
    /// Text in place of an attachment that was announced.
    AttachmentExpected,
    /// Binary that no header announced.
    UnexpectedBinary,
    /// The attachments of one packet are larger together than they may be.
    AttachmentsTooLarge,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Error::EmptyPacket => "a packet is empty",
            Error::UnknownPacketType => "a packet's type is unknown to Engine.IO",
            Error::TooManyPackets => "a payload holds too many packets",
            Error::UnknownKind => "a packet's type is unknown to Socket.IO",
            Error::InvalidAttachments => "the number of attachments is not an integer in range",
            Error::InvalidId => "a packet's id is above 2^53 - 1",
            Error::InvalidJson => "a packet's payload is not JSON",
            Error::InvalidPayload => "a packet's payload has the wrong shape for its type",
            Error::ReservedEvent => "an event's name is reserved",
            Error::InvalidPlaceholder => "a placeholder points at no attachment",
            Error::AttachmentExpected => "text came where an attachment was expected",
            Error::UnexpectedBinary => "binary came that no packet announced",
            Error::AttachmentsTooLarge => "the attachments of a packet are too large together",
        })
    }
}

impl std::error::Error for Error {}
