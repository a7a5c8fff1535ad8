//! Texts of messages, cut emojis and all: from the wire to the store and back, nothing is lost.

use polylogue::dialects::kit::json;
use polylogue::hub::text::Text;
use serde_json::value::RawValue;

/// A JSON value, or bytes as a store has them.
pub(crate) fn text(bytes: &[u8]) {
    let stored = Text::from_wtf8(bytes);
    assert_eq!(Text::from_wtf8(&stored.to_wtf8()), stored, "what was mended once stays");
    let Ok(value) = serde_json::from_slice::<&RawValue>(bytes) else { return };
    drop((json::integer(value), json::number(value), json::key(value), json::string(value)));
    let Some(text) = json::text(value) else { return };
    assert_eq!(text.literal(), value.get());
    let kept = text.to_wtf8();
    assert_eq!(kept.len(), text.bytes_count());
    assert_eq!(Text::from_wtf8(&kept), text, "the store loses nothing");
    assert_eq!(text.is_blank(), text.trimmed().bytes_count() == 0);
    assert_eq!(text.trimmed().trimmed(), text.trimmed(), "once is enough");
    assert!(text.chars_count() <= text.bytes_count());
    assert_eq!(text.to_string().chars().count(), text.chars_count());
}
