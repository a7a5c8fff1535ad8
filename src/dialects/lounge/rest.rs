//! The REST route: a room that is registered before anybody joins it, with an end or without.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::alert::Alert;
use super::{Lounge, admit};
use crate::dialects::kit::identify::Unidentified;
use crate::dialects::kit::rest::{Answer, Method, Request, Response, Route};
use crate::dialects::kit::{json, time};
use crate::hub::clock;
use crate::hub::command::{Amend, Deed, Outcome, Refusal, Topic};
use crate::hub::event::{Person, RoomRow};
use crate::hub::id::{ACCOUNTS, RoomId};
use crate::hub::ports::{Fault, Read, RoomKey};
use crate::hub::rights;

/// The furthest end of a room, in seconds from now: ten years.
const EXPIRES_IN_S_MAX: u64 = 3_650 * 24 * 60 * 60;

/// The route.
pub(super) fn routes(lounge: &Arc<Lounge>) -> Vec<Route> {
    vec![Route::new(lounge, Method::POST, "/api/rooms", register)]
}

/// `{"type":"E16","text":"..."}`
pub(super) fn failure(status: u16, text: &str) -> Response {
    let code = match status {
        400 | 413 | 415 | 422 => Alert::NO_JSON.code,
        401 => Alert::LOGIN.code,
        429 | 503 => Alert::AWAY.code,
        _ => Alert::WRONG.code,
    };
    Response::json(status, &Alert { code, text })
}

/// `{"room":"1","expires_in":3600}`; without `expires_in` the room keeps the end it has, if any.
async fn register(lounge: Arc<Lounge>, request: Request) -> Answer {
    #[derive(Deserialize)]
    struct Registered<'a> {
        #[serde(borrow)]
        room: Option<&'a RawValue>,
        #[serde(borrow)]
        expires_in: Option<&'a RawValue>,
    }
    #[derive(Serialize)]
    struct Room {
        room: String,
        expires_at: Option<String>,
    }
    let who = bearer(&lounge, &request).await?;
    let body = request.object().map_err(|words| failure(400, &words))?;
    let Registered { room, expires_in } = body;
    let number = room.and_then(json::number);
    let number = number.ok_or_else(|| Response::json(400, &Alert::NO_NUMBER))?;
    let lasts_s = expires_in.map(seconds).transpose()?;
    let topic = lounge.place(number);
    let found = lounge.hub.open(&topic, ACCOUNTS).await.map_err(|fault| away(&fault))?;
    let id = found.ok_or_else(|| Response::json(404, &Alert::NO_ROOM))?;
    let ends_ms = match lasts_s {
        Some(lasts_s) => end(&lounge, id, who, Topic::Room(topic), lasts_s).await?,
        None => row(&lounge, id, &who).await?.ends_ms,
    };
    let expires_at = ends_ms.map(time::iso_utc);
    Ok(Response::json(201, &Room { room: number.to_string(), expires_at }))
}

/// Gives the room an end; returns it, in ms since 1970.
async fn end(
    lounge: &Lounge,
    id: RoomId,
    who: Arc<Person>,
    topic: Topic,
    lasts_s: u64,
) -> Result<Option<u64>, Response> {
    let ends_ms = clock::wall_ms().saturating_add(lasts_s * 1_000);
    let deed = Deed::Amend(Amend::End(ends_ms));
    match lounge.hub.call(id, who, topic, deed).await {
        Ok(Outcome::Amended(Some(row))) => Ok(row.ends_ms),
        Ok(_) => Err(Response::json(404, &Alert::NO_ROOM)),
        Err(refusal) => Err(refused(&refusal)),
    }
}

/// The room, where somebody may know of it.
async fn row(lounge: &Lounge, id: RoomId, who: &Person) -> Result<RoomRow, Response> {
    let found = lounge.hub.ports().read(|reply| Read::Room(RoomKey::Id(id), reply)).await;
    let found = found.map_err(|fault| away(&fault))?;
    let found = found.filter(|row| rights::may_read(who, row).is_ok());
    found.ok_or_else(|| Response::json(404, &Alert::NO_ROOM))
}

/// Whose request it is.
async fn bearer(lounge: &Lounge, request: &Request) -> Result<Arc<Person>, Response> {
    let token = request.bearer.as_deref();
    let token = token.ok_or_else(|| Response::json(401, &Alert::LOGIN))?;
    match lounge.identifier.identify(token).await {
        Ok(found) => Ok(found.who),
        Err(Unidentified::Fault(fault)) => Err(away(&fault)),
        Err(error) => Err(Response::json(401, &admit::alert(&error))),
    }
}

/// A number of seconds in which a room may end.
fn seconds(value: &RawValue) -> Result<u64, Response> {
    let seconds = json::number(value).filter(|seconds| (1..=EXPIRES_IN_S_MAX).contains(seconds));
    seconds.ok_or_else(|| {
        let words = format!("expires_in must be whole seconds from 1 to {EXPIRES_IN_S_MAX}");
        failure(400, &words)
    })
}

fn refused(refusal: &Refusal) -> Response {
    let status = match refusal {
        Refusal::NoSuchRoom | Refusal::NotMember => 404,
        Refusal::Unavailable => 503,
        _ => 403,
    };
    Response::json(status, &Alert::from(refusal))
}

fn away(fault: &Fault) -> Response {
    tracing::error!(%fault, "a request could not be answered");
    Response::json(503, &Alert::AWAY)
}
