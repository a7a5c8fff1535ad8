//! Reading what clients send: JSON of an expected shape, or nothing.

use std::sync::Arc;

use serde::de::Deserialize;
use serde_json::value::RawValue;

use crate::hub::text::Text;

/// The value, where it has the shape of `T`. Nesting is bounded by serde's own limit.
#[must_use]
pub fn parse<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

/// The same for an object alone: serde would take a list for a struct as well.
#[must_use]
pub fn object<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    json.get().trim_ascii_start().starts_with('{').then(|| parse(json)).flatten()
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
