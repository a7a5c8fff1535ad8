//! What requests say, read field by field; what is wrong with it is told all at once, as a list
//! of details: `{"type":"missing","loc":["body","name"],"msg":"Field required","input":{}}`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{failure, uuid};
use crate::dialects::kit::json;
use crate::dialects::kit::rest::{Request, Response};
use crate::hub::id::MessageId;
use crate::hub::text::Text;

/// The longest handle or name of a chatroom, in characters.
const SLUG_CHARS_MAX: usize = 128;
/// The longest name of a user, in characters.
const NAME_CHARS_MAX: usize = 255;
/// The longest text of a message, in characters.
const TEXT_CHARS_MAX: usize = 1_024;

const STRING_TYPE: Wrong = ("string_type", Cow::Borrowed("Input should be a valid string"));
const STRING_UNICODE: Wrong =
    ("string_unicode", Cow::Borrowed("Input should be a string of whole characters"));
const UUID_TYPE: Wrong = ("uuid_type", Cow::Borrowed("Input should be a UUID in a string"));
const UUID_PARSING: Wrong = ("uuid_parsing", Cow::Borrowed("Input should be a valid UUID"));

/// What is wrong with a value: its kind, and a sentence.
type Wrong = (&'static str, Cow<'static, str>);

/// One thing that is wrong with a request.
#[derive(Serialize)]
struct Detail<I> {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<&'static str>,
    msg: Cow<'static, str>,
    input: I,
}

/// A body: a JSON object whose fields are asked for one by one.
///
/// **Invariant:** a field that reads as `None` has left a detail of what is wrong with it.
pub(super) struct Form<'a> {
    body: &'a RawValue,
    fields: HashMap<String, &'a RawValue>,
    wrong: Vec<Detail<Option<&'a RawValue>>>,
}

impl<'a> Form<'a> {
    /// Reads a request's body. Of a field that stands there twice, the last one counts.
    ///
    /// # Errors
    /// The response that says that it is no object.
    pub(super) fn read(request: &'a Request) -> Result<Form<'a>, Response> {
        if request.body.is_empty() {
            return Err(one("missing", vec!["body"], "Field required", ()));
        }
        let Ok(body) = serde_json::from_slice::<&RawValue>(&request.body) else {
            return Err(one("json_invalid", vec!["body"], "JSON decode error", Empty {}));
        };
        match serde_json::from_str(body.get()) {
            Ok(fields) => Ok(Form { body, fields, wrong: Vec::new() }),
            Err(_) => {
                let words = "Input should be an object to take fields from";
                Err(one("model_attributes_type", vec!["body"], words, readable(body)))
            }
        }
    }

    /// What the form was made into, unless something is wrong.
    ///
    /// # Errors
    /// The response that says all that is.
    pub(super) fn done<T>(self, made: Option<T>) -> Result<T, Response> {
        match made {
            Some(made) if self.wrong.is_empty() => Ok(made),
            _ => Err(unprocessable(&self.wrong)),
        }
    }

    /// A field that may be missing or `null`: `Some(None)` where it is.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.fields.get(name) {
            Some(field) if field.get() != "null" => read(self, name).map(Some),
            _ => Some(None),
        }
    }

    /// The text of a message: trimmed, 1 to 1024 characters and no more bytes than `bytes_max`.
    pub(super) fn text(&mut self, name: &'static str, bytes_max: usize) -> Option<Text> {
        self.field(name, |field| {
            let text = Text::from_json(field).ok_or(STRING_TYPE)?.trimmed();
            check_length(text.chars_count(), TEXT_CHARS_MAX)?;
            match text.bytes_count() <= bytes_max {
                true => Ok(text),
                false => Err(too_long(bytes_max, "bytes")),
            }
        })
    }

    /// What somebody is called: trimmed, 1 to 255 characters.
    pub(super) fn name(&mut self, name: &'static str) -> Option<Arc<str>> {
        self.field(name, |field| {
            let text = string(field)?;
            let text = text.trim();
            check_length(text.chars().count(), NAME_CHARS_MAX).map(|()| text.into())
        })
    }

    /// A handle or a chatroom's name: trimmed, in lower case, `[a-z0-9_]`, 1 to 128 characters.
    pub(super) fn slug(&mut self, name: &'static str) -> Option<String> {
        self.field(name, |field| {
            let slug = string(field)?.trim().to_lowercase();
            check_length(slug.chars().count(), SLUG_CHARS_MAX)?;
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            match slug.chars().all(fits) {
                true => Ok(slug),
                false => Err((
                    "string_pattern_mismatch",
                    "String should match pattern '^[a-z0-9_]+$'".into(),
                )),
            }
        })
    }

    /// A UUID, in its usual spelling.
    pub(super) fn id(&mut self, name: &'static str) -> Option<String> {
        self.field(name, |field| {
            let text = string(field).map_err(|_| UUID_TYPE)?;
            uuid::canonical(&text).ok_or(UUID_PARSING)
        })
    }

    /// `true` or `false`.
    pub(super) fn switch(&mut self, name: &'static str) -> Option<bool> {
        self.field(name, |field| {
            let words = "Input should be a valid boolean";
            json::parse(field).ok_or(("bool_type", words.into()))
        })
    }

    /// An idempotency key.
    pub(super) fn key(&mut self, name: &'static str) -> Option<Arc<str>> {
        self.field(name, |field| json::key(field).map_err(|words| ("value_error", words.into())))
    }

    /// Notes what is wrong with the body as a whole.
    pub(super) fn object(&mut self, words: &'static str) {
        let (loc, input) = (vec!["body"], readable(self.body));
        self.wrong.push(Detail { kind: "value_error", loc, msg: words.into(), input });
    }

    fn field<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&RawValue) -> Result<T, Wrong>,
    ) -> Option<T> {
        let (input, read) = match self.fields.get(name) {
            Some(field) => (*field, read(field)),
            None => (self.body, Err(("missing", "Field required".into()))),
        };
        let note = |(kind, msg)| {
            let (loc, input) = (vec!["body", name], readable(input));
            self.wrong.push(Detail { kind, loc, msg, input });
        };
        read.map_err(note).ok()
    }
}

/// The UUID at that place of the path, in its usual spelling.
///
/// # Errors
/// The response that says that it is none.
pub(super) fn path_id(
    request: &Request,
    place: usize,
    name: &'static str,
) -> Result<String, Response> {
    let given = request.param(place);
    let (kind, words) = UUID_PARSING;
    uuid::canonical(given).ok_or_else(|| one(kind, vec!["path", name], words, given))
}

/// A UUID of the query, in its usual spelling, where there is one.
///
/// # Errors
/// The response that says that it is none.
pub(super) fn query_id(request: &Request, name: &'static str) -> Result<Option<String>, Response> {
    let Some(given) = request.query_value(name) else { return Ok(None) };
    let (kind, words) = UUID_PARSING;
    let id = uuid::canonical(&given);
    id.map(Some).ok_or_else(|| one(kind, vec!["query", name], words, given))
}

/// A message's UUID in the query, where there is one.
///
/// # Errors
/// The response that says that it is none.
pub(super) fn query_message(
    request: &Request,
    name: &'static str,
) -> Result<Option<MessageId>, Response> {
    let Some(id) = query_id(request, name)? else { return Ok(None) };
    let message = uuid::message(&id);
    let wrong = || one("value_error", vec!["query", name], "Input should be a message's id", &id);
    message.map(Some).ok_or_else(wrong)
}

/// A whole number of the query, where there is one.
///
/// # Errors
/// The response that says what it must be.
pub(super) fn query_number(
    request: &Request,
    name: &'static str,
    (min, max): (u64, u64),
) -> Result<Option<u64>, Response> {
    let Some(given) = request.query_value(name) else { return Ok(None) };
    let wrong = match given.parse::<i128>() {
        Err(_) => ("int_parsing", "Input should be a valid integer".into()),
        Ok(number) if number < i128::from(min) => {
            ("greater_than_equal", format!("Input should be greater than or equal to {min}"))
        }
        Ok(number) if number > i128::from(max) => {
            ("less_than_equal", format!("Input should be less than or equal to {max}"))
        }
        Ok(number) => return Ok(u64::try_from(number).ok()),
    };
    Err(one(wrong.0, vec!["query", name], wrong.1, given))
}

/// The idempotency key of the headers, where there is one.
///
/// # Errors
/// The response that says what it must be.
pub(super) fn header_key(request: &Request) -> Result<Option<Arc<str>>, Response> {
    let input = request.idempotency_key.as_deref();
    let wrong = |words| one("value_error", vec!["header", "idempotency-key"], words, input);
    request.key().transpose().map_err(wrong)
}

/// `{}`
#[derive(Serialize)]
struct Empty {}

/// What may be shown back to whoever sent it. Nesting and numbers that many readers of JSON give
/// up on are not: the answer to a bad body must be one that can be read.
fn readable(input: &RawValue) -> Option<&RawValue> {
    json::parse::<serde_json::Value>(input).map(|_| input)
}

fn string(field: &RawValue) -> Result<String, Wrong> {
    let is_string = field.get().starts_with('"');
    json::string(field).ok_or(if is_string { STRING_UNICODE } else { STRING_TYPE })
}

fn check_length(chars: usize, chars_max: usize) -> Result<(), Wrong> {
    match chars {
        0 => Err(("string_too_short", "String should have at least 1 character".into())),
        _ if chars > chars_max => Err(too_long(chars_max, "characters")),
        _ => Ok(()),
    }
}

fn too_long(max: usize, unit: &str) -> Wrong {
    ("string_too_long", format!("String should have at most {max} {unit}").into())
}

fn one<I: Serialize>(
    kind: &'static str,
    loc: Vec<&'static str>,
    words: impl Into<Cow<'static, str>>,
    input: I,
) -> Response {
    unprocessable(&[Detail { kind, loc, msg: words.into(), input }])
}

fn unprocessable<I: Serialize>(detail: &[Detail<I>]) -> Response {
    #[derive(Serialize)]
    struct Unprocessable<'a, I> {
        detail: &'a [Detail<I>],
    }
    match detail {
        [] => failure(422, "Unprocessable Content"),
        detail => Response::json(422, &Unprocessable { detail }),
    }
}

#[cfg(test)]
mod tests;
