//! Claims: what a token says about whoever carries it, out of the shapes that issuers use.

use std::fmt;

use jwt_simple::prelude::{Duration, JWTClaims, UnixTimeStamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::{CLAIM_BYTES_MAX, CLOCK_TOLERANCE_S};

/// The first integer that not every client language can hold.
const NUMBER_END: u64 = 1 << 53;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whom it speaks for: claim `id`, else `sub`.
    pub subject: Subject,
    /// Claim `name`, else `username`.
    pub name: Option<String>,
    /// Claim `nickname`.
    pub nickname: Option<String>,
    /// Claim `email`.
    pub email: Option<String>,
    /// Claim `role`.
    pub role: Option<String>,
    /// When it ends, in seconds since 1970.
    pub expires_s: Option<u64>,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A whole number from 1 to 2^53-1, or a string of its digits.
    Number(u64),
    /// Any other string.
    Text(String),
}

impl Subject {
    /// The subject that a string spells. Only a number's own spelling is a number (`7`, not
    /// `07`), so that two strings never are one subject.
    #[must_use]
    pub fn parse(text: &str) -> Subject {
        let number = text.parse().ok().filter(|number| (1..NUMBER_END).contains(number));
        match number {
            Some(number) if number.to_string() == text => Subject::Number(number),
            _ => Subject::Text(text.to_owned()),
        }
    }
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It was good, once.
    Expired,
    /// It is not good; the words are for logs.
    Invalid(&'static str),
}

impl fmt::Display for TokenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::Expired => out.write_str("the token has expired"),
            TokenError::Invalid(why) => out.write_str(why),
        }
    }
}

impl std::error::Error for TokenError {}

/// Claims and the time in which they hold.
pub(super) struct Timed {
    claims: Claims,
    /// The later of "not before" and "issued at".
    not_before_s: u64,
}

impl Timed {
    /// The claims, where they hold at that time.
    pub(super) fn at(self, now_s: u64) -> Result<Claims, TokenError> {
        // No tolerance here: a session must not outlive its token.
        if self.claims.expires_s.is_some_and(|expires_s| now_s >= expires_s) {
            return Err(TokenError::Expired);
        }
        if self.not_before_s > now_s.saturating_add(CLOCK_TOLERANCE_S) {
            return Err(TokenError::Invalid("the token is not valid yet"));
        }
        Ok(self.claims)
    }
}

/// The payload as issuers write it. Of a claim that should be a string and is not, only those
/// that say who it is or until when are refused: issuers have roles that are lists.
#[derive(Deserialize)]
struct Payload {
    id: Option<Value>,
    sub: Option<Value>,
    name: Option<Value>,
    username: Option<Value>,
    nickname: Option<Value>,
    email: Option<Value>,
    role: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
    iat: Option<Value>,
}

/// Reads a payload whose signature is good.
pub(super) fn read(json: &[u8]) -> Result<Timed, TokenError> {
    let payload: Payload = object(json)
        .ok_or(TokenError::Invalid("the claims are no JSON object without repetition"))?;
    let subject = payload.id.or(payload.sub).ok_or(TokenError::Invalid("nobody is the subject"))?;
    let claims = Claims {
        subject: read_subject(&subject)?,
        name: text(payload.name)?.or(text(payload.username)?),
        nickname: text(payload.nickname)?,
        email: text(payload.email)?,
        role: text(payload.role)?,
        expires_s: payload.exp.as_ref().map(seconds).transpose()?,
    };
    let since_s = |time: Option<Value>| Ok(time.as_ref().map(seconds).transpose()?.unwrap_or(0));
    let not_before_s = since_s(payload.nbf)?.max(since_s(payload.iat)?);
    Ok(Timed { claims, not_before_s })
}

/// A JSON object of that shape; nothing for a list, which serde would take as well, nothing where a
/// key of the shape stands twice, and nothing where any of it is not UTF-8: serde looks at the
/// bytes of those fields alone that the shape has.
pub(super) fn object<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    let json = str::from_utf8(json).ok()?;
    let is_object = json.trim_ascii_start().starts_with('{');
    is_object.then(|| serde_json::from_str(json).ok()).flatten()
}

fn read_subject(value: &Value) -> Result<Subject, TokenError> {
    let wrong = TokenError::Invalid("the subject is no whole number from 1 to 2^53-1, nor a text");
    match value {
        Value::Number(number) => {
            let number = number.as_u64().filter(|number| (1..NUMBER_END).contains(number));
            number.map(Subject::Number).ok_or(wrong)
        }
        Value::String(text) if !text.is_empty() && text.len() <= CLAIM_BYTES_MAX => {
            Ok(Subject::parse(text))
        }
        _ => Err(wrong),
    }
}

fn text(value: Option<Value>) -> Result<Option<String>, TokenError> {
    match value {
        Some(Value::String(text)) if text.len() > CLAIM_BYTES_MAX => {
            Err(TokenError::Invalid("a claim is too long"))
        }
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        _ => Ok(None),
    }
}

/// Seconds since 1970, which some issuers write with a fraction.
fn seconds(value: &Value) -> Result<u64, TokenError> {
    let wrong = TokenError::Invalid("a time is no number of seconds");
    match value.as_u64() {
        Some(seconds) => Ok(seconds),
        #[allow(clippy::cast_possible_truncation, reason = "the cast saturates")]
        #[allow(clippy::cast_sign_loss, reason = "what lies before 1970 is 1970")]
        None => value.as_f64().map(|seconds| seconds as u64).ok_or(wrong),
    }
}

/// Claims of ours beside the registered ones.
#[derive(Serialize)]
pub(super) struct Ours {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
}

/// The claims as they are signed.
pub(super) fn to_be_signed(claims: &Claims, now_s: u64, ttl_s: u64) -> JWTClaims<Ours> {
    let (id, subject) = match &claims.subject {
        Subject::Number(number) => (Some(*number), number.to_string()),
        Subject::Text(text) => (None, text.clone()),
    };
    let ours = Ours {
        id,
        name: claims.name.clone(),
        nickname: claims.nickname.clone(),
        email: claims.email.clone(),
        role: claims.role.clone(),
    };
    // A made-up duration: the times are set below, by the caller's clock.
    let mut signed = jwt_simple::prelude::Claims::with_custom_claims(ours, Duration::default());
    signed.issued_at = Some(UnixTimeStamp::from_secs(now_s));
    signed.invalid_before = None;
    signed.expires_at = Some(UnixTimeStamp::from_secs(now_s.saturating_add(ttl_s)));
    signed.with_subject(subject)
}
