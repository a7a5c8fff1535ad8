//! Conversations: made, found, listed and deleted.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Asker, conversation, done, failure, find, id, refused, success, unavailable};
use crate::dialects::conversations::fields::Fields;
use crate::dialects::conversations::tell::Conversation;
use crate::dialects::conversations::{Conversations, admit, code, new_room};
use crate::dialects::kit::json;
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::hub::command::{Amend, Deed, Topic};
use crate::hub::event::{Address, Place};
use crate::hub::id::UserId;
use crate::hub::ports::{Read, Write};

/// `{"sender_id":1,"receiver_id":2}`
#[derive(Default, Deserialize)]
struct Pair<'a> {
    #[serde(borrow)]
    sender_id: Option<&'a RawValue>,
    #[serde(borrow)]
    receiver_id: Option<&'a RawValue>,
}

/// `POST /api/chats/conversations`: the pair's conversation, made where there is none.
pub(super) async fn make(chat: Arc<Conversations>, request: Request) -> Answer {
    let asker = Asker::of(&chat, &request).await?;
    let pair: Pair<'_> = request.json().ok().and_then(json::object).unwrap_or_default();
    let mut fields = Fields::default();
    let sender = fields.id("sender_id", pair.sender_id);
    let receiver = fields.id("receiver_id", pair.receiver_id);
    let (Some(sender), Some(receiver)) = (sender, receiver) else {
        return Err(failure(400, &fields.to_string()));
    };
    asker.may_be(sender)?;
    if sender == receiver {
        return Err(failure(400, "Cannot create conversation with yourself"));
    }
    let room = new_room(chat.realms, sender, receiver);
    let made = chat.hub.ports().write(|reply| Write::OpenRoom(room, reply)).await;
    let (row, is_new) = made.map_err(|fault| unavailable(&fault))?;
    if is_new {
        admit::renew_contacts(&chat, &row).await.map_err(|fault| unavailable(&fault))?;
    }
    let words = match is_new {
        true => "Conversation created successfully",
        false => "Conversation already exists",
    };
    Ok(success(201, words, Conversation::new(&row)))
}

/// `GET /api/chats/conversations/{id}`
pub(super) async fn one(chat: Arc<Conversations>, request: Request) -> Answer {
    let asker = Asker::of(&chat, &request).await?;
    let row = conversation(&chat, &asker, request.param(0)).await?;
    Ok(success(200, "Conversation found", Conversation::new(&row)))
}

/// `GET /api/chats/conversations/between/{one}/{other}`, either way round.
pub(super) async fn between(chat: Arc<Conversations>, request: Request) -> Answer {
    let asker = Asker::of(&chat, &request).await?;
    let (one, other) = (id(request.param(0))?, id(request.param(1))?);
    if asker.may_be(one).is_err() {
        asker.may_be(other)?;
    }
    let address = Address::Code(code(one, other));
    let row = find(&chat, Place { realm: chat.realms.rooms, address }).await?;
    let row = row.ok_or_else(|| {
        let words = format!("Conversation between users {one} and {other} not found");
        failure(404, &words)
    })?;
    Ok(success(200, "Conversation found", Conversation::new(&row)))
}

/// `GET /api/chats/users/{id}/conversations`, by last activity, newest first.
pub(super) async fn of(chat: Arc<Conversations>, request: Request) -> Answer {
    #[derive(Serialize)]
    struct Listed {
        success: bool,
        message: &'static str,
        data: Vec<Conversation>,
        total: usize,
    }
    let asker = Asker::of(&chat, &request).await?;
    let user = id(request.param(0))?;
    asker.may_be(user)?;
    let read = |reply| Read::RoomsOf(chat.realms.rooms, UserId(user), reply);
    let rows = chat.hub.ports().read(read).await.map_err(|fault| unavailable(&fault))?;
    let data: Vec<_> = rows.iter().map(Conversation::new).collect();
    let total = data.len();
    Ok(Response::json(200, &Listed { success: true, message: "Conversations found", data, total }))
}

/// `DELETE /api/chats/conversations/{id}`, with all that was said in it.
pub(super) async fn delete(chat: Arc<Conversations>, request: Request) -> Answer {
    let asker = Asker::of(&chat, &request).await?;
    let row = conversation(&chat, &asker, request.param(0)).await?;
    let topic = Topic::Room(chat.place(row.number));
    let Some((member, _)) = row.members.first() else {
        return Err(failure(404, "Conversation not found"));
    };
    let who = asker.or(member);
    let dropped = chat.hub.call(row.id, who, topic, Deed::Amend(Amend::Drop)).await;
    dropped.map_err(|refusal| refused(&refusal))?;
    admit::renew_contacts(&chat, &row).await.map_err(|fault| unavailable(&fault))?;
    Ok(done("Conversation deleted successfully"))
}
