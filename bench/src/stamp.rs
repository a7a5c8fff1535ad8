//! The stamp: what a message's body carries so that every copy of it can be judged, wherever in
//! the delivered JSON the server puts it. Lower-case letters, digits and one `#`, in fixed
//! places: no JSON encoder and no HTML escaping changes it.
//!
//! `#b` run (6 decimal) sender (6 hex) counter (8 hex) intended time in ns (16 hex), then `x`.

/// The bytes of a stamp, and so the smallest body.
pub const STAMP_BYTES: usize = 38;

/// The senders one run can tell apart (6 hex digits).
pub const SENDERS_MAX: usize = 0xff_ffff;

const MARK: &[u8; 2] = b"#b";
const RUN: std::ops::Range<usize> = 2..8;
const SENDER: std::ops::Range<usize> = 8..14;
const COUNTER: std::ops::Range<usize> = 14..22;
const TIME: std::ops::Range<usize> = 22..38;

/// One message's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The run, 100000..=999999: messages of an earlier run, kept by the server, are not counted.
    pub run: u32,
    /// The sender's number, from 0.
    pub sender: u32,
    /// The sender's messages, from 1.
    pub counter: u32,
    /// When it was to be sent, in ns since the run began.
    pub intended_ns: u64,
}

impl Stamp {
    /// Appends the stamp, padded with `x` to `size` bytes.
    pub fn write(&self, size: usize, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(MARK);
        push_digits::<10>(u64::from(self.run), RUN.len(), out);
        push_digits::<16>(u64::from(self.sender), SENDER.len(), out);
        push_digits::<16>(u64::from(self.counter), COUNTER.len(), out);
        push_digits::<16>(self.intended_ns, TIME.len(), out);
        out.resize(start + size.max(STAMP_BYTES), b'x');
    }

    /// The stamp that starts at `bytes`' first byte.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; STAMP_BYTES] = bytes.get(..STAMP_BYTES)?.try_into().ok()?;
        if !bytes.starts_with(MARK) {
            return None;
        }
        Some(Self {
            run: number::<10>(&bytes[RUN])? as u32,
            sender: number::<16>(&bytes[SENDER])? as u32,
            counter: number::<16>(&bytes[COUNTER])? as u32,
            intended_ns: number::<16>(&bytes[TIME])?,
        })
    }
}

/// Finds stamps; remembers where the last one was, for deliveries are much alike.
#[derive(Debug, Default)]
pub struct Finder {
    last_offset: usize,
}

impl Finder {
    /// The first stamp anywhere in `bytes`, or the one where the last was.
    pub fn find(&mut self, bytes: &[u8]) -> Option<Stamp> {
        if let Some(stamp) = bytes.get(self.last_offset..).and_then(Stamp::read) {
            return Some(stamp);
        }
        let last_start = bytes.len().checked_sub(STAMP_BYTES)?;
        for offset in 0..=last_start {
            if bytes[offset] == MARK[0]
                && let Some(stamp) = Stamp::read(&bytes[offset..])
            {
                self.last_offset = offset;
                return Some(stamp);
            }
        }
        None
    }
}

fn push_digits<const BASE: u64>(mut number: u64, width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + width, b'0');
    for place in out[start..].iter_mut().rev() {
        *place = b"0123456789abcdef"[(number % BASE) as usize];
        number /= BASE;
    }
}

fn number<const BASE: u64>(digits: &[u8]) -> Option<u64> {
    let mut sum = 0u64;
    for &digit in digits {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' if BASE == 16 => digit - b'a' + 10,
            _ => return None,
        };
        sum = sum * BASE + u64::from(value);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp =
        Stamp { run: 123_456, sender: 0xabc, counter: 77, intended_ns: 9_876_543_210 };

    #[test]
    fn a_stamp_is_found_wherever_it_lies() {
        let mut finder = Finder::default();
        for prefix in ["", "[\"message\",{\"user_1\":\"", "#b#b#", ",{\"id\":12,\"content\":\""] {
            let mut bytes = prefix.as_bytes().to_vec();
            STAMP.write(128, &mut bytes);
            assert_eq!(bytes.len(), prefix.len() + 128);
            bytes.extend_from_slice(b"\"}]");
            assert_eq!(finder.find(&bytes), Some(STAMP), "{prefix}");
            assert_eq!(finder.find(&bytes), Some(STAMP), "{prefix}, from the remembered place");
        }
    }

    #[test]
    fn a_body_is_never_smaller_than_its_stamp() {
        let mut bytes = Vec::new();
        STAMP.write(1, &mut bytes);
        assert_eq!(bytes.len(), STAMP_BYTES);
    }

    #[test]
    fn what_is_no_stamp_is_not_taken_for_one() {
        let mut finder = Finder::default();
        assert_eq!(finder.find(b""), None);
        assert_eq!(finder.find(b"[\"message\",{\"text\":\"hello, this is long enough\"}]"), None);
        let mut cut = Vec::new();
        STAMP.write(38, &mut cut);
        assert_eq!(finder.find(&cut[..37]), None);
        cut[20] = b'X';
        assert_eq!(finder.find(&cut), None);
    }
}
