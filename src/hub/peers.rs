//! The shards of a hub, for one to reach the others.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::id::RoomId;
use super::shard::Inbox;
use super::telling::Ring;

/// All the shards of a hub, so that one can reach the others.
#[derive(Clone)]
pub(super) struct Peers(pub(super) Arc<[mpsc::WeakSender<Inbox>]>);

impl Peers {
    /// The shard that a room lives on.
    pub(super) fn home(&self, room: RoomId) -> usize {
        #[allow(clippy::cast_possible_truncation, reason = "only the remainder counts")]
        let number = room.0 as usize % self.0.len();
        number
    }

    /// Rings in another room. A shard never waits for a shard: where the inbox is full, a task
    /// does.
    pub(super) fn ring(&self, ring: Ring) {
        let home = self.home(ring.to.fleeting_id());
        let Some(to) = self.0[home].upgrade() else { return };
        if let Err(mpsc::error::TrySendError::Full(item)) = to.try_send(Inbox::Ring(ring)) {
            tokio::spawn(async move { to.send(item).await });
        }
    }
}
