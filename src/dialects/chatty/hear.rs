//! From events to commands.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::{place, tell, uuid};
use crate::dialects::Incoming;
use crate::dialects::kit::json;
use crate::hub::command::{Command, Deed, Join, Leave, Topic};
use crate::hub::voice::Pen;

/// The longest id, in bytes.
const ID_BYTES_MAX: usize = 128;

/// What the event asks for; bad input is answered at once.
pub(super) fn hear(event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
    let deed = match event.name {
        "join" => Deed::Join(Join::default()),
        "leave" => Deed::Leave(Leave::Voice),
        _ => return None,
    };
    match chatroom(event.first()) {
        Ok(code) => Some(Command { topic: Topic::Room(place(&code)), deed }),
        Err(words) => {
            tell::error(words, pen);
            None
        }
    }
}

/// The chatroom that `{"user_id":"..","chatroom_id":".."}` names. Neither id needs to exist; a UUID
/// is taken in any of its spellings; of a key that stands there twice, the last one counts.
fn chatroom(payload: Option<&RawValue>) -> Result<String, &'static str> {
    const REQUIRED: &str = "user_id and chatroom_id are required";
    let ids: HashMap<String, &RawValue> = payload.and_then(json::parse).ok_or(REQUIRED)?;
    let id = |name| ids.get(name).and_then(|id| json::string(id)).filter(|id| !id.is_empty());
    let (user, chatroom) = id("user_id").zip(id("chatroom_id")).ok_or(REQUIRED)?;
    if user.len().max(chatroom.len()) > ID_BYTES_MAX {
        return Err("user_id and chatroom_id must have at most 128 bytes");
    }
    Ok(uuid::canonical(&chatroom).unwrap_or(chatroom))
}

#[cfg(test)]
mod tests {
    use super::chatroom;
    use serde_json::value::RawValue;

    fn heard(payload: &str) -> Result<String, &'static str> {
        chatroom(Some(serde_json::from_str::<&RawValue>(payload).unwrap()))
    }

    #[test]
    fn both_ids_are_wanted_and_neither_is_looked_up() {
        assert_eq!(heard(r#"{"user_id":"u","chatroom_id":"any"}"#), Ok("any".into()));
        assert_eq!(heard(r#"{"chatroom_id":"any","user_id":"u","more":[1e400]}"#).unwrap(), "any");
        assert_eq!(heard(r#"{"user_id":1,"chatroom_id":"c","user_id":"u"}"#).unwrap(), "c");
        for wrong in [
            r#"{"user_id":"u"}"#,
            r#"{"chatroom_id":"c"}"#,
            r#"{"user_id":"u","chatroom_id":null}"#,
            r#"{"user_id":"","chatroom_id":"c"}"#,
            r#"{"user_id":1,"chatroom_id":2}"#,
            r#"{"user_id":"u","chatroom_id":["c"]}"#,
            r#"{"user_id":"u","chatroom_id":"\ud83d"}"#,
            r#"["u","c"]"#,
            "{}",
            "null",
            r#""c""#,
        ] {
            assert_eq!(heard(wrong), Err("user_id and chatroom_id are required"), "{wrong}");
        }
        assert!(chatroom(None).is_err());
    }

    #[test]
    fn ids_have_an_end() {
        let long = |length| format!(r#"{{"user_id":"u","chatroom_id":"{}"}}"#, "c".repeat(length));
        assert!(heard(&long(128)).is_ok());
        assert_eq!(heard(&long(129)), Err("user_id and chatroom_id must have at most 128 bytes"));
    }

    #[test]
    fn a_uuid_is_the_same_in_any_spelling() {
        let upper = r#"{"user_id":"u","chatroom_id":"0F9A5B2C-1111-4ABC-8DEF-0123456789AB"}"#;
        assert_eq!(heard(upper).unwrap(), "0f9a5b2c-1111-4abc-8def-0123456789ab");
    }
}
