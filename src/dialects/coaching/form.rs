//! What clients fill in: the fields of a JSON object, each checked, and every mistake named.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::rest;
use crate::dialects::kit::json;
use crate::dialects::kit::rest::{Request, Response};
use crate::hub::id::UserId;
use crate::hub::text::Text;

/// The longest first or last name, in characters.
const NAME_CHARS_MAX: usize = 50;
/// The longest chat's name, in characters.
const CHAT_NAME_CHARS_MAX: usize = 100;
/// The longest role, in characters.
const ROLE_CHARS_MAX: usize = 32;
/// The longest email address, in bytes.
const EMAIL_BYTES_MAX: usize = 254;
/// The longest address of a picture, in bytes.
const IMAGE_BYTES_MAX: usize = 2_048;
/// The shortest password, in characters.
const PASSWORD_CHARS_MIN: usize = 6;
/// The longest password, in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;
/// Who may not be what they say they are.
pub(super) const ADMIN: &str = "admin";
/// Who says nothing is this.
const DEFAULT_ROLE: &str = "student";

/// The fields of a JSON object. Of a key that stands there twice, the last counts.
pub(super) type Fields<'a> = HashMap<String, &'a RawValue>;

/// The fields, where the JSON is an object.
pub(super) fn fields(json: &str) -> Option<Fields<'_>> {
    serde_json::from_str(json).ok()
}

/// A body that is being read.
pub(super) struct Form<'a> {
    fields: Fields<'a>,
    mistakes: Vec<Mistake>,
}

/// `{"field":"email","message":"Email is not valid"}`
#[derive(Serialize)]
pub(super) struct Mistake {
    pub(super) field: &'static str,
    pub(super) message: String,
}

impl<'a> Form<'a> {
    /// The request's body.
    ///
    /// # Errors
    /// The response to a body that is no JSON object.
    pub(super) fn of(request: &'a Request) -> Result<Form<'a>, Response> {
        let json = std::str::from_utf8(&request.body).ok();
        let fields = json.and_then(fields).ok_or_else(|| {
            let message = "The body must be a JSON object".into();
            rest::invalid(&[Mistake { field: "body", message }])
        })?;
        Ok(Form { fields, mistakes: Vec::new() })
    }

    /// The response that names every mistake.
    pub(super) fn refused(&self) -> Response {
        rest::invalid(&self.mistakes)
    }

    /// The same, where there is one.
    pub(super) fn check(&self) -> Result<(), Response> {
        if self.mistakes.is_empty() { Ok(()) } else { Err(self.refused()) }
    }

    /// Notes a mistake.
    pub(super) fn blame(&mut self, field: &'static str, message: impl Into<String>) {
        self.mistakes.push(Mistake { field, message: message.into() });
    }

    /// A field as it came; `null` is as good as none.
    pub(super) fn raw(&self, field: &str) -> Option<&'a RawValue> {
        self.fields.get(field).copied().filter(|value| value.get() != "null")
    }

    /// A field that must be there.
    fn required(&mut self, field: &'static str, label: &str) -> Option<&'a RawValue> {
        let found = self.raw(field);
        if found.is_none() {
            self.blame(field, format!("{label} is required"));
        }
        found
    }

    /// `value`, or a mistake.
    fn or_blame<T>(&mut self, value: Option<T>, field: &'static str, words: &str) -> Option<T> {
        if value.is_none() {
            self.blame(field, words);
        }
        value
    }

    /// An email address.
    pub(super) fn email(&mut self) -> Option<String> {
        let email = self.required("email", "Email")?;
        let email = json::string(email).map(|email| email.trim().to_owned());
        self.or_blame(email.filter(|email| is_email(email)), "email", "Email is not valid")
    }

    /// A password that somebody chooses.
    pub(super) fn new_password(&mut self) -> Option<String> {
        let password = self.required("password", "Password")?;
        let is_good = |password: &String| {
            password.chars().count() >= PASSWORD_CHARS_MIN && password.len() <= PASSWORD_BYTES_MAX
        };
        let words = "Password must be a string of at least 6 characters and at most 1024 bytes";
        self.or_blame(json::string(password).filter(is_good), "password", words)
    }

    /// A string that is checked elsewhere.
    pub(super) fn string(&mut self, field: &'static str, label: &str) -> Option<String> {
        let value = self.required(field, label)?;
        self.or_blame(json::string(value), field, &format!("{label} must be a string"))
    }

    /// A first or last name.
    pub(super) fn name(&mut self, field: &'static str, label: &str) -> Option<String> {
        let name = self.required(field, label)?;
        let words = format!("{label} must be a string of 1 to {NAME_CHARS_MAX} characters");
        self.or_blame(line(name, NAME_CHARS_MAX), field, &words)
    }

    /// What somebody says they are.
    pub(super) fn role(&mut self) -> Option<String> {
        let Some(role) = self.raw("role") else { return Some(DEFAULT_ROLE.into()) };
        let role = line(role, ROLE_CHARS_MAX).filter(|role| !role.eq_ignore_ascii_case(ADMIN));
        let words = "Role must be a word such as student or coach; admins are made by the operator";
        self.or_blame(role, "role", words)
    }

    /// The address of a picture, or none.
    pub(super) fn profile_image(&mut self) -> Option<String> {
        let image = json::string(self.raw("profile_image")?);
        let is_good = |image: &String| image.len() <= IMAGE_BYTES_MAX;
        self.or_blame(image.filter(is_good), "profile_image", "Profile image must be an address")
    }

    /// A chat's name, or none.
    pub(super) fn chat_name(&mut self) -> Option<String> {
        let name = self.raw("name")?;
        if Text::from_json(name).is_some_and(|name| name.is_blank()) {
            return None;
        }
        let words = format!("Name must be a string of at most {CHAT_NAME_CHARS_MAX} characters");
        self.or_blame(line(name, CHAT_NAME_CHARS_MAX), "name", &words)
    }

    /// Whether, where it is said.
    pub(super) fn flag(&mut self, field: &'static str) -> Option<bool> {
        let value = self.raw(field)?;
        self.or_blame(json::parse(value), field, &format!("{field} must be true or false"))
    }

    /// Somebody's id.
    pub(super) fn user(&mut self, field: &'static str) -> Option<UserId> {
        let user = self.required(field, "User ID")?;
        self.or_blame(json::number(user).map(UserId), field, "User ID must be a user's id")
    }

    /// A list of ids, of this many at most.
    pub(super) fn users(&mut self, field: &'static str, users_max: usize) -> Option<Vec<UserId>> {
        let users = self.raw(field).and_then(json::parse::<Vec<&RawValue>>);
        let users = users.filter(|users| users.len() <= users_max);
        let users = users.and_then(|users| {
            users.into_iter().map(|user| json::number(user).map(UserId)).collect::<Option<Vec<_>>>()
        });
        let words = format!("Participants must be a list of at most {users_max} user ids");
        self.or_blame(users, field, &words)
    }
}

/// One line of 1 to `chars_max` characters, without spaces at its ends.
fn line(json: &RawValue, chars_max: usize) -> Option<String> {
    let line = json::string(json)?.trim().to_owned();
    let is_line = !line.is_empty() && !line.chars().any(char::is_control);
    (is_line && line.chars().count() <= chars_max).then_some(line)
}

/// Whether there is something on both sides of the one `@`, and a host can be called so.
fn is_email(email: &str) -> bool {
    let Some((user, host)) = email.split_once('@') else { return false };
    let is_host = !host.is_empty()
        && host.split('.').all(|label| !label.is_empty())
        && host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-');
    let is_bare = |c: char| !c.is_whitespace() && !c.is_control();
    !user.is_empty() && user.chars().all(is_bare) && is_host && email.len() <= EMAIL_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::{fields, is_email, line};
    use serde_json::value::RawValue;

    #[test]
    fn only_an_object_has_fields() {
        assert_eq!(fields(r#"{"a":1,"a":2}"#).unwrap()["a"].get(), "2");
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(fields(&deep).unwrap().len(), 1);
        for json in ["[1]", "[]", "null", "1", "\"a\"", "{", r#"{"\ud800":1}"#] {
            assert!(fields(json).is_none(), "{json}");
        }
    }

    #[test]
    fn an_email_has_two_sides() {
        for email in ["a@b", "alice@example.com", "a.b+c@x-y.example", "é@exämple.org"] {
            assert!(is_email(email), "{email}");
        }
        let long = format!("{}@b.c", "a".repeat(260));
        for email in ["", "@", "a@", "@b", "a", "a b@c", "a@b@c", "a@b..c", "a@b c", &long] {
            assert!(!is_email(email), "{email}");
        }
    }

    #[test]
    fn a_line_is_trimmed_and_counted_in_characters() {
        let line = |json: &str| {
            let json: Box<RawValue> = RawValue::from_string(json.into()).unwrap();
            line(&json, 3)
        };
        assert_eq!(line(r#"" abc ""#).as_deref(), Some("abc"));
        assert_eq!(line(r#""äöü""#).as_deref(), Some("äöü"));
        for wrong in [r#""abcd""#, r#""  ""#, r#""a\nb""#, "1", "null", r#""\ud800""#] {
            assert!(line(wrong).is_none(), "{wrong}");
        }
    }
}
