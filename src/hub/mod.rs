//! The hub: rooms, and nothing about how anyone speaks.
//!
//! [`Hub`] is the way in. An [`Ask`](command::Ask) goes to the shard that the room lives on; words
//! come out through the outlets of the voices in the room. What must be kept, or known on other
//! nodes, leaves through the [`ports`].

pub mod clock;
pub mod comeback;
pub mod command;
mod directory;
pub mod event;
pub mod id;
mod lane;
pub mod offset;
mod peers;
pub mod ports;
pub mod refusals;
pub mod rights;
mod room;
mod shard;
mod telling;
#[cfg(test)]
mod tests;
pub mod text;
pub mod trail;
pub mod voice;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};

use comeback::{Parting, Return};
use command::{Ask, Asker, Deed, Outcome, Refusal, Topic};
use directory::Directory;
use event::{Person, Place, RoomRow};
use id::{Realm, RoomId, VoiceId};
use peers::Peers;
use ports::{Fault, Ports, Receipt};
pub use room::Roster;
use room::Tails;
use shard::{Inbox, Shard};
use telling::Ring;
use voice::Event;

use crate::limits;

/// The way into the rooms. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    inner: Arc<Inner>,
}

struct Inner {
    shards: Vec<mpsc::Sender<Inbox>>,
    peers: Peers,
    directory: Arc<Directory>,
    ports: Ports,
    voices: AtomicU64,
    /// How many rooms each shard has in memory.
    rooms: Arc<[AtomicUsize]>,
}

/// The shards' inboxes, before the shards run: the store must know where receipts go before it
/// starts, and the rooms must know the store before they do.
pub struct Inboxes {
    inboxes: Vec<(mpsc::Sender<Inbox>, mpsc::Receiver<Inbox>)>,
}

impl Inboxes {
    /// Inboxes of that many shards, one for each core being the usual choice.
    #[must_use]
    pub fn new(shards: usize) -> Inboxes {
        let inboxes = (0..shards.max(1)).map(|_| mpsc::channel(limits::SHARD_INBOX_MAX));
        Inboxes { inboxes: inboxes.collect() }
    }

    /// Where the writer posts its receipts: called with a shard's number, on the writer's own
    /// thread, which waits while that shard's inbox is full.
    #[must_use]
    pub fn receipts(&self) -> Box<dyn Fn(usize, Vec<Receipt>) + Send> {
        let inboxes: Vec<_> = self.inboxes.iter().map(|(to, _)| to.downgrade()).collect();
        Box::new(move |shard, receipts| {
            if let Some(to) = inboxes.get(shard).and_then(mpsc::WeakSender::upgrade) {
                // A shard that has stopped has no rooms left to tell.
                let _ = to.blocking_send(Inbox::Receipts(receipts));
            }
        })
    }

    /// Sets the shards running on this runtime, with their exits. `recovery_window_ms`: for how
    /// long somebody whose transport was lost may come back; 0: nobody does.
    #[must_use]
    pub fn start(self, ports: &Ports, recovery_window_ms: u64) -> Hub {
        let tails = Tails::new(recovery_window_ms);
        let weak = self.inboxes.iter().map(|(to, _)| to.downgrade());
        let peers = Peers(weak.collect());
        let directory = Arc::new(Directory::new(ports.clone()));
        let mut shards = Vec::with_capacity(self.inboxes.len());
        let rooms: Arc<[_]> = self.inboxes.iter().map(|_| AtomicUsize::new(0)).collect();
        for (number, (to, inbox)) in self.inboxes.into_iter().enumerate() {
            let (peers, directory) = (peers.clone(), Arc::clone(&directory));
            let shard = Shard::new(number, peers, directory, ports.clone(), tails.clone());
            tokio::spawn(shard.run(inbox, Arc::clone(&rooms)));
            shards.push(to);
        }
        let voices = AtomicU64::new(1);
        Hub {
            inner: Arc::new(Inner {
                shards,
                peers,
                directory,
                ports: ports.clone(),
                voices,
                rooms,
            }),
        }
    }
}

impl Hub {
    /// The exits, for those who ask the store about people or lists.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.inner.ports
    }

    /// A number for a new voice.
    #[must_use]
    pub fn new_voice(&self) -> VoiceId {
        VoiceId(self.inner.voices.fetch_add(1, Ordering::Relaxed))
    }

    /// How many rooms are in memory.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.inner.rooms.iter().map(|rooms| rooms.load(Ordering::Relaxed)).sum()
    }

    /// The room of that name.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn find(&self, place: &Place) -> Result<Option<RoomId>, Fault> {
        self.inner.directory.find(place).await
    }

    /// The open room of that name, made if there is none, for members of the realm `people`.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn open(&self, place: &Place, people: Realm) -> Result<Option<RoomId>, Fault> {
        self.inner.directory.open(place, people).await
    }

    /// Asks something of a room. Waits only while the shard's inbox is full.
    pub async fn ask(&self, room: RoomId, ask: Ask) {
        let to = self.shard(room);
        if let Err(mpsc::error::TrySendError::Full(item)) = to.try_send(Inbox::Ask(room, ask)) {
            // Rare, and boxed: every connection's task would carry the space for it otherwise.
            // A shard stops only when the hub is gone.
            let _ = Box::pin(to.send(item)).await;
        }
    }

    /// Answers, in the tongue of whoever asked, an ask that no room can take.
    pub fn refuse(&self, ask: Ask, refusal: Refusal) {
        telling::refuse(ask, refusal);
    }

    /// Asks something of a room from outside any session, and waits for what comes of it.
    ///
    /// # Errors
    /// The room's refusal.
    pub async fn call(
        &self,
        room: RoomId,
        who: Arc<Person>,
        topic: Topic,
        deed: Deed,
    ) -> Result<Outcome, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.ask(room, Ask { from: Asker::Call(who, reply), topic, deed }).await;
        answer.await.unwrap_or(Err(Refusal::Unavailable))
    }

    /// Has a voice come to a room in the place of one that was lost. Waits only while the shard's
    /// inbox is full.
    pub async fn come_back(&self, room: RoomId, back: Return) {
        // A shard stops only when the hub is gone.
        let _ = self.shard(room).send(Inbox::Return(room, Box::new(back))).await;
    }

    /// Has a voice that came back hear the room again.
    pub async fn release(&self, room: RoomId, voice: VoiceId) {
        let _ = self.shard(room).send(Inbox::Release(room, voice)).await;
    }

    /// Takes a voice, whose session has closed, out of a room. Never waits.
    pub fn gone(&self, room: RoomId, voice: VoiceId, parting: Parting) {
        let to = self.shard(room);
        let gone = Inbox::Gone(room, voice, parting);
        if let Err(mpsc::error::TrySendError::Full(item)) = to.try_send(gone) {
            let to = to.clone();
            tokio::spawn(async move { to.send(item).await });
        }
    }

    /// Tells the members of a room that was just made of it, in their personal rooms.
    pub fn announce(&self, room: RoomRow, by: &Arc<Person>) {
        let about = Arc::new(room);
        for (member, _) in &about.members {
            self.inner.peers.ring(Ring {
                to: Place::personal(about.realm, member.id),
                event: Event::RoomOpened(Arc::clone(by)),
                about: Arc::clone(&about),
                except: Vec::new(),
            });
        }
    }

    /// Tells whoever wants to know that other nodes are out of reach (`true`), or back.
    pub async fn backplane_away(&self, is_away: bool) {
        for shard in &self.inner.shards {
            // A shard stops only when the hub is gone.
            let _ = shard.send(Inbox::BackplaneAway(is_away)).await;
        }
    }

    fn shard(&self, room: RoomId) -> &mpsc::Sender<Inbox> {
        &self.inner.shards[self.inner.peers.home(room)]
    }
}
