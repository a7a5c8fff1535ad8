//! What of the HTTP request that opened a connection is still of use, for as long as that lives:
//! mostly nothing.

/// The parameters that Engine.IO reads for itself.
const OWN: [&str; 7] = ["EIO", "transport", "sid", "j", "t", "b64", ""];

/// See the module's head.
pub(super) struct Opening {
    said: Option<Box<Said>>,
}

#[derive(Default)]
struct Said {
    query: Box<str>,
    jsonp: Option<Box<str>>,
    token: Option<Box<str>>,
}

impl Opening {
    /// `jsonp`: the number of the script that listens, where the session is polled by script tags.
    pub(super) fn new(query: &str, jsonp: Option<&str>, token: Option<&str>) -> Opening {
        // As they are spelled: one that is spelled in another way is kept for nothing.
        let name = |pair: &'_ str| pair.split_once('=').map_or(pair.len(), |(name, _)| name.len());
        let is_own = query.split('&').all(|pair| OWN.contains(&&pair[..name(pair)]));
        let query = if is_own { "" } else { query };
        let says_something = !query.is_empty() || jsonp.is_some() || token.is_some();
        let said = || Said {
            query: query.into(),
            jsonp: jsonp.map(Into::into),
            token: token.map(Into::into),
        };
        Opening { said: says_something.then(|| Box::new(said())) }
    }

    /// The query; nothing where it says nothing but to Engine.IO.
    pub(super) fn query(&self) -> &str {
        self.said.as_ref().map_or("", |said| &said.query)
    }

    pub(super) fn jsonp(&self) -> Option<&str> {
        self.said.as_ref()?.jsonp.as_deref()
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.said.as_ref()?.token.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::Opening;

    #[test]
    fn what_nobody_reads_again_is_not_kept() {
        let plain = Opening::new("EIO=4&transport=websocket&t=a", None, None);
        assert!(plain.said.is_none() && plain.query().is_empty());
        let query = "EIO=4&transport=websocket&userId=7";
        assert_eq!(Opening::new(query, None, None).query(), query);
        let told = Opening::new("", Some("0"), Some("a.b.c"));
        assert_eq!((told.jsonp(), told.token()), (Some("0"), Some("a.b.c")));
    }
}
