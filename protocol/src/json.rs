//! The little JSON that the protocol needs: literals written, literals read, nothing built.
//!
//! JavaScript's strings may hold half a surrogate pair, a cut emoji for instance, and clients send
//! it as `\ud83d`. It is valid JSON but no Unicode: reading it here puts U+FFFD in its place.
//! Speaks to the encoders, and to whoever reads an event's arguments.

use std::borrow::Cow;

use bytes::BufMut;
use serde_json::value::RawValue;

const HEX: &[u8; 16] = b"0123456789abcdef";
const DECIMAL_DIGITS_MAX: usize = 20;
const UNICODE_ESCAPE_BYTES: usize = 6;

/// Appends `text` as a JSON string literal. What needs no escape is copied in whole runs.
///
/// **Invariant:** no control character is left in the literal, hence no separator of a polling
/// payload.
pub fn json_str(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.put_u8(b'"');
    let mut rest = text.as_bytes();
    while let Some(place) = rest.iter().position(|byte| needs_escape(*byte)) {
        out.put_slice(&rest[..place]);
        escape(out, rest[place]);
        rest = &rest[place + 1..];
    }
    out.put_slice(rest);
    out.put_u8(b'"');
}

/// Appends `number` in decimal.
pub fn decimal(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0; DECIMAL_DIGITS_MAX];
    let mut first = DECIMAL_DIGITS_MAX;
    let mut left = number;
    loop {
        first -= 1;
        digits[first] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.put_slice(&digits[first..]);
}

/// The text of a value that is a string; `None` for any other value. Half a surrogate pair becomes
/// U+FFFD.
pub fn string(value: &RawValue) -> Option<Cow<'_, str>> {
    let inner = value.get().strip_prefix('"')?.strip_suffix('"')?;
    Some(unescape(inner))
}

/// JSON text in which every half of a surrogate pair is the escape of U+FFFD, so that readers who
/// insist on Unicode take it. Borrowed where there is none.
pub fn mend_surrogates(json: &str) -> Cow<'_, str> {
    let mut mended = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = json[at..].find('\\') {
        at += found;
        let (char, length) = read_escape(&json[at..]);
        if char.is_none() {
            mended.push_str(&json[done..at]);
            mended.push_str("\\ufffd");
            done = at + length;
        }
        at += length;
    }
    match done {
        0 => Cow::Borrowed(json),
        _ => Cow::Owned(mended + &json[done..]),
    }
}

/// Whether JavaScript takes a character for white space.
pub(crate) fn is_js_space(char: char) -> bool {
    char == '\u{feff}' || (char.is_whitespace() && char != '\u{85}')
}

/// The number that JavaScript reads in a text, were it not negative; `None` for no number.
pub(crate) fn js_number(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_js_space);
    let radix = match text.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ if text.is_empty() => return Some(0.0),
        _ => return text.parse().ok(),
    };
    let digits = &text[2..];
    let is_number = digits.chars().all(|digit| digit.is_digit(radix));
    u32::from_str_radix(digits, radix).ok().filter(|_| is_number).map(f64::from)
}

/// The inside of a string literal, unescaped. The literal is valid already; in one that is not,
/// what cannot be read becomes U+FFFD.
pub(crate) fn unescape(literal: &str) -> Cow<'_, str> {
    let Some(mut place) = literal.find('\\') else {
        return Cow::Borrowed(literal);
    };
    let mut text = String::with_capacity(literal.len());
    let mut rest = literal;
    loop {
        text.push_str(&rest[..place]);
        let (char, length) = read_escape(&rest[place..]);
        text.push(char.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = &rest[place + length..];
        match rest.find('\\') {
            Some(next) => place = next,
            None => break,
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Where the string literal that `json` starts with ends: the index of its closing quote.
pub(crate) fn literal_end(json: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The character that an escape stands for, and how many bytes it takes up. `None` for half a pair.
fn read_escape(text: &str) -> (Option<char>, usize) {
    let simple = match text.as_bytes().get(1) {
        Some(b'u') => return read_unicode_escape(text),
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(itself) if itself.is_ascii() => char::from(*itself),
        _ => return (None, 1),
    };
    (Some(simple), 2)
}

fn read_unicode_escape(text: &str) -> (Option<char>, usize) {
    let Some(first) = unit(text) else {
        return (None, 2);
    };
    let second = text.get(UNICODE_ESCAPE_BYTES..).and_then(unit);
    let pair = char::decode_utf16([Some(first), second].into_iter().flatten()).next();
    match pair {
        Some(Ok(char)) => (Some(char), UNICODE_ESCAPE_BYTES * char.len_utf16()),
        _ => (None, UNICODE_ESCAPE_BYTES),
    }
}

/// The UTF-16 unit of the `\uXXXX` that `text` starts with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
}

const fn needs_escape(byte: u8) -> bool {
    matches!(byte, 0..0x20 | b'"' | b'\\')
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x8 => b'b',
        0xc => b'f',
        _ => {
            out.put_slice(b"\\u00");
            out.put_u8(HEX[usize::from(byte >> 4)]);
            return out.put_u8(HEX[usize::from(byte & 0xf)]);
        }
    };
    out.put_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> String {
        let mut out = Vec::new();
        json_str(&mut out, text);
        String::from_utf8(out.to_vec()).expect("a literal is UTF-8")
    }

    #[test]
    fn a_literal_escapes_what_it_must() {
        assert_eq!(literal(""), r#""""#);
        assert_eq!(literal("héllo \u{7f}\u{2028}😀"), "\"héllo \u{7f}\u{2028}😀\"");
        assert_eq!(literal("\"\\\n\r\t\u{8}\u{c}\0\x1e/"), r#""\"\\\n\r\t\b\f\u0000\u001e/""#);
    }

    #[test]
    fn numbers_are_written_whole() {
        for number in [0, 7, 10, 999, 1 << 53, u64::MAX] {
            let mut out = Vec::new();
            decimal(&mut out, number);
            assert_eq!(out, number.to_string().as_bytes());
        }
    }

    #[test]
    fn numbers_are_read_as_javascript_does() {
        for (text, number) in [
            ("", Some(0.0)),
            (" \u{feff}1\u{2028}", Some(1.0)),
            ("0x0A", Some(10.0)),
            ("0b11", Some(3.0)),
            ("0o7", Some(7.0)),
            ("1e1", Some(10.0)),
            ("+1.", Some(1.0)),
            ("0x", None),
            ("0x+1", None),
            ("1 2", None),
            ("1_0", None),
            ("a", None),
            ("é1", None),
        ] {
            assert_eq!(js_number(text), number, "{text}");
        }
    }

    #[test]
    fn strings_are_read_and_halves_replaced() {
        for (json, text) in [
            (r#""""#, Some("")),
            (r#""plain é""#, Some("plain é")),
            (r#""\"\\\/\b\f\n\r\tA""#, Some("\"\\/\u{8}\u{c}\n\r\tA")),
            (r#""\ud83d\ude00!""#, Some("😀!")),
            (r#""cut \ud83d""#, Some("cut \u{fffd}")),
            (r#""\ude00\ud83dA""#, Some("\u{fffd}\u{fffd}A")),
            (r#""\ud83d\ud83d\ude00""#, Some("\u{fffd}😀")),
            ("1", None),
            ("[]", None),
            ("null", None),
        ] {
            let value: &RawValue = serde_json::from_str(json).expect("valid JSON");
            assert_eq!(string(value).as_deref(), text, "{json}");
        }
    }

    #[test]
    fn mending_makes_json_that_insists_on_unicode() {
        let cut = r#"{"a":["\\ud83d","x\ud83dy\ude00","\ud83d\ude00"]}"#;
        assert!(serde_json::from_str::<serde_json::Value>(cut).is_err());
        let mended = mend_surrogates(cut);
        assert_eq!(mended, r#"{"a":["\\ud83d","x\ufffdy\ufffd","\ud83d\ude00"]}"#);
        assert!(serde_json::from_str::<serde_json::Value>(&mended).is_ok());
        assert!(matches!(mend_surrogates(r#"["\n\ud83d\ude00"]"#), Cow::Borrowed(_)));
    }
}
