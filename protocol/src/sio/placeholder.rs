//! Whether the placeholders of a binary packet point at its attachments.
//!
//! Stock parsers refuse a packet with one that does not: passed on, it would close the connection
//! of whoever reads it. The walk is a loop over text that is valid JSON already; it builds nothing
//! but a few bytes for each level of nesting.

use crate::json;

/// Whether every `{"_placeholder":true,"num":n}` in `payload`, at any depth, has an `n` below
/// `attachments`. Unused attachments, and ones used twice, are fine.
pub(super) fn all_point_below(payload: &str, attachments: usize) -> bool {
    let mut levels: Vec<Level> = Vec::new();
    let mut rest = payload;
    while let Some(first) = rest.as_bytes().first() {
        let length = token_length(rest.as_bytes());
        let (token, others) = rest.split_at(length);
        rest = others;
        match first {
            b'{' | b'[' => {
                value(levels.last_mut(), token, attachments);
                levels.push(Level { is_key_next: *first == b'{', ..Level::default() });
            }
            b'}' | b']' => {
                if levels.pop().is_some_and(|level| level.is_placeholder && !level.has_num) {
                    return false;
                }
            }
            b',' | b':' => levels.last_mut().into_iter().for_each(|level| {
                level.is_key_next = *first == b',' && level.key != Key::None;
            }),
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => value(levels.last_mut(), token, attachments),
        }
    }
    true
}

/// One object or array that is open.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    /// The key that was read last; `None` in an array.
    key: Key,
    is_key_next: bool,
    is_placeholder: bool,
    has_num: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Key {
    #[default]
    None,
    Placeholder,
    Num,
    Other,
}

/// Notes a key or a value; of two members by one name the last counts.
fn value(level: Option<&mut Level>, token: &str, attachments: usize) {
    let Some(level) = level else { return };
    if level.is_key_next {
        let name = token.trim_matches('"');
        level.key = match &*json::unescape(name) {
            "_placeholder" => Key::Placeholder,
            "num" => Key::Num,
            _ => Key::Other,
        };
        return;
    }
    match level.key {
        Key::Placeholder => level.is_placeholder = token == "true",
        Key::Num => level.has_num = token.parse().is_ok_and(|num: usize| num < attachments),
        Key::None | Key::Other => {}
    }
}

/// How long the token is that valid JSON starts with: a mark, a string, a number or a word.
fn token_length(json: &[u8]) -> usize {
    let is_mark = |byte: &u8| b"{}[],: \t\n\r\"".contains(byte);
    match json.first() {
        Some(b'"') => json::literal_end(json).map_or(json.len(), |end| end + 1),
        Some(first) if is_mark(first) => 1,
        _ => json.iter().position(is_mark).unwrap_or(json.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::all_point_below;

    #[test]
    fn what_stock_parsers_take() {
        for payload in [
            r#"["a"]"#,
            r#"["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#,
            r#"["a",{"x":[{"num":1,"_placeholder":true}]}]"#,
            r#"["a",{"_placeholder":false,"num":7},{"_placeholder":"true"},{"num":9}]"#,
            r#"["a",{"_placeholder":true,"num":9,"num":1}]"#,
            r#"["_placeholder",true,"num",9,{"k":"_placeholder"},[["_placeholder",true]]]"#,
            r#"["a",{"_placeholder":{"_placeholder":true,"num":1},"num":5}]"#,
        ] {
            assert!(all_point_below(payload, 2), "{payload}");
        }
    }

    #[test]
    fn what_they_refuse() {
        for payload in [
            r#"["a",{"_placeholder":true,"num":2}]"#,
            r#"["a",{"_placeholder":true}]"#,
            r#"["a",{"_placeholder":true,"num":-1}]"#,
            r#"["a",{"_placeholder":true,"num":"0"}]"#,
            r#"["a",{"_placeholder":true,"num":[0]}]"#,
            r#"["a",{"_placeholder" : true , "x":{"num":0}}]"#,
            r#"["a",[[{"k":{"\u005fplaceholder":true,"num":1e9}}]]]"#,
            r#"["a",{"_placeholder":false,"_placeholder":true,"num":5}]"#,
        ] {
            assert!(!all_point_below(payload, 2), "{payload}");
        }
    }
}
