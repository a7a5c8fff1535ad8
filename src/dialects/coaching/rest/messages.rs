//! What is said in a chat.

use std::sync::Arc;

use serde::Serialize;

use super::{Coaching, UNAVAILABLE, done, failure, found, mistaken};
use crate::dialects::coaching::form::Form;
use crate::dialects::coaching::hear;
use crate::dialects::coaching::words::Said;
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::dialects::kit::{json, since};
use crate::hub::command::{Deed, Outcome};
use crate::hub::event::Kind;
use crate::hub::text::Text;

/// Messages in a page, where nobody says how many.
const LIMIT_DEFAULT: u64 = 20;
/// Messages in a page.
const LIMIT_MAX: u64 = 100;
/// The last page that may be asked for.
const PAGE_MAX: u64 = 1 << 32;

/// A page of a chat's messages.
#[derive(Serialize)]
struct Page<'a> {
    /// Newest first.
    messages: Vec<Said<'a>>,
    /// Messages in the chat, or since.
    total: u64,
    page: u64,
    limit: u64,
    total_pages: u64,
}

pub(super) async fn list(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let chat = coaching.chat_of(&caller, &request).await?;
    let page = query_number(&request, "page", 1, PAGE_MAX)?;
    let limit = query_number(&request, "limit", LIMIT_DEFAULT, LIMIT_MAX)?;
    let since = since::in_query(&request).map_err(|words| mistaken("since", words))?;
    let (messages, total) = coaching.said(&chat, since, (page - 1) * limit, limit).await?;
    let messages = messages.iter().map(|message| Said::new(message, chat.number)).collect();
    Ok(found(Page { messages, total, page, limit, total_pages: total.div_ceil(limit) }))
}

pub(super) async fn post(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let chat = coaching.chat_of(&caller, &request).await?;
    let form = Form::of(&request)?;
    let content = form.raw("content").and_then(Text::from_json);
    let content = content.filter(|content| !content.is_blank());
    let content = content.ok_or_else(|| mistaken("content", "Content is required"))?;
    hear::check_length(&content, coaching.message_bytes_max)
        .map_err(|words| mistaken("content", words))?;
    let key = request.key().or_else(|| form.raw("client_id").map(json::key));
    let key = key.transpose().map_err(|words| mistaken("client_id", words))?;
    let deed = Deed::Say(hear::draft(Kind::Text, content, key));
    match coaching.call(&chat, &caller.who, deed).await? {
        Outcome::Said { message, .. } => {
            Ok(done(201, "Message sent successfully", Said::new(&message, chat.number)))
        }
        _ => Err(failure(503, UNAVAILABLE)),
    }
}

/// A whole number from 1 in the query.
fn query_number(
    request: &Request,
    field: &'static str,
    default: u64,
    max: u64,
) -> Result<u64, Response> {
    let Some(text) = request.query_value(field) else { return Ok(default) };
    super::path_number(&text)
        .filter(|number| *number <= max)
        .ok_or_else(|| mistaken(field, format!("{field} must be a whole number from 1 to {max}")))
}
