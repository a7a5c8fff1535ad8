//! Who may come in: everybody, as a guest of no name.
//!
//! Who somebody is they say at each join, and nothing hangs on it: whoever listens may be
//! anybody, and whoever posts does so by REST.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use crate::dialects::{Admission, Welcome};
use crate::hub::event::Person;
use crate::hub::id::{Realm, UserId};

/// The space of guests. **Invariant:** none is ever stored: a guest says nothing.
const GUESTS: Realm = Realm("chatty guests");

/// What every guest is called: one name for all, since every session of every dialect has a guest.
static NAME: LazyLock<Arc<str>> = LazyLock::new(|| "guest".into());

/// The bits of the number that a process counts its guests up from.
const FIRST_BITS: u32 = 52;

/// Numbers guests, so that each is one of its own.
pub(super) struct Guests {
    next: AtomicU64,
}

impl Guests {
    /// Begins somewhere: guests of several nodes must not be taken for the same.
    ///
    /// # Errors
    /// A sentence, when the system has no random bytes.
    pub(super) fn new() -> Result<Guests, String> {
        let mut first = [0; 8];
        getrandom::fill(&mut first).map_err(|error| format!("no random bytes: {error}"))?;
        let first = u64::from_be_bytes(first) >> (u64::BITS - FIRST_BITS);
        Ok(Guests { next: AtomicU64::new(first) })
    }

    /// Lets one in, with or without a token: tokens are other dialects' business.
    pub(super) fn admit(&self) -> Admission {
        let who = Arc::new(self.guest());
        Admission::Welcome(Welcome { who, expires_ms: None, then: Vec::new() })
    }

    /// Somebody whom nobody has heard of.
    pub(super) fn guest(&self) -> Person {
        Person {
            realm: GUESTS,
            id: UserId(self.next.fetch_add(1, Ordering::Relaxed)),
            code: None,
            name: Arc::clone(&NAME),
            nickname: None,
            profile: None,
        }
    }
}
