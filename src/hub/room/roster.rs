//! Who is in a room: users, each once, however many voices they have there.

use std::collections::HashMap;
use std::sync::Arc;

use crate::hub::command::UserKey;
use crate::hub::event::Person;
use crate::hub::id::VoiceId;

/// The users in a room. **Invariant:** a user is in it exactly while one of their voices is.
#[derive(Default)]
pub struct Roster {
    users: HashMap<UserKey, Presence>,
}

struct Presence {
    who: Arc<Person>,
    voices: Vec<VoiceId>,
}

impl Roster {
    /// Everybody, each once, in no order.
    pub fn people(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.users.values().map(|presence| &presence.who)
    }

    /// Whether the user is in the room.
    #[must_use]
    pub fn has(&self, user: &UserKey) -> bool {
        self.users.contains_key(user)
    }

    /// How many users.
    #[must_use]
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// Whether nobody is in the room.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// Adds a voice. `true`: it is its user's first.
    pub(super) fn enter(&mut self, who: &Arc<Person>, voice: VoiceId) -> bool {
        let presence = self
            .users
            .entry((who.realm, who.id))
            .or_insert_with(|| Presence {
                who: Arc::clone(who),
                voices: Vec::new(),
            });
        presence.voices.push(voice);
        presence.voices.len() == 1
    }

    /// Takes a voice out. `true`: it was its user's last.
    pub(super) fn leave(&mut self, user: UserKey, voice: VoiceId) -> bool {
        let Some(presence) = self.users.get_mut(&user) else {
            return false;
        };
        presence.voices.retain(|other| *other != voice);
        let is_last = presence.voices.is_empty();
        if is_last {
            self.users.remove(&user);
        }
        is_last
    }

    /// The user's voices in the room.
    pub(super) fn voices(&self, user: &UserKey) -> &[VoiceId] {
        self.users
            .get(user)
            .map_or(&[], |presence| &presence.voices)
    }
}
