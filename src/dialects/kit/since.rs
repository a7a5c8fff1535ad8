//! `since` in a dialect's history call: the id of a message, for whoever wants no more than what
//! was stored after it. That message may be gone: ids grow with time.

use serde_json::value::RawValue;

use super::json;
use super::rest::Request;
use crate::hub::id::MessageId;

/// What is wrong with one that is no id.
pub const WRONG: &str = "since must be a message's id";

/// That of a query, where there is one.
///
/// # Errors
/// [`WRONG`].
pub fn in_query(request: &Request) -> Result<Option<MessageId>, &'static str> {
    let Some(text) = request.query_value("since") else { return Ok(None) };
    json::digits(&text).map(|id| Some(MessageId(id))).ok_or(WRONG)
}

/// That of a payload, where there is one.
///
/// # Errors
/// [`WRONG`].
pub fn in_payload(field: Option<&RawValue>) -> Result<Option<MessageId>, &'static str> {
    let Some(field) = field else { return Ok(None) };
    json::number(field).map(|id| Some(MessageId(id))).ok_or(WRONG)
}
