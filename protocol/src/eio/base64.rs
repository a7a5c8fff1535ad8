//! Base64 (RFC 4648): the standard alphabet for binary packets, the URL-safe one for session ids.
//!
//! Encoding pads. Decoding is as lenient as the stock server's: either alphabet, padding or none,
//! characters outside the alphabets are skipped, the first padding ends it, and bits that fill no
//! byte are dropped. So every text decodes.

use bytes::BufMut;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BYTES_PER_GROUP: usize = 3;
const CHARS_PER_GROUP: usize = 4;
const BITS_PER_CHAR: u32 = 6;
const PADDING: u8 = b'=';
const NO_VALUE: u8 = 0xff;
static VALUES: [u8; 256] = values();

/// Appends `bytes` in the standard alphabet, padded.
pub fn encode(bytes: &[u8], out: &mut Vec<u8>) {
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

/// Decodes either alphabet.
pub fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * BYTES_PER_GROUP / CHARS_PER_GROUP);
    let (mut bits, mut held) = (0_u32, 0);
    for char in text.bytes().take_while(|char| *char != PADDING) {
        let value = VALUES[usize::from(char)];
        if value == NO_VALUE {
            continue;
        }
        bits = bits << BITS_PER_CHAR | u32::from(value);
        held += BITS_PER_CHAR;
        if held >= u8::BITS {
            held -= u8::BITS;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
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

fn chars([a, b, c]: [u8; BYTES_PER_GROUP], alphabet: &[u8; 64]) -> [u8; CHARS_PER_GROUP] {
    let bits = u32::from_be_bytes([0, a, b, c]) as usize;
    [18, 12, 6, 0].map(|shift| alphabet[bits >> shift & 0x3f])
}

const fn values() -> [u8; 256] {
    let mut values = [NO_VALUE; 256];
    let mut value = 0;
    while value < STANDARD.len() {
        values[STANDARD[value] as usize] = value as u8;
        values[URL_SAFE[value] as usize] = value as u8;
        value += 1;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        let mut out = Vec::new();
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
            assert_eq!(decode(coded), plain.as_bytes());
            let bare = coded.trim_end_matches('=');
            assert_eq!(decode(bare), plain.as_bytes());
        }
        assert_eq!(encoded(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn what_is_no_base64_is_skipped() {
        for (coded, plain) in [
            ("A", ""),
            ("AAAAA", "\0\0\0"),
            ("Zg=", "f"),
            ("Zm9v=", "foo"),
            ("=bad", ""),
            ("Zg==Zg==", "f"),
            ("Z!g==", "f"),
            ("Zm 9v\n", "foo"),
            ("Zm9véZm9v", "foofoo"),
            ("!!!!", ""),
        ] {
            assert_eq!(decode(coded), plain.as_bytes(), "{coded}");
        }
        assert_eq!(decode("-_8="), [0xfb, 0xff]);
    }
}
