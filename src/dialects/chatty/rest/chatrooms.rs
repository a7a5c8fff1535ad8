//! `/chatrooms`: where one can talk.

use std::sync::Arc;

use serde::Serialize;

use super::form::{self, Form};
use super::{Chatty, Page, REALM, chatroom, deleted, failure, place, unavailable, uuid};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::dialects::kit::time;
use crate::hub::command::{Amend, Deed, Outcome, Refusal, Topic};
use crate::hub::event::RoomRow;
use crate::hub::id::RoomId;
use crate::hub::ports::{Fault, NewRoom, Read, Write};

const TAKEN: &str = "Chatroom with this name already exists";

/// A chatroom as it is shown.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    name: &'a str,
    created_date: String,
    last_updated_date: String,
}

impl<'a> Shown<'a> {
    fn new(room: &'a RoomRow) -> Shown<'a> {
        Shown {
            id: room.code.as_deref().unwrap_or_default(),
            name: room.name.as_deref().unwrap_or_default(),
            created_date: time::iso_utc(room.created_ms),
            last_updated_date: time::iso_utc(room.updated_ms),
        }
    }
}

pub(super) async fn list(chatty: Arc<Chatty>, request: Request) -> Answer {
    #[derive(Serialize)]
    struct Chatrooms<'a> {
        chatrooms: Vec<Shown<'a>>,
        total: u64,
    }
    let Page { skip, limit } = Page::read(&request)?;
    let found = chatty.hub.ports().read(|reply| Read::Rooms(REALM, skip, limit, reply)).await;
    let (rooms, total) = found.map_err(|fault| unavailable(&fault))?;
    let chatrooms = rooms.iter().map(Shown::new).collect();
    Ok(Response::json(200, &Chatrooms { chatrooms, total }))
}

pub(super) async fn create(chatty: Arc<Chatty>, request: Request) -> Answer {
    let mut form = Form::read(&request)?;
    let name = form.slug("name");
    let name = form.done(name)?;
    let code = uuid::random().map_err(|fault| unavailable(&fault))?;
    let mut room = NewRoom::open(REALM, REALM, &code);
    (room.name, room.unique_name) = (Some(name.into()), true);
    let made = chatty.hub.ports().write(|reply| Write::OpenRoom(room, reply)).await;
    match made {
        Ok((room, _)) => Ok(Response::json(201, &Shown::new(&room))),
        Err(Fault::Taken("name")) => Err(failure(409, TAKEN)),
        Err(fault) => Err(unavailable(&fault)),
    }
}

pub(super) async fn read(chatty: Arc<Chatty>, request: Request) -> Answer {
    let id = form::path_id(&request, 0, "chatroom_id")?;
    Ok(Response::json(200, &Shown::new(&chatroom(&chatty, &id).await?)))
}

/// Changes what is given, and leaves the rest.
pub(super) async fn update(chatty: Arc<Chatty>, request: Request) -> Answer {
    let id = form::path_id(&request, 0, "chatroom_id")?;
    let mut form = Form::read(&request)?;
    let name = form.optional("name", Form::slug);
    let name = form.done(name)?;
    let room = chatroom(&chatty, &id).await?;
    if let Some(name) = name {
        amend(&chatty, room.id, &id, Amend::Rename(name.into())).await?;
    }
    Ok(Response::json(200, &Shown::new(&chatroom(&chatty, &id).await?)))
}

/// Takes a chatroom away, with all that was said in it.
pub(super) async fn delete(chatty: Arc<Chatty>, request: Request) -> Answer {
    let id = form::path_id(&request, 0, "chatroom_id")?;
    let room = chatroom(&chatty, &id).await?;
    amend(&chatty, room.id, &id, Amend::Drop).await.map(|_| deleted())
}

/// Anybody may change a chatroom: the asker is a guest.
async fn amend(
    chatty: &Chatty,
    room: RoomId,
    code: &str,
    amend: Amend,
) -> Result<Outcome, Response> {
    let who = Arc::new(chatty.guests.guest());
    let topic = Topic::Room(place(code));
    let amended = chatty.hub.call(room, who, topic, Deed::Amend(amend)).await;
    amended.map_err(|refusal| match refusal {
        Refusal::Taken(_) => failure(409, TAKEN),
        refusal => refused(&refusal),
    })
}

/// What a chatroom refuses to a request.
pub(super) fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NoSuchRoom => failure(404, "Chatroom not found"),
        Refusal::NoSuchMessage => failure(404, "Message not found"),
        Refusal::TooLong(bytes_max) => {
            failure(422, &format!("message_text must have at most {bytes_max} bytes"))
        }
        _ => failure(503, "The server cannot do this now, try again"),
    }
}
