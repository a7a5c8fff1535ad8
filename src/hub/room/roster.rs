//! Who is in a room: users, each once, however many voices they have there.

use std::collections::HashMap;
use std::sync::Arc;

use crate::hub::command::UserKey;
use crate::hub::event::Person;
use crate::hub::id::{UserId, VoiceId};

/// The users in a room. **Invariant:** a user is in it while one of their voices is, and for the
/// grace that was asked for after the last one has left.
#[derive(Default)]
pub struct Roster {
    users: HashMap<UserKey, Attendance>,
}

/// One user's being there.
pub(super) struct Attendance {
    pub(super) who: Arc<Person>,
    voices: Vec<VoiceId>,
    /// How long the user stays when the last voice has left, in ms.
    grace_ms: u64,
    /// Who is told, instead of all in the room.
    pub(super) contacts: Option<Arc<[UserId]>>,
    /// When the grace ends, by the clock that never jumps.
    leaves_ms: Option<u64>,
}

/// What a voice's leaving means for its user.
pub(super) enum Departure {
    /// Other voices remain, or the grace has begun.
    Stays,
    /// The user has left.
    Gone(Attendance),
}

impl Roster {
    /// Everybody, each once, in no order.
    pub fn people(&self) -> impl Iterator<Item = &Arc<Person>> {
        self.users.values().map(|attendance| &attendance.who)
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

    /// Adds a voice. `true`: its user was not in the room.
    pub(super) fn enter(
        &mut self,
        who: &Arc<Person>,
        voice: VoiceId,
        grace_ms: u64,
        contacts: Option<Arc<[UserId]>>,
    ) -> bool {
        let mut is_new = false;
        let attendance = self.users.entry((who.realm, who.id)).or_insert_with(|| {
            is_new = true;
            let (who, voices) = (Arc::clone(who), Vec::new());
            Attendance { who, voices, grace_ms, contacts: None, leaves_ms: None }
        });
        // A name that was chosen for this session is the one to show.
        if who.nickname.is_some() {
            attendance.who = Arc::clone(who);
        }
        attendance.voices.push(voice);
        attendance.grace_ms = grace_ms;
        attendance.contacts = contacts;
        attendance.leaves_ms = None;
        is_new
    }

    /// Says anew who is told when a user who is here leaves.
    pub(super) fn renew(&mut self, user: UserKey, contacts: Option<Arc<[UserId]>>) {
        if let (Some(attendance), Some(contacts)) = (self.users.get_mut(&user), contacts) {
            attendance.contacts = Some(contacts);
        }
    }

    /// Takes a voice out.
    pub(super) fn leave(&mut self, user: UserKey, voice: VoiceId, now_ms: u64) -> Departure {
        let Some(attendance) = self.users.get_mut(&user) else { return Departure::Stays };
        attendance.voices.retain(|other| *other != voice);
        if !attendance.voices.is_empty() {
            return Departure::Stays;
        }
        if attendance.grace_ms > 0 {
            attendance.leaves_ms = Some(now_ms + attendance.grace_ms);
            return Departure::Stays;
        }
        self.users.remove(&user).map_or(Departure::Stays, Departure::Gone)
    }

    /// Takes out those whose grace has ended.
    pub(super) fn expired(&mut self, now_ms: u64) -> Vec<Attendance> {
        let is_over = |attendance: &Attendance| {
            attendance.leaves_ms.is_some_and(|leaves_ms| leaves_ms <= now_ms)
        };
        let over: Vec<UserKey> =
            self.users.iter().filter(|(_, one)| is_over(one)).map(|(user, _)| *user).collect();
        over.iter().filter_map(|user| self.users.remove(user)).collect()
    }

    /// The user's voices in the room.
    pub(super) fn voices(&self, user: &UserKey) -> &[VoiceId] {
        self.users.get(user).map_or(&[], |attendance| &attendance.voices)
    }
}

#[cfg(test)]
impl Roster {
    /// Every user with their voices there, and when their grace ends.
    pub(super) fn attendances(&self) -> impl Iterator<Item = (&UserKey, &[VoiceId], Option<u64>)> {
        self.users.iter().map(|(user, one)| (user, one.voices.as_slice(), one.leaves_ms))
    }
}
