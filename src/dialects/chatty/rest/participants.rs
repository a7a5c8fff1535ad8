//! `/chatroom-participants`: who says of themselves that they belong to a chatroom. Nothing hangs
//! on it: whoever knows a chatroom's id may post there, and listen.

use std::sync::Arc;

use serde::Serialize;

use super::form::{self, Form};
use super::{Chatty, Page, REALM, chatroom, deleted, failure, unavailable, user};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::hub::event::{Person, Role, RoomRow};
use crate::hub::ports::{Fault, Read, Write};

/// Chatrooms that are read at once when everybody's are listed.
const ROOMS_PER_READ: u64 = 100;

/// A participant as one is shown.
#[derive(Serialize)]
struct Shown {
    user_id: String,
    chatroom_id: String,
}

/// A part of a list that is counted while it is read.
struct Listing {
    page: Page,
    shown: Vec<Shown>,
    total: u64,
}

/// `?chatroom_id=` and `?user_id=` narrow the list down.
pub(super) async fn list(chatty: Arc<Chatty>, request: Request) -> Answer {
    #[derive(Serialize)]
    struct Participants<'a> {
        participants: &'a [Shown],
        total: u64,
    }
    let mut listing = Listing { page: Page::read(&request)?, shown: Vec::new(), total: 0 };
    let of_user = form::query_id(&request, "user_id")?;
    let is_theirs =
        |person: &Person| of_user.is_none() || person.code.as_deref() == of_user.as_deref();
    match (form::query_id(&request, "chatroom_id")?, &of_user) {
        (Some(code), _) => listing.add(&chatroom(&chatty, &code).await?, is_theirs),
        (None, Some(code)) => {
            let user = user(&chatty, code).await?.person.id;
            let read = |reply| Read::RoomsOf(REALM, user, reply);
            let rooms = chatty.hub.ports().read(read).await.map_err(|fault| unavailable(&fault))?;
            rooms.iter().for_each(|room| listing.add(room, is_theirs));
        }
        (None, None) => {
            listing.add_all(&chatty).await.map_err(|fault| unavailable(&fault))?;
        }
    }
    let Listing { shown, total, .. } = listing;
    Ok(Response::json(200, &Participants { participants: &shown, total }))
}

/// `{"user_id":"..","chatroom_id":".."}`
pub(super) async fn create(chatty: Arc<Chatty>, request: Request) -> Answer {
    let mut form = Form::read(&request)?;
    let ids = (form.id("user_id"), form.id("chatroom_id"));
    let (user_id, chatroom_id) = form.done(ids.0.zip(ids.1))?;
    let user = user(&chatty, &user_id).await?.person.id;
    let room = chatroom(&chatty, &chatroom_id).await?.id;
    let write = |reply| Write::SetMember(room, user, Role::Member, reply);
    match chatty.hub.ports().write(write).await.map_err(|fault| unavailable(&fault))? {
        true => Ok(Response::json(201, &Shown { user_id, chatroom_id })),
        false => Err(failure(409, "User is already a participant in this chatroom")),
    }
}

pub(super) async fn read(chatty: Arc<Chatty>, request: Request) -> Answer {
    let (chatroom_id, user_id) = ids(&request)?;
    let room = chatroom(&chatty, &chatroom_id).await?;
    let mut found = room.members.iter().filter_map(|(person, _)| person.code.as_deref());
    if !found.any(|code| code == user_id) {
        return Err(not_found());
    }
    Ok(Response::json(200, &Shown { user_id, chatroom_id }))
}

pub(super) async fn delete(chatty: Arc<Chatty>, request: Request) -> Answer {
    let (chatroom_id, user_id) = ids(&request)?;
    let room = chatroom(&chatty, &chatroom_id).await?.id;
    let user = user(&chatty, &user_id).await?.person.id;
    let gone = chatty.hub.ports().write(|reply| Write::DropMember(room, user, reply)).await;
    match gone.map_err(|fault| unavailable(&fault))? {
        true => Ok(deleted()),
        false => Err(not_found()),
    }
}

impl Listing {
    fn add(&mut self, room: &RoomRow, suits: impl Fn(&Person) -> bool) {
        for (person, _) in room.members.iter().filter(|(person, _)| suits(person)) {
            let place = self.total;
            self.total += 1;
            let shown = self.shown.len() as u64;
            if place < self.page.skip || shown >= self.page.limit {
                continue;
            }
            if let (Some(user), Some(chatroom)) = (&person.code, &room.code) {
                let (user_id, chatroom_id) = (user.to_string(), chatroom.to_string());
                self.shown.push(Shown { user_id, chatroom_id });
            }
        }
    }

    /// Adds every chatroom's, some chatrooms at a time.
    async fn add_all(&mut self, chatty: &Chatty) -> Result<(), Fault> {
        let mut skip = 0;
        loop {
            let read = |reply| Read::Rooms(REALM, skip, ROOMS_PER_READ, reply);
            let (rooms, _) = chatty.hub.ports().read(read).await?;
            rooms.iter().for_each(|room| self.add(room, |_| true));
            if (rooms.len() as u64) < ROOMS_PER_READ {
                return Ok(());
            }
            skip += ROOMS_PER_READ;
        }
    }
}

fn ids(request: &Request) -> Result<(String, String), Response> {
    let chatroom = form::path_id(request, 0, "chatroom_id")?;
    Ok((chatroom, form::path_id(request, 1, "user_id")?))
}

fn not_found() -> Response {
    failure(404, "Participant not found")
}
