//! Messages: listed, sent, changed and deleted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Asker, conversation, done, failure, find, message, refused, success, unavailable};
use crate::dialects::conversations::fields::{self, Fields};
use crate::dialects::conversations::tell::{self, Spoken};
use crate::dialects::conversations::{Conversations, claimed};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::dialects::kit::{json, since};
use crate::hub::command::{Deed, Outcome, Topic};
use crate::hub::event::Person;
use crate::hub::ports::{Read, Stretch};

/// Messages in a page, unless asked otherwise.
const PAGE_SIZE: u64 = 20;
/// The longest page, in messages.
const PAGE_SIZE_MAX: u64 = 100;
/// The last page that may be asked for.
const PAGE_MAX: u64 = 1 << 32;

/// `GET /api/chats/conversations/{id}/messages?page=1&limit=20&since=7`, newest first.
pub(super) async fn list(chat: Arc<Conversations>, request: Request) -> Answer {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Page<'a> {
        success: bool,
        messages: Vec<Spoken<'a>>,
        total: u64,
        page: u64,
        limit: u64,
        total_pages: u64,
    }
    let asker = Asker::of(&chat, &request).await?;
    let page = within(&request, "page", 1, PAGE_MAX)?;
    let limit = within(&request, "limit", PAGE_SIZE, PAGE_SIZE_MAX)?;
    let since = since::in_query(&request).map_err(|words| failure(400, words))?;
    let row = conversation(&chat, &asker, request.param(0)).await?;
    let stretch =
        Stretch { room: row.id, upto_seq: Stretch::NEWEST, since, skip: (page - 1) * limit, limit };
    let found = chat.hub.ports().read(|reply| Read::Messages(stretch, reply)).await;
    let (messages, total) = found.map_err(|fault| unavailable(&fault))?;
    let messages = messages.iter().map(|message| Spoken::new(message, &row)).collect();
    let total_pages = total.div_ceil(limit);
    Ok(Response::json(200, &Page { success: true, messages, total, page, limit, total_pages }))
}

/// `POST /api/chats/messages`: what `send-message` does, told to the same sockets.
pub(super) async fn post(chat: Arc<Conversations>, request: Request) -> Answer {
    let asker = Asker::of(&chat, &request).await?;
    let payload: Option<&RawValue> = request.json().ok();
    let mut sending =
        fields::sending(payload, chat.message_bytes_max).map_err(|words| failure(400, &words))?;
    asker.may_be(sending.sender)?;
    if let Some(key) = request.key() {
        sending.draft.key = Some(key.map_err(|words| failure(400, &words))?);
    }
    let place = chat.place(sending.conversation);
    let row = find(&chat, place.clone()).await?;
    let row = row.ok_or_else(|| {
        failure(404, &format!("Conversation with ID {} not found", sending.conversation))
    })?;
    let who = match asker {
        Asker::Anybody => Arc::new(claimed(sending.sender)),
        Asker::Known(who) => who,
    };
    let deed = Deed::Say(sending.draft);
    match chat.hub.call(row.id, who, Topic::Room(place), deed).await {
        Ok(Outcome::Said { message, .. }) => {
            Ok(success(201, "Message sent successfully", Spoken::new(&message, &row)))
        }
        Ok(_) => Err(failure(503, tell::UNAVAILABLE)),
        Err(refusal) => Err(refused(&refusal)),
    }
}

/// `GET /api/chats/messages/{id}`
pub(super) async fn one(chat: Arc<Conversations>, request: Request) -> Answer {
    let asker = Asker::of(&chat, &request).await?;
    let (message, row) = message(&chat, &asker, request.param(0)).await?;
    Ok(success(200, "Message found", Spoken::new(&message, &row)))
}

/// `PUT /api/chats/messages/{id}` `{"content":"...","sender_id":1}`: new words. A `sender_id` that
/// is not the message's own is refused.
pub(super) async fn edit(chat: Arc<Conversations>, request: Request) -> Answer {
    #[derive(Default, Deserialize)]
    struct Edited<'a> {
        #[serde(borrow)]
        content: Option<&'a RawValue>,
        #[serde(borrow)]
        sender_id: Option<&'a RawValue>,
    }
    let asker = Asker::of(&chat, &request).await?;
    let edited: Edited<'_> = request.json().ok().and_then(json::object).unwrap_or_default();
    let mut fields = Fields::default();
    let sender = edited.sender_id.and_then(|id| fields.id("sender_id", Some(id)));
    let text = fields.content("content", edited.content, chat.message_bytes_max);
    let (Some(text), true) = (text, fields.are_good()) else {
        return Err(failure(400, &fields.to_string()));
    };
    let (message, row) = message(&chat, &asker, request.param(0)).await?;
    let author = author(message.author.as_ref(), sender)?;
    let topic = Topic::Message(chat.realms.rooms, message.id);
    let deed = Deed::Edit(Some(Box::new(message)), text);
    match chat.hub.call(row.id, asker.or(&author), topic, deed).await {
        Ok(Outcome::Edited(message)) => {
            Ok(success(200, "Message updated successfully", Spoken::new(&message, &row)))
        }
        Ok(_) => Err(failure(503, tell::UNAVAILABLE)),
        Err(refusal) => Err(refused(&refusal)),
    }
}

/// `DELETE /api/chats/messages/{id}`
pub(super) async fn delete(chat: Arc<Conversations>, request: Request) -> Answer {
    let asker = Asker::of(&chat, &request).await?;
    let (message, row) = message(&chat, &asker, request.param(0)).await?;
    let author = author(message.author.as_ref(), None)?;
    let topic = Topic::Message(chat.realms.rooms, message.id);
    let deed = Deed::Delete(Some(Box::new(message)));
    match chat.hub.call(row.id, asker.or(&author), topic, deed).await {
        Ok(_) => Ok(done("Message deleted successfully")),
        Err(refusal) => Err(refused(&refusal)),
    }
}

/// A message's author, who is `claimed` where somebody says who they are.
fn author(author: Option<&Arc<Person>>, claimed: Option<u64>) -> Result<Arc<Person>, Response> {
    let is_theirs = |author: &&Arc<Person>| claimed.is_none_or(|user| author.id.0 == user);
    let author = author.filter(is_theirs);
    author.cloned().ok_or_else(|| failure(403, "Unauthorized to change this message"))
}

/// A number in the query, from 1 to `max`.
fn within(request: &Request, name: &str, default: u64, max: u64) -> Result<u64, Response> {
    let Some(value) = request.query_value(name) else { return Ok(default) };
    let is_plain = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|number| is_plain && (1..=max).contains(number));
    number.ok_or_else(|| {
        failure(400, &format!("{name} must be an integer number between 1 and {max}"))
    })
}
