//! Who may come in: whoever has a good token.

use super::Rooms;
use crate::dialects::kit::identify::Unidentified;
use crate::dialects::kit::token::{self, Given};
use crate::dialects::{Admission, Knock, Refused, Welcome};

/// `auth.token`, else the HTTP headers. No token: refused where this dialect is alone, and else
/// somebody whom another dialect may know.
pub(super) async fn admit(rooms: &Rooms, knock: &Knock<'_>) -> Admission {
    let token = match token::given(knock) {
        Given::Token(token) => token,
        Given::Nothing if !rooms.is_alone => return Admission::NotMine,
        Given::Nothing | Given::Wrong => return refused(),
    };
    match rooms.identifier.identify_knock(knock, token).await {
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
