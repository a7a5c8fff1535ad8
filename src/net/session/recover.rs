//! Connection state recovery: a session is opened again on another connection, and its client is
//! told what it missed before CONNECT is answered.
//!
//! All of it or nothing: where one room cannot take it in, or something it missed is not known any
//! more, the client gets a new session, and nothing is told again. A room that has put it out is
//! such a one, unless the client has heard of that: then it knows that it does not sit there.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::super::connection::Connection;
use super::super::recovery::{Identity, Lost, LostGrant, LostSeat};
use super::Session;
use crate::dialects::mount::Mount;
use crate::dialects::{Knock, Welcome};
use crate::hub::Hub;
use crate::hub::clock;
use crate::hub::comeback::{self, Comeback, Parting, Replay, Return};
use crate::hub::command::{Command, Deed, Join, Topic};
use crate::hub::event::Place;
use crate::hub::id::{RoomId, VoiceId};
use crate::hub::offset;
use crate::hub::trail::Heard;
use crate::hub::voice::{Outlet, Voice};
use crate::limits;

/// What a client that comes back says in its CONNECT packet, beside what dialects ask for.
#[derive(Deserialize)]
struct Claim {
    pid: String,
    offset: Option<String>,
}

/// A room that has answered.
struct Seated {
    room: RoomId,
    voice: VoiceId,
    replay: Replay,
}

impl Session {
    /// Opens a session that was lost again, for whoever has been let in with `grants`. `None`: it
    /// is to have a new one.
    pub(in crate::net) async fn recover(
        connection: &Arc<Connection>,
        mount: &Arc<Mount>,
        hub: &Hub,
        knock: &Knock<'_>,
        grants: &[(usize, Welcome)],
    ) -> Option<Session> {
        knock.field("pid")?;
        let claim: Claim = serde_json::from_str(knock.auth.map(RawValue::get)?).ok()?;
        let recovery = connection.engine.recovery.as_ref()?;
        let is_theirs = |kept: &Identity| is_same(mount, knock.namespace, kept, grants);
        let counters = &connection.engine.counters;
        if let Some(open) = recovery.open_at(&claim.pid, is_theirs)
            && lives(&open).await
        {
            counters.not_recovered.add_one();
            return None;
        }
        let recovered = match recovery.take(&claim.pid, is_theirs, clock::up_ms()) {
            Some(lost) => Session::reopen(connection, mount, hub, &claim, *lost, grants).await,
            None => None,
        };
        match &recovered {
            Some(_) => counters.recovered.add_one(),
            None => counters.not_recovered.add_one(),
        }
        recovered
    }

    async fn reopen(
        connection: &Arc<Connection>,
        mount: &Arc<Mount>,
        hub: &Hub,
        claim: &Claim,
        lost: Lost,
        grants: &[(usize, Welcome)],
    ) -> Option<Session> {
        let last = offset::last_heard(claim.offset.as_deref()).ok()?;
        let heard = Arc::new(lost.trail.heard(last)?);
        let pid = polylogue_protocol::sid::Sid::parse(&claim.pid)?;
        let (mount, identity) = (Arc::clone(mount), lost.identity);
        let mut session = Session::new(connection, mount, hub, identity, lost.sid, grants);
        let mut asked = Vec::new();
        for (grant, (mut was, (_, welcome))) in lost.grants.into_iter().zip(grants).enumerate() {
            // One that had no voice had no seat either.
            let Some(lost_voice) = was.voice else { continue };
            let knows_end = |seat: &LostSeat| lost.trail.knows_end(&heard, lost_voice, seat.room);
            was.seats.retain(|(_, seat)| !knows_end(seat));
            let voice = session.voice(grant);
            asked.extend(ask_back(hub, &voice, lost_voice, &was, &heard, welcome).await);
            session.grants[grant].take_back(was);
        }
        let seated = session.answers(asked).await?;
        session.pid = Some(pid);
        session.resume(&seated);
        for Seated { room, voice, .. } in seated {
            hub.release(room, voice).await;
        }
        Some(session)
    }

    /// What the rooms say; `None`: not all of them take it in, and so none does.
    async fn answers(&mut self, asked: Vec<Asked>) -> Option<Vec<Seated>> {
        let (mut seated, mut is_whole) = (Vec::new(), true);
        for Asked { voice, place, room, had_answer, answer } in asked {
            match answer.await {
                Ok(Comeback::Seated(replay)) => seated.push(Seated { room, voice, replay }),
                // It had asked for a seat, and has yet to ask again: answers are not told later.
                Ok(Comeback::NoSeat) if !had_answer => {
                    let mut grants = self.grants.iter_mut();
                    if let Some(grant) = grants.find(|grant| grant.id() == Some(voice)) {
                        grant.seats.remove(&place);
                    }
                }
                // It was taken out, and does not know.
                Ok(Comeback::NoSeat | Comeback::Refused) | Err(_) => is_whole = false,
            }
        }
        if is_whole {
            return Some(seated);
        }
        seated.iter().for_each(|one| self.hub.gone(one.room, one.voice, Parting::Undone));
        self.grants = Box::default();
        None
    }

    /// Tells the client what it missed, then that CONNECT is answered. All that comes later waits
    /// in the rooms.
    fn resume(&self, seated: &[Seated]) {
        let replays = seated.iter().map(|one| &one.replay);
        let mut frames = comeback::resume(&*self.connection, self.namespace(), replays);
        frames.push(self.connect_answer().seal());
        self.connection.allow(frames.iter().map(Bytes::len).sum());
        self.connection.send(&frames);
        self.keep();
    }
}

/// Whether somebody is still there at the other end of a connection: asks, and waits a while.
async fn lives(connection: &Connection) -> bool {
    let asked_ms = clock::up_ms();
    let pause = || tokio::time::sleep(Duration::from_millis(limits::WHEEL_TICK_MS));
    pause().await;
    connection.ping();
    while !connection.is_closed() && clock::up_ms() < asked_ms + limits::SEAT_PATIENCE_MS {
        if connection.heard_ms() > asked_ms {
            return true;
        }
        pause().await;
    }
    false
}

/// A room that was asked to take a voice in.
struct Asked {
    voice: VoiceId,
    place: Place,
    room: RoomId,
    /// See [`LostSeat::had_answer`].
    had_answer: bool,
    answer: oneshot::Receiver<Comeback>,
}

/// Asks every room of a grant to have this voice in the place of the one that was lost.
async fn ask_back(
    hub: &Hub,
    voice: &Arc<Voice>,
    lost: VoiceId,
    was: &LostGrant,
    heard: &Arc<Heard>,
    welcome: &Welcome,
) -> Vec<Asked> {
    let mut asked = Vec::with_capacity(was.seats.len());
    for (place, seat) in &was.seats {
        let (reply, answer) = oneshot::channel();
        let back = Return {
            voice: Arc::clone(voice),
            was: lost,
            heard: Arc::clone(heard),
            sole: seat.sole,
            grace_ms: seat.grace_ms,
            // Whom a seat concerns was asked anew at the door.
            contacts: joins(welcome, place).and_then(|join| join.contacts.clone()),
            reply,
        };
        hub.come_back(seat.room, back).await;
        let (voice, place) = (voice.id, place.clone());
        let LostSeat { room, had_answer, .. } = *seat;
        asked.push(Asked { voice, place, room, had_answer, answer });
    }
    asked
}

/// What the welcome asks of that room.
fn joins<'a>(welcome: &'a Welcome, place: &Place) -> Option<&'a Join> {
    welcome.then.iter().find_map(|command| match command {
        Command { topic: Topic::Room(room), deed: Deed::Join(join) } if room == place => Some(join),
        _ => None,
    })
}

/// Whether the same dialects have let the same people in.
fn is_same(mount: &Mount, namespace: &str, kept: &Identity, grants: &[(usize, Welcome)]) -> bool {
    let (kept_namespace, kept) = &**kept;
    let mut pairs = kept.iter().zip(grants);
    **kept_namespace == *namespace
        && kept.len() == grants.len()
        && pairs.all(|((place, before), (now_place, now))| {
            place == now_place && mount.dialect(*place).is_same(before, &now.who)
        })
}
