//! The roll: who is in which of this node's rooms, and which rooms Redis has yet to be told of.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::hub::id::UserId;
use crate::hub::ports::Presence;

/// See the module's head.
#[derive(Default)]
pub(super) struct Roll {
    rooms: HashMap<Arc<str>, HashSet<UserId>>,
    /// Rooms whose set in Redis may differ from ours.
    stale: HashSet<Arc<str>>,
}

impl Roll {
    /// Notes a coming or going.
    pub(super) fn note(&mut self, presence: &Presence) {
        match presence {
            Presence::In(room, user) => {
                self.rooms.entry(Arc::clone(room)).or_default().insert(*user);
            }
            Presence::Out(room, user) => {
                if let Some(users) = self.rooms.get_mut(room) {
                    users.remove(user);
                    if users.is_empty() {
                        self.rooms.remove(room);
                    }
                }
            }
        }
    }

    /// Nobody knows what Redis holds of these rooms.
    pub(super) fn doubt(&mut self, rooms: impl IntoIterator<Item = Arc<str>>) {
        self.stale.extend(rooms);
    }

    /// Nobody knows what Redis holds.
    pub(super) fn doubt_all(&mut self) {
        self.stale.extend(self.rooms.keys().map(Arc::clone));
    }

    /// The rooms that must be told anew.
    pub(super) fn stale(&self) -> Vec<Arc<str>> {
        self.stale.iter().map(Arc::clone).collect()
    }

    /// These rooms were told anew.
    pub(super) fn settle(&mut self, rooms: &[Arc<str>]) {
        self.stale.retain(|room| !rooms.contains(room));
    }

    /// Every room somebody is in.
    pub(super) fn rooms(&self) -> Vec<Arc<str>> {
        self.rooms.keys().map(Arc::clone).collect()
    }

    /// Who is in a room.
    pub(super) fn users(&self, room: &str) -> Vec<u64> {
        self.rooms.get(room).into_iter().flatten().map(|user| user.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Roll;
    use crate::hub::id::UserId;
    use crate::hub::ports::Presence;

    #[test]
    fn a_room_is_on_the_roll_while_somebody_is_in_it() {
        let mut roll = Roll::default();
        roll.note(&Presence::In("a".into(), UserId(1)));
        roll.note(&Presence::In("a".into(), UserId(2)));
        roll.note(&Presence::Out("a".into(), UserId(1)));
        assert_eq!(roll.users("a"), [2]);
        roll.note(&Presence::Out("a".into(), UserId(2)));
        assert!(roll.rooms().is_empty());
    }

    #[test]
    fn what_is_in_doubt_stays_so_until_it_is_settled() {
        let mut roll = Roll::default();
        roll.note(&Presence::In("a".into(), UserId(1)));
        roll.doubt_all();
        roll.note(&Presence::Out("a".into(), UserId(1)));
        assert_eq!(roll.stale(), [std::sync::Arc::<str>::from("a")]);
        roll.settle(&["a".into()]);
        assert!(roll.stale().is_empty());
    }
}
