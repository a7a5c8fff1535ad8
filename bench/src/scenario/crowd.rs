//! Clients before the load: who each one is, and how it comes in (handshake, CONNECT, join),
//! so many at a time.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::window::Window;
use super::{Failure, Plan};
use crate::client::{Client, ClientError, Credentials, Reader, Sender};
use crate::latency::Latency;
use crate::packet::{self, Packet};
use crate::template::Scope;

/// Open files beside the clients': standard streams, the event loop, /proc.
const FILES_BESIDE: u64 = 64;
/// Sockets a polling client may have open at a time.
const FILES_PER_CLIENT: u64 = 2;

/// All clients of a scenario, seat by seat: `rooms` rooms of `members`.
#[derive(Debug)]
pub(super) struct Crowd {
    plan: Rc<Plan>,
    members: usize,
    users_per_room: u64,
    tokens: Vec<String>,
    gate: Semaphore,
}

/// A client that is in.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) reader: Reader,
    pub(super) sender: Sender,
}

/// A crowd that does no more than be there.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// One task a client; it ends when the server closes.
    pub(super) alive: JoinSet<ClientError>,
    /// From the TCP connection to CONNECT's answer.
    pub(super) latency: Latency,
    pub(super) failed: u64,
    pub(super) first_failure: Option<ClientError>,
}

impl Crowd {
    /// Raises the limit on open files and makes the tokens.
    pub(super) fn gather(plan: &Plan, rooms: usize, members: usize) -> Result<Self, Failure> {
        let clients = (rooms * members) as u64;
        if clients == 0 {
            return Err(Failure::Plan("no clients".into()));
        }
        let wanted = clients * FILES_PER_CLIENT + FILES_BESIDE;
        let files = rlimit::increase_nofile_limit(wanted)?;
        if files < clients + FILES_BESIDE {
            let words = format!("{clients} clients, but only {files} open files are allowed");
            return Err(Failure::Plan(words));
        }
        let users_per_room = match plan.speech.users_per_room {
            0 => members as u64,
            some => some.min(members as u64),
        };
        let tokens = match needs_tokens(plan) {
            true => plan.tokens.make(users_per_room * rooms as u64)?,
            false => Vec::new(),
        };
        let gate = Semaphore::new(plan.opening_at_once.max(1));
        Ok(Self { plan: Rc::new(plan.clone()), members, users_per_room, tokens, gate })
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How many users a room's members are.
    pub(super) fn users_per_room(&self) -> u64 {
        self.users_per_room
    }

    /// What the templates' variables are for `member` of `room`, both from 0.
    pub(super) fn scope(&self, room: usize, member: usize) -> Scope {
        let user = room as u64 * self.users_per_room + member as u64 % self.users_per_room + 1;
        let mut scope = Scope {
            i: (room * self.members + member) as u64 + 1,
            user,
            r: room as u64 + 1,
            room: String::new(),
            run: self.plan.run,
            token: self.tokens.get(user as usize - 1).cloned().unwrap_or_default(),
        };
        scope.room = self.plan.speech.room.render(&scope);
        scope
    }

    /// Opens all clients of a crowd of one room and keeps reading what they hear.
    pub(super) async fn open_all(self: &Rc<Self>, window: &Rc<Window>) -> Opened {
        let shared = Rc::new(RefCell::new(Opened::default()));
        let next_member = Rc::new(Cell::new(0));
        let mut opening = JoinSet::new();
        for _ in 0..self.plan.opening_at_once.clamp(1, self.members) {
            opening.spawn_local(open_in_turn(
                Rc::clone(self),
                Rc::clone(window),
                Rc::clone(&next_member),
                Rc::clone(&shared),
            ));
        }
        opening.join_all().await;
        shared.take()
    }

    /// Opens one client and has it join its room, when its turn comes.
    pub(super) async fn enter(&self, scope: &Scope) -> Result<Arrived, ClientError> {
        let _permit = self.gate.acquire().await.map_err(|_| io::Error::other("no gate"))?;
        let client = self.open(scope).await?;
        let speech = &self.plan.speech;
        if !speech.join.is_empty() {
            client.emit(&speech.join, &speech.join_payload.render(scope))?;
        }
        let (mut reader, sender) = client.into_halves();
        if !speech.join.is_empty() && !speech.joined.is_empty() {
            let joined = wait_for(&mut reader, &speech.joined);
            tokio::time::timeout(self.plan.patience, joined).await.map_err(|_| {
                let wanted = format!("{} within {:?}", speech.joined, self.plan.patience);
                ClientError::unexpected(&wanted, b"nothing")
            })??;
        }
        Ok(Arrived { reader, sender })
    }

    async fn open(&self, scope: &Scope) -> Result<Client, ClientError> {
        let speech = &self.plan.speech;
        let credentials = Credentials {
            query: speech.query.render(scope),
            auth: speech.auth.as_ref().map(|auth| auth.render(scope)),
        };
        Client::open(&self.plan.target, &credentials).await
    }
}

/// Opens one client after the other until all have had their turn.
async fn open_in_turn(
    crowd: Rc<Crowd>,
    window: Rc<Window>,
    next_member: Rc<Cell<usize>>,
    shared: Rc<RefCell<Opened>>,
) {
    while next_member.get() < crowd.members {
        let member = next_member.replace(next_member.get() + 1);
        let scope = crowd.scope(0, member);
        let start_ns = window.now_ns();
        let opened = crowd.open(&scope).await;
        let now_ns = window.now_ns();
        let mut shared = shared.borrow_mut();
        match opened {
            Ok(client) => {
                shared.latency.record(start_ns, now_ns);
                shared.alive.spawn_local(stay(client));
            }
            Err(error) => {
                shared.failed += 1;
                shared.first_failure.get_or_insert(error);
            }
        }
    }
}

/// Reads, and so answers heartbeats, for as long as the server lets it.
async fn stay(client: Client) -> ClientError {
    let (mut reader, _sender) = client.into_halves();
    loop {
        if let Err(error) = reader.next_batch(|_| {}).await {
            return error;
        }
    }
}

fn needs_tokens(plan: &Plan) -> bool {
    let speech = &plan.speech;
    let mut templates =
        [Some(&speech.query), speech.auth.as_ref(), Some(&speech.join_payload)].into_iter();
    templates.any(|template| template.is_some_and(|template| template.names("token")))
}

async fn wait_for(reader: &mut Reader, event: &str) -> Result<(), ClientError> {
    let mut outcome = None;
    while outcome.is_none() {
        reader
            .next_batch(|bytes| match packet::classify(bytes) {
                Packet::Event { name, .. } if name == event.as_bytes() => outcome = Some(Ok(())),
                Packet::Event { name: b"error", rest } if outcome.is_none() => {
                    outcome = Some(Err(ClientError::unexpected(event, rest)));
                }
                Packet::Disconnect => outcome = Some(Err(ClientError::Closed(None))),
                _ => {}
            })
            .await?;
    }
    outcome.unwrap_or(Ok(()))
}
