//! From events to commands.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::alert::Alert;
use super::{HISTORY_MAX, Lounge, admit, line, tell};
use crate::dialects::Incoming;
use crate::dialects::kit::{json, since};
use crate::hub::command::{Command, Deed, Join, Leave, Topic};
use crate::hub::event::{Draft, Kind, Person};
use crate::hub::text::Text;
use crate::hub::voice::Pen;

/// The longest `imageUrl`, in bytes of JSON between its quotes.
const IMAGE_URL_BYTES_MAX: usize = 8192;

/// What the event asks for; bad input is answered at once.
pub(super) fn hear(
    lounge: &Lounge,
    who: &Person,
    event: &Incoming<'_>,
    pen: &mut Pen<'_>,
) -> Option<Command> {
    let heard = match event.name {
        "joinRoom" => joined(lounge, who, event.first()),
        "chatMessage" => said(who, event.first(), lounge.message_bytes_max)
            .map(|draft| Command { topic: Topic::Here, deed: Deed::Say(draft) }),
        "leaveRoom" => Ok(Command { topic: Topic::Here, deed: Deed::Leave(Leave::Voice) }),
        "history" => asked(event.first()),
        _ => return None,
    };
    heard.map_err(|alert| tell::alert(alert, pen)).ok()
}

/// `{"room":"1"}`
fn joined(
    lounge: &Lounge,
    who: &Person,
    payload: Option<&RawValue>,
) -> Result<Command, Alert<'static>> {
    #[derive(Deserialize)]
    struct Joined<'a> {
        #[serde(borrow)]
        room: Option<&'a RawValue>,
    }
    let named = payload.and_then(json::object::<Joined<'_>>).and_then(|joined| joined.room);
    let number = named.and_then(json::number).ok_or(Alert::NO_NUMBER)?;
    let join = Join {
        history: HISTORY_MAX,
        create: lounge.rooms_open_by_themselves,
        sole: !admit::is_guest(who),
        moves: true,
        ..Join::default()
    };
    Ok(Command { topic: Topic::Room(lounge.place(number)), deed: Deed::Join(join) })
}

/// `{"since":7}`, or nothing. What is no object is not looked at.
fn asked(payload: Option<&RawValue>) -> Result<Command, Alert<'static>> {
    #[derive(Deserialize)]
    struct Asked<'a> {
        #[serde(borrow)]
        since: Option<&'a RawValue>,
    }
    let since = payload.and_then(json::object::<Asked<'_>>).and_then(|asked| asked.since);
    let since = since::in_payload(since).map_err(|_| Alert::NO_SINCE)?;
    let deed = Deed::History { limit: HISTORY_MAX, since };
    Ok(Command { topic: Topic::Here, deed })
}

/// `{"type":"image","text":"look","imageUrl":"/cat.png","client_id":"a1"}`
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow, rename = "imageUrl")]
    image_url: Option<&'a RawValue>,
    #[serde(borrow)]
    client_id: Option<&'a RawValue>,
}

/// A message: an object, or a string of one.
fn said(
    who: &Person,
    payload: Option<&RawValue>,
    bytes_max: usize,
) -> Result<Draft, Alert<'static>> {
    let payload = payload.ok_or(Alert::NO_JSON)?;
    match json::string(payload) {
        Some(inner) => {
            let inner = serde_json::from_str(&inner).map_err(|_| Alert::NO_JSON)?;
            draft(who, inner, bytes_max)
        }
        None => draft(who, payload, bytes_max),
    }
}

fn draft(who: &Person, message: &RawValue, bytes_max: usize) -> Result<Draft, Alert<'static>> {
    let said: Said<'_> = json::object(message).ok_or(Alert::NO_JSON)?;
    let (kind, image_url) = match said.kind.and_then(json::string).as_deref() {
        Some("text") => (Kind::Text, None),
        Some("image") => (Kind::Image, Some(checked_url(said.image_url)?)),
        _ => return Err(Alert::NO_KIND),
    };
    let text = match (said.text, kind) {
        (None, Kind::Image) => Text::from(""),
        (text, _) => text.and_then(json::text).ok_or(Alert::NO_TEXT)?,
    };
    if kind == Kind::Text && text.is_blank() {
        return Err(Alert::NO_TEXT);
    }
    if text.literal().len() > bytes_max && text.bytes_count() > bytes_max {
        return Err(Alert::TOO_LONG);
    }
    let key: Option<Result<Arc<str>, _>> = said.client_id.map(json::key);
    Ok(Draft {
        kind,
        text,
        parent: None,
        extra: Some(line::extra(who, image_url)),
        key: key.transpose().map_err(|_| Alert::NO_KEY)?,
        rings: false,
    })
}

fn checked_url(url: Option<&RawValue>) -> Result<&RawValue, Alert<'static>> {
    const QUOTES: usize = 2;
    let is_good = |url: &&RawValue| {
        let literal = url.get();
        let inside = literal.len().saturating_sub(QUOTES);
        literal.starts_with('"') && (1..=IMAGE_URL_BYTES_MAX).contains(&inside)
    };
    url.filter(is_good).ok_or(Alert::NO_IMAGE)
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::super::admit::Guests;
    use super::{Alert, IMAGE_URL_BYTES_MAX, said};
    use crate::hub::event::{Draft, Kind};

    const BYTES_MAX: usize = 20;

    fn hear(payload: &str) -> Result<Draft, Alert<'static>> {
        let payload: Box<RawValue> = serde_json::from_str(payload).unwrap();
        said(&Guests::new(0).come(), Some(&payload), BYTES_MAX)
    }

    /// The same as a string of JSON.
    fn hear_both(payload: &str) -> Result<Draft, Alert<'static>> {
        let alert =
            |heard: &Result<Draft, Alert<'static>>| heard.as_ref().map(drop).map_err(|e| *e);
        let as_object = hear(payload);
        let as_string = hear(&serde_json::to_string(payload).unwrap());
        assert_eq!(alert(&as_object), alert(&as_string), "{payload}");
        as_string
    }

    #[test]
    fn a_message_is_an_object_or_a_string_of_one() {
        let text = hear_both(r#"{"type":"text","text":"hi\ud83d","client_id":"a1"}"#).unwrap();
        assert_eq!((text.kind, text.text.literal()), (Kind::Text, r#""hi\ud83d""#));
        assert_eq!(text.key.as_deref(), Some("a1"));
        let image = hear_both(r#"{"type":"image","text":"","imageUrl":"/a.png"}"#).unwrap();
        assert_eq!(image.kind, Kind::Image);
        assert!(image.extra.unwrap().contains(r#""imageUrl":"/a.png""#));
        assert!(hear_both(r#"{"type":"image","imageUrl":"/a.png"}"#).is_ok());
        // What only images have is no part of words.
        let text = hear_both(r#"{"type":"text","text":"hi","imageUrl":"/a.png"}"#).unwrap();
        assert!(!text.extra.unwrap().contains("imageUrl"));
    }

    #[test]
    fn what_is_no_message_is_refused_by_name() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let nested = format!(r#"{{"type":"text","text":{deep}}}"#);
        let long = format!(r#"{{"type":"text","text":"{}"}}"#, "x".repeat(BYTES_MAX + 1));
        let url = "u".repeat(IMAGE_URL_BYTES_MAX + 1);
        let long_url = format!(r#"{{"type":"image","text":"","imageUrl":"{url}"}}"#);
        let cases: &[(&str, Alert<'static>)] = &[
            ("null", Alert::NO_JSON),
            ("7", Alert::NO_JSON),
            ("1e400", Alert::NO_JSON),
            ("[]", Alert::NO_JSON),
            (r#"["text","hi"]"#, Alert::NO_JSON),
            (&deep, Alert::NO_JSON),
            (&nested, Alert::NO_TEXT),
            ("{}", Alert::NO_KIND),
            (r#"{"text":"hi"}"#, Alert::NO_KIND),
            (r#"{"type":"system","text":"hi"}"#, Alert::NO_KIND),
            (r#"{"type":1e400,"text":"hi"}"#, Alert::NO_KIND),
            (r#"{"type":"text"}"#, Alert::NO_TEXT),
            (r#"{"type":"text","text":" "}"#, Alert::NO_TEXT),
            (r#"{"type":"text","text":null}"#, Alert::NO_TEXT),
            (r#"{"type":"text","text":{}}"#, Alert::NO_TEXT),
            (r#"{"type":"image","text":7,"imageUrl":"/a"}"#, Alert::NO_TEXT),
            (&long, Alert::TOO_LONG),
            (r#"{"type":"image","text":"a"}"#, Alert::NO_IMAGE),
            (r#"{"type":"image","text":"a","imageUrl":""}"#, Alert::NO_IMAGE),
            (r#"{"type":"image","text":"a","imageUrl":7}"#, Alert::NO_IMAGE),
            (&long_url, Alert::NO_IMAGE),
            (r#"{"type":"text","text":"a","client_id":""}"#, Alert::NO_KEY),
            (r#"{"type":"text","text":"a","client_id":{}}"#, Alert::NO_KEY),
        ];
        for (payload, wanted) in cases {
            let shown = &payload[..payload.len().min(60)];
            assert_eq!(hear_both(payload).map(drop), Err(*wanted), "{shown}");
        }
        for not_json in [r#""hello""#, r#""""#, r#""{\"type\":\"text\"""#, r#""\ud800""#] {
            assert_eq!(hear(not_json).map(drop), Err(Alert::NO_JSON), "{not_json}");
        }
    }
}
