//! The REST routes: accounts, chats, what is said in them, and who takes part.
//!
//! What all of them share stands here: the envelope, whose request it is, and which chat it is
//! about.

mod accounts;
mod chats;
mod messages;
mod participants;

use std::sync::Arc;

use serde::Serialize;

use super::form::{ADMIN, Mistake};
use super::words::{Chat, ChatNow, Said};
use super::{Coaching, tell};
use crate::dialects::kit::identify::Unidentified;
use crate::dialects::kit::rest::{Method, Request, Response, Route};
use crate::hub::command::{Deed, Outcome, Refusal, Topic};
use crate::hub::event::{Message, Person, RoomKind, RoomRow};
use crate::hub::id::{ACCOUNTS, MessageId, UserId};
use crate::hub::ports::{Account, AccountKey, Fault, Read, RoomKey, Stretch};
use crate::hub::rights;

const UNAVAILABLE: &str = "The server cannot do this now, try again";
const NO_CHAT: &str = "Chat not found";

/// The routes.
pub(super) fn routes(coaching: &Arc<Coaching>) -> Vec<Route> {
    const CHAT: &str = "/api/chats/{id}";
    const MESSAGES: &str = "/api/chats/{id}/messages";
    vec![
        Route::new(coaching, Method::POST, "/api/auth/register", accounts::register)
            .with_password(),
        Route::new(coaching, Method::POST, "/api/auth/login", accounts::login).with_password(),
        Route::new(coaching, Method::GET, "/api/chats", chats::list),
        Route::new(coaching, Method::POST, "/api/chats", chats::create),
        Route::new(coaching, Method::GET, CHAT, chats::one),
        Route::new(coaching, Method::GET, MESSAGES, messages::list),
        Route::new(coaching, Method::POST, MESSAGES, messages::post),
        Route::new(coaching, Method::POST, "/api/chats/{id}/participants", participants::add),
        Route::new(
            coaching,
            Method::DELETE,
            "/api/chats/{id}/participants/{user_id}",
            participants::remove,
        ),
        Route::new(coaching, Method::POST, "/api/chats/{id}/leave", participants::leave),
    ]
}

/// `{"success":true,"message":"..","data":{}}`
#[derive(Serialize)]
struct Success<'a, D> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<D>,
}

/// `{"success":false,"message":"..","errors":[],"data":{}}`
#[derive(Serialize)]
struct Failure<'a, D> {
    success: bool,
    message: &'a str,
    #[serde(skip_serializing_if = "<[Mistake]>::is_empty")]
    errors: &'a [Mistake],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<D>,
}

/// What was asked for.
fn found(data: impl Serialize) -> Response {
    Response::json(200, &Success { success: true, message: None, data: Some(data) })
}

/// What was done, and what came of it.
fn done(status: u16, message: &str, data: impl Serialize) -> Response {
    let message = Some(message);
    Response::json(status, &Success { success: true, message, data: Some(data) })
}

/// What was done, where nothing is left to show.
fn gone(message: &str) -> Response {
    Response::json(200, &Success::<()> { success: true, message: Some(message), data: None })
}

/// `{"success":false,"message":"Chat not found"}`
pub(super) fn failure(status: u16, message: &str) -> Response {
    Response::json(status, &Failure::<()> { success: false, message, errors: &[], data: None })
}

/// A failure that says which thing it is about.
fn failure_about(status: u16, message: &str, data: impl Serialize) -> Response {
    let data = Some(data);
    Response::json(status, &Failure { success: false, message, errors: &[], data })
}

/// `{"success":false,"message":"..","errors":[{"field":"..","message":".."}]}`
pub(super) fn invalid(errors: &[Mistake]) -> Response {
    let message = errors.first().map_or("Validation failed", |mistake| &mistake.message);
    Response::json(400, &Failure::<()> { success: false, message, errors, data: None })
}

/// One mistake.
fn mistaken(field: &'static str, message: impl Into<String>) -> Response {
    invalid(&[Mistake { field, message: message.into() }])
}

fn unavailable(fault: &Fault) -> Response {
    tracing::error!(%fault, "a request could not be answered");
    failure(503, UNAVAILABLE)
}

/// A room's refusal.
fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::NoSuchRoom => return failure(404, NO_CHAT),
        Refusal::NotMember | Refusal::NotOwner | Refusal::Ended => 403,
        Refusal::NoSuchMember => 404,
        Refusal::MemberAlready | Refusal::WrongKind | Refusal::TooLong(_) => 400,
        _ => 503,
    };
    failure(status, &tell::refused(refusal))
}

/// Whose request it is.
struct Caller {
    who: Arc<Person>,
    /// The role that the token names.
    role: Option<String>,
}

impl Coaching {
    async fn caller(&self, request: &Request) -> Result<Caller, Response> {
        let token = request.bearer.as_deref().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| failure(401, "Access denied. No token provided."))?;
        match self.identifier.identify(token).await {
            Ok(found) => Ok(Caller { who: found.who, role: found.role }),
            Err(Unidentified::Fault(fault)) => Err(unavailable(&fault)),
            Err(_) => Err(failure(401, "Invalid token.")),
        }
    }

    /// Whether the caller stands above the roles in a chat.
    async fn is_admin(&self, caller: &Caller) -> Result<bool, Response> {
        if caller.role.as_deref() == Some(ADMIN) {
            return Ok(true);
        }
        let account = self.account(AccountKey::Id(caller.who.id)).await?;
        Ok(account.as_ref().is_some_and(is_admin))
    }

    async fn account(&self, key: AccountKey) -> Result<Option<Account>, Response> {
        let found = self.hub.ports().read(|reply| Read::Account(ACCOUNTS, key, reply)).await;
        found.map_err(|fault| unavailable(&fault))
    }

    /// The account of that id, which somebody names.
    async fn user(&self, id: UserId) -> Result<Account, Response> {
        let found = self.account(AccountKey::Id(id)).await?;
        found.ok_or_else(|| failure(404, "User not found"))
    }

    /// The chat that the path names.
    async fn chat(&self, request: &Request) -> Result<RoomRow, Response> {
        let number = path_number(request.param(0)).ok_or_else(|| failure(404, NO_CHAT))?;
        let key = RoomKey::Place(self.place(number));
        let found = self.hub.ports().read(|reply| Read::Room(key, reply)).await;
        found.map_err(|fault| unavailable(&fault))?.ok_or_else(|| failure(404, NO_CHAT))
    }

    /// The same, where the caller may read it: as one who takes part, or because anybody may.
    async fn chat_of(&self, caller: &Caller, request: &Request) -> Result<RoomRow, Response> {
        let chat = self.chat(request).await?;
        rights::may_read(&caller.who, &chat).map_err(|refusal| refused(&refusal))?;
        Ok(chat)
    }

    /// Asks something of a chat.
    async fn ask(&self, chat: &RoomRow, who: &Arc<Person>, deed: Deed) -> Result<Outcome, Refusal> {
        let topic = Topic::Room(self.place(chat.number));
        self.hub.call(chat.id, Arc::clone(who), topic, deed).await
    }

    /// The same, with a refusal in words.
    async fn call(
        &self,
        chat: &RoomRow,
        who: &Arc<Person>,
        deed: Deed,
    ) -> Result<Outcome, Response> {
        self.ask(chat, who, deed).await.map_err(|refusal| refused(&refusal))
    }

    /// A part of what was said in a chat, newest first, and how much was said in all, or since.
    async fn said(
        &self,
        chat: &RoomRow,
        since: Option<MessageId>,
        skip: u64,
        limit: u64,
    ) -> Result<(Vec<Message>, u64), Response> {
        let stretch = Stretch { room: chat.id, upto_seq: Stretch::NEWEST, since, skip, limit };
        let read = self.hub.ports().read(|reply| Read::Messages(stretch, reply)).await;
        read.map_err(|fault| unavailable(&fault))
    }

    /// The newest message in a chat.
    async fn newest(&self, chat: &RoomRow) -> Result<Option<Message>, Response> {
        if chat.last_seq == 0 {
            return Ok(None);
        }
        let (newest, _) = self.said(chat, None, 0, 1).await?;
        Ok(newest.into_iter().next())
    }
}

/// A chat as it is told with the newest message.
fn chat_now<'a>(chat: &'a RoomRow, newest: Option<&'a Message>) -> ChatNow<'a> {
    let last_message = newest.map(|message| Said::new(message, chat.number));
    ChatNow { chat: Chat::of(chat), last_message }
}

fn member(chat: &RoomRow, user: UserId) -> Option<&Arc<Person>> {
    chat.members.iter().map(|(member, _)| member).find(|member| member.id == user)
}

fn is_group(chat: &RoomRow) -> bool {
    chat.kind == RoomKind::Group
}

fn is_admin(account: &Account) -> bool {
    account.role.as_deref() == Some(ADMIN)
}

/// A whole number from 1 in a path.
fn path_number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_plain && (1..1 << 53).contains(number))
}
