//! A session: one namespace on one connection, with the grants that its dialects gave.

use std::collections::HashMap;
use std::sync::Arc;

use polylogue_protocol::frame::Frames;
use polylogue_protocol::sio::encode;
use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::connection::Connection;
use super::random;
use crate::dialects::mount::Mount;
use crate::dialects::{Incoming, Knock, Welcome};
use crate::hub::Hub;
use crate::hub::command::{Ask, Asker, Command, Deed, Join, Refusal, Topic};
use crate::hub::event::Place;
use crate::hub::id::{MessageId, Realm, RoomId};
use crate::hub::ports::{Fault, Read};
use crate::hub::voice::{self, Voice};
use crate::limits;

/// See the module's head. Dropping it leaves all of its rooms.
pub(super) struct Session {
    connection: Arc<Connection>,
    namespace: Arc<str>,
    mount: Arc<Mount>,
    hub: Hub,
    grants: Vec<Grant>,
}

/// What one dialect gave.
struct Grant {
    /// The dialect's place in the mount.
    place: usize,
    voice: Arc<Voice>,
    /// When its token ends, in ms since 1970.
    expires_ms: Option<u64>,
    /// Rooms that a seat was asked for in. A room is looked up once.
    seats: HashMap<Place, Seat>,
    /// The room that it moved to last.
    here: Option<Place>,
}

/// A seat, or one that was asked for.
struct Seat {
    room: RoomId,
    /// What the room will say to it, or has said and nobody has looked at yet.
    asked: Option<oneshot::Receiver<bool>>,
}

impl Session {
    /// Opens a session: answers CONNECT, greets, and asks the rooms what each welcome says.
    pub(super) async fn open(
        connection: &Arc<Connection>,
        mount: Arc<Mount>,
        hub: &Hub,
        knock: &Knock<'_>,
        grants: Vec<(usize, Welcome)>,
    ) -> Session {
        let namespace: Arc<str> = knock.namespace.into();
        let mut session = Session {
            connection: Arc::clone(connection),
            namespace,
            mount,
            hub: hub.clone(),
            grants: Vec::with_capacity(grants.len()),
        };
        connection.engine.counters.sessions.rise();
        session.answer_connect();
        for (place, welcome) in grants {
            let grant = session.grant(place, &welcome);
            let dialect = session.mount.dialect(place);
            let words = voice::solo(&session.namespace, None, |pen| {
                dialect.greet(&welcome.who, knock, pen);
            });
            session.say(words);
            for command in welcome.then {
                session.run(grant, command, None).await;
            }
        }
        session
    }

    /// Adds a grant; returns which it is.
    fn grant(&mut self, place: usize, welcome: &Welcome) -> usize {
        let dialect = Arc::clone(self.mount.dialect(place));
        let voice = Arc::new(Voice {
            id: self.hub.new_voice(),
            who: Arc::clone(&welcome.who),
            tongue: dialect,
            namespace: Arc::clone(&self.namespace),
            outlet: Arc::clone(&self.connection) as _,
        });
        let expires_ms = welcome.expires_ms;
        self.grants.push(Grant { place, voice, expires_ms, seats: HashMap::new(), here: None });
        self.grants.len() - 1
    }

    fn answer_connect(&self) {
        let sid = random::sid();
        let mut frames = Frames::new();
        frames.text(|out| encode::connect(out, &self.namespace, sid.as_str(), None));
        self.say(frames.seal());
    }

    fn say(&self, words: bytes::Bytes) {
        if !words.is_empty() {
            self.connection.send(&[words]);
        }
    }

    /// When the first of its tokens ends, in ms since 1970.
    pub(super) fn expires_ms(&self) -> Option<u64> {
        self.grants.iter().filter_map(|grant| grant.expires_ms).min()
    }

    /// Says, in the words of each dialect that verified a token, that it has expired, and
    /// disconnects. The session is to be dropped.
    pub(super) fn expire(&self) {
        for grant in self.grants.iter().filter(|grant| grant.expires_ms.is_some()) {
            let dialect = self.mount.dialect(grant.place);
            self.say(voice::solo(&self.namespace, None, |pen| dialect.expired(pen)));
        }
        let mut frames = Frames::new();
        frames.text(|out| encode::disconnect(out, &self.namespace));
        self.say(frames.seal());
    }

    /// Whether this is the session of that namespace.
    pub(super) fn is_in(&self, namespace: &str) -> bool {
        *self.namespace == *namespace
    }

    /// Hears an event: the dialect that owns it says what it asks for.
    pub(super) async fn hear(&mut self, event: &Incoming<'_>, ack: Option<u64>) {
        let Some(place) = self.mount.owner(event.name) else {
            self.connection.engine.counters.unknown_events.add_one();
            return;
        };
        let dialect = Arc::clone(self.mount.dialect(place));
        let Some(grant) = self.grants.iter().position(|grant| grant.place == place) else {
            let words = voice::solo(&self.namespace, ack, |pen| dialect.stranger(event, pen));
            return self.say(words);
        };
        let mut commands = Vec::new();
        let words = voice::solo(&self.namespace, ack, |pen| {
            commands = dialect.hear(&self.grants[grant].voice.who, event, pen);
        });
        self.say(words);
        for command in commands {
            self.run(grant, command, ack).await;
        }
    }

    /// Brings a command to its room.
    async fn run(&mut self, grant: usize, command: Command, ack: Option<u64>) {
        let Command { mut topic, mut deed } = command;
        if let (Topic::Here, Some(here)) = (&topic, &self.grants[grant].here) {
            topic = Topic::Room(here.clone());
        }
        let found = match &topic {
            Topic::Room(place) => self.grants[grant].room(place, &mut deed, &self.hub).await,
            Topic::Message(realm, id) => Box::pin(self.message_room(*realm, *id, &mut deed)).await,
            Topic::Here => Err(Refusal::NotIn),
        };
        let moves = self.grants[grant].moves(&topic, &deed);
        let from = Asker::Voice(Arc::clone(&self.grants[grant].voice), ack);
        let ask = Ask { from, topic, deed };
        match found {
            Ok(Some(room)) => self.hub.ask(room, ask).await,
            Ok(None) if matches!(ask.topic, Topic::Message(..)) => {
                self.hub.refuse(ask, Refusal::NoSuchMessage);
            }
            Ok(None) => self.hub.refuse(ask, Refusal::NoSuchRoom),
            Err(refusal) => self.hub.refuse(ask, refusal),
        }
        // Nothing else is heard until then, so that what is said next is said there.
        if let Some((place, asked)) = moves
            && asked.await.unwrap_or(false)
        {
            self.grants[grant].arrive(place, &self.hub);
        }
    }

    /// The room of a message, which the deed is given as it is stored.
    async fn message_room(
        &self,
        realm: Realm,
        id: MessageId,
        deed: &mut Deed,
    ) -> Result<Option<RoomId>, Refusal> {
        let found = self.hub.ports().read(|reply| Read::Message(id, reply)).await;
        let Some((message, of)) = found.map_err(|fault| unavailable(&fault))? else {
            return Ok(None);
        };
        if of != realm.0 {
            return Ok(None);
        }
        let room = message.room;
        if let Deed::Delete(found) | Deed::Edit(found, _) = deed {
            *found = Some(Box::new(message));
        }
        Ok(Some(room))
    }
}

impl Grant {
    /// For a join that moves: where to, and whether it has its seat there. Until it has, the seat
    /// is noted as one that was refused.
    fn moves(&mut self, topic: &Topic, deed: &Deed) -> Option<(Place, oneshot::Receiver<bool>)> {
        let (Topic::Room(place), Deed::Join(Join { moves: true, .. })) = (topic, deed) else {
            return None;
        };
        let seat = self.seats.get_mut(place)?;
        let asked = seat.asked.replace(oneshot::channel().1)?;
        Some((place.clone(), asked))
    }

    /// Has a seat, and leaves the room it was in before.
    fn arrive(&mut self, place: Place, hub: &Hub) {
        if let Some(seat) = self.seats.get_mut(&place) {
            seat.asked = None;
        }
        let before = self.here.replace(place);
        if before != self.here
            && let Some(seat) = before.and_then(|before| self.seats.remove(&before))
        {
            hub.gone(seat.room, self.voice.id);
        }
    }

    /// The room that a deed is for; a join makes it known for all that follows.
    async fn room(
        &mut self,
        place: &Place,
        deed: &mut Deed,
        hub: &Hub,
    ) -> Result<Option<RoomId>, Refusal> {
        let known = match deed {
            Deed::Leave(_) => {
                self.here.take_if(|here| here == place);
                self.seats.remove(place).map(|seat| seat.room)
            }
            _ => self.seats.get(place).map(|seat| seat.room),
        };
        let Deed::Join(join) = deed else {
            // A lookup is rare, and boxed: every connection's task would carry the space for it.
            return match known {
                Some(room) => Ok(Some(room)),
                None => Box::pin(hub.find(place)).await.map_err(|fault| unavailable(&fault)),
            };
        };
        let found = match known {
            Some(room) => Ok(Some(room)),
            None if !self.has_room_for_one() => return Err(Refusal::TooManySeats),
            None if join.create => Box::pin(hub.open(place, self.voice.who.realm)).await,
            None => Box::pin(hub.find(place)).await,
        };
        let found = found.map_err(|fault| unavailable(&fault))?;
        if let Some(room) = found {
            let (seated, asked) = oneshot::channel();
            join.seated = Some(seated);
            self.seats.insert(place.clone(), Seat { room, asked: Some(asked) });
        }
        Ok(found)
    }

    /// Whether it may ask for one more seat. Those that were refused count no more.
    fn has_room_for_one(&mut self) -> bool {
        if self.seats.len() >= limits::SEATS_PER_VOICE_MAX {
            self.seats.retain(|_, seat| !seat.is_refused());
        }
        self.seats.len() < limits::SEATS_PER_VOICE_MAX
    }
}

impl Seat {
    /// Whether the room has said no; one that drops the question says so, too.
    fn is_refused(&mut self) -> bool {
        let said = self.asked.as_mut().map(oneshot::Receiver::try_recv);
        if let Some(Ok(true)) = said {
            self.asked = None;
        }
        matches!(said, Some(Ok(false) | Err(TryRecvError::Closed)))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.engine.counters.sessions.fall();
        for grant in &self.grants {
            for seat in grant.seats.values() {
                self.hub.gone(seat.room, grant.voice.id);
            }
        }
    }
}

fn unavailable(fault: &Fault) -> Refusal {
    tracing::error!(%fault, "a room could not be looked up");
    Refusal::Unavailable
}
