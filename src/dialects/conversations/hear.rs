//! From events to commands.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::{self, Fields};
use super::{Conversations, tell};
use crate::dialects::Incoming;
use crate::dialects::kit::json;
use crate::hub::command::{Command, Deed, Join, Leave, Topic};
use crate::hub::event::Person;
use crate::hub::voice::Pen;

/// What the event asks for; bad input is answered at once.
pub(super) fn hear(
    chat: &Conversations,
    who: &Person,
    event: &Incoming<'_>,
    pen: &mut Pen<'_>,
) -> Option<Command> {
    if event.name == "send-message" {
        let heard = said(chat, who, event.first());
        return heard.map_err(|words| tell::not_sent(&words, pen)).ok();
    }
    let room: InRoom<'_> = event.first().and_then(json::object).unwrap_or_default();
    let heard = match event.name {
        "join-conversation" => join(chat, who, &room),
        "leave-conversation" => leave(chat, &room),
        "typing" => typing(chat, who, &room),
        _ => return None,
    };
    match heard {
        Ok(command) => Some(command),
        Err(words) if event.name == "join-conversation" => {
            tell::not_joined(room.number(), &words, pen);
            None
        }
        Err(words) => {
            tell::failed(room.number(), &words, pen);
            None
        }
    }
}

/// `{"conversationId":1,"userId":1,"isTyping":true}`
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InRoom<'a> {
    #[serde(borrow)]
    conversation_id: Option<&'a RawValue>,
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    is_typing: Option<&'a RawValue>,
}

impl InRoom<'_> {
    /// The conversation's number, where it is one.
    fn number(&self) -> Option<u64> {
        Fields::default().id("conversationId", self.conversation_id)
    }
}

fn said(chat: &Conversations, who: &Person, payload: Option<&RawValue>) -> Result<Command, String> {
    let sending = fields::sending(payload, chat.message_bytes_max)?;
    if sending.sender != who.id.0 {
        return Err("Unauthorized: sender_id is not the connected user".into());
    }
    let topic = Topic::Room(chat.place(sending.conversation));
    Ok(Command { topic, deed: Deed::Say(sending.draft) })
}

fn join(chat: &Conversations, who: &Person, room: &InRoom<'_>) -> Result<Command, String> {
    let mut fields = Fields::default();
    let number = fields.id("conversationId", room.conversation_id);
    let user = fields.id("userId", room.user_id);
    let (Some(number), Some(user)) = (number, user) else { return Err(fields.to_string()) };
    if user != who.id.0 {
        return Err(tell::NOT_TO_JOIN.into());
    }
    let deed = Deed::Join(Join::default());
    Ok(Command { topic: Topic::Room(chat.place(number)), deed })
}

fn leave(chat: &Conversations, room: &InRoom<'_>) -> Result<Command, String> {
    let mut fields = Fields::default();
    let number = fields.id("conversationId", room.conversation_id);
    let number = number.ok_or_else(|| fields.to_string())?;
    Ok(Command { topic: Topic::Room(chat.place(number)), deed: Deed::Leave(Leave::Voice) })
}

fn typing(chat: &Conversations, who: &Person, room: &InRoom<'_>) -> Result<Command, String> {
    let mut fields = Fields::default();
    let number = fields.id("conversationId", room.conversation_id);
    let user = fields.id("userId", room.user_id);
    let is_on = fields.boolean("isTyping", room.is_typing);
    let (Some(number), Some(user), Some(is_on)) = (number, user, is_on) else {
        return Err(fields.to_string());
    };
    if user != who.id.0 {
        return Err("Unauthorized: userId is not the connected user".into());
    }
    Ok(Command { topic: Topic::Room(chat.place(number)), deed: Deed::Typing(is_on) })
}
