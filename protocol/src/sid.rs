//! Session ids: 20 characters of URL-safe base64, as stock servers mint them.
//!
//! Speaks to whoever opens sessions: it brings the random bytes and counts.

use std::fmt;

use crate::eio::base64;

/// The characters of an id.
pub const SID_CHARS: usize = 20;
const RANDOM_BYTES: usize = 12;
const COUNTER_BYTES: usize = 3;

/// An id from 12 random bytes, which make it impossible to guess, and the 3 low bytes of a counter,
/// which keep ids apart even where the random bytes do not.
pub fn sid(random: [u8; RANDOM_BYTES], counter: u32) -> Sid {
    let mut bytes = [0; RANDOM_BYTES + COUNTER_BYTES];
    bytes[..RANDOM_BYTES].copy_from_slice(&random);
    bytes[RANDOM_BYTES..].copy_from_slice(&counter.to_be_bytes()[1..]);
    Sid(base64::encode_url(&bytes))
}

/// A session id, of an Engine.IO connection or of a Socket.IO socket; never the same for both.
///
/// **Invariant:** 20 characters of `A-Z a-z 0-9 - _`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid([u8; SID_CHARS]);

impl Sid {
    /// The id as it stands on the wire.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("an id is ASCII")
    }

    /// Reads an id; `None` for anything that [`sid`] would not have made.
    pub fn parse(text: &str) -> Option<Sid> {
        let chars: [u8; SID_CHARS] = text.as_bytes().try_into().ok()?;
        chars.iter().all(|char| base64::is_url_char(*char)).then_some(Sid(chars))
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back() {
        let id = sid([0xfb; 12], 0xff01_0203);
        assert_eq!(id.to_string(), "-_v7-_v7-_v7-_v7AQID");
        assert_eq!(Sid::parse(id.as_str()), Some(id));
    }

    #[test]
    fn the_counter_alone_keeps_ids_apart() {
        assert_ne!(sid([1; 12], 1), sid([1; 12], 2));
    }

    #[test]
    fn what_is_no_id_does_not_parse() {
        for text in ["", "short", "-_v7-_v7-_v7-_v7AQI+", "-_v7-_v7-_v7-_v7AQIDx", "éééééééééé"]
        {
            assert_eq!(Sid::parse(text), None, "{text}");
        }
    }
}
