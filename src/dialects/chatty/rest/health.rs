//! `/health`: whether the server runs, and whether its store answers.

use std::sync::Arc;

use serde::Serialize;

use super::{Chatty, REALM, unavailable};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::hub::ports::Read;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

pub(super) async fn alive(_: Arc<Chatty>, _: Request) -> Answer {
    Ok(Response::json(200, &Health { status: "healthy" }))
}

pub(super) async fn ready(chatty: Arc<Chatty>, _: Request) -> Answer {
    let asked = chatty.hub.ports().read(|reply| Read::Rooms(REALM, 0, 1, reply)).await;
    asked.map_err(|fault| unavailable(&fault))?;
    Ok(Response::json(200, &Health { status: "ready" }))
}
