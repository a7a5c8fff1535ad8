//! Where the parts of a Socket.IO packet lie in its text, so that who owns the text can borrow the
//! packet from it again and again, and the text is checked once.
//!
//! Follows the Socket.IO protocol, "Packet encoding", and the stock parser where that is silent.

use std::ops::Range;

use serde_json::value::RawValue;

use super::packet::{ATTACHMENTS_MAX, ID_MAX, Kind, Packet, ROOT_NAMESPACE};
use crate::{error::Error, json};

/// Names that both ends keep to themselves: an event by one of them is refused.
const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

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
    /// Checks a text from one end to the other.
    pub(super) fn measure(text: &str) -> Result<Spans, Error> {
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
        let payload = if rest.is_empty() {
            None
        } else {
            let json = checked(kind, rest)?;
            let start = text.len() - rest.len();
            Some(start..start + json.len())
        };
        Ok(Spans { kind, attachments, namespace, id, payload })
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

/// The payload, without the space around it, if it is JSON of the right shape.
fn checked(kind: Kind, payload: &str) -> Result<&str, Error> {
    let json = serde_json::from_str::<&RawValue>(payload).map_err(|_| Error::InvalidJson)?.get();
    let is_object = json.starts_with('{');
    let is_shaped = match kind {
        Kind::Connect => is_object,
        Kind::Disconnect => false,
        Kind::ConnectError => is_object || json.starts_with('"'),
        Kind::Ack | Kind::BinaryAck => json.starts_with('['),
        Kind::Event | Kind::BinaryEvent => return named(json).map(|()| json),
    };
    is_shaped.then_some(json).ok_or(Error::InvalidPayload)
}

/// Checks that valid JSON is an array that starts with an event's name.
fn named(json: &str) -> Result<(), Error> {
    let first = json.strip_prefix('[').ok_or(Error::InvalidPayload)?;
    let first = first.trim_start_matches(is_json_space);
    match first.as_bytes().first() {
        Some(b'"') => {
            let end = json::literal_end(first.as_bytes()).ok_or(Error::InvalidJson)?;
            if RESERVED_EVENTS.contains(&&*json::unescape(&first[1..end])) {
                return Err(Error::ReservedEvent);
            }
            Ok(())
        }
        Some(b'-' | b'0'..=b'9') => Ok(()),
        _ => Err(Error::InvalidPayload),
    }
}

const fn is_json_space(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\n' | '\r')
}
