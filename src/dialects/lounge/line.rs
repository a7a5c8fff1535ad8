//! A message as it is kept beside its text, and as it is told: the same words live and in the
//! history, whatever nickname its author has by then.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::admit::shown_id;
use super::clock::time_of_day;
use crate::hub::event::{Kind, Message, Person};
use crate::hub::text::Text;

/// The longest history that is told at once, in bytes of a JSON string; what is older is left
/// out. An event and an ack of that length must fit among what may wait for a connection.
const HISTORY_BYTES_MAX: usize = 384 * 1024;

/// What is kept with a message.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    id: u64,
    #[serde(borrow)]
    nickname: Cow<'a, str>,
    #[serde(borrow, rename = "imageUrl", skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a RawValue>,
}

/// `{"type":"text","id":7,"text":"hello","nickname":"neo","time":"4:41 pm"}`
#[derive(Serialize)]
pub(super) struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: u64,
    text: &'a Text,
    nickname: Cow<'a, str>,
    #[serde(rename = "imageUrl", skip_serializing_if = "Option::is_none")]
    image_url: Option<&'a RawValue>,
    time: String,
}

/// The extras of a message by `who`. `image_url`: a JSON string.
pub(super) fn extra(who: &Person, image_url: Option<&RawValue>) -> Arc<str> {
    let kept = Kept { id: shown_id(who), nickname: nickname(who).into(), image_url };
    serde_json::to_string(&kept).expect("extras are always JSON").into()
}

/// The name that others see.
pub(super) fn nickname(who: &Person) -> &str {
    who.nickname.as_deref().unwrap_or(&who.name)
}

impl<'a> Line<'a> {
    /// A message, ready to be told.
    pub(super) fn new(message: &'a Message, zone: &TimeZone) -> Line<'a> {
        let extra = message.extra.as_deref();
        let kept = extra.and_then(|extra| serde_json::from_str(extra).ok());
        // What comes from elsewhere has no such extras.
        let Kept { id, nickname, image_url } = kept.unwrap_or_else(|| Kept {
            id: message.author.as_deref().map_or(0, shown_id),
            nickname: message.author.as_deref().map_or("unknown", nickname).into(),
            image_url: None,
        });
        let time = time_of_day(message.created_ms, zone);
        Line { kind: message.kind.as_str(), id, text: &message.text, nickname, image_url, time }
    }
}

/// The text and image messages among these, oldest first: a JSON array.
pub(super) fn history(newest_first: &[Message], zone: &TimeZone) -> String {
    let is_told = |message: &&Message| matches!(message.kind, Kind::Text | Kind::Image);
    let mut bytes = 0;
    let mut lines = Vec::new();
    for message in newest_first.iter().filter(is_told) {
        let line = serde_json::to_string(&Line::new(message, zone));
        let line = line.expect("messages are always JSON");
        bytes += line.len() + line.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
        if bytes > HISTORY_BYTES_MAX {
            break;
        }
        lines.push(line);
    }
    lines.reverse();
    format!("[{}]", lines.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{HISTORY_BYTES_MAX, TimeZone, extra, history};
    use crate::dialects::lounge::admit::Guests;
    use crate::hub::event::{Kind, Message};
    use crate::hub::id::{MessageId, RoomId};

    fn message(seq: u64, kind: Kind, text: &str, extra: Option<&str>) -> Message {
        Message {
            id: MessageId(seq),
            room: RoomId(1),
            seq,
            author: None,
            kind,
            text: text.into(),
            parent: None,
            extra: extra.map(Into::into),
            created_ms: 60_000 * seq,
            updated_ms: 0,
        }
    }

    #[test]
    fn a_history_is_the_text_and_image_messages_oldest_first() {
        let neo = r#"{"id":7,"nickname":"neo"}"#;
        let cat = r#"{"id":8,"nickname":"cat","imageUrl":"/a\ud83d.png"}"#;
        let newest_first = [
            message(4, Kind::File, "a file", Some(neo)),
            message(3, Kind::Image, "look", Some(cat)),
            message(2, Kind::System, "a notice", None),
            message(1, Kind::Text, "hello", Some(neo)),
        ];
        let wanted = concat!(
            r#"[{"type":"text","id":7,"text":"hello","nickname":"neo","time":"12:01 am"},"#,
            r#"{"type":"image","id":8,"text":"look","nickname":"cat","#,
            r#""imageUrl":"/a\ud83d.png","time":"12:03 am"}]"#,
        );
        assert_eq!(history(&newest_first, &TimeZone::UTC), wanted);
        assert_eq!(history(&[], &TimeZone::UTC), "[]");
    }

    #[test]
    fn a_history_too_long_to_be_told_loses_its_oldest_messages() {
        let long = "x".repeat(HISTORY_BYTES_MAX / 3);
        let newest_first: Vec<_> =
            (1..=4).rev().map(|seq| message(seq, Kind::Text, &long, None)).collect();
        let told = history(&newest_first, &TimeZone::UTC);
        assert!(serde_json::to_string(&told).unwrap().len() <= HISTORY_BYTES_MAX);
        let times: Vec<_> = told.match_indices("12:0").map(|(at, _)| &told[at..at + 5]).collect();
        assert_eq!(times, ["12:03", "12:04"]);
    }

    #[test]
    fn what_is_kept_of_a_guest_is_what_others_see() {
        let guest = Guests::new(0).come();
        assert_eq!(&*extra(&guest, None), r#"{"id":1000,"nickname":"ANONYMOUS"}"#);
        let url: Box<RawValue> = serde_json::from_str(r#""/a.png""#).unwrap();
        let with_image = r#"{"id":1000,"nickname":"ANONYMOUS","imageUrl":"/a.png"}"#;
        assert_eq!(&*extra(&guest, Some(&url)), with_image);
    }
}
