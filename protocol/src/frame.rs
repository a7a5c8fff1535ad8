//! Server-to-client WebSocket frames (RFC 6455, section 5.2): sealed once, shared by all receivers.
//!
//! [`Frames`] builds a contiguous batch of whole frames, [`walk`] takes one apart again for a
//! receiver that does not speak WebSocket. Speaks to whoever queues bytes for a connection.
//!
//! **Invariant:** a batch holds whole frames only, never masked, never fragmented.

use bytes::{BufMut, Bytes};

/// The longest payload of a control frame, in bytes (RFC 6455, section 5.5).
pub const CONTROL_PAYLOAD_BYTES_MAX: usize = 125;
/// The longest header that a server writes, in bytes.
pub const HEADER_BYTES_MAX: usize = 10;

const SHORT_PAYLOAD_BYTES_MAX: usize = 125;
const MEDIUM_PAYLOAD_BYTES_MAX: usize = 65_535;
const SHORT_HEADER_BYTES: usize = 2;
const MEDIUM_HEADER_BYTES: usize = 4;
const MEDIUM_MARK: u8 = 126;
const LONG_MARK: u8 = 127;
const FIN: u8 = 0x80;
/// What a batch's first text frame makes room for: most events fit, and none of them grows it
/// byte by byte.
const FIRST_TEXT_BYTES: usize = 512;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Opcode {
    /// UTF-8 text: an Engine.IO packet.
    Text,
    /// Bytes: a binary message.
    Binary,
    /// The last frame: a code in two bytes, then a reason.
    Close,
    /// Asks for a [`Opcode::Pong`] with the same payload.
    Ping,
    /// Answers a [`Opcode::Ping`].
    Pong,
}

impl Opcode {
    /// Whether the payload is limited to [`CONTROL_PAYLOAD_BYTES_MAX`].
    pub const fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }

    const fn bits(self) -> u8 {
        match self {
            Opcode::Text => 0x1,
            Opcode::Binary => 0x2,
            Opcode::Close => 0x8,
            Opcode::Ping => 0x9,
            Opcode::Pong => 0xA,
        }
    }

    const fn from_bits(bits: u8) -> Option<Opcode> {
        Some(match bits {
            0x1 => Opcode::Text,
            0x2 => Opcode::Binary,
            0x8 => Opcode::Close,
            0x9 => Opcode::Ping,
            0xA => Opcode::Pong,
            _ => return None,
        })
    }
}

/// Builds a contiguous batch of sealed frames. Its owner bounds the batch by [`Frames::len`].
#[derive(Debug, Default)]
pub struct Frames {
    buf: Vec<u8>,
}

impl Frames {
    /// An empty batch, nothing allocated.
    pub fn new() -> Frames {
        Frames::default()
    }

    /// An empty batch with room for `bytes`, headers included.
    pub fn with_capacity(bytes: usize) -> Frames {
        Frames { buf: Vec::with_capacity(bytes) }
    }

    /// Adds a text frame whose payload `write` appends.
    ///
    /// The payload is written in place behind a header of the middle size, and moved by a few
    /// bytes where its length asks for another: no second buffer.
    ///
    /// # Panics
    /// If `write` makes the buffer shorter than it found it, or appends no UTF-8 (debug only).
    pub fn text(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.buf.len();
        if start == 0 {
            self.buf.reserve(FIRST_TEXT_BYTES);
        }
        self.buf.put_bytes(0, MEDIUM_HEADER_BYTES);
        write(&mut self.buf);
        let body = start + MEDIUM_HEADER_BYTES;
        let length = self.buf.len().checked_sub(body).expect("a writer only appends");
        debug_assert!(str::from_utf8(&self.buf[body..]).is_ok(), "text is UTF-8");
        let (header, header_bytes) = header(Opcode::Text, length);
        if header_bytes > MEDIUM_HEADER_BYTES {
            self.buf.put_bytes(0, header_bytes - MEDIUM_HEADER_BYTES);
        }
        if header_bytes != MEDIUM_HEADER_BYTES {
            self.buf.copy_within(body..body + length, start + header_bytes);
        }
        self.buf[start..start + header_bytes].copy_from_slice(&header[..header_bytes]);
        self.buf.truncate(start + header_bytes + length);
    }

    /// Adds a binary frame.
    pub fn binary(&mut self, payload: &[u8]) {
        self.frame(Opcode::Binary, payload);
    }

    /// Adds a frame of any kind. A control frame's payload is cut at
    /// [`CONTROL_PAYLOAD_BYTES_MAX`].
    pub fn frame(&mut self, opcode: Opcode, payload: &[u8]) {
        let payload = &payload[..payload.len().min(payload_bytes_max(opcode))];
        let (header, header_bytes) = header(opcode, payload.len());
        self.buf.reserve(header_bytes + payload.len());
        self.buf.put_slice(&header[..header_bytes]);
        self.buf.put_slice(payload);
    }

    /// The bytes of the batch so far, headers included.
    pub fn len(&self) -> usize {
        self.buf.len()
    }

    /// Whether nothing was added yet.
    pub fn is_empty(&self) -> bool {
        self.buf.is_empty()
    }

    /// The batch, to be shared.
    pub fn seal(self) -> Bytes {
        Bytes::from(self.buf)
    }

    /// The batch, to be shared; the builder goes on, empty.
    pub fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.buf))
    }
}

/// One text frame.
pub fn text(payload: &str) -> Bytes {
    one(Opcode::Text, payload.as_bytes())
}

/// One binary frame.
pub fn binary(payload: &[u8]) -> Bytes {
    one(Opcode::Binary, payload)
}

/// One close frame (RFC 6455, section 5.5.1). The reason is cut, at a character, to what fits.
pub fn close(code: u16, reason: &str) -> Bytes {
    let room = CONTROL_PAYLOAD_BYTES_MAX - size_of::<u16>();
    let mut ends = (0..=reason.len().min(room)).rev();
    let limit = ends.find(|end| reason.is_char_boundary(*end)).unwrap_or(0);
    let mut payload = Vec::with_capacity(CONTROL_PAYLOAD_BYTES_MAX);
    payload.put_u16(code);
    payload.put_slice(&reason.as_bytes()[..limit]);
    one(Opcode::Close, &payload)
}

/// The frames of a sealed batch, in order; the payloads share the batch.
pub fn walk(batch: &Bytes) -> Walk {
    Walk { rest: batch.clone() }
}

/// See [`walk`]. Ends at the first byte that a server would not have written, a truncated tail
/// included.
#[derive(Debug, Clone)]
pub struct Walk {
    rest: Bytes,
}

impl Walk {
    /// The frames that were not walked yet, still sealed.
    pub fn rest(self) -> Bytes {
        self.rest
    }
}

impl Iterator for Walk {
    type Item = (Opcode, Bytes);

    fn next(&mut self) -> Option<(Opcode, Bytes)> {
        let rest = std::mem::take(&mut self.rest);
        let (opcode, body, end) = bounds(&rest)?;
        let payload = rest.slice(body..end);
        self.rest = rest.slice(end..);
        Some((opcode, payload))
    }
}

fn one(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut frames = Frames::with_capacity(HEADER_BYTES_MAX + payload.len());
    frames.frame(opcode, payload);
    frames.seal()
}

fn header(opcode: Opcode, length: usize) -> ([u8; HEADER_BYTES_MAX], usize) {
    let mut header = [0; HEADER_BYTES_MAX];
    header[0] = FIN | opcode.bits();
    let header_bytes = if length <= SHORT_PAYLOAD_BYTES_MAX {
        header[1] = length as u8;
        SHORT_HEADER_BYTES
    } else if length <= MEDIUM_PAYLOAD_BYTES_MAX {
        header[1] = MEDIUM_MARK;
        header[2..4].copy_from_slice(&(length as u16).to_be_bytes());
        MEDIUM_HEADER_BYTES
    } else {
        header[1] = LONG_MARK;
        header[2..].copy_from_slice(&(length as u64).to_be_bytes());
        HEADER_BYTES_MAX
    };
    (header, header_bytes)
}

/// The first frame's opcode, and where its payload starts and ends; `None` if [`header`] would not
/// have written it so.
fn bounds(batch: &[u8]) -> Option<(Opcode, usize, usize)> {
    let [first, mark, rest @ ..] = batch else {
        return None;
    };
    let opcode = Opcode::from_bits(first ^ FIN)?;
    let length = match *mark {
        MEDIUM_MARK => u64::from(u16::from_be_bytes(*rest.first_chunk()?)),
        LONG_MARK => u64::from_be_bytes(*rest.first_chunk()?),
        short_or_masked => u64::from(short_or_masked),
    };
    let length = usize::try_from(length).ok()?;
    let (header, header_bytes) = header(opcode, length);
    let end = header_bytes.checked_add(length)?;
    let is_whole = end <= batch.len() && batch.starts_with(&header[..header_bytes]);
    let is_sealed = is_whole && length <= payload_bytes_max(opcode);
    is_sealed.then_some((opcode, header_bytes, end))
}

const fn payload_bytes_max(opcode: Opcode) -> usize {
    if opcode.is_control() { CONTROL_PAYLOAD_BYTES_MAX } else { usize::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_size_seals_in_place() {
        for (length, head) in [
            (0, vec![0x81, 0]),
            (125, vec![0x81, 125]),
            (126, vec![0x81, 126, 0, 126]),
            (65_535, vec![0x81, 126, 255, 255]),
            (65_536, vec![0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let payload = "x".repeat(length);
            let mut frames = Frames::new();
            frames.text(|out| out.put_slice(b"before"));
            let before = frames.len();
            frames.text(|out| out.put_slice(payload.as_bytes()));
            frames.text(|out| out.put_slice(b"after"));
            let batch = frames.seal();
            assert_eq!(&batch[before..before + head.len()], &head[..]);
            assert_eq!(batch[before..before + head.len() + length], text(&payload));
            let texts: Vec<Bytes> = walk(&batch).map(|(_, payload)| payload).collect();
            assert_eq!(texts, ["before".as_bytes(), payload.as_bytes(), "after".as_bytes()]);
        }
    }

    #[test]
    fn a_walk_shares_the_batch_and_knows_kinds() {
        let mut frames = Frames::with_capacity(64);
        frames.text(|out| out.put_slice(b"42[1]"));
        frames.binary(&[1, 2, 3]);
        frames.frame(Opcode::Ping, b"p");
        let batch = frames.take();
        assert!(frames.is_empty());
        let found: Vec<_> = walk(&batch).collect();
        assert_eq!(found[0], (Opcode::Text, Bytes::from_static(b"42[1]")));
        assert_eq!(found[1], (Opcode::Binary, Bytes::from_static(&[1, 2, 3])));
        assert_eq!(found[2], (Opcode::Ping, Bytes::from_static(b"p")));
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].1.as_ptr(), batch[2..].as_ptr());
    }

    #[test]
    fn a_walk_ends_at_what_no_server_wrote() {
        let whole = text("hello");
        assert_eq!(walk(&whole.slice(..whole.len() - 1)).count(), 0);
        for alien in [
            &[0x81, 0x80, 0, 0, 0, 0][..], // masked
            &[0x01, 0][..],                // a fragment
            &[0x80, 0][..],                // a continuation
            &[0xC1, 0][..],                // an extension's bit
            &[0x81, 126, 0, 1, b'a'][..],  // a longer header than need be
            &[0x81, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &[0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255][..],
        ] {
            assert_eq!(walk(&Bytes::copy_from_slice(alien)).count(), 0, "{alien:x?}");
        }
    }

    #[test]
    fn close_cuts_its_reason_at_a_character() {
        let sealed = close(1009, &"é".repeat(100));
        let (opcode, payload) = walk(&sealed).next().expect("one frame");
        assert_eq!(opcode, Opcode::Close);
        assert_eq!(&payload[..2], 1009u16.to_be_bytes());
        assert_eq!(&payload[2..], "é".repeat(61).as_bytes());
    }

    #[test]
    fn a_control_frame_that_is_too_long_ends_a_walk() {
        let mut long = vec![0x8a, 126, 0, 126];
        long.resize(4 + 126, 0);
        assert_eq!(walk(&Bytes::from(long)).count(), 0);
    }

    #[test]
    fn a_control_frame_never_grows_past_its_limit() {
        let mut frames = Frames::new();
        frames.frame(Opcode::Pong, &[7; 200]);
        assert_eq!(frames.len(), SHORT_HEADER_BYTES + CONTROL_PAYLOAD_BYTES_MAX);
    }
}
