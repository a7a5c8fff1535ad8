//! Text as clients write it: a JSON string literal, kept as it came.
//!
//! A client that cuts an emoji in two sends a lone surrogate (`"\ud83d"`), which no Rust
//! `String` can hold and which must still reach everybody. So text stays the literal it was on
//! the wire: relaying it is a copy, with nothing to unescape and nothing to escape again.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON string literal, quotes included. Cheap to clone.
///
/// **Invariant:** the inner JSON is a string, checked when the value is made.
#[derive(Clone)]
pub struct Text(Arc<RawValue>);

impl Text {
    /// Takes a JSON value that is a string; `None` for any other.
    #[must_use]
    pub fn from_json(json: &RawValue) -> Option<Text> {
        json.get().starts_with('"').then(|| Text(json.to_owned().into()))
    }

    /// Takes text as the store keeps it: UTF-8 in which a lone surrogate may stand as the
    /// three bytes that UTF-8 would give it, were it allowed (WTF-8).
    ///
    /// Bytes that are neither become U+FFFD.
    #[must_use]
    pub fn from_wtf8(bytes: &[u8]) -> Text {
        match std::str::from_utf8(bytes) {
            Ok(text) => Text::from(text),
            Err(_) => wtf8::literal(bytes),
        }
    }

    /// The text as the store keeps it (see [`Text::from_wtf8`]).
    #[must_use]
    pub fn to_wtf8(&self) -> Cow<'_, [u8]> {
        wtf8::bytes(self.inside())
    }

    /// The literal, quotes included.
    #[must_use]
    pub fn literal(&self) -> &str {
        self.0.get()
    }

    /// How many characters it has: code points, each lone surrogate counting as one.
    #[must_use]
    pub fn chars_count(&self) -> usize {
        wtf8::code_points(self.inside()).count()
    }

    /// How many bytes it has once unescaped.
    #[must_use]
    pub fn bytes_count(&self) -> usize {
        wtf8::code_points(self.inside()).map(wtf8::encoded_bytes).sum()
    }

    /// Whether there is nothing in it but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        wtf8::code_points(self.inside())
            .all(|point| char::from_u32(point).is_some_and(char::is_whitespace))
    }

    /// The same without white space at either end.
    #[must_use]
    pub fn trimmed(&self) -> Text {
        let lossless = self.to_wtf8();
        match std::str::from_utf8(&lossless) {
            Ok(text) => text.trim().into(),
            Err(_) => Text::from_wtf8(lossless.trim_ascii()),
        }
    }

    /// The same with a blank and another text behind it.
    #[must_use]
    pub fn with_word(&self, word: &Text) -> Text {
        Text::from_literal(format!("\"{} {}\"", self.inside(), word.inside()))
    }

    /// What is between the quotes, still escaped.
    fn inside(&self) -> &str {
        let literal = self.literal();
        &literal[1..literal.len() - 1]
    }

    /// Wraps a literal that this module wrote.
    fn from_literal(literal: String) -> Text {
        Text(RawValue::from_string(literal).expect("a literal we wrote is JSON").into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::from_literal(serde_json::to_string(text).expect("a str is always JSON"))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.literal() == other.literal() || self.to_wtf8() == other.to_wtf8()
    }
}

/// The text for people and logs; a lone surrogate shows as U+FFFD.
impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        wtf8::code_points(self.inside())
            .map(|point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER))
            .try_for_each(|c| fmt::Write::write_char(out, c))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.literal())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// Between escaped JSON and WTF-8 bytes.
mod wtf8 {
    use super::Text;
    use std::borrow::Cow;
    use std::fmt::Write as _;

    /// The code points of an escaped string; surrogates that pair up come out as one.
    pub(super) fn code_points(escaped: &str) -> impl Iterator<Item = u32> + '_ {
        let mut rest = escaped.chars();
        let mut ahead = None;
        std::iter::from_fn(move || {
            let first = ahead.take().or_else(|| unit(&mut rest))?;
            if !(0xD800..0xDC00).contains(&first) {
                return Some(first);
            }
            match unit(&mut rest) {
                Some(low @ 0xDC00..0xE000) => {
                    Some(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00))
                }
                other => {
                    ahead = other;
                    Some(first)
                }
            }
        })
    }

    /// The next character or escape.
    fn unit(rest: &mut std::str::Chars<'_>) -> Option<u32> {
        let c = rest.next()?;
        if c != '\\' {
            return Some(c as u32);
        }
        Some(match rest.next()? {
            'u' => rest
                .by_ref()
                .take(4)
                .filter_map(|digit| digit.to_digit(16))
                .fold(0, |n, d| n * 16 + d),
            'n' => 0x0A,
            't' => 0x09,
            'r' => 0x0D,
            'b' => 0x08,
            'f' => 0x0C,
            other => other as u32,
        })
    }

    /// How many bytes a code point takes.
    pub(super) fn encoded_bytes(point: u32) -> usize {
        match point {
            0..0x80 => 1,
            0x80..0x800 => 2,
            0x800..0x10000 => 3,
            _ => 4,
        }
    }

    /// Unescapes into WTF-8.
    pub(super) fn bytes(escaped: &str) -> Cow<'_, [u8]> {
        if !escaped.as_bytes().contains(&b'\\') {
            return Cow::Borrowed(escaped.as_bytes());
        }
        let mut out = Vec::with_capacity(escaped.len());
        for point in code_points(escaped) {
            match char::from_u32(point) {
                Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                None => out.extend_from_slice(&[
                    0xE0 | (point >> 12) as u8,
                    0x80 | ((point >> 6) & 0x3F) as u8,
                    0x80 | (point & 0x3F) as u8,
                ]),
            }
        }
        Cow::Owned(out)
    }

    /// Escapes WTF-8 that is not UTF-8.
    pub(super) fn literal(bytes: &[u8]) -> Text {
        let mut out = String::from("\"");
        let mut rest = bytes;
        while !rest.is_empty() {
            let valid = match std::str::from_utf8(rest) {
                Ok(_) => rest.len(),
                Err(error) => error.valid_up_to(),
            };
            let (good, bad) = rest.split_at(valid);
            let good = serde_json::to_string(&String::from_utf8_lossy(good)).unwrap_or_default();
            out.push_str(good.get(1..good.len().saturating_sub(1)).unwrap_or_default());
            rest = match bad {
                [0xED, high @ 0xA0..=0xBF, low @ 0x80..=0xBF, tail @ ..] => {
                    let point = 0xD000 | (u32::from(high & 0x3F) << 6) | u32::from(low & 0x3F);
                    let _ = write!(out, "\\u{point:04x}");
                    tail
                }
                [_, tail @ ..] => {
                    out.push(char::REPLACEMENT_CHARACTER);
                    tail
                }
                [] => bad,
            };
        }
        out.push('"');
        Text::from_literal(out)
    }
}

#[cfg(test)]
mod tests {
    use super::Text;
    use serde_json::value::RawValue;

    fn json(literal: &str) -> Text {
        let raw: &RawValue = serde_json::from_str(literal).unwrap();
        Text::from_json(raw).unwrap()
    }

    #[test]
    fn a_lone_surrogate_survives_the_store() {
        for literal in [r#""cut \ud83d here""#, r#""\ude00""#, r#""\ud83d\ud83d\ude00""#] {
            let text = json(literal);
            assert_eq!(Text::from_wtf8(&text.to_wtf8()), text, "{literal}");
        }
        assert_eq!(Text::from_wtf8(&json(r#""\ud83d""#).to_wtf8()).literal(), r#""\ud83d""#);
    }

    #[test]
    fn plain_text_is_stored_as_plain_utf8() {
        assert_eq!(json(r#""a\n\u00e9\ud83d\ude00\"""#).to_wtf8(), "a\né😀\"".as_bytes());
        assert_eq!(json(r#""a\/b""#), Text::from("a/b"));
    }

    #[test]
    fn counts_characters_not_escapes() {
        assert_eq!(json(r#""\ud83d\ude00\u00e9x""#).chars_count(), 3);
        assert_eq!(json(r#""\ud83d\ude00\u00e9x""#).bytes_count(), 7);
        assert_eq!(json(r#""\ud83d""#).chars_count(), 1);
    }

    #[test]
    fn blank_is_white_space_however_it_is_spelled() {
        assert!(json(r#"" \n\t\u0020\u00a0""#).is_blank());
        assert!(json(r#""""#).is_blank());
        assert!(!json(r#"" . ""#).is_blank());
        assert!(!json(r#""\ud83d""#).is_blank());
        assert_eq!(json(r#""  a b\n""#).trimmed(), Text::from("a b"));
        assert_eq!(json(r#""\u00a0a""#).trimmed(), Text::from("a"));
    }

    #[test]
    fn only_a_string_is_text() {
        let number: &RawValue = serde_json::from_str("1").unwrap();
        assert!(Text::from_json(number).is_none());
    }

    #[test]
    fn foreign_bytes_in_the_store_do_no_harm() {
        assert_eq!(Text::from_wtf8(b"a\xFFb").to_string(), "a\u{FFFD}b");
        assert_eq!(Text::from_wtf8(b"\xED\xA0").to_string(), "\u{FFFD}\u{FFFD}");
    }
}
