//! From events to commands.

use std::sync::Arc;

use serde_json::value::RawValue;

use super::form::{self, Fields};
use super::{Coaching, place, tell};
use crate::dialects::Incoming;
use crate::dialects::kit::json;
use crate::hub::command::{Command, Deed, Join, Leave, Topic};
use crate::hub::event::{Draft, Kind};
use crate::hub::text::Text;
use crate::hub::voice::Pen;

const NO_CHAT: &str = "Chat ID is required";
const NO_CONTENT: &str = "Chat ID and content are required";
const NO_IS_TYPING: &str = "Chat ID and isTyping are required";

/// What the event asks for; bad input is answered at once.
pub(super) fn hear(
    coaching: &Coaching,
    event: &Incoming<'_>,
    pen: &mut Pen<'_>,
) -> Option<Command> {
    let heard = match event.name {
        "join-chat" => chat(event.first()).map(|chat| (chat, Deed::Join(Join::default()))),
        "leave-chat" => chat(event.first()).map(|chat| (chat, Deed::Leave(Leave::Voice))),
        "send-message" => said(coaching, event.first()),
        "typing" => typing(event.first()),
        _ => return None,
    };
    match heard {
        Ok((chat, deed)) => Some(Command { topic: Topic::Room(place(chat)), deed }),
        Err(words) => {
            tell::error(&words, pen);
            None
        }
    }
}

/// `7`, `"7"` or `{"chatId":7}`.
fn chat(payload: Option<&RawValue>) -> Result<u64, String> {
    let payload = payload.ok_or(NO_CHAT)?;
    let plain = json::number(payload);
    let chat = plain.or_else(|| form::fields(payload.get()).and_then(|fields| chat_id(&fields)));
    chat.ok_or_else(|| NO_CHAT.into())
}

/// `{"chatId":7,"content":"Hello!","client_id":"a1"}`
fn said(coaching: &Coaching, payload: Option<&RawValue>) -> Result<(u64, Deed), String> {
    let fields = payload.and_then(|payload| form::fields(payload.get())).ok_or(NO_CONTENT)?;
    let chat = chat_id(&fields).ok_or(NO_CONTENT)?;
    let content = fields.get("content").and_then(|content| Text::from_json(content));
    let content = content.filter(|content| !content.is_blank()).ok_or(NO_CONTENT)?;
    check_length(&content, coaching.message_bytes_max)?;
    let key = fields.get("client_id").copied().filter(|key| key.get() != "null");
    let key = key.map(json::key).transpose()?;
    Ok((chat, Deed::Say(draft(Kind::Text, content, key))))
}

/// `{"chatId":7,"isTyping":true}`
fn typing(payload: Option<&RawValue>) -> Result<(u64, Deed), String> {
    let fields = payload.and_then(|payload| form::fields(payload.get())).ok_or(NO_IS_TYPING)?;
    let chat = chat_id(&fields).ok_or(NO_IS_TYPING)?;
    let is_on = fields.get("isTyping").and_then(|is_on| json::parse::<bool>(is_on));
    Ok((chat, Deed::Typing(is_on.ok_or(NO_IS_TYPING)?)))
}

fn chat_id(fields: &Fields<'_>) -> Option<u64> {
    fields.get("chatId").and_then(|chat| json::number(chat))
}

/// Whether a text is short enough to be a message.
///
/// # Errors
/// The sentence that says it is not.
pub(super) fn check_length(text: &Text, bytes_max: usize) -> Result<(), String> {
    let is_short = text.literal().len() <= bytes_max || text.bytes_count() <= bytes_max;
    is_short.then_some(()).ok_or_else(|| too_long(bytes_max))
}

pub(super) fn too_long(bytes_max: usize) -> String {
    format!("Content must not be longer than {bytes_max} bytes")
}

/// A message with that text.
pub(super) fn draft(kind: Kind, text: Text, key: Option<Arc<str>>) -> Draft {
    Draft { kind, text, parent: None, extra: None, key, rings: false }
}
