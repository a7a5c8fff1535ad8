//! Names for things: each kind of id is a type of its own, so that none passes for another.
//!
//! Users, rooms and their numbers are small integers from 1; messages are time-ordered
//! integers below 2^53, which every client language can hold.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

id!(
    /// A person, unique within a [`Realm`] of people.
    UserId
);
id!(
    /// A message: milliseconds in the upper bits, so that a later message has a larger id.
    MessageId
);
id!(
    /// A room, unique in this process and in its store.
    ///
    /// Stored rooms have the store's row number. Rooms that exist only while somebody is in
    /// them (a user's own, a realm's lobby) have [`RoomId::FLEETING`] set.
    RoomId
);
id!(
    /// A voice: one dialect's seat on one session. Never reused while the process lives.
    VoiceId
);

id!(
    /// A lane: the members of one room who are told the same words. Never reused while the process
    /// lives.
    LaneId
);

impl RoomId {
    /// The bit that tells a room without a row from a stored one.
    pub const FLEETING: u64 = 1 << 63;

    /// Whether the room has no row in the store.
    #[must_use]
    pub fn is_fleeting(self) -> bool {
        self.0 & Self::FLEETING != 0
    }
}

/// A map by an id that the server gives out. Its hash has no secret: nobody chooses such an id,
/// so nobody makes them collide. What clients spell goes into a map with the usual hash.
pub type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

/// See [`IdMap`].
#[derive(Clone, Copy, Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write_u64(&mut self, number: u64) {
        /// 2^64 over the golden ratio: ones and zeros in no order.
        const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
        // Both halves of the product: a map looks at the upper bits and at the lower ones.
        let product = u128::from(self.0 ^ number) * u128::from(FACTOR);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A space of names: people and rooms of one realm never meet those of another.
///
/// Dialects that verify identities share one realm of people; a dialect whose identities are
/// only claimed has one of its own. **Invariant:** realms are fixed when the server starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Realm(pub &'static str);

/// The realm of people whose identity was verified: the accounts.
pub const ACCOUNTS: Realm = Realm("accounts");

impl fmt::Display for Realm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}
