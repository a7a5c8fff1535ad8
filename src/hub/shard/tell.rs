//! How a shard tells the members of its rooms what happened there.

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Shard, Slot};
use crate::hub::lane::{Part, Spread};
use crate::limits;

impl Shard {
    /// Tells the members of every room in which something happened.
    ///
    /// A room rests after a long telling for as long as that took: what happens meanwhile goes out
    /// together, which is what keeps a crowded room cheap. One that is quiet never waits.
    pub(super) async fn tell(&mut self) {
        self.restless.sort_unstable();
        self.restless.dedup();
        let mut resting = Vec::new();
        let spread =
            Spread { parts_max: self.peers.0.len(), members_min: limits::PART_MEMBERS_MIN };
        for id in std::mem::take(&mut self.restless) {
            let Some(Slot::Open(room, rests_until)) = self.rooms.get_mut(&id) else { continue };
            let began = Instant::now();
            if *rests_until > began {
                resting.push(id);
                continue;
            }
            while room.word() {
                let parts: Vec<_> = room.parts(spread).into_iter().map(carry).collect();
                while room.deliver() {
                    // A thousand pushes take milliseconds: others run in between.
                    tokio::task::yield_now().await;
                }
                for part in parts {
                    part.await.expect("an outlet takes whatever it is given");
                }
            }
            let took = began.elapsed();
            if took >= limits::REST_MIN {
                *rests_until = began + took + took.min(limits::REST_MAX);
            }
        }
        self.restless = resting;
    }
}

/// Hands a part of a room's members their words on another thread.
fn carry(mut part: Part) -> JoinHandle<()> {
    tokio::spawn(async move {
        while part.deliver() {
            tokio::task::yield_now().await;
        }
    })
}
