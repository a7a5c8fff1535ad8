//! Reading what clients send: JSON of an expected shape, or nothing.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::hub::text::Text;

/// The value, where it has the shape of `T`. Nesting is bounded by serde's own limit.
#[must_use]
pub fn parse<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

/// An object's fields. An array is no object, though serde would take it for one.
#[must_use]
pub fn object<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    json.get().starts_with('{').then(|| parse(json)).flatten()
}

/// A field of an object; of two with one name the last. Nothing is kept of the others: who asks for
/// a few fields reads the object as often, which costs less than a table of all.
#[must_use]
pub fn field<'a>(json: &'a RawValue, name: &str) -> Option<&'a RawValue> {
    // Where nothing is escaped, a key stands there as it is: most fields that are asked for do not.
    if !json.get().contains(name) && !json.get().contains('\\') {
        return None;
    }
    serde_json::Deserializer::from_str(json.get()).deserialize_map(Field(name)).ok().flatten()
}

/// See [`field`].
struct Field<'n>(&'n str);

impl<'de> Visitor<'de> for Field<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(is_it) = map.next_key_seed(Is(self.0))? {
            let value = map.next_value()?;
            if is_it {
                found = Some(value);
            }
        }
        Ok(found)
    }
}

/// Whether a key is that one.
struct Is<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<bool, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// A JSON number that is whole, however it is spelled (`1`, `1.0`, `1e0`), and that every client
/// language holds exactly.
#[must_use]
pub fn integer(json: &RawValue) -> Option<i64> {
    if let Some(number) = digits(json.get()) {
        return i64::try_from(number).ok();
    }
    const BEYOND: f64 = (1_u64 << 53) as f64;
    let is_number = json.get().starts_with(|first: char| first == '-' || first.is_ascii_digit());
    let number: f64 = if is_number { json.get().parse().ok()? } else { return None };
    #[allow(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
    let whole = (number.fract() == 0.0 && number.abs() < BEYOND).then_some(number as i64);
    whole
}

/// A string's text.
#[must_use]
pub fn text(json: &RawValue) -> Option<Text> {
    Text::from_json(json)
}

/// A whole number from 0 to 2^53-1, as a JSON number or as a string of digits.
#[must_use]
pub fn number(json: &RawValue) -> Option<u64> {
    let text = json.get();
    digits(text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text))
}

/// The same where nothing but digits may be.
#[must_use]
pub fn digits(digits: &str) -> Option<u64> {
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_plain { digits.parse().ok()? } else { return None };
    (number < 1 << 53).then_some(number)
}

/// An idempotency key: a string of 1 to [`KEY_BYTES_MAX`] bytes, or a number.
///
/// # Errors
/// What is wrong with it.
pub fn key(json: &RawValue) -> Result<Arc<str>, String> {
    match string(json) {
        Some(key) => checked_key(&key),
        None if number(json).is_some() => checked_key(json.get()),
        None => Err(WRONG_KEY.into()),
    }
}

/// The same for a key that is text already.
///
/// # Errors
/// What is wrong with it.
pub fn checked_key(key: &str) -> Result<Arc<str>, String> {
    match (1..=KEY_BYTES_MAX).contains(&key.len()) {
        true => Ok(key.into()),
        false => Err(WRONG_KEY.into()),
    }
}

/// The longest idempotency key, in bytes.
pub const KEY_BYTES_MAX: usize = 255;

const WRONG_KEY: &str = "an idempotency key must be a string of 1 to 255 bytes";

/// A string's characters, where all of them are characters (no lone surrogate).
#[must_use]
pub fn string(json: &RawValue) -> Option<String> {
    parse(json)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{field, integer, object};
    use serde_json::value::RawValue;

    fn raw(literal: &str) -> &RawValue {
        serde_json::from_str(literal).unwrap()
    }

    #[test]
    fn an_integer_is_a_whole_number_that_is_held_exactly() {
        for (literal, expected) in [
            ("1", 1),
            ("1.0", 1),
            ("1e0", 1),
            ("-7", -7),
            ("0", 0),
            ("9007199254740991", (1 << 53) - 1),
        ] {
            assert_eq!(integer(raw(literal)), Some(expected), "{literal}");
        }
        let long = "9".repeat(400);
        for literal in [
            "1.5",
            "\"1\"",
            "true",
            "null",
            "[1]",
            "{}",
            "9007199254740992",
            "1e300",
            long.as_str(),
        ] {
            assert_eq!(integer(raw(literal)), None, "{literal}");
        }
    }

    #[test]
    fn a_field_is_the_last_of_its_name_however_it_is_spelled() {
        let of = |json: &str| field(raw(json), "a").map(|value| value.get().to_owned());
        assert_eq!(of(r#"{"a":1,"b":{"a":2},"a": [3] }"#).as_deref(), Some("[3]"));
        assert_eq!(of(r#"{"\u0061":null}"#).as_deref(), Some("null"));
        for none in ["{}", r#"{"b":1}"#, r#"["a",1]"#, r#""a""#, "null", r#"{"a":1,"\ud83d":2}"#] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn an_array_is_no_object() {
        assert!(object::<HashMap<String, u8>>(raw(r#"{"a":1}"#)).is_some());
        #[derive(serde::Deserialize)]
        struct One(#[allow(dead_code)] u8);
        assert!(object::<One>(raw("[1]")).is_none());
    }
}
