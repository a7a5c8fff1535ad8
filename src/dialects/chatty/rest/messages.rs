//! `/messages`: what was said, in the order it was said. What is posted here is heard by all who
//! joined the chatroom.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde::Serialize;

use super::chatrooms::refused;
use super::form::{self, Form};
use super::{Chatty, Page, REALM, chatroom, deleted, failure, place, unavailable, user, uuid};
use crate::dialects::chatty::tell::Worded;
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::hub::command::{Deed, Outcome, Refusal, Topic};
use crate::hub::event::{Draft, Kind, Message};
use crate::hub::id::{MessageId, RoomId};
use crate::hub::ports::{Fault, Read, RoomKey, Stretch, Write};
use crate::hub::text::Text;

/// Chatrooms whose UUIDs are remembered.
const CODES_MAX: usize = 50_000;

/// UUIDs of chatrooms, which messages know by their rows alone. Neither ever changes.
#[derive(Default)]
pub(in super::super) struct Codes {
    known: RwLock<HashMap<RoomId, Arc<str>>>,
}

/// A message that is to be posted.
struct Posted {
    text: Text,
    user: String,
    chatroom: String,
    parent: Option<String>,
    key: Option<Arc<str>>,
}

#[derive(Serialize)]
struct Messages<'a> {
    messages: Vec<Worded<'a>>,
    total: u64,
}

pub(super) async fn list(chatty: Arc<Chatty>, request: Request) -> Answer {
    let Page { skip, limit } = Page::read(&request)?;
    let read = |reply| Read::AllMessages(REALM, skip, limit, reply);
    let found = chatty.hub.ports().read(read).await.map_err(|fault| unavailable(&fault))?;
    let (messages, total) = found;
    let mut coded = Vec::with_capacity(messages.len());
    for message in &messages {
        // A chatroom that has gone in the meantime has taken its messages along.
        coded.extend(code(&chatty, message.room).await?.map(|code| (message, code)));
    }
    let messages = coded.iter().map(|(message, code)| Worded::new(message, code)).collect();
    Ok(Response::json(200, &Messages { messages, total }))
}

pub(super) async fn list_of_chatroom(chatty: Arc<Chatty>, request: Request) -> Answer {
    let id = form::path_id(&request, 0, "chatroom_id")?;
    let page = Page::read(&request)?;
    let since = form::query_message(&request, "since")?;
    let room = chatroom(&chatty, &id).await?.id;
    let found = oldest_first(&chatty, room, since, page).await;
    let (messages, total) = found.map_err(|fault| unavailable(&fault))?;
    let messages = messages.iter().map(|message| Worded::new(message, &id)).collect();
    Ok(Response::json(200, &Messages { messages, total }))
}

pub(super) async fn create(chatty: Arc<Chatty>, request: Request) -> Answer {
    let posted = posted(&chatty, &request)?;
    let author = user(&chatty, &posted.user).await?.person;
    let room = chatroom(&chatty, &posted.chatroom).await?.id;
    let parent = match &posted.parent {
        Some(parent) => Some(parent_in(&chatty, room, parent).await?),
        None => None,
    };
    let Posted { text, key, .. } = posted;
    let draft = Draft { kind: Kind::Text, text, parent, extra: None, key, rings: false };
    let topic = Topic::Room(place(&posted.chatroom));
    match chatty.hub.call(room, Arc::new(author), topic, Deed::Say(draft)).await {
        Ok(Outcome::Said { message, .. }) => {
            Ok(Response::json(201, &Worded::new(&message, &posted.chatroom)))
        }
        Ok(_) => Err(refused(&Refusal::Unavailable)),
        Err(refusal) => Err(refused(&refusal)),
    }
}

pub(super) async fn read(chatty: Arc<Chatty>, request: Request) -> Answer {
    let message = found(&chatty, &request).await?;
    shown(&chatty, &message).await
}

/// Gives a message new words.
pub(super) async fn update(chatty: Arc<Chatty>, request: Request) -> Answer {
    form::path_id(&request, 0, "message_id")?;
    let mut form = Form::read(&request)?;
    let text = form.text("message_text", chatty.message_bytes_max);
    let text = form.done(text)?;
    let message = found(&chatty, &request).await?;
    let deed = Deed::Edit(Some(Box::new(message.clone())), text.clone());
    let write = |reply| Write::Edit(message.room, message.id, text, reply);
    let edited = match changed(&chatty, &message, deed).await? {
        Some(Outcome::Edited(message)) => Some(message),
        Some(_) => None,
        None => chatty.hub.ports().write(write).await.map_err(|fault| unavailable(&fault))?,
    };
    shown(&chatty, &edited.ok_or_else(not_found)?).await
}

pub(super) async fn delete(chatty: Arc<Chatty>, request: Request) -> Answer {
    let message = found(&chatty, &request).await?;
    let deed = Deed::Delete(Some(Box::new(message.clone())));
    if changed(&chatty, &message, deed).await?.is_none() {
        let write = |reply| Write::Delete(message.room, message.id, reply);
        let gone = chatty.hub.ports().write(write).await.map_err(|fault| unavailable(&fault))?;
        gone.ok_or_else(not_found)?;
    }
    Ok(deleted())
}

/// `{"message_text":"..","user_id":"..","chatroom_id":"..","is_reply":false}`
fn posted(chatty: &Chatty, request: &Request) -> Result<Posted, Response> {
    let header_key = form::header_key(request)?;
    let mut form = Form::read(request)?;
    let text = form.text("message_text", chatty.message_bytes_max);
    let (user, chatroom) = (form.id("user_id"), form.id("chatroom_id"));
    let is_reply = form.optional("is_reply", Form::switch);
    let parent = form.optional("parent_message_id", Form::id);
    let key = form.optional("client_id", Form::key);
    match (is_reply, &parent) {
        (Some(Some(true)), Some(None)) => {
            form.object("parent_message_id is required when is_reply is true");
        }
        (Some(None | Some(false)), Some(Some(_))) => {
            form.object("is_reply must be true when parent_message_id is given");
        }
        _ => {}
    }
    let ids = user.zip(chatroom);
    let posted =
        text.zip(ids).zip(parent.zip(key)).map(|((text, (user, chatroom)), (parent, key))| {
            let key = header_key.or(key);
            Posted { text, user, chatroom, parent, key }
        });
    form.done(posted)
}

/// The message that the path names.
async fn found(chatty: &Chatty, request: &Request) -> Result<Message, Response> {
    let id = form::path_id(request, 0, "message_id")?;
    let id = uuid::message(&id).ok_or_else(not_found)?;
    message(chatty, id).await?.ok_or_else(not_found)
}

/// The message that is answered, which must have been said in the same chatroom.
async fn parent_in(chatty: &Chatty, room: RoomId, id: &str) -> Result<MessageId, Response> {
    let parent = match uuid::message(id) {
        Some(id) => message(chatty, id).await?,
        None => None,
    };
    let parent = parent.filter(|parent| parent.room == room).map(|parent| parent.id);
    parent.ok_or_else(|| failure(404, "Parent message not found"))
}

/// A message of this dialect's.
async fn message(chatty: &Chatty, id: MessageId) -> Result<Option<Message>, Response> {
    let found = chatty.hub.ports().read(|reply| Read::Message(id, reply)).await;
    let found = found.map_err(|fault| unavailable(&fault))?.filter(|(_, of)| of == REALM.0);
    Ok(found.map(|(message, _)| message))
}

/// Changes a message in its author's name; `None`: its author is gone, and so is whoever has a
/// right to it, so that the store may be asked as well.
async fn changed(
    chatty: &Chatty,
    message: &Message,
    deed: Deed,
) -> Result<Option<Outcome>, Response> {
    let Some(author) = &message.author else { return Ok(None) };
    let topic = Topic::Message(REALM, message.id);
    let changed = chatty.hub.call(message.room, Arc::clone(author), topic, deed).await;
    changed.map(Some).map_err(|refusal| refused(&refusal))
}

async fn shown(chatty: &Chatty, message: &Message) -> Answer {
    let code = code(chatty, message.room).await?.ok_or_else(not_found)?;
    Ok(Response::json(200, &Worded::new(message, &code)))
}

/// The UUID of a chatroom; `None`: it is gone.
async fn code(chatty: &Chatty, room: RoomId) -> Result<Option<Arc<str>>, Response> {
    let known = &chatty.codes.known;
    if let Some(code) = known.read().unwrap_or_else(PoisonError::into_inner).get(&room) {
        return Ok(Some(Arc::clone(code)));
    }
    let found = chatty.hub.ports().read(|reply| Read::Room(RoomKey::Id(room), reply)).await;
    let found = found.map_err(|fault| unavailable(&fault))?.and_then(|room| room.code);
    if let Some(code) = &found {
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= CODES_MAX {
            known.clear();
        }
        known.insert(room, Arc::clone(code));
    }
    Ok(found)
}

/// A page of a chatroom's messages in the order they were said, though the store counts from the
/// newest one. What is said in between changes nothing: the cut is the newest message of now.
async fn oldest_first(
    chatty: &Chatty,
    room: RoomId,
    since: Option<MessageId>,
    page: Page,
) -> Result<(Vec<Message>, u64), Fault> {
    let ports = chatty.hub.ports();
    let newest = Stretch { room, upto_seq: Stretch::NEWEST, since, skip: 0, limit: 1 };
    let (newest, total) = ports.read(|reply| Read::Messages(newest, reply)).await?;
    let limit = page.limit.min(total.saturating_sub(page.skip));
    let Some(newest) = newest.first().filter(|_| limit > 0) else {
        return Ok((Vec::new(), total));
    };
    let skip = total - page.skip - limit;
    let stretch = Stretch { room, upto_seq: newest.seq, since, skip, limit };
    let (mut messages, _) = ports.read(|reply| Read::Messages(stretch, reply)).await?;
    messages.reverse();
    Ok((messages, total))
}

fn not_found() -> Response {
    failure(404, "Message not found")
}
