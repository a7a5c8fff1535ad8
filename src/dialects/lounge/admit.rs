//! Who may come in: whoever has a good token and a nickname; where the operator says so, anybody
//! else as one of the anonymous.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::alert::Alert;
use super::{Lounge, REALM};
use crate::dialects::kit::identify::{Identified, Unidentified};
use crate::dialects::kit::json;
use crate::dialects::kit::token::{self, Given};
use crate::dialects::{Admission, Knock, Refused, Welcome};
use crate::hub::command::{Command, Deed, Join, Topic};
use crate::hub::event::{Address, Person, Place};
use crate::hub::id::{ACCOUNTS, UserId};
use crate::keys::TokenError;

/// The longest nickname, in bytes.
const NICKNAME_BYTES_MAX: usize = 256;
/// The id that every anonymous user shows.
const ANONYMOUS_ID: u64 = 1000;
/// The nickname that every anonymous user shows.
const ANONYMOUS_NAME: &str = "ANONYMOUS";
/// The first id of anonymous people. No token can speak for it, nor can any account have it: a
/// token's ids end at 2^53.
const GUESTS_FROM: u64 = 1 << 62;
/// A nickname among several dialects shows that the client means this one: then its words count.
const PRECEDENCE: u8 = 2;

/// Numbers for the anonymous: each is somebody else, whatever is shown.
pub(super) struct Guests(AtomicU64);

impl Guests {
    /// Numbers that were never given out before, as long as the clock goes forward.
    pub(super) fn new(now_ms: u64) -> Guests {
        const MS_BITS: u64 = 45;
        let start = (now_ms & ((1 << MS_BITS) - 1)) << 16;
        Guests(AtomicU64::new(GUESTS_FROM + start))
    }

    /// One more of the anonymous.
    pub(super) fn come(&self) -> Arc<Person> {
        Arc::new(Person {
            realm: ACCOUNTS,
            id: UserId(self.0.fetch_add(1, Ordering::Relaxed)),
            code: None,
            name: ANONYMOUS_NAME.into(),
            nickname: Some(ANONYMOUS_NAME.into()),
            profile: None,
        })
    }
}

/// Whether it is one of the anonymous.
pub(super) fn is_guest(who: &Person) -> bool {
    who.id.0 >= GUESTS_FROM
}

/// The id that others see.
pub(super) fn shown_id(who: &Person) -> u64 {
    if is_guest(who) { ANONYMOUS_ID } else { who.id.0 }
}

fn nickname(knock: &Knock<'_>) -> Option<String> {
    let nickname = knock.field("nickname").and_then(json::string)?;
    let nickname = nickname.trim();
    (!nickname.is_empty()).then(|| nickname.to_owned())
}

/// Checks the token, then the nickname. Where other dialects are mounted, somebody without a token
/// is nobody's fault, and without `auth.nickname` nobody of this one.
pub(super) async fn admit(lounge: &Lounge, knock: &Knock<'_>) -> Admission {
    let is_meant = lounge.is_alone || knock.field("nickname").is_some();
    let token = match token::given(knock) {
        Given::Token(token) => token,
        Given::Nothing if !lounge.is_alone && lounge.guests.is_none() => return Admission::NotMine,
        Given::Nothing | Given::Wrong => return refused(lounge, Alert::LOGIN, is_meant),
    };
    match lounge.identifier.identify_knock(knock, token).await {
        Ok(found) => match named(&found, token, nickname(knock)) {
            Some(who) => welcome(who, found.expires_ms),
            None if is_meant => refused(lounge, Alert::NICKNAME, is_meant),
            None => Admission::NotMine,
        },
        Err(Unidentified::Fault(fault)) => {
            tracing::error!(%fault, "an account could not be looked up");
            Admission::Refused(words(Alert::WRONG, is_meant))
        }
        Err(error) => refused(lounge, alert(&error), is_meant),
    }
}

/// What is wrong with a token.
pub(super) fn alert(error: &Unidentified) -> Alert<'static> {
    match error {
        Unidentified::Token(TokenError::Expired) => Alert::EXPIRED,
        Unidentified::Token(TokenError::Invalid(_)) => Alert::LOGIN,
        Unidentified::NoAccount | Unidentified::Fault(_) => Alert::WRONG,
    }
}

/// The account under the nickname of this session. A client that gives its token for a nickname
/// shows the account's own name: nobody is to read a token.
fn named(found: &Identified, token: &str, nickname: Option<String>) -> Option<Arc<Person>> {
    let nickname = match nickname? {
        same if same == token => super::line::nickname(&found.who).to_owned(),
        other if other.len() <= NICKNAME_BYTES_MAX => other,
        _ => return None,
    };
    let who = Person { nickname: Some(nickname.into()), ..Person::clone(&found.who) };
    Some(Arc::new(who))
}

/// Come in, to where the server tells everybody what concerns everybody.
fn welcome(who: Arc<Person>, expires_ms: Option<u64>) -> Admission {
    let lobby = Command {
        topic: Topic::Room(Place { realm: REALM, address: Address::Lobby }),
        deed: Deed::Join(Join::default()),
    };
    Admission::Welcome(Welcome { who, expires_ms, then: vec![lobby] })
}

/// Stay out; or come in as one of the anonymous, where they may.
fn refused(lounge: &Lounge, alert: Alert<'_>, is_meant: bool) -> Admission {
    match &lounge.guests {
        Some(guests) => welcome(guests.come(), None),
        None => Admission::Refused(words(alert, is_meant)),
    }
}

/// `{"message":"E01","data":{"content":"refresh required"}}`
fn words(alert: Alert<'_>, is_meant: bool) -> Refused {
    #[derive(Serialize)]
    struct Words<'a> {
        message: &'a str,
        data: Content<'a>,
    }
    #[derive(Serialize)]
    struct Content<'a> {
        content: &'a str,
    }
    let words = Words { message: alert.code, data: Content { content: alert.text } };
    Refused {
        payload: serde_json::to_string(&words).expect("words for a client are always JSON"),
        precedence: if is_meant { PRECEDENCE } else { 0 },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Alert, Guests, Identified, named, shown_id, words};

    fn found() -> Identified {
        let mut who = Arc::unwrap_or_clone(Guests::new(0).come());
        (who.id.0, who.name, who.nickname) = (7, "user_7".into(), None);
        Identified { who: Arc::new(who), role: None, expires_ms: None }
    }

    fn nickname(given: Option<&str>) -> Option<String> {
        let who = named(&found(), "a.b.c", given.map(str::to_owned))?;
        assert_eq!(shown_id(&who), 7);
        who.nickname.as_deref().map(str::to_owned)
    }

    #[test]
    fn a_session_has_the_nickname_it_gave_and_never_a_token() {
        assert_eq!(nickname(Some("neo")).as_deref(), Some("neo"));
        assert_eq!(nickname(Some("a.b.c")).as_deref(), Some("user_7"));
        assert_eq!(nickname(Some(&"x".repeat(256))).map(|name| name.len()), Some(256));
        assert_eq!(nickname(Some(&"x".repeat(257))), None);
        assert_eq!(nickname(None), None);
    }

    #[test]
    fn guests_are_many_and_show_one_id() {
        let guests = Guests::new(1_700_000_000_000);
        let (one, other) = (guests.come(), guests.come());
        assert_ne!(one.id, other.id);
        assert_eq!((shown_id(&one), shown_id(&other)), (1000, 1000));
        assert!(Guests::new(1_700_000_000_001).come().id > other.id);
        assert!(Guests::new(u64::MAX).come().id.0 < 1 << 63, "SQLite holds it");
    }

    #[test]
    fn a_refusal_is_worded_as_clients_read_it() {
        let refused = words(Alert::EXPIRED, true);
        assert_eq!(refused.payload, r#"{"message":"E01","data":{"content":"refresh required"}}"#);
        assert!(refused.precedence > words(Alert::EXPIRED, false).precedence);
    }
}
