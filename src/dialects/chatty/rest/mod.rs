//! The REST routes, open to everybody, and what they share: errors, pages, lookups.

mod chatrooms;
mod form;
mod health;
mod messages;
mod participants;
mod users;

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use super::{Chatty, REALM, place, uuid};
use crate::dialects::kit::rest::{Method, Request, Response, Route};
use crate::hub::event::RoomRow;
use crate::hub::ports::{Account, AccountKey, Fault, Read, RoomKey};
pub(super) use messages::Codes;

/// What a page of a list has where nobody says otherwise, and at most.
const PAGE_ROWS: u64 = 100;
const PAGE_ROWS_MAX: u64 = 1_000;
/// The most that may be skipped.
const SKIP_MAX: u64 = 1 << 53;

/// The routes, each with and without a slash at its end. Others may have those of messages for
/// requests with a token.
pub(super) fn routes(chatty: &Arc<Chatty>) -> Vec<Route> {
    let mut routes = people_and_places(chatty);
    routes.extend(words(chatty));
    routes
}

fn people_and_places(chatty: &Arc<Chatty>) -> Vec<Route> {
    const USER: &str = "/users/{user_id}";
    const CHATROOM: &str = "/chatrooms/{chatroom_id}";
    const PARTICIPANTS: &str = "/chatroom-participants";
    const PARTICIPANT: &str = "/chatroom-participants/{chatroom_id}/{user_id}";
    vec![
        Route::new(chatty, Method::GET, "/users", users::list),
        Route::new(chatty, Method::POST, "/users", users::create),
        Route::new(chatty, Method::GET, USER, users::read),
        Route::new(chatty, Method::PUT, USER, users::update),
        Route::new(chatty, Method::DELETE, USER, users::delete),
        Route::new(chatty, Method::GET, "/chatrooms", chatrooms::list),
        Route::new(chatty, Method::POST, "/chatrooms", chatrooms::create),
        Route::new(chatty, Method::GET, CHATROOM, chatrooms::read),
        Route::new(chatty, Method::PUT, CHATROOM, chatrooms::update),
        Route::new(chatty, Method::DELETE, CHATROOM, chatrooms::delete),
        Route::new(chatty, Method::GET, PARTICIPANTS, participants::list),
        Route::new(chatty, Method::POST, PARTICIPANTS, participants::create),
        Route::new(chatty, Method::GET, PARTICIPANT, participants::read),
        Route::new(chatty, Method::DELETE, PARTICIPANT, participants::delete),
        Route::new(chatty, Method::GET, "/health", health::alive),
        Route::new(chatty, Method::GET, "/health/ready", health::ready),
    ]
}

fn words(chatty: &Arc<Chatty>) -> Vec<Route> {
    const MESSAGE: &str = "/messages/{message_id}";
    const OF_CHATROOM: &str = "/messages/chatroom/{chatroom_id}";
    let routes = [
        Route::new(chatty, Method::GET, "/messages", messages::list),
        Route::new(chatty, Method::POST, "/messages", messages::create),
        Route::new(chatty, Method::GET, MESSAGE, messages::read),
        Route::new(chatty, Method::PUT, MESSAGE, messages::update),
        Route::new(chatty, Method::DELETE, MESSAGE, messages::delete),
        Route::new(chatty, Method::GET, OF_CHATROOM, messages::list_of_chatroom),
    ];
    routes.into_iter().map(|route| route.for_bearer(false)).collect()
}

/// `{"detail":"Chatroom not found"}`
pub(super) fn failure(status: u16, words: &str) -> Response {
    #[derive(Serialize)]
    struct Failure<'a> {
        detail: &'a str,
    }
    Response::json(status, &Failure { detail: words })
}

fn unavailable(fault: &Fault) -> Response {
    tracing::error!(%fault, "a request could not be answered");
    failure(503, "The server cannot do this now, try again")
}

/// The answer to a DELETE.
fn deleted() -> Response {
    Response { status: 204, body: Bytes::new(), ..Response::json(204, &()) }
}

/// A part of a list.
#[derive(Clone, Copy)]
struct Page {
    skip: u64,
    limit: u64,
}

impl Page {
    /// `?skip=0&limit=100`
    fn read(request: &Request) -> Result<Page, Response> {
        let skip = form::query_number(request, "skip", (0, SKIP_MAX))?.unwrap_or(0);
        let limit = form::query_number(request, "limit", (1, PAGE_ROWS_MAX))?;
        Ok(Page { skip, limit: limit.unwrap_or(PAGE_ROWS) })
    }
}

/// The user of that UUID.
async fn user(chatty: &Chatty, code: &str) -> Result<Account, Response> {
    let key = AccountKey::Code(code.into());
    let found = chatty.hub.ports().read(|reply| Read::Account(REALM, key, reply)).await;
    found.map_err(|fault| unavailable(&fault))?.ok_or_else(|| failure(404, "User not found"))
}

/// The chatroom of that UUID.
async fn chatroom(chatty: &Chatty, code: &str) -> Result<RoomRow, Response> {
    let key = RoomKey::Place(place(code));
    let found = chatty.hub.ports().read(|reply| Read::Room(key, reply)).await;
    found.map_err(|fault| unavailable(&fault))?.ok_or_else(|| failure(404, "Chatroom not found"))
}
