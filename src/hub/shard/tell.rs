//! How a shard tells the members of its rooms what happened there.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{Shard, Slot};
use crate::hub::id::RoomId;
use crate::hub::lane::{Part, Spread};
use crate::hub::voice::Delivery;
use crate::limits;

/// Rooms whose batches leave together, and how many are to hear them.
#[derive(Default)]
struct Company {
    rooms: Vec<RoomId>,
    hearers: usize,
}

impl Shard {
    /// Tells the members of every room in which something happened.
    ///
    /// A room rests after a long telling for as long as that took: what happens meanwhile goes out
    /// together, which is what keeps a crowded room cheap. One that is quiet never waits. Small
    /// rooms are told together.
    pub(super) async fn tell(&mut self) {
        self.restless.sort_unstable();
        self.restless.dedup();
        let mut resting = Vec::new();
        let mut company = Company::default();
        let began = Instant::now();
        for id in std::mem::take(&mut self.restless) {
            let Some(Slot::Open(room, rests_until)) = self.rooms.get_mut(&id) else { continue };
            if *rests_until > began {
                resting.push(id);
                continue;
            }
            if !room.word() {
                continue;
            }
            let (hearers, has_more) = (room.left(), room.has_tellings());
            if has_more || company.hearers + hearers > limits::VOLLEY_MAX {
                self.send(&mut company);
            }
            if has_more || hearers > limits::VOLLEY_MAX {
                self.tell_alone(id).await;
            } else {
                company.rooms.push(id);
                company.hearers += hearers;
            }
        }
        self.send(&mut company);
        self.restless = resting;
    }

    /// Sends the batches of several rooms.
    fn send(&mut self, company: &mut Company) {
        let Company { rooms, hearers } = std::mem::take(company);
        let Some(share) = u32::try_from(rooms.len()).ok().filter(|rooms| *rooms > 0) else {
            return;
        };
        let began = Instant::now();
        let mut volley = Vec::with_capacity(hearers);
        for id in &rooms {
            if let Some(Slot::Open(room, _)) = self.rooms.get(id) {
                room.aim(hearers, &mut volley);
            }
        }
        Delivery::send_all(&volley);
        drop(volley);
        let took = began.elapsed();
        for id in &rooms {
            if let Some(Slot::Open(room, rests_until)) = self.rooms.get_mut(id) {
                room.advance(hearers);
                *rests_until = rest(began, took / share);
            }
        }
    }

    /// Tells the members of one room, of which a batch is in words, all that is to be told. Where
    /// they are very many, other threads take a part of them each.
    async fn tell_alone(&mut self, id: RoomId) {
        let Some(Slot::Open(room, rests_until)) = self.rooms.get_mut(&id) else { return };
        let spread =
            Spread { parts_max: self.peers.0.len(), members_min: limits::PART_MEMBERS_MIN };
        let began = Instant::now();
        loop {
            let parts: Vec<_> = room.parts(spread).into_iter().map(carry).collect();
            while room.deliver() {
                // A thousand pushes take milliseconds: others run in between.
                tokio::task::yield_now().await;
            }
            for part in parts {
                part.await.expect("an outlet takes whatever it is given");
            }
            if !room.word() {
                break;
            }
        }
        *rests_until = rest(began, began.elapsed());
    }
}

/// Until when a room rests that was told something for so long.
fn rest(began: Instant, took: Duration) -> Instant {
    match took >= limits::REST_MIN {
        true => began + took + took.min(limits::REST_MAX),
        false => began,
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
