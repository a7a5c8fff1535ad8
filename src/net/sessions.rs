//! Socket.IO on one connection: which namespaces it is in, and whose each packet is.

use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame::Frames;
use polylogue_protocol::sio::{Assembled, Assembler, BinaryPacket, Event, Kind, Packet, encode};

use super::close::Close;
use super::connection::Connection;
use super::intake::{Full, Part};
use super::session::Session;
use crate::dialects::mount::Entry;
use crate::dialects::{Findings, Incoming, Knock};
use crate::hub::clock;
use crate::limits;

/// The sessions of one connection.
pub(super) struct Sessions {
    connection: Arc<Connection>,
    assembler: Assembler,
    /// What the assembler keeps.
    part: Part,
    joined: Vec<Session>,
}

impl Sessions {
    pub(super) fn new(connection: &Arc<Connection>) -> Sessions {
        Sessions {
            connection: Arc::clone(connection),
            assembler: Assembler::new(connection.engine.settings.max_payload_bytes),
            part: Part::default(),
            joined: Vec::new(),
        }
    }

    pub(super) async fn text(&mut self, text: &str) -> Result<(), Close> {
        match self.assembler.text(text).map_err(|_| Close::Parse)? {
            Assembled::Event(packet, event) => self.event(&packet, &event, &[]).await,
            Assembled::Whole(packet) => self.hear(packet).await,
            Assembled::Waiting => self.wait_for_attachments(),
            Assembled::Binary(packet) => self.binary_packet(&packet).await,
        }
    }

    fn wait_for_attachments(&mut self) -> Result<(), Close> {
        self.part.hold(self.assembler.waiting_bytes()).map_err(|Full| Close::Intake)
    }

    pub(super) async fn binary(&mut self, bytes: &[u8]) -> Result<(), Close> {
        let assembled = self.assembler.binary(bytes).map_err(|_| Close::Parse)?;
        self.wait_for_attachments()?;
        match assembled {
            Assembled::Binary(packet) => self.binary_packet(&packet).await,
            Assembled::Waiting | Assembled::Whole(_) | Assembled::Event(..) => Ok(()),
        }
    }

    async fn binary_packet(&mut self, whole: &BinaryPacket) -> Result<(), Close> {
        let packet = whole.packet();
        match (packet.kind, packet.payload) {
            (Kind::BinaryEvent, Some(payload)) => {
                let event = Event::parse(payload).map_err(|_| Close::Parse)?;
                self.event(&packet, &event, whole.attachments()).await
            }
            _ => self.hear(packet).await,
        }
    }

    /// Where the session of that namespace is.
    fn place(&self, packet: &Packet<'_>) -> Option<usize> {
        self.joined.iter().position(|session| session.is_in(packet.namespace))
    }

    /// Hears what is no event.
    async fn hear(&mut self, packet: Packet<'_>) -> Result<(), Close> {
        match (packet.kind, self.place(&packet)) {
            // Once in a session's life, and boxed: its task would carry the space for it always.
            (Kind::Connect, None) => Box::pin(self.connect(packet)).await,
            (Kind::Disconnect, Some(place)) => {
                self.joined.swap_remove(place);
                Ok(())
            }
            // An event without name and arguments is allowed and means nothing.
            (Kind::Event | Kind::BinaryEvent, Some(_)) => Ok(()),
            // The server asks for no acks: whatever one answers, nobody waits for it.
            (Kind::Ack | Kind::BinaryAck, Some(_)) => Ok(()),
            // A second CONNECT, an error from a client, a packet for a namespace not joined.
            _ => Err(Close::Parse),
        }
    }

    async fn event(
        &mut self,
        packet: &Packet<'_>,
        event: &Event<'_>,
        attachments: &[Bytes],
    ) -> Result<(), Close> {
        let place = self.place(packet).ok_or(Close::Parse)?;
        let incoming = Incoming { name: &event.name, args: &event.args, attachments };
        self.joined[place].hear(&incoming, packet.id).await;
        Ok(())
    }

    async fn connect(&mut self, packet: Packet<'_>) -> Result<(), Close> {
        let namespace = packet.namespace;
        let connection = Arc::clone(&self.connection);
        let socket_io = connection.engine.socket_io();
        let found = socket_io.and_then(|(mounts, hub)| Some((mounts.namespace(namespace)?, hub)));
        let Some(((spelling, mount), hub)) = found else {
            self.refuse(namespace, r#"{"message":"Invalid namespace"}"#);
            return Ok(());
        };
        if self.joined.len() >= limits::NAMESPACES_PER_CONNECTION_MAX {
            self.refuse(namespace, r#"{"message":"Too many namespaces"}"#);
            return Ok(());
        }
        let auth = packet.payload.and_then(|payload| serde_json::from_str(payload).ok());
        let knock = Knock {
            namespace,
            auth,
            query: connection.opened_by.query(),
            header_token: connection.opened_by.token(),
            peer: connection.peer,
            findings: Findings::default(),
        };
        match mount.knock(&knock).await {
            Entry::Refused(refused) => self.refuse(namespace, &refused.payload),
            Entry::Admitted(grants) => {
                connection.connected();
                let recovered = Session::recover(&connection, mount, hub, &knock, &grants).await;
                let session = match recovered {
                    Some(session) => session,
                    None => {
                        let (mount, spelling) = (Arc::clone(mount), Arc::clone(spelling));
                        Session::open(&connection, mount, hub, spelling, &knock, grants).await
                    }
                };
                // One is the rule: space for four would cost more than it saves.
                self.joined.reserve_exact(1);
                self.joined.push(session);
                self.expire(clock::wall_ms());
            }
        }
        Ok(())
    }

    /// Ends the sessions whose token has expired by now.
    pub(super) fn expire(&mut self, wall_ms: u64) {
        self.joined.retain(|session| match session.expires_ms() {
            Some(expires_ms) if expires_ms <= wall_ms => {
                session.expire();
                false
            }
            _ => true,
        });
        let next_ms = self.joined.iter().filter_map(Session::expires_ms).min();
        if let Some(next_ms) = next_ms {
            // The wall's clock may jump, the one that waits does not: it is asked now and then.
            let wait_ms = next_ms.saturating_sub(wall_ms).min(limits::EXPIRY_LOOK_MS);
            self.connection.expires_in(wait_ms);
        }
    }

    fn refuse(&self, namespace: &str, payload: &str) {
        self.connection.engine.counters.refused_connects.add_one();
        let mut frames = Frames::new();
        frames.text(|out| encode::connect_error(out, namespace, payload));
        self.connection.send(&[frames.seal()]);
    }
}
