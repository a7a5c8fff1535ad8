//! From events to commands.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{DEFAULT_ROOM, Rooms, tell, wrong_code};
use crate::dialects::Incoming;
use crate::dialects::kit::json;
use crate::hub::command::{Command, Deed, Join, Leave, Topic};
use crate::hub::event::{Draft, Kind};
use crate::hub::id::MessageId;
use crate::hub::text::Text;
use crate::hub::voice::Pen;

/// What the event asks for; bad input is answered at once.
pub(super) fn hear(rooms: &Rooms, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
    let heard = match event.name {
        "join_room" => room(event.first()).map(|code| {
            let join = Join { history: rooms.history_on_join, create: true, ..Join::default() };
            Command { topic: Topic::Room(rooms.place(&code)), deed: Deed::Join(join) }
        }),
        "leave_room" => room(event.first()).map(|code| Command {
            topic: Topic::Room(rooms.place(&code)),
            deed: Deed::Leave(Leave::User),
        }),
        "send_message" => said(rooms, event.first()),
        "delete_message" => return deleted(rooms, event.first(), pen),
        _ => return None,
    };
    heard.map_err(|words| tell::error(&words, pen)).ok()
}

/// An object that names a room.
#[derive(Deserialize)]
struct InRoom<'a> {
    #[serde(borrow)]
    room: Option<&'a RawValue>,
}

/// `"room_2"`, `{"room":"room_2"}`, or nothing at all: the default room.
fn room(payload: Option<&RawValue>) -> Result<String, String> {
    let Some(payload) = payload.filter(|payload| payload.get() != "null") else {
        return Ok(DEFAULT_ROOM.into());
    };
    match json::object::<InRoom<'_>>(payload) {
        Some(InRoom { room: None }) => Ok(DEFAULT_ROOM.into()),
        Some(InRoom { room: Some(room) }) => code(room),
        None => code(payload),
    }
}

fn code(room: &RawValue) -> Result<String, String> {
    let code = json::string(room).ok_or("room must be a string")?;
    wrong_code(&code).map_or(Ok(code), |words| Err(words.into()))
}

/// `"hello"` or `{"room":"room_2","content":"hello","client_id":"a1"}`.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow)]
    room: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    client_id: Option<&'a RawValue>,
}

fn said(rooms: &Rooms, payload: Option<&RawValue>) -> Result<Command, String> {
    let payload = payload.ok_or("content should not be empty")?;
    let (code, text, key) = match Text::from_json(payload) {
        Some(text) => (DEFAULT_ROOM.to_owned(), text, None),
        None => {
            let said: Said<'_> = json::object(payload).ok_or("content must be a string")?;
            let content = said.content.ok_or("content should not be empty")?;
            let text = Text::from_json(content).ok_or("content must be a string")?;
            let key = said.client_id.map(json::key).transpose()?;
            (said.room.map_or_else(|| Ok(DEFAULT_ROOM.into()), code)?, text, key)
        }
    };
    check(&text, rooms.message_bytes_max)?;
    Ok(Command { topic: Topic::Room(rooms.place(&code)), deed: Deed::Say(draft(text, key)) })
}

/// Whether a text can be a message.
///
/// # Errors
/// The sentence that says why not.
pub(super) fn check(text: &Text, bytes_max: usize) -> Result<(), String> {
    if text.is_blank() {
        return Err("content should not be empty".into());
    }
    if text.literal().len() > bytes_max && text.bytes_count() > bytes_max {
        return Err(format!("content must be shorter than or equal to {bytes_max} bytes"));
    }
    Ok(())
}

/// A message with that text.
pub(super) fn draft(text: Text, key: Option<Arc<str>>) -> Draft {
    Draft { kind: Kind::Text, text, parent: None, extra: None, key, rings: false }
}

/// `123` or `"123"`; what is no id at all is no message's.
fn deleted(rooms: &Rooms, payload: Option<&RawValue>, pen: &mut Pen<'_>) -> Option<Command> {
    let Some(id) = payload.and_then(json::number) else {
        tell::not_deleted(payload.map_or("null", RawValue::get), pen);
        return None;
    };
    Some(Command { topic: Topic::Message(rooms.realm, MessageId(id)), deed: Deed::Delete(None) })
}
