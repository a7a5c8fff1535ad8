//! Puts a packet and its binary attachments together again.
//!
//! One per connection: attachments follow their packet at once, whatever the namespace. Speaks to
//! whoever reads a connection's messages. After an error the connection closes.
//!
//! **Invariant:** what waits is at most one text, as many pieces as a packet may announce, and the
//! bytes given to [`Assembler::new`].

use bytes::Bytes;

use super::{decode::Spans, event::Event, packet::Packet, placeholder};
use crate::error::Error;

/// The state between a packet and its last attachment; two words while nothing waits.
#[derive(Debug)]
pub struct Assembler {
    waiting: Option<Box<Waiting>>,
    attachment_bytes_max: usize,
}

/// What a message led to.
#[derive(Debug)]
pub enum Assembled<'a> {
    /// An event without attachments, taken apart.
    Event(Packet<'a>, Event<'a>),
    /// Another packet without attachments.
    Whole(Packet<'a>),
    /// More attachments are to come.
    Waiting,
    /// A packet whose last attachment this was.
    Binary(BinaryPacket),
}

/// A packet with all its attachments.
#[derive(Debug, Clone)]
pub struct BinaryPacket {
    text: Box<str>,
    spans: Spans,
    attachments: Vec<Bytes>,
}

#[derive(Debug)]
struct Waiting {
    packet: BinaryPacket,
    missing: usize,
    bytes: usize,
}

impl Assembler {
    /// Nothing waits yet; the attachments of one packet may be so many bytes together.
    pub fn new(attachment_bytes_max: usize) -> Assembler {
        Assembler { waiting: None, attachment_bytes_max }
    }

    /// Takes the text of a message.
    ///
    /// # Errors
    /// As [`Packet::decode`]; [`Error::AttachmentExpected`] between a packet and its last
    /// attachment; [`Error::InvalidPlaceholder`].
    pub fn text<'a>(&mut self, text: &'a str) -> Result<Assembled<'a>, Error> {
        if self.waiting.take().is_some() {
            return Err(Error::AttachmentExpected);
        }
        let (spans, event) = Spans::measure(text)?;
        let packet = spans.over(text);
        if !packet.kind.is_binary() {
            return Ok(match event {
                Some(event) => Assembled::Event(packet, event),
                None => Assembled::Whole(packet),
            });
        }
        let missing = packet.attachments;
        if !packet.payload.is_none_or(|payload| placeholder::all_point_below(payload, missing)) {
            return Err(Error::InvalidPlaceholder);
        }
        let packet =
            BinaryPacket { text: text.into(), spans, attachments: Vec::with_capacity(missing) };
        self.waiting = Some(Box::new(Waiting { packet, missing, bytes: 0 }));
        Ok(Assembled::Waiting)
    }

    /// Takes a binary message.
    ///
    /// # Errors
    /// [`Error::UnexpectedBinary`] if no packet announced it, [`Error::AttachmentsTooLarge`].
    pub fn binary(&mut self, attachment: &[u8]) -> Result<Assembled<'static>, Error> {
        let mut waiting = self.waiting.take().ok_or(Error::UnexpectedBinary)?;
        waiting.bytes = waiting.bytes.saturating_add(attachment.len());
        if waiting.bytes > self.attachment_bytes_max {
            return Err(Error::AttachmentsTooLarge);
        }
        waiting.packet.attachments.push(Bytes::copy_from_slice(attachment));
        waiting.missing -= 1;
        if waiting.missing == 0 {
            return Ok(Assembled::Binary(waiting.packet));
        }
        self.waiting = Some(waiting);
        Ok(Assembled::Waiting)
    }

    /// The bytes of a packet that waits for attachments, and of those that have come.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.packet.text.len() + waiting.bytes)
    }

    /// Whether attachments are still to come.
    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }
}

impl BinaryPacket {
    /// The packet; its payload holds a placeholder for each attachment it uses.
    pub fn packet(&self) -> Packet<'_> {
        self.spans.over(&self.text)
    }

    /// The attachments, in the order that placeholders count them in.
    pub fn attachments(&self) -> &[Bytes] {
        &self.attachments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sio::packet::Kind;

    const EVENT: &str =
        r#"52-/x,7["b",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]"#;

    #[test]
    fn a_packet_without_attachments_passes() {
        let mut assembler = Assembler::new(0);
        let Ok(Assembled::Event(packet, event)) = assembler.text("2[\"a\"]") else {
            panic!("an event")
        };
        assert_eq!((packet.payload, &*event.name), (Some("[\"a\"]"), "a"));
        let placeholder = r#"2["a",{"_placeholder":true,"num":9}]"#;
        assert!(matches!(assembler.text(placeholder), Ok(Assembled::Event(..))));
        assert!(matches!(assembler.text("2"), Ok(Assembled::Whole(_))));
    }

    #[test]
    fn attachments_come_in_their_order() {
        let mut assembler = Assembler::new(6);
        assert!(matches!(assembler.text(EVENT), Ok(Assembled::Waiting)));
        assert!(assembler.is_waiting());
        assert!(matches!(assembler.binary(&[1, 2, 3]), Ok(Assembled::Waiting)));
        assert_eq!(assembler.waiting_bytes(), EVENT.len() + 3);
        let Ok(Assembled::Binary(whole)) = assembler.binary(&[4, 5, 6]) else { panic!("whole") };
        assert!(!assembler.is_waiting());
        assert_eq!(Ok(whole.packet()), Packet::decode(EVENT));
        assert_eq!(whole.packet().kind, Kind::BinaryEvent);
        assert_eq!(whole.attachments(), [&[1, 2, 3][..], &[4, 5, 6][..]]);
    }

    #[test]
    fn what_is_out_of_turn_is_refused() {
        let mut assembler = Assembler::new(6);
        assert_eq!(assembler.binary(&[1]).err(), Some(Error::UnexpectedBinary));
        assembler.text(EVENT).expect("a header");
        assert_eq!(assembler.text("2[\"a\"]").err(), Some(Error::AttachmentExpected));
        assert_eq!(assembler.binary(&[1]).err(), Some(Error::UnexpectedBinary));
    }

    #[test]
    fn the_bytes_count_together() {
        let mut assembler = Assembler::new(6);
        assembler.text(EVENT).expect("a header");
        assembler.binary(&[0; 4]).expect("the first fits");
        assert_eq!(assembler.binary(&[0; 3]).err(), Some(Error::AttachmentsTooLarge));
        assert!(!assembler.is_waiting());
    }

    #[test]
    fn a_placeholder_points_at_an_attachment() {
        let beyond = r#"51-["b",{"_placeholder":true,"num":1}]"#;
        assert_eq!(Assembler::new(9).text(beyond).err(), Some(Error::InvalidPlaceholder));
    }
}
