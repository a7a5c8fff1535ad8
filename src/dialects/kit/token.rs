//! The token that somebody knocks with, wherever stock clients put it.

use super::json;
use crate::dialects::Knock;

/// A token as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// None at all.
    Nothing,
    /// Something that no token can be.
    Wrong,
    /// One that is to be verified.
    Token(String),
}

/// `auth.token`, else that of the HTTP headers. Of a key that stands there twice the last one
/// counts, and null is nothing. **Invariant:** what is given in `auth` and is no string is never
/// passed over for a header: a bad token makes nobody a guest, nor somebody else.
#[must_use]
pub fn given<'a>(knock: &'a Knock<'_>) -> &'a Given {
    let given = || match knock.field("token").filter(|token| token.get() != "null") {
        Some(token) => json::string(token).map_or(Given::Wrong, Given::Token),
        None => knock.header_token.map_or(Given::Nothing, |token| Given::Token(token.to_owned())),
    };
    knock.findings.token.get_or_init(given)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use serde_json::value::RawValue;

    use super::{Given, Knock, given};
    use crate::dialects::Findings;

    fn of(auth: Option<&str>, header_token: Option<&str>) -> Given {
        let auth = auth.map(|auth| serde_json::from_str::<&RawValue>(auth).unwrap());
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let findings = Findings::default();
        given(&Knock { namespace: "/", auth, query: "", header_token, peer, findings }).clone()
    }

    #[test]
    fn a_token_stands_in_auth_or_else_in_a_header() {
        let token = |token: &str| Given::Token(token.into());
        assert_eq!(of(None, None), Given::Nothing);
        assert_eq!(of(None, Some("h")), token("h"));
        assert_eq!(of(Some(r#"{"token":"a"}"#), Some("h")), token("a"));
        assert_eq!(of(Some(r#"{"token":null}"#), Some("h")), token("h"));
        assert_eq!(of(Some(r#"{"token":"a","token":"b"}"#), None), token("b"));
        assert_eq!(of(Some(r#"{"token":""}"#), Some("h")), token(""));
        assert_eq!(of(Some("{}"), None), Given::Nothing);
    }

    #[test]
    fn what_is_no_string_is_wrong_whatever_stands_in_the_header() {
        for wrong in ["7", "true", "{}", r#"["a"]"#, r#""\ud83d""#] {
            let auth = format!(r#"{{"token":{wrong}}}"#);
            assert_eq!(of(Some(&auth), Some("h")), Given::Wrong, "{wrong}");
        }
    }
}
