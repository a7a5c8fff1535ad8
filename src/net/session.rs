//! A session: one namespace on one connection, with the grants that its dialects gave.

mod grant;
mod recover;
mod seats;

use std::sync::Arc;

use self::grant::{Grant, unavailable};
use super::close::Close;
use polylogue_protocol::frame::Frames;
use polylogue_protocol::sid::Sid;
use polylogue_protocol::sio::encode;

use super::connection::Connection;
use super::random;
use super::recovery::{Identity, Lost};
use crate::dialects::mount::Mount;
use crate::dialects::{Incoming, Knock, Welcome};
use crate::hub::Hub;
use crate::hub::clock;
use crate::hub::comeback::Parting;
use crate::hub::command::{Ask, Asker, Command, Deed, Refusal, Topic};
use crate::hub::event::{Person, Place};
use crate::hub::id::{MessageId, Realm, RoomId};
use crate::hub::ports::Read;
use crate::hub::voice::{self, Voice};

/// See the module's head. Dropping it leaves all of its rooms.
pub(super) struct Session {
    sid: Sid,
    /// What only its client knows, where it may come back.
    pid: Option<Sid>,
    connection: Arc<Connection>,
    /// Its namespace, and whom each dialect has let in.
    identity: Identity,
    mount: Arc<Mount>,
    hub: Hub,
    /// One for each of the people in `identity`, in the same order.
    grants: Box<[Grant]>,
}

impl Session {
    /// Opens a session: answers CONNECT, greets, then asks the rooms what each welcome says.
    pub(super) async fn open(
        connection: &Arc<Connection>,
        mount: Arc<Mount>,
        hub: &Hub,
        namespace: Arc<str>,
        knock: &Knock<'_>,
        grants: Vec<(usize, Welcome)>,
    ) -> Session {
        let people = grants.iter().map(|(place, welcome)| (*place, Arc::clone(&welcome.who)));
        let identity = Arc::new((namespace, people.collect()));
        let mut session = Session::new(connection, mount, hub, identity, random::sid(), &grants);
        session.pid = connection.engine.recovery.as_ref().map(|_| random::sid());
        session.keep();
        // One write for all that is said before any room is asked: it costs more than the words.
        let mut frames = session.connect_answer();
        for (place, welcome) in &grants {
            voice::solo_into(&mut frames, session.namespace(), None, |pen| {
                session.mount.dialect(*place).greet(&welcome.who, knock, pen);
            });
        }
        session.say(frames.seal());
        for (grant, (_, welcome)) in grants.into_iter().enumerate() {
            for command in welcome.then {
                session.run(grant, command, None).await;
            }
        }
        session
    }

    fn new(
        connection: &Arc<Connection>,
        mount: Arc<Mount>,
        hub: &Hub,
        identity: Identity,
        sid: Sid,
        grants: &[(usize, Welcome)],
    ) -> Session {
        connection.engine.counters.sessions.rise();
        let grants = grants.iter().map(|(_, welcome)| Grant::new(welcome.expires_ms)).collect();
        let (connection, hub) = (Arc::clone(connection), hub.clone());
        Session { sid, pid: None, connection, identity, mount, hub, grants }
    }

    fn namespace(&self) -> &Arc<str> {
        &self.identity.0
    }

    /// Who has a grant.
    fn who(&self, grant: usize) -> &Arc<Person> {
        &self.identity.1[grant].1
    }

    /// The voice of a grant; made when the first room is asked something, which many never do.
    fn voice(&mut self, grant: usize) -> Arc<Voice> {
        if let Some(voice) = &self.grants[grant].voice {
            return Arc::clone(voice);
        }
        let (place, who) = &self.identity.1[grant];
        let voice = Arc::new(Voice {
            id: self.hub.new_voice(),
            who: Arc::clone(who),
            tongue: Arc::clone(self.mount.dialect(*place)) as _,
            namespace: Arc::clone(self.namespace()),
            outlet: Arc::clone(&self.connection) as _,
        });
        self.grants[grant].voice = Some(Arc::clone(&voice));
        voice
    }

    fn connect_answer(&self) -> Frames {
        let pid = self.pid.as_ref().map(Sid::as_str);
        let mut frames = Frames::new();
        frames.text(|out| encode::connect(out, self.namespace(), self.sid.as_str(), pid));
        frames
    }

    /// Has its client find it again, should it be lost.
    fn keep(&self) {
        if let (Some(pid), Some(recovery)) = (self.pid, &self.connection.engine.recovery) {
            recovery.opened(pid, &self.connection, Arc::clone(&self.identity));
        }
    }

    /// How its voices part: for good, or until its client is back.
    fn part(&mut self) -> Parting {
        let (Some(pid), Some(recovery)) = (self.pid, &self.connection.engine.recovery) else {
            return Parting::Left;
        };
        if !self.connection.closed().is_some_and(Close::is_recoverable) {
            recovery.ended(pid);
            return Parting::Left;
        }
        let lost = Lost {
            sid: self.sid,
            identity: Arc::clone(&self.identity),
            grants: self.grants.iter_mut().map(Grant::lost).collect(),
            trail: self.connection.outbox.trail(),
            lost_ms: clock::up_ms(),
        };
        recovery.lost_one(pid, lost);
        Parting::Lost
    }

    fn say(&self, words: bytes::Bytes) {
        if !words.is_empty() {
            self.connection.send(&[words]);
        }
    }

    /// When the first of its tokens ends, in ms since 1970.
    pub(super) fn expires_ms(&self) -> Option<u64> {
        self.grants.iter().filter_map(Grant::expires_ms).min()
    }

    /// Says, in the words of each dialect that verified a token, that it has expired, and
    /// disconnects. The session is to be dropped.
    pub(super) fn expire(&self) {
        for (grant, (place, _)) in self.grants.iter().zip(&self.identity.1) {
            if grant.expires_ms().is_some() {
                let dialect = self.mount.dialect(*place);
                self.say(voice::solo(self.namespace(), None, |pen| dialect.expired(pen)));
            }
        }
        let mut frames = Frames::new();
        frames.text(|out| encode::disconnect(out, self.namespace()));
        self.say(frames.seal());
    }

    /// Whether this is the session of that namespace.
    pub(super) fn is_in(&self, namespace: &str) -> bool {
        **self.namespace() == *namespace
    }

    /// Hears an event: the dialect that owns it says what it asks for.
    pub(super) async fn hear(&mut self, event: &Incoming<'_>, ack: Option<u64>) {
        let Some(place) = self.mount.owner(event.name) else {
            self.connection.engine.counters.unknown_events.add_one();
            return;
        };
        let dialect = self.mount.dialect(place);
        let Some(grant) = self.identity.1.iter().position(|(its, _)| *its == place) else {
            let words = voice::solo(self.namespace(), ack, |pen| dialect.stranger(event, pen));
            return self.say(words);
        };
        let mut command = None;
        let words = voice::solo(self.namespace(), ack, |pen| {
            command = dialect.hear(self.who(grant), event, pen);
        });
        self.say(words);
        if let Some(command) = command {
            self.run(grant, command, ack).await;
        }
    }

    /// Brings a command to its room.
    async fn run(&mut self, grant: usize, command: Command, ack: Option<u64>) {
        let Command { mut topic, mut deed } = command;
        if let (Topic::Here, Some(here)) = (&topic, &self.grants[grant].here) {
            topic = Topic::Room(Place::clone(here));
        }
        let voice = self.voice(grant);
        let found = match &topic {
            Topic::Room(place) => {
                let realm = voice.who.realm;
                self.grants[grant].room(place, &mut deed, &self.hub, realm).await
            }
            Topic::Message(realm, id) => Box::pin(self.message_room(*realm, *id, &mut deed)).await,
            Topic::Here => Err(Refusal::NotIn),
        };
        let moves = self.grants[grant].moves(&topic, &deed);
        let from = Asker::Voice(voice, ack);
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

impl Drop for Session {
    fn drop(&mut self) {
        self.connection.engine.counters.sessions.fall();
        let parting = self.part();
        for grant in &self.grants {
            let Some(voice) = &grant.voice else { continue };
            for (_, seat) in grant.seats.iter() {
                self.hub.gone(seat.room, voice.id, parting);
            }
        }
    }
}
