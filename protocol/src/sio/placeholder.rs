//! The placeholders of a binary packet: whether they point at its attachments, and their numbers.
//!
//! Stock parsers refuse a packet with one that does not: passed on, it would close the connection
//! of whoever reads it. The walk is a loop over text that is valid JSON already; it builds nothing
//! but a few bytes for each level of nesting.

use crate::json;

/// Whether every `{"_placeholder":true,"num":n}` in `payload`, at any depth, has a whole `n` below
/// `attachments`. Unused attachments, and ones used twice, are fine.
pub(super) fn all_point_below(payload: &str, attachments: usize) -> bool {
    walk(payload, attachments, |_| {})
}

/// The JSON with its placeholders numbered in the order they stand in from `used.len()` on, as a
/// sender would have numbered them; which attachment each one stood for is added to `used`.
/// `None`: one points at none of the `attachments`.
pub fn renumber(json: &str, attachments: usize, used: &mut Vec<usize>) -> Option<String> {
    let mut outermost: Vec<Found> = Vec::new();
    let all_point = walk(json, attachments, |found| {
        while outermost.pop_if(|inner| inner.start > found.start).is_some() {}
        outermost.push(found);
    });
    if !all_point {
        return None;
    }
    let mut renumbered = String::with_capacity(json.len());
    let mut done = 0;
    for found in outermost {
        renumbered.push_str(&json[done..found.start]);
        renumbered.push_str(r#"{"_placeholder":true,"num":"#);
        renumbered.push_str(&used.len().to_string());
        renumbered.push('}');
        used.push(found.num);
        done = found.end;
    }
    renumbered.push_str(&json[done..]);
    Some(renumbered)
}

/// A placeholder, and where it lies.
struct Found {
    start: usize,
    end: usize,
    num: usize,
}

/// Finds the placeholders of valid JSON; `false` as soon as one points at no attachment.
fn walk(json: &str, attachments: usize, mut found: impl FnMut(Found)) -> bool {
    let mut levels: Vec<Level> = Vec::new();
    let mut at = 0;
    while let Some(first) = json.as_bytes().get(at) {
        let start = at;
        at += token_length(&json.as_bytes()[at..]);
        match first {
            b'{' | b'[' => {
                value(levels.last_mut(), "", attachments);
                levels.push(Level { start, is_key_next: *first == b'{', ..Level::default() });
            }
            b'}' | b']' => {
                let Some(level) = levels.pop().filter(|level| level.is_placeholder) else {
                    continue;
                };
                let Some(num) = level.num else { return false };
                found(Found { start: level.start, end: at, num });
            }
            b',' | b':' => levels.last_mut().into_iter().for_each(|level| {
                level.is_key_next = *first == b',' && level.key != Key::None;
            }),
            b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => value(levels.last_mut(), &json[start..at], attachments),
        }
    }
    true
}

/// One object or array that is open.
#[derive(Debug, Clone, Copy, Default)]
struct Level {
    start: usize,
    /// The key that was read last; `None` in an array.
    key: Key,
    is_key_next: bool,
    is_placeholder: bool,
    num: Option<usize>,
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
        Key::Num => level.num = place(token, attachments),
        Key::None | Key::Other => {}
    }
}

/// Which attachment a number points at, however it is spelled.
fn place(number: &str, attachments: usize) -> Option<usize> {
    let number: f64 = number.parse().ok()?;
    (0..attachments).find(|place| *place as f64 == number)
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
    use super::{all_point_below, renumber};

    #[test]
    fn what_stock_parsers_take() {
        for payload in [
            r#"["a"]"#,
            r#"["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]"#,
            r#"["a",{"x":[{"num":1,"_placeholder":true}]}]"#,
            r#"["a",{"_placeholder":false,"num":7},{"_placeholder":"true"},{"num":9}]"#,
            r#"["a",{"_placeholder":true,"num":9,"num":1}]"#,
            r#"["a",{"_placeholder":true,"num":1.0},{"_placeholder":true,"num":-0}]"#,
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
            r#"["a",{"_placeholder":true,"num":0.5}]"#,
            r#"["a",{"_placeholder":true,"num":"0"}]"#,
            r#"["a",{"_placeholder":true,"num":[0]}]"#,
            r#"["a",{"_placeholder" : true , "x":{"num":0}}]"#,
            r#"["a",[[{"k":{"\u005fplaceholder":true,"num":1e9}}]]]"#,
            r#"["a",{"_placeholder":false,"_placeholder":true,"num":5}]"#,
        ] {
            assert!(!all_point_below(payload, 2), "{payload}");
        }
    }

    #[test]
    fn placeholders_are_numbered_as_they_stand() {
        let mut used = Vec::new();
        let first = r#"{"a":[{"num":1,"_placeholder":true,"b":2}, {"num":0}]}"#;
        assert_eq!(
            renumber(first, 2, &mut used).as_deref(),
            Some(r#"{"a":[{"_placeholder":true,"num":0}, {"num":0}]}"#)
        );
        let second = r#"{"_placeholder":true,"num":1}"#;
        assert_eq!(
            renumber(second, 2, &mut used).as_deref(),
            Some(r#"{"_placeholder":true,"num":1}"#)
        );
        assert_eq!(used, [1, 1]);
        assert_eq!(renumber(second, 1, &mut used), None);
        let nested = r#"[{"_placeholder":true,"x":{"_placeholder":true,"num":0},"num":1}]"#;
        let flat = r#"[{"_placeholder":true,"num":2}]"#;
        assert_eq!(renumber(nested, 2, &mut used).as_deref(), Some(flat));
    }
}
