//! Base64 (RFC 4648): the standard alphabet for binary packets, the URL-safe one for session ids.
//!
//! Encoding pads. Decoding is strict about the alphabet, the padding's place and stray bits, so
//! that each byte string has one spelling, except that the padding may be absent altogether.
//! Some servers skip characters they do not know; no stock client depends on it.

use bytes::{BufMut, BytesMut};

use crate::error::Error;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BYTES_PER_GROUP: usize = 3;
const CHARS_PER_GROUP: usize = 4;
const BITS_PER_CHAR: usize = 6;
const PADDING: u8 = b'=';
const NO_VALUE: u8 = 0xff;
static VALUES: [u8; 256] = values();

/// Appends `bytes` in the standard alphabet, padded.
pub fn encode(bytes: &[u8], out: &mut BytesMut) {
    out.reserve(bytes.len().div_ceil(BYTES_PER_GROUP) * CHARS_PER_GROUP);
    let (groups, tail) = bytes.as_chunks::<BYTES_PER_GROUP>();
    for group in groups {
        out.put_slice(&chars(*group, STANDARD));
    }
    if !tail.is_empty() {
        let mut group = [0; BYTES_PER_GROUP];
        group[..tail.len()].copy_from_slice(tail);
        let mut last = chars(group, STANDARD);
        last[tail.len() + 1..].fill(PADDING);
        out.put_slice(&last);
    }
}

/// Decodes the standard alphabet.
///
/// # Errors
/// [`Error::InvalidBase64`] for a character outside the alphabet, a length that no byte string has,
/// padding that is out of place, or bits that no byte holds.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let body = unpadded(text.as_bytes())?;
    let mut bytes = Vec::with_capacity(body.len() * BYTES_PER_GROUP / CHARS_PER_GROUP);
    for group in body.chunks(CHARS_PER_GROUP) {
        let mut bits: u32 = 0;
        for char in group {
            let value = VALUES[usize::from(*char)];
            if value == NO_VALUE {
                return Err(Error::InvalidBase64);
            }
            bits = bits << BITS_PER_CHAR | u32::from(value);
        }
        bits <<= BITS_PER_CHAR * (CHARS_PER_GROUP - group.len());
        let [_, group_bytes @ ..] = bits.to_be_bytes();
        let whole = group.len() * BITS_PER_CHAR / 8;
        if group_bytes[whole..].iter().any(|stray| *stray != 0) {
            return Err(Error::InvalidBase64);
        }
        bytes.extend_from_slice(&group_bytes[..whole]);
    }
    Ok(bytes)
}

/// The 20 characters of 15 bytes in the URL-safe alphabet.
pub fn encode_url(bytes: &[u8; 15]) -> [u8; 20] {
    let mut out = [0; 20];
    let (groups, _) = bytes.as_chunks::<BYTES_PER_GROUP>();
    let (places, _) = out.as_chunks_mut::<CHARS_PER_GROUP>();
    for (place, group) in places.iter_mut().zip(groups) {
        *place = chars(*group, URL_SAFE);
    }
    out
}

/// Whether `char` is of the URL-safe alphabet.
pub fn is_url_char(char: u8) -> bool {
    URL_SAFE.contains(&char)
}

/// The characters without their padding, which must fill a group if it is there.
fn unpadded(chars: &[u8]) -> Result<&[u8], Error> {
    let body = chars
        .strip_suffix(b"==")
        .or(chars.strip_suffix(b"="))
        .unwrap_or(chars);
    let is_padded = body.len() != chars.len();
    let is_length = body.len() % CHARS_PER_GROUP != 1;
    let is_whole = !is_padded || chars.len().is_multiple_of(CHARS_PER_GROUP);
    if is_length && is_whole {
        Ok(body)
    } else {
        Err(Error::InvalidBase64)
    }
}

fn chars([a, b, c]: [u8; BYTES_PER_GROUP], alphabet: &[u8; 64]) -> [u8; CHARS_PER_GROUP] {
    let bits = u32::from_be_bytes([0, a, b, c]) as usize;
    [18, 12, 6, 0].map(|shift| alphabet[bits >> shift & 0x3f])
}

const fn values() -> [u8; 256] {
    let mut values = [NO_VALUE; 256];
    let mut value = 0;
    while value < STANDARD.len() {
        values[STANDARD[value] as usize] = value as u8;
        value += 1;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        let mut out = BytesMut::new();
        encode(bytes, &mut out);
        String::from_utf8(out.to_vec()).expect("base64 is ASCII")
    }

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encoded(plain.as_bytes()), coded);
            assert_eq!(decode(coded).expect("a vector"), plain.as_bytes());
            let bare = coded.trim_end_matches('=');
            assert_eq!(decode(bare).expect("padding is optional"), plain.as_bytes());
        }
        assert_eq!(encoded(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in [
            "A", "AAAAA", "Zg=", "Zm9v=", "=", "==", "Z===", "Zg==Zg==", "Zh==", "Zm9=", "-_8=",
            "Zm 9v", "Zm9\n", "é",
        ] {
            assert_eq!(decode(text), Err(Error::InvalidBase64), "{text}");
        }
    }
}
