//! What is looked at of a request, whoever has read its head: hyper, or [`super::head`], which
//! makes no table of the headers.

use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Request, Uri};

/// A request without its body.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// In capitals.
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    /// Without the `?`.
    pub(super) query: &'a str,
    pub(super) headers: Headers<'a>,
}

/// A request's headers.
#[derive(Clone, Copy)]
pub(super) enum Headers<'a> {
    Table(&'a HeaderMap),
    /// As they stand in its head.
    Lines(&'a [httparse::Header<'a>]),
}

impl<'a, B> From<&'a Request<B>> for Asked<'a> {
    fn from(request: &'a Request<B>) -> Asked<'a> {
        let uri: &Uri = request.uri();
        Asked {
            method: request.method().as_str(),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: Headers::Table(request.headers()),
        }
    }
}

impl<'a> Headers<'a> {
    /// The first value of that name.
    pub(super) fn get(self, name: &HeaderName) -> Option<&'a [u8]> {
        match self {
            Headers::Table(table) => table.get(name).map(|value| value.as_bytes()),
            Headers::Lines(lines) => {
                lines.iter().find(|line| is(line, name)).map(|line| line.value)
            }
        }
    }

    /// The same, where it is text.
    pub(super) fn text(self, name: &HeaderName) -> Option<&'a str> {
        self.get(name).and_then(text)
    }

    /// All values of that name, the last one first; what is no text is empty.
    pub(super) fn last_to_first(self, name: &HeaderName) -> Vec<&'a str> {
        let mut values: Vec<&[u8]> = match self {
            Headers::Table(table) => table.get_all(name).iter().map(|it| it.as_bytes()).collect(),
            Headers::Lines(lines) => {
                lines.iter().filter(|line| is(line, name)).map(|line| line.value).collect()
            }
        };
        values.reverse();
        values.into_iter().map(|value| text(value).unwrap_or_default()).collect()
    }

    /// Whether there is a header of that name.
    pub(super) fn has(self, name: &HeaderName) -> bool {
        self.get(name).is_some()
    }

    /// The token of the header `Authorization: Bearer`.
    pub(super) fn bearer(self) -> Option<&'a str> {
        let (scheme, token) = self.text(&header::AUTHORIZATION)?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

fn is(line: &httparse::Header<'_>, name: &HeaderName) -> bool {
    line.name.eq_ignore_ascii_case(name.as_str())
}

/// A header's value, where all of it can be printed.
fn text(value: &[u8]) -> Option<&str> {
    let is_printed = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t');
    str::from_utf8(value).ok().filter(|_| value.iter().all(is_printed))
}

#[cfg(test)]
mod tests {
    use super::{HeaderMap, Headers, header};

    #[test]
    fn lines_say_what_a_table_of_them_says() {
        let head = b"GET / HTTP/1.1\r\nAuthorization: bearer  a.b \r\nX-Forwarded-For: 1\r\n\
            HOST: h\r\nx-forwarded-for: \x80\r\nX-FORWARDED-FOR: 3\r\nOrigin: \xc3\xa9\r\n\r\n";
        let mut space = [httparse::EMPTY_HEADER; 8];
        let mut request = httparse::Request::new(&mut space);
        assert!(request.parse(head).is_ok_and(|status| status.is_complete()));
        let mut table = HeaderMap::new();
        for line in request.headers.iter() {
            let name: super::HeaderName = line.name.parse().unwrap();
            table.append(name, hyper::header::HeaderValue::from_bytes(line.value).unwrap());
        }
        let forwarded = super::HeaderName::from_static("x-forwarded-for");
        for headers in [Headers::Table(&table), Headers::Lines(request.headers)] {
            assert_eq!(headers.bearer(), Some("a.b"));
            assert_eq!(headers.text(&header::HOST), Some("h"));
            assert_eq!(headers.get(&header::ORIGIN), Some(&b"\xc3\xa9"[..]));
            assert_eq!(headers.text(&header::ORIGIN), None, "no text");
            assert_eq!(headers.last_to_first(&forwarded), ["3", "", "1"]);
            assert!(!headers.has(&header::UPGRADE));
        }
    }
}
