//! Who may come in: whoever has a good token.

use serde::Deserialize;

use super::Rooms;
use crate::dialects::kit::{identify::Unidentified, json};
use crate::dialects::{Admission, Knock, Refused, Welcome};

#[derive(Deserialize)]
struct Auth {
    token: Option<String>,
}

/// `auth.token`, else the HTTP headers. No token: refused where this dialect is alone, and else
/// somebody whom another dialect may know.
pub(super) async fn admit(rooms: &Rooms, knock: &Knock<'_>) -> Admission {
    let auth = knock.auth.and_then(json::object::<Auth>);
    let token = auth.as_ref().and_then(|auth| auth.token.as_deref()).or(knock.header_token);
    let Some(token) = token else {
        return if rooms.is_alone { refused() } else { Admission::NotMine };
    };
    match rooms.identifier.identify(token).await {
        Ok(found) => Admission::Welcome(Welcome {
            who: found.who,
            expires_ms: found.expires_ms,
            then: Vec::new(),
        }),
        Err(Unidentified::Fault(fault)) => {
            tracing::error!(%fault, "an account could not be looked up");
            refused()
        }
        Err(Unidentified::Token(_) | Unidentified::NoAccount) => refused(),
    }
}

fn refused() -> Admission {
    Admission::Refused(Refused { payload: r#"{"message":"Unauthorized"}"#.into(), precedence: 0 })
}
