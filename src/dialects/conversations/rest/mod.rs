//! The REST routes, and what all of them share: the envelope, who asks, and ids in paths.
//!
//! Where users are only claimed anybody may ask for anything of this API's own; where they are
//! verified a request needs the token of a user who has a right to what it asks for.

mod conversations;
mod messages;

use std::sync::Arc;

use serde::Serialize;

use super::{Conversations, tell};
use crate::dialects::kit::identify::Unidentified;
use crate::dialects::kit::rest::{Method, Request, Response, Route, reason};
use crate::hub::command::Refusal;
use crate::hub::event::{Message, Person, Place, RoomRow};
use crate::hub::id::{MessageId, RoomId};
use crate::hub::ports::{Fault, Read, RoomKey};

/// An id beyond all that are given out.
const NO_ID: u64 = (1 << 53) - 1;

/// The routes.
pub(super) fn routes(chat: &Arc<Conversations>) -> Vec<Route> {
    vec![
        Route::new(chat, Method::POST, "/api/chats/conversations", conversations::make),
        Route::new(chat, Method::GET, "/api/chats/conversations/{id}", conversations::one),
        Route::new(chat, Method::DELETE, "/api/chats/conversations/{id}", conversations::delete),
        Route::new(
            chat,
            Method::GET,
            "/api/chats/conversations/between/{one}/{other}",
            conversations::between,
        ),
        Route::new(chat, Method::GET, "/api/chats/users/{id}/conversations", conversations::of),
        Route::new(chat, Method::GET, "/api/chats/conversations/{id}/messages", messages::list),
        Route::new(chat, Method::POST, "/api/chats/messages", messages::post),
        Route::new(chat, Method::GET, "/api/chats/messages/{id}", messages::one),
        Route::new(chat, Method::PUT, "/api/chats/messages/{id}", messages::edit),
        Route::new(chat, Method::DELETE, "/api/chats/messages/{id}", messages::delete),
    ]
}

/// `{"success":false,"message":"...","error":"Not Found","statusCode":404}`
pub(super) fn failure(status: u16, words: &str) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Failure<'a> {
        success: bool,
        message: &'a str,
        error: &'a str,
        status_code: u16,
    }
    let error = reason(status);
    Response::json(status, &Failure { success: false, message: words, error, status_code: status })
}

/// `{"success":true,"message":"...","data":...}`
#[derive(Serialize)]
struct Envelope<'a, T> {
    success: bool,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
}

fn success<T: Serialize>(status: u16, message: &str, data: T) -> Response {
    Response::json(status, &Envelope { success: true, message, data: Some(data) })
}

/// The same with nothing to show.
fn done(message: &str) -> Response {
    Response::json(200, &Envelope::<()> { success: true, message, data: None })
}

/// Whoever sends a request.
enum Asker {
    /// Nobody asks who.
    Anybody,
    /// Proven by a token.
    Known(Arc<Person>),
}

impl Asker {
    async fn of(chat: &Conversations, request: &Request) -> Result<Asker, Response> {
        let Some(identifier) = &chat.identifier else { return Ok(Asker::Anybody) };
        let token = request.bearer.as_deref().ok_or_else(|| failure(401, "Unauthorized"))?;
        match identifier.identify(token).await {
            Ok(found) => Ok(Asker::Known(found.who)),
            Err(Unidentified::Fault(fault)) => Err(unavailable(&fault)),
            Err(_) => Err(failure(401, "Unauthorized")),
        }
    }

    /// Whether it may be that user who asks.
    fn may_be(&self, user: u64) -> Result<(), Response> {
        match self {
            Asker::Known(who) if who.id.0 != user => Err(foreign()),
            _ => Ok(()),
        }
    }

    /// Whether whoever asks has a right to the room.
    fn may_see(&self, row: &RoomRow) -> Result<(), Response> {
        let Asker::Known(who) = self else { return Ok(()) };
        let is_member = row.members.iter().any(|(member, _)| member.id == who.id);
        if is_member { Ok(()) } else { Err(foreign()) }
    }

    /// Who does something that `otherwise` has a right to.
    fn or(&self, otherwise: &Arc<Person>) -> Arc<Person> {
        match self {
            Asker::Anybody => Arc::clone(otherwise),
            Asker::Known(who) => Arc::clone(who),
        }
    }
}

/// An id in a path. One that no id can be is one that nothing has.
fn id(segment: &str) -> Result<u64, Response> {
    let digits = segment.strip_prefix('-').unwrap_or(segment);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(failure(400, "Validation failed (numeric string is expected)"));
    }
    Ok(segment.parse().unwrap_or(NO_ID).min(NO_ID))
}

/// The conversation of a path's id, for somebody who may see it.
async fn conversation(
    chat: &Conversations,
    asker: &Asker,
    segment: &str,
) -> Result<RoomRow, Response> {
    let place = chat.place(id(segment)?);
    let row = find(chat, place).await?;
    let row =
        row.ok_or_else(|| failure(404, &format!("Conversation with ID {segment} not found")))?;
    asker.may_see(&row)?;
    Ok(row)
}

async fn find(chat: &Conversations, place: Place) -> Result<Option<RoomRow>, Response> {
    let found = chat.hub.ports().read(|reply| Read::Room(RoomKey::Place(place), reply)).await;
    found.map_err(|fault| unavailable(&fault))
}

/// The message of a path's id, for somebody who may see it, with its conversation.
async fn message(
    chat: &Conversations,
    asker: &Asker,
    segment: &str,
) -> Result<(Message, RoomRow), Response> {
    let wanted = MessageId(id(segment)?);
    let found = chat.hub.ports().read(|reply| Read::Message(wanted, reply)).await;
    let found = found.map_err(|fault| unavailable(&fault))?;
    let row = match &found {
        Some((message, realm)) if realm == chat.realms.rooms.0 => room(chat, message.room).await?,
        _ => None,
    };
    let (Some((message, _)), Some(row)) = (found, row) else {
        return Err(failure(404, &format!("Message with ID {segment} not found")));
    };
    asker.may_see(&row)?;
    Ok((message, row))
}

async fn room(chat: &Conversations, room: RoomId) -> Result<Option<RoomRow>, Response> {
    let found = chat.hub.ports().read(|reply| Read::Room(RoomKey::Id(room), reply)).await;
    found.map_err(|fault| unavailable(&fault))
}

fn foreign() -> Response {
    failure(403, "Unauthorized to access this conversation")
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NoSuchRoom | Refusal::Ended => failure(404, "Conversation not found"),
        Refusal::NoSuchMessage => failure(404, "Message not found"),
        Refusal::NotYours => failure(403, "Unauthorized to change this message"),
        Refusal::NotMember | Refusal::NotIn | Refusal::NotOwner => foreign(),
        _ => failure(503, tell::UNAVAILABLE),
    }
}

fn unavailable(fault: &Fault) -> Response {
    tracing::error!(%fault, "a request could not be answered");
    failure(503, tell::UNAVAILABLE)
}
