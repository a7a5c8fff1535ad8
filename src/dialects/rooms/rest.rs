//! The REST routes: login, and a room's messages.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Rooms, hear, tell, wrong_code};
use crate::dialects::kit::identify::Unidentified;
use crate::dialects::kit::rest::{Answer, Method, Request, Response, Route, reason};
use crate::dialects::kit::{json, since, time, words};
use crate::hub::command::{Deed, Outcome, Refusal, Topic};
use crate::hub::event::{Message, Person};
use crate::hub::id::{ACCOUNTS, MessageId, RoomId};
use crate::hub::ports::{AccountKey, Fault, Read, RoomKey, Stretch};
use crate::hub::rights;
use crate::hub::text::Text;
use crate::passwords;

/// How long a token from a login is good, in seconds.
const LOGIN_TTL_S: u64 = 24 * 60 * 60;
/// The last page that may be asked for.
const PAGE_MAX: u64 = 1 << 32;

/// The routes. Others may have `/messages` for requests without a token.
pub(super) fn routes(rooms: &Arc<Rooms>) -> Vec<Route> {
    vec![
        Route::new(rooms, Method::POST, "/auth/login", login).with_password(),
        Route::new(rooms, Method::GET, "/messages", list).for_bearer(true),
        Route::new(rooms, Method::POST, "/messages", post).for_bearer(true),
        Route::new(rooms, Method::DELETE, "/messages", delete).for_bearer(true),
    ]
}

/// `{"message":"Incorrect credentials","error":"Bad Request","statusCode":400}`
pub(super) fn failure(status: u16, words: &str) -> Response {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Failure<'a> {
        message: &'a str,
        error: &'a str,
        status_code: u16,
    }
    let error = reason(status);
    Response::json(status, &Failure { message: words, error, status_code: status })
}

async fn login(rooms: Arc<Rooms>, request: Request) -> Answer {
    #[derive(Deserialize)]
    struct Login {
        username: String,
        password: String,
    }
    #[derive(Serialize)]
    struct Token {
        access_token: String,
    }
    let Login { username, password } = body(&request)?;
    rooms.attempts.begin(&username, failure)?;
    let key = AccountKey::Login(username.clone());
    let account = rooms.hub.ports().read(|reply| Read::Account(ACCOUNTS, key, reply)).await;
    let account = account.map_err(|fault| unavailable(&fault))?;
    let hash = account.as_ref().and_then(|account| account.password.clone());
    let is_right = passwords::verify(hash, password).await.map_err(|fault| unavailable(&fault))?;
    let Some(account) = account.filter(|_| is_right) else {
        return Err(failure(400, "Incorrect credentials"));
    };
    rooms.attempts.succeeded(&username);
    let access_token =
        rooms.identifier.sign(&account, LOGIN_TTL_S).map_err(|words| failure(503, &words))?;
    Ok(Response::json(201, &Token { access_token }))
}

/// A message as a page lists it.
#[derive(Serialize)]
struct Listed<'a> {
    id: u64,
    content: Cow<'a, Text>,
    created_at: String,
    user: User<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    username: &'a str,
}

impl<'a> Listed<'a> {
    fn new(message: &'a Message) -> Listed<'a> {
        let username = tell::name(message);
        Listed {
            id: message.id.0,
            content: words::plain(message),
            created_at: time::iso_utc(message.created_ms),
            user: User { username },
        }
    }
}

async fn list(rooms: Arc<Rooms>, request: Request) -> Answer {
    let who = bearer(&rooms, &request).await?;
    let code = checked_code(request.query_value("room_code"))?;
    let page = request.query_value("page").map_or(Some(1), |page| page.parse().ok());
    let page = page.filter(|page| (1..=PAGE_MAX).contains(page));
    let page = page.ok_or_else(|| failure(400, "page must be a whole number from 1"))?;
    let since = since::in_query(&request).map_err(|words| failure(400, words))?;
    let found = rooms.hub.find(&rooms.place(&code)).await.map_err(|fault| unavailable(&fault))?;
    // A room that nobody has joined yet is an empty one.
    let Some(room) = found else { return Ok(Response::json(200, &[(); 0])) };
    check_right(&rooms, room, &who).await?;
    let stretch = Stretch {
        room,
        upto_seq: Stretch::NEWEST,
        since,
        skip: (page - 1) * rooms.page_size,
        limit: rooms.page_size,
    };
    let found = rooms.hub.ports().read(|reply| Read::Messages(stretch, reply)).await;
    let (messages, _) = found.map_err(|fault| unavailable(&fault))?;
    let listed: Vec<_> = messages.iter().map(Listed::new).collect();
    Ok(Response::json(200, &listed))
}

/// Whether somebody may read what was said in a room: other dialects have rooms with members.
async fn check_right(rooms: &Rooms, room: RoomId, who: &Person) -> Result<(), Response> {
    if !rooms.is_bridged() {
        return Ok(());
    }
    let found = rooms.hub.ports().read(|reply| Read::Room(RoomKey::Id(room), reply)).await;
    let row = found.map_err(|fault| unavailable(&fault))?;
    let row = row.ok_or_else(|| failure(404, "Room not found"))?;
    rights::may_read(who, &row).map_err(|refusal| refused(&refusal))
}

async fn post(rooms: Arc<Rooms>, request: Request) -> Answer {
    #[derive(Deserialize)]
    struct Posted<'a> {
        room_code: Option<String>,
        #[serde(borrow)]
        content: Option<&'a RawValue>,
        #[serde(borrow)]
        client_id: Option<&'a RawValue>,
    }
    let who = bearer(&rooms, &request).await?;
    let Posted { room_code, content, client_id } = body(&request)?;
    let text = content.ok_or_else(|| failure(400, "content should not be empty"))?;
    let text = Text::from_json(text).ok_or_else(|| failure(400, "content must be a string"))?;
    hear::check(&text, rooms.message_bytes_max).map_err(|words| failure(400, &words))?;
    let key = match (request.key(), client_id) {
        (Some(key), _) => Some(key.map_err(|words| failure(400, &words))?),
        (None, Some(id)) => Some(json::key(id).map_err(|words| failure(400, &words))?),
        (None, None) => None,
    };
    let code = checked_code(room_code)?;
    let room = rooms.hub.open(&rooms.place(&code), ACCOUNTS).await;
    let room = room.map_err(|fault| unavailable(&fault))?;
    let room = room.ok_or_else(|| failure(404, "Room not found"))?;
    let deed = Deed::Say(hear::draft(text, key));
    match rooms.hub.call(room, who, Topic::Room(rooms.place(&code)), deed).await {
        Ok(Outcome::Said { message, .. }) => Ok(Response::json(201, &Listed::new(&message))),
        Ok(_) => Err(failure(503, "The server cannot do this now, try again")),
        Err(refusal) => Err(refused(&refusal)),
    }
}

async fn delete(rooms: Arc<Rooms>, request: Request) -> Answer {
    #[derive(Deserialize)]
    struct Deleted<'a> {
        #[serde(borrow)]
        message_id: Option<&'a RawValue>,
    }
    #[derive(Serialize)]
    struct Done {
        message: String,
    }
    let who = bearer(&rooms, &request).await?;
    let Deleted { message_id } = body(&request)?;
    let id = message_id.and_then(json::number);
    let id = id.ok_or_else(|| failure(400, "message_id must be a message's id"))?;
    let found = rooms.hub.ports().read(|reply| Read::Message(MessageId(id), reply)).await;
    let found = found.map_err(|fault| unavailable(&fault))?.filter(|(_, of)| of == rooms.realm.0);
    let (message, _) = found.ok_or_else(|| failure(404, "Message not found"))?;
    let topic = Topic::Message(rooms.realm, message.id);
    let deed = Deed::Delete(Some(Box::new(message.clone())));
    match rooms.hub.call(message.room, who, topic, deed).await {
        Ok(_) => Ok(Response::json(200, &Done { message: format!("Message {id} deleted") })),
        Err(refusal) => Err(refused(&refusal)),
    }
}

/// Whose request it is.
async fn bearer(rooms: &Rooms, request: &Request) -> Result<Arc<Person>, Response> {
    let token = request.bearer.as_deref().ok_or_else(|| failure(401, "Unauthorized"))?;
    match rooms.identifier.identify(token).await {
        Ok(found) => Ok(found.who),
        Err(Unidentified::Fault(fault)) => Err(unavailable(&fault)),
        Err(_) => Err(failure(401, "Unauthorized")),
    }
}

/// The code of a room, which must be given.
fn checked_code(code: Option<String>) -> Result<String, Response> {
    let code = code.ok_or_else(|| failure(400, "room_code should not be empty"))?;
    wrong_code(&code).map_or(Ok(code), |words| Err(failure(400, words)))
}

fn body<'a, T: Deserialize<'a>>(request: &'a Request) -> Result<T, Response> {
    request.object().map_err(|words| failure(400, &words))
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NotYours => failure(403, "Not allowed to delete message"),
        Refusal::NoSuchMessage => failure(404, "Message not found"),
        Refusal::NoSuchRoom => failure(404, "Room not found"),
        Refusal::NotIn | Refusal::NotMember | Refusal::NotOwner => {
            failure(403, "You are not in the room")
        }
        Refusal::Ended => failure(403, "Room has ended"),
        Refusal::TooLong(_) => failure(400, "content is too long"),
        Refusal::TooManySeats
        | Refusal::SeatTaken
        | Refusal::MemberAlready
        | Refusal::NoSuchMember
        | Refusal::Taken(_)
        | Refusal::WrongKind
        | Refusal::Unavailable => failure(503, "The server cannot do this now, try again"),
    }
}

fn unavailable(fault: &Fault) -> Response {
    tracing::error!(%fault, "a request could not be answered");
    failure(503, "The server cannot do this now, try again")
}
