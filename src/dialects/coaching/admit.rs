//! Who may come in: whoever has a good token of an account that exists.

use serde_json::json;

use super::Coaching;
use crate::dialects::kit::identify::Unidentified;
use crate::dialects::kit::token::{self, Given};
use crate::dialects::{Admission, Knock, Refused, Welcome};
use crate::hub::command::{Command, Deed, Join, Topic};
use crate::hub::event::Place;
use crate::hub::id::UserId;

/// Said to whoever has no token.
pub(super) const NO_TOKEN: &str = "Authentication error: Token not provided";
/// Said to whoever has one that is not good, or not any more.
pub(super) const WRONG_TOKEN: &str = "Authentication error: Invalid token";
const NO_ACCOUNT: &str = "Authentication error: User not found";
const UNAVAILABLE: &str = "Authentication error: Try again later";
/// Of several refusals that each name the token, these words are used.
const PRECEDENCE: u8 = 1;

/// `auth.token`, else the HTTP headers. Beside other dialects, whoever has no token, or one of
/// somebody who has no account yet, is theirs to know.
pub(super) async fn admit(coaching: &Coaching, knock: &Knock<'_>) -> Admission {
    let token = match token::given(knock) {
        Given::Token(token) => token,
        Given::Wrong => return refused(WRONG_TOKEN),
        Given::Nothing if coaching.is_alone => return refused(NO_TOKEN),
        Given::Nothing => return Admission::NotMine,
    };
    if token.is_empty() {
        return refused(NO_TOKEN);
    }
    match coaching.identifier.identify_knock(knock, token).await {
        Ok(found) => {
            let then = vec![personal(coaching, found.who.id)];
            Admission::Welcome(Welcome { who: found.who, expires_ms: found.expires_ms, then })
        }
        Err(Unidentified::Token(_)) => refused(WRONG_TOKEN),
        Err(Unidentified::NoAccount) if coaching.is_alone => refused(NO_ACCOUNT),
        Err(Unidentified::NoAccount) => Admission::NotMine,
        Err(Unidentified::Fault(fault)) => {
            tracing::error!(%fault, "an account could not be looked up");
            refused(UNAVAILABLE)
        }
    }
}

/// A seat where the user's notifications arrive.
fn personal(coaching: &Coaching, user: UserId) -> Command {
    let topic = Topic::Room(Place::personal(coaching.realm, user));
    Command { topic, deed: Deed::Join(Join::default()) }
}

fn refused(words: &str) -> Admission {
    let payload = json!({ "message": words }).to_string();
    Admission::Refused(Refused { payload, precedence: PRECEDENCE })
}
