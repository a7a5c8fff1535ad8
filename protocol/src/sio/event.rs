//! What an event or an ack carries: a name, and arguments that stay JSON text.
//!
//! Speaks to whoever knows the events by name, and reads each argument as what it should be.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::{error::Error, json};

/// An event, taken apart.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// The name; a number's is its text. Half a surrogate pair in it is U+FFFD.
    pub name: Cow<'a, str>,
    /// The arguments behind the name. How many there are is bounded by the packet's bytes.
    pub args: Vec<&'a RawValue>,
}

impl<'a> Event<'a> {
    /// Reads the payload of an event.
    ///
    /// # Errors
    /// [`Error::InvalidJson`] if it is no array, [`Error::InvalidPayload`] if its first element is
    /// neither a string nor a number.
    pub fn parse(payload: &'a str) -> Result<Event<'a>, Error> {
        let mut args = parse_args(payload)?;
        if args.is_empty() {
            return Err(Error::InvalidPayload);
        }
        let first = args.remove(0);
        let name = match first.get().as_bytes().first() {
            Some(b'-' | b'0'..=b'9') => Cow::Borrowed(first.get()),
            _ => json::string(first).ok_or(Error::InvalidPayload)?,
        };
        Ok(Event { name, args })
    }
}

/// Reads the payload of an ack: its arguments.
///
/// # Errors
/// [`Error::InvalidJson`] if it is no array.
pub fn parse_args(payload: &str) -> Result<Vec<&RawValue>, Error> {
    serde_json::from_str(payload).map_err(|_| Error::InvalidJson)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_arguments() {
        let event = Event::parse(r#"[ "ch\u0061t" , {"a":[1, 2]}, "x", null ]"#).expect("valid");
        assert_eq!(event.name, "chat");
        let args: Vec<&str> = event.args.iter().map(|arg| arg.get()).collect();
        assert_eq!(args, [r#"{"a":[1, 2]}"#, r#""x""#, "null"]);
    }

    #[test]
    fn a_number_is_a_name() {
        assert_eq!(Event::parse("[-1.50,2]").expect("valid").name, "-1.50");
    }

    #[test]
    fn what_is_no_event_is_refused() {
        for payload in ["[]", "[null]", "[[\"a\"]]", "[true]", "[{}]"] {
            assert_eq!(Event::parse(payload).err(), Some(Error::InvalidPayload), "{payload}");
        }
        for payload in ["", "{}", "\"a\"", "[\"a\"", "[\"a\"] x"] {
            assert_eq!(Event::parse(payload).err(), Some(Error::InvalidJson), "{payload}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let depth = 100_000;
        let deep = format!("[\"a\",{}{}]", "{\"k\":[".repeat(depth), "]}".repeat(depth));
        assert_eq!(Event::parse(&deep).expect("valid").args.len(), 1);
    }
}
