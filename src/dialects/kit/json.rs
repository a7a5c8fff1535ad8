//! Reading what clients send: JSON of an expected shape, or nothing.

use serde::de::{Deserialize, DeserializeOwned};
use serde_json::value::RawValue;

use crate::hub::text::Text;

/// The value, where it has the shape of `T`. Nesting is bounded by serde's own limit.
#[must_use]
pub fn parse<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
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
    let digits = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_plain { digits.parse().ok()? } else { return None };
    (number < 1 << 53).then_some(number)
}

/// A string's characters, where all of them are characters (no lone surrogate).
#[must_use]
pub fn string(json: &RawValue) -> Option<String> {
    parse_owned(json)
}

fn parse_owned<T: DeserializeOwned>(json: &RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}
