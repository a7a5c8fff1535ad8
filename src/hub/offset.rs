//! Offsets: how far a client has heard a lane, in words that it can say again when it comes back.
//!
//! A lane ends a batch that must not be missed with an `offset` of its own: `<lane>.<position>`.
//! The client reads the batch packet by packet, so a connection may be cut between an event and
//! its offset: an [`OPENING`] in front of the batch says that an offset is still to come, and
//! whoever heard that last may have heard any part of it.

use polylogue_protocol::frame::Frames;
use polylogue_protocol::sio::encode as sio;

use super::id::LaneId;

/// The name of the event that carries an offset, and nothing else.
pub const OFFSET: &str = "offset";
/// The offset in front of a batch.
const OPENING: &str = "?";

/// How far a client has heard a lane: the number of the first telling that it has not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// The lane.
    pub lane: LaneId,
    /// The room's next telling.
    pub position: u64,
}

impl Offset {
    /// Reads an offset; `None` for anything that no batch ends with.
    #[must_use]
    pub fn parse(text: &str) -> Option<Offset> {
        let (lane, position) = text.split_once('.')?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        Some(Offset { lane: LaneId(number(lane)?), position: number(position)? })
    }

    /// Writes the event that ends a batch.
    pub fn write(self, namespace: &str, frames: &mut Frames) {
        write(namespace, frames, |out| {
            hex(out, self.lane.0);
            out.push(b'.');
            hex(out, self.position);
        });
    }
}

/// Writes the event in front of a batch.
pub fn write_opening(namespace: &str, frames: &mut Frames) {
    write(namespace, frames, |out| out.extend_from_slice(OPENING.as_bytes()));
}

/// Every batch has two of these: nothing is allocated for them.
fn write(namespace: &str, frames: &mut Frames, offset: impl FnOnce(&mut Vec<u8>)) {
    frames.text(|out| {
        sio::event_head(out, namespace, None, OFFSET);
        out.extend_from_slice(b",\"");
        offset(out);
        out.extend_from_slice(b"\"");
        sio::event_tail(out);
    });
}

/// A number as `{:x}` prints it.
fn hex(out: &mut Vec<u8>, number: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let last = number.checked_ilog2().unwrap_or(0) / 4;
    out.extend((0..=last).rev().map(|place| DIGITS[(number >> (4 * place)) as usize % 16]));
}

/// Words that end with an offset: how far they go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upto {
    /// The offset that they end with.
    pub offset: Offset,
    /// They bring the answer to a join, behind which this position was the first offset. Whoever
    /// has not heard that one does not know that it sits here.
    pub joined: Option<u64>,
}

/// What a client says of the last offset that it heard.
///
/// # Errors
/// Nothing follows from it: it may have heard a part of a batch, or it is no offset at all.
pub fn last_heard(offset: Option<&str>) -> Result<Option<Offset>, NoOffset> {
    offset.map(|text| Offset::parse(text).ok_or(NoOffset)).transpose()
}

/// See [`last_heard`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoOffset;

#[cfg(test)]
mod tests {
    use super::{Frames, LaneId, NoOffset, Offset, last_heard};

    #[test]
    fn an_offset_is_read_as_it_was_written() {
        for number in [0, 1, 15, 16, 0xabc_def0, u64::MAX] {
            let sent = Offset { lane: LaneId(number), position: number / 3 };
            let mut frames = Frames::new();
            sent.write("/x", &mut frames);
            let words = String::from_utf8(frames.seal()[2..].to_vec()).expect("text");
            assert_eq!(words, format!("42/x,[\"offset\",\"{number:x}.{:x}\"]", number / 3));
            let offset = words.split('"').nth(3).expect("an offset");
            assert_eq!(Offset::parse(offset), Some(sent));
        }
    }

    #[test]
    fn an_offset_is_two_numbers_and_nothing_else_is() {
        assert_eq!(last_heard(Some("a.ff")), Ok(Some(Offset { lane: LaneId(10), position: 255 })));
        assert_eq!(last_heard(None), Ok(None));
        for wrong in ["?", "", "a", "a.", ".a", "a.b.c", "[]", "10000000000000000.1", "-1.2"] {
            assert_eq!(last_heard(Some(wrong)), Err(NoOffset), "{wrong:?}");
        }
    }
}
