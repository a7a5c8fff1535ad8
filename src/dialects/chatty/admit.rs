//! Who may come in: everybody, as a guest of no name.
//!
//! Who somebody is they say at each join, and nothing hangs on it: whoever listens may be
//! anybody, and whoever posts does so by REST.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::dialects::{Admission, Welcome};
use crate::hub::event::Person;
use crate::hub::id::{Realm, UserId};

/// The space of guests. **Invariant:** none is ever stored: a guest says nothing.
const GUESTS: Realm = Realm("chatty guests");

/// Counts guests, so that each is one of its own.
#[derive(Default)]
pub(super) struct Guests {
    admitted: AtomicU64,
}

impl Guests {
    /// Lets one in, with or without a token: tokens are other dialects' business.
    pub(super) fn admit(&self) -> Admission {
        let who = Arc::new(self.guest());
        Admission::Welcome(Welcome { who, expires_ms: None, then: Vec::new() })
    }

    /// Somebody whom nobody has heard of.
    pub(super) fn guest(&self) -> Person {
        Person {
            realm: GUESTS,
            id: UserId(self.admitted.fetch_add(1, Ordering::Relaxed) + 1),
            code: None,
            name: "guest".into(),
            nickname: None,
            profile: None,
        }
    }
}
