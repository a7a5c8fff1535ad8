//! A polling payload: packets, joined by the record separator.
//!
//! Follows the Engine.IO protocol, "HTTP long-polling". Speaks to whoever answers polls and posts;
//! the bytes of a request are bounded there.

use bytes::BufMut;

use super::{base64, packet::Packet};
use crate::{error::Error, frame::Opcode};

/// The most packets in one response: Python's stock client refuses more, and drops the connection.
pub const PACKETS_PER_PAYLOAD_MAX: usize = 16;
/// The most packets in one request: more than the smallest events that fit in the stock size.
pub const PACKETS_PER_REQUEST_MAX: usize = 131_072;

const SEPARATOR: char = '\x1e';

/// The packets of a request's body, in order. Ends at the first error: an empty body, a separator
/// at either end, a packet that is none, or more than [`PACKETS_PER_REQUEST_MAX`].
pub fn decode(payload: &str) -> Packets<'_> {
    Packets { rest: Some(payload), left: PACKETS_PER_REQUEST_MAX }
}

/// Appends frames as one payload, binary as `b` and base64; control frames are left out.
///
/// Takes at most [`PACKETS_PER_PAYLOAD_MAX`] packets from `frames` and says how many it wrote.
/// Pass `frames.by_ref()` to find the rest where it was left.
///
/// **Invariant:** no text that goes by polling holds a separator: JSON escapes it, and a namespace
/// that holds one was asked for over WebSocket.
pub fn encode<B: AsRef<[u8]>>(
    mut frames: impl Iterator<Item = (Opcode, B)>,
    out: &mut Vec<u8>,
) -> usize {
    let mut packets = 0;
    while packets < PACKETS_PER_PAYLOAD_MAX {
        let Some((opcode, payload)) = frames.next() else {
            break;
        };
        if opcode.is_control() {
            continue;
        }
        if packets > 0 {
            out.put_u8(SEPARATOR as u8);
        }
        match opcode {
            Opcode::Binary => {
                out.put_u8(b'b');
                base64::encode(payload.as_ref(), out);
            }
            _ => out.put_slice(payload.as_ref()),
        }
        packets += 1;
    }
    packets
}

/// See [`decode`].
#[derive(Debug, Clone)]
pub struct Packets<'a> {
    /// What is still to be read; `None` at the end, and after an error.
    rest: Option<&'a str>,
    left: usize,
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.take()?;
        if self.left == 0 {
            return Some(Err(Error::TooManyPackets));
        }
        self.left -= 1;
        let (first, others) = match rest.split_once(SEPARATOR) {
            Some((first, others)) => (first, Some(others)),
            None => (rest, None),
        };
        let packet = Packet::decode(first);
        if packet.is_ok() {
            self.rest = others;
        }
        Some(packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_in_order_up_to_the_first_error() {
        let all: Vec<_> = decode("4a\x1e3\x1ebAQ==").collect();
        assert_eq!(
            all,
            [Ok(Packet::Message("a")), Ok(Packet::Pong("")), Ok(Packet::Binary(vec![1].into())),]
        );
        let cut: Vec<_> = decode("4a\x1ex\x1e4b").collect();
        assert_eq!(cut, [Ok(Packet::Message("a")), Err(Error::UnknownPacketType)]);
    }

    #[test]
    fn nothing_is_an_empty_packet() {
        assert_eq!(decode("").collect::<Vec<_>>(), [Err(Error::EmptyPacket)]);
        let trailing: Vec<_> = decode("4a\x1e").collect();
        assert_eq!(trailing, [Ok(Packet::Message("a")), Err(Error::EmptyPacket)]);
        assert_eq!(decode("\x1e4a").collect::<Vec<_>>(), [Err(Error::EmptyPacket)]);
    }

    #[test]
    fn a_request_holds_so_many_packets_and_no_more() {
        let full = vec!["6"; PACKETS_PER_REQUEST_MAX].join("\x1e");
        assert!(decode(&full).all(|packet| packet.is_ok()));
        let over = full + "\x1e6";
        assert_eq!(decode(&over).last(), Some(Err(Error::TooManyPackets)));
    }

    #[test]
    fn a_response_stops_at_its_limit_and_leaves_the_rest() {
        let mut frames = (0..PACKETS_PER_PAYLOAD_MAX + 3).map(|_| (Opcode::Text, b"6"));
        let mut out = Vec::new();
        assert_eq!(encode(frames.by_ref(), &mut out), PACKETS_PER_PAYLOAD_MAX);
        assert_eq!(out.iter().filter(|byte| **byte == b'6').count(), PACKETS_PER_PAYLOAD_MAX);
        assert_eq!(frames.count(), 3);
    }

    #[test]
    fn frames_become_packets() {
        let frames: [(Opcode, &[u8]); 4] = [
            (Opcode::Ping, b"left out"),
            (Opcode::Text, b"4a"),
            (Opcode::Binary, &[1, 2, 3]),
            (Opcode::Text, b"2"),
        ];
        let mut out = Vec::new();
        assert_eq!(encode(frames.into_iter(), &mut out), 3);
        assert_eq!(str::from_utf8(&out), Ok("4a\x1ebAQID\x1e2"));
    }
}
