//! What payloads must look like, over sockets and REST alike: each field that is wrong is
//! complained of, in the order of the fields, and the complaints make one sentence.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dialects::kit::json;
use crate::hub::event::{Draft, Kind};
use crate::hub::text::Text;

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    complaints: Vec<String>,
}

/// `{"sender_id":1,"conversation_id":1,"message_type":"text","content":"hi","client_id":"a1"}`
#[derive(Default, Deserialize)]
struct Sent<'a> {
    #[serde(borrow)]
    sender_id: Option<&'a RawValue>,
    #[serde(borrow)]
    conversation_id: Option<&'a RawValue>,
    #[serde(borrow)]
    message_type: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    client_id: Option<&'a RawValue>,
}

/// A message that somebody wants said.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) sender: u64,
    pub(super) conversation: u64,
    pub(super) draft: Draft,
}

/// Reads a message to be sent. `bytes_max`: the longest text.
///
/// # Errors
/// The sentence that says what is wrong.
pub(super) fn sending(payload: Option<&RawValue>, bytes_max: usize) -> Result<Sending, String> {
    let sent: Sent<'_> = payload.and_then(json::object).unwrap_or_default();
    let mut fields = Fields::default();
    let sender = fields.id("sender_id", sent.sender_id);
    let conversation = fields.id("conversation_id", sent.conversation_id);
    let kind = fields.kind("message_type", sent.message_type);
    let text = fields.content("content", sent.content, bytes_max);
    let key = fields.key(sent.client_id);
    let (Some(sender), Some(conversation), Some(kind), Some(text), true) =
        (sender, conversation, kind, text, fields.are_good())
    else {
        return Err(fields.to_string());
    };
    // The other user hears it wherever they are.
    let draft = Draft { kind, text, parent: None, extra: None, key, rings: true };
    Ok(Sending { sender, conversation, draft })
}

impl Fields {
    /// Whether nothing was wrong.
    pub(super) fn are_good(&self) -> bool {
        self.complaints.is_empty()
    }

    /// A whole number from 1.
    pub(super) fn id(&mut self, name: &str, value: Option<&RawValue>) -> Option<u64> {
        if is_empty(value) {
            self.complain(name, "should not be empty");
        }
        let Some(number) = value.and_then(json::integer) else {
            return self.wrong(name, "must be an integer number");
        };
        match u64::try_from(number) {
            Ok(number @ 1..) => Some(number),
            _ => self.wrong(name, "must be a positive number"),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, name: &str, value: Option<&RawValue>) -> Option<bool> {
        match value.map(RawValue::get) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => self.wrong(name, "must be a boolean value"),
        }
    }

    /// Words that are not blank, of `bytes_max` at most.
    pub(super) fn content(
        &mut self,
        name: &str,
        value: Option<&RawValue>,
        bytes_max: usize,
    ) -> Option<Text> {
        let text = value.and_then(json::text);
        if text.as_ref().map_or(is_empty(value), Text::is_blank) {
            self.complain(name, "should not be empty");
        }
        let Some(text) = text else { return self.wrong(name, "must be a string") };
        if text.literal().len() > bytes_max && text.bytes_count() > bytes_max {
            let rule = format!("must be shorter than or equal to {bytes_max} bytes");
            return self.wrong(name, &rule);
        }
        Some(text)
    }

    /// A kind of message; text where none is named.
    fn kind(&mut self, name: &str, value: Option<&RawValue>) -> Option<Kind> {
        let Some(value) = value else { return Some(Kind::Text) };
        let kind = json::string(value).and_then(|word| Kind::parse(&word));
        match kind.filter(|kind| *kind != Kind::System) {
            Some(kind) => Some(kind),
            None => self.wrong(name, "must be one of the following values: text, image, file"),
        }
    }

    fn key(&mut self, value: Option<&RawValue>) -> Option<Arc<str>> {
        match value.map(json::key)? {
            Ok(key) => Some(key),
            Err(_) => self.wrong("client_id", "must be a string of 1 to 255 bytes"),
        }
    }

    /// Complains of a field that cannot be read.
    fn wrong<T>(&mut self, name: &str, rule: &str) -> Option<T> {
        self.complain(name, rule);
        None
    }

    fn complain(&mut self, name: &str, rule: &str) {
        self.complaints.push(format!("{name} {rule}"));
    }
}

/// The complaints as one sentence.
impl fmt::Display for Fields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.complaints.join(", "))
    }
}

/// Absent, `null`, or `""`.
fn is_empty(value: Option<&RawValue>) -> bool {
    value.is_none_or(|value| matches!(value.get(), "null" | "\"\""))
}

#[cfg(test)]
mod tests {
    use super::{Kind, sending};
    use serde_json::value::RawValue;

    fn wrong(payload: &str) -> String {
        let payload: &RawValue = serde_json::from_str(payload).unwrap();
        sending(Some(payload), 8).unwrap_err()
    }

    #[test]
    fn a_good_message_is_text_unless_it_says_otherwise() {
        let payload = r#"{"sender_id":1,"conversation_id":2.0,"content":"12345678","x":[[]]}"#;
        let sent = sending(Some(serde_json::from_str(payload).unwrap()), 8).unwrap();
        assert_eq!((sent.sender, sent.conversation, sent.draft.kind), (1, 2, Kind::Text));
        assert!(sent.draft.rings);
        let image = payload.replace(r#""x":[[]]"#, r#""message_type":"image","client_id":"k""#);
        let sent = sending(Some(serde_json::from_str(&image).unwrap()), 8).unwrap();
        assert_eq!((sent.draft.kind, sent.draft.key.as_deref()), (Kind::Image, Some("k")));
    }

    #[test]
    fn what_is_missing_is_complained_of_field_by_field() {
        let all = "sender_id should not be empty, sender_id must be an integer number, \
                   conversation_id should not be empty, conversation_id must be an integer number, \
                   content should not be empty, content must be a string";
        assert_eq!(sending(None, 8).unwrap_err(), all);
        for payload in ["null", "[]", "[1,1,\"text\",\"hi\"]", "7", "\"x\"", "true", "{}"] {
            assert_eq!(wrong(payload), all, "{payload}");
        }
    }

    #[test]
    fn what_is_wrong_is_complained_of_by_its_rule() {
        for (fields, complaint) in [
            (r#""sender_id":"1""#, "sender_id must be an integer number"),
            (r#""sender_id":1.5"#, "sender_id must be an integer number"),
            (r#""sender_id":1e400"#, "sender_id must be an integer number"),
            (r#""sender_id":0"#, "sender_id must be a positive number"),
            (
                r#""message_type":"system""#,
                "message_type must be one of the following values: text, image, file",
            ),
            (
                r#""message_type":7"#,
                "message_type must be one of the following values: text, image, file",
            ),
            (r#""content":7"#, "content must be a string"),
            (r#""content":"""#, "content should not be empty"),
            (r#""content":" \n""#, "content should not be empty"),
            (r#""content":"123456789""#, "content must be shorter than or equal to 8 bytes"),
            (r#""client_id":{}"#, "client_id must be a string of 1 to 255 bytes"),
        ] {
            let mut payload: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(r#"{"sender_id":1,"conversation_id":1,"content":"hi"}"#)
                    .unwrap();
            let (name, _) = fields.split_once(':').unwrap();
            payload.remove(name.trim_matches('"'));
            let rest = serde_json::to_string(&payload).unwrap();
            assert_eq!(wrong(&format!("{{{fields},{}", &rest[1..])), complaint, "{fields}");
        }
    }
}
