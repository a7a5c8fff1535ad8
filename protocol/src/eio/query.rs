//! The query string of an Engine.IO request, percent-decoded.
//!
//! Read as a browser's `URLSearchParams` would: `+` is a space, the last of two equal names wins,
//! bytes that are no UTF-8 become U+FFFD, and a `%` that starts no escape is itself.

use std::borrow::Cow;

/// The most pairs that are looked at; what follows is ignored.
pub const PAIRS_MAX: usize = 1_000;

const SEPARATOR: char = '&';

/// The parameters that Engine.IO knows (Engine.IO protocol, "Handshake").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query<'a> {
    /// `EIO`: the protocol's revision.
    pub eio: Option<Cow<'a, str>>,
    /// `transport`: `polling` or `websocket`.
    pub transport: Option<Cow<'a, str>>,
    /// `sid`: the session, `None` in a handshake. An empty one asks for a handshake, too.
    pub sid: Option<Cow<'a, str>>,
    /// `j`: the number of a JSONP request.
    pub j: Option<Cow<'a, str>>,
    /// `t`: keeps caches from answering; means nothing.
    pub t: Option<Cow<'a, str>>,
    /// `b64`: the client takes no binary. In revision 4 a payload is text in any case.
    pub b64: Option<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    /// Reads a query, without its `?`.
    pub fn parse(query: &'a str) -> Query<'a> {
        let mut found = Query::default();
        for (name, value) in pairs(query) {
            let place = match &*name {
                "EIO" => &mut found.eio,
                "transport" => &mut found.transport,
                "sid" => &mut found.sid,
                "j" => &mut found.j,
                "t" => &mut found.t,
                "b64" => &mut found.b64,
                _ => continue,
            };
            *place = Some(value);
        }
        found.sid = found.sid.filter(|sid| !sid.is_empty());
        found
    }
}

/// All names and values of a query, in order, at most [`PAIRS_MAX`] of them.
pub fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split(SEPARATOR).take(PAIRS_MAX).filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decode(name), percent_decode(value))
    })
}

/// Undoes percent-encoding, and takes `+` for a space.
pub fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, others)) = rest.split_first() {
        (bytes, rest) = match (first, others) {
            (b'%', [high, low, tail @ ..]) if is_hex(*high) && is_hex(*low) => {
                (pushed(bytes, hex(*high) << 4 | hex(*low)), tail)
            }
            (b'+', _) => (pushed(bytes, b' '), others),
            _ => (pushed(bytes, *first), others),
        };
    }
    Cow::Owned(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

const fn is_hex(char: u8) -> bool {
    char.is_ascii_hexdigit()
}

const fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_wins_and_an_empty_sid_is_none() {
        let query = Query::parse("EIO=4&transport=polling&t=abc&EIO=3&sid=&j=0&b64=1&x=y&&");
        assert_eq!(query.eio.as_deref(), Some("3"));
        assert_eq!(query.transport.as_deref(), Some("polling"));
        assert_eq!(query.sid, None);
        assert_eq!(query.t.as_deref(), Some("abc"));
        assert_eq!(query.j.as_deref(), Some("0"));
        assert_eq!(query.b64.as_deref(), Some("1"));
        assert_eq!(Query::parse(""), Query::default());
    }

    #[test]
    fn names_and_values_are_decoded() {
        let query = Query::parse("E%49O=%34&transport=web%73ocket&sid=a%2Bb+c%26");
        assert_eq!(query.eio.as_deref(), Some("4"));
        assert_eq!(query.transport.as_deref(), Some("websocket"));
        assert_eq!(query.sid.as_deref(), Some("a+b c&"));
    }

    #[test]
    fn a_percent_that_escapes_nothing_is_itself() {
        for (coded, plain) in [
            ("100%", "100%"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz", "%zz"),
            ("%%34", "%4"),
            ("%C3%a9", "é"),
            ("%ff", "\u{fffd}"),
        ] {
            assert_eq!(percent_decode(coded), plain);
        }
    }

    #[test]
    fn pairs_have_a_limit() {
        assert_eq!(pairs(&"a=1&".repeat(PAIRS_MAX + 5)).count(), PAIRS_MAX);
    }
}
