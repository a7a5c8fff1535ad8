//! What is said in another dialect, for one whose messages are words and nothing else.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::hub::event::{Kind, Message};
use crate::hub::text::Text;

/// The message's text; behind that of an image, where it is to be found.
#[must_use]
pub fn plain(message: &Message) -> Cow<'_, Text> {
    #[derive(Deserialize)]
    struct Image<'a> {
        #[serde(borrow, rename = "imageUrl")]
        url: Option<&'a RawValue>,
    }
    let text = &message.text;
    if message.kind != Kind::Image {
        return Cow::Borrowed(text);
    }
    let image: Option<Image<'_>> =
        message.extra.as_deref().and_then(|extra| serde_json::from_str(extra).ok());
    match image.and_then(|image| image.url).and_then(Text::from_json) {
        None => Cow::Borrowed(text),
        Some(url) if text.is_blank() => Cow::Owned(url),
        Some(url) => Cow::Owned(text.with_word(&url)),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::hub::event::{Kind, Message};
    use crate::hub::id::{MessageId, RoomId};

    fn words(kind: Kind, text: &str, extra: Option<&str>) -> String {
        let message = Message {
            id: MessageId(1),
            room: RoomId(1),
            seq: 1,
            author: None,
            kind,
            text: text.into(),
            parent: None,
            extra: extra.map(Into::into),
            created_ms: 0,
            updated_ms: 0,
        };
        plain(&message).literal().to_owned()
    }

    #[test]
    fn an_image_is_its_words_and_where_it_is() {
        let extra = Some(r#"{"id":7,"nickname":"neo","imageUrl":"/a\ud83d.png"}"#);
        assert_eq!(words(Kind::Image, "look", extra), r#""look /a\ud83d.png""#);
        assert_eq!(words(Kind::Image, " ", extra), r#""/a\ud83d.png""#);
        assert_eq!(words(Kind::Image, "look", None), r#""look""#);
        assert_eq!(words(Kind::Image, "look", Some("{}")), r#""look""#);
        assert_eq!(words(Kind::Text, "look", extra), r#""look""#);
    }
}
