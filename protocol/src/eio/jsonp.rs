//! Polling through `<script>` tags: a payload as a call, and a form's field as a payload.
//!
//! No current client asks for it, but the stock server answers a request with `j` so. Speaks to
//! whoever answers polls and posts; [`super::payload`] reads and writes what is inside.

use bytes::BufMut;

use super::query;
use crate::json::json_str;

const FIELD: &str = "d";
/// Ends of lines in JavaScript before 2019, though not in JSON.
const SEPARATORS: [char; 2] = ['\u{2028}', '\u{2029}'];

/// Appends a response's body: `___eio[0]("...");`, the payload as a string literal. Of `j` the
/// digits count.
pub fn encode(j: &str, payload: &str, out: &mut Vec<u8>) {
    out.put_slice(b"___eio[");
    j.bytes().filter(u8::is_ascii_digit).for_each(|digit| out.put_u8(digit));
    out.put_slice(b"](");
    let mut literal = Vec::new();
    json_str(&mut literal, payload);
    let literal = str::from_utf8(&literal).expect("a literal is UTF-8");
    let mut done = 0;
    for (place, separator) in literal.match_indices(SEPARATORS) {
        out.put_slice(&literal.as_bytes()[done..place]);
        out.put_slice(if separator == "\u{2028}" { b"\\u2028" } else { b"\\u2029" });
        done = place + separator.len();
    }
    out.put_slice(&literal.as_bytes()[done..]);
    out.put_slice(b");");
}

/// The payload in a request's body, a form with the field `d`; `None` without one, or with more
/// than one: such a form says nothing.
///
/// Forms rewrite the ends of lines: the client sends one as `\n` and a backslash with an `n` behind
/// it as `\\n`.
pub fn decode(body: &str) -> Option<String> {
    let mut fields = query::pairs(body).filter(|(name, _)| name == FIELD);
    let (_, field) = fields.next()?;
    if fields.next().is_some() {
        return None;
    }
    let mut payload = String::with_capacity(field.len());
    let mut rest = &*field;
    while let Some(place) = rest.find('\\') {
        payload.push_str(&rest[..place]);
        let escape = &rest[place..];
        let (plain, length) = if escape.starts_with(r"\\n") {
            (r"\n", 3)
        } else if escape.starts_with(r"\n") {
            ("\n", 2)
        } else {
            (r"\", 1)
        };
        payload.push_str(plain);
        rest = &escape[length..];
    }
    payload.push_str(rest);
    Some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_becomes_a_call() {
        let mut out = Vec::new();
        encode("1x2", "4\"a\u{2028}\u{2029}b\"\x1e2", &mut out);
        assert_eq!(str::from_utf8(&out), Ok(r#"___eio[12]("4\"a\u2028\u2029b\"\u001e2");"#));
    }

    #[test]
    fn a_form_becomes_a_payload() {
        for (body, payload) in [
            ("d=42%5B%22a%22%5D", Some("42[\"a\"]")),
            (r"x=1&d=4a\nb", Some("4a\nb")),
            (r"d=4a\\nb\\c\\\nd", Some("4a\\nb\\\\c\\\\nd")),
            ("d=", Some("")),
            ("e=4", None),
            ("d=4a&d=4b", None),
            ("", None),
        ] {
            assert_eq!(decode(body).as_deref(), payload, "{body}");
        }
    }
}
