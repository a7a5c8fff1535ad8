//! JSONP: long-polling for pages that can only load scripts.

use std::borrow::Cow;

use bytes::Bytes;
use polylogue_protocol::eio::query;

/// A payload as a script that calls the client's function of that number.
pub(super) fn script(number: &str, payload: &[u8]) -> Bytes {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let literal = serde_json::to_string(&String::from_utf8_lossy(payload)).unwrap_or_default();
    // Allowed in JSON, line ends in old scripts.
    let literal = literal.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    format!("___eio[{digits}]({literal});").into()
}

/// The payload of a form `d=...`, in which the client has escaped line ends once more.
pub(super) fn payload(form: &str) -> Option<String> {
    let found: Cow<'_, str> =
        query::pairs(form).find(|(name, _)| name == "d").map(|(_, value)| value)?;
    let mut out = String::with_capacity(found.len());
    let mut rest = found.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, rest.peek()) {
            ('\\', Some('n')) => {
                rest.next();
                out.push('\n');
            }
            ('\\', Some('\\')) if rest.clone().nth(1) == Some('n') => {
                rest.next();
                rest.next();
                out.push_str("\\n");
            }
            _ => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{payload, script};

    #[test]
    fn wraps_a_payload_in_a_call() {
        assert_eq!(script("1;alert()", b"4\"a\xE2\x80\xA8"), r#"___eio[1]("4\"a\u2028");"#);
    }

    #[test]
    fn unescapes_what_the_client_escaped() {
        assert_eq!(payload("d=4a%5Cnb").as_deref(), Some("4a\nb"));
        assert_eq!(payload("d=4a%5C%5Cnb").as_deref(), Some("4a\\nb"));
        assert_eq!(payload("e=1"), None);
    }
}
