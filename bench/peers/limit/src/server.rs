//! The loop: wait, read what came, say it to the rooms. `write` is the other half.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::TcpListener;
use std::os::fd::OwnedFd;

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::frame::{self, Said};
use crate::member::{Gone, Member};
use crate::ring::Ring;

const LISTENER: u64 = u64::MAX;
const BACKLOG: i32 = 4096;
const EVENTS: usize = 1024;
const READ_BYTES: usize = 256 * 1024;

const UPGRADE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const HANDSHAKE: &[u8] = b"0{\"sid\":\"limit\",\"upgrades\":[],\"pingInterval\":25000,\
    \"pingTimeout\":20000,\"maxPayload\":1000000}";

/// When a room's frames are written.
pub enum Mode {
    /// A write per message and member.
    Each,
    /// A write per member for all that came in one turn.
    Batch,
    /// The same, many writes in one system call.
    Uring(Box<Ring>),
}

#[derive(Default)]
pub struct Room {
    pub(crate) members: Vec<usize>,
    pub(crate) pending: Vec<u8>,
}

/// The server.
pub struct Server {
    pub(crate) epoll: OwnedFd,
    listener: TcpListener,
    pub(crate) mode: Mode,
    pub(crate) members: Vec<Option<Member>>,
    pub(crate) vacant: Vec<usize>,
    pub(crate) rooms: Vec<Room>,
    room_numbers: HashMap<Vec<u8>, usize>,
    /// Rooms that have something to say at the end of the turn, and members.
    pub(crate) told: Vec<usize>,
    pub(crate) answered: Vec<usize>,
}

impl Server {
    pub fn new(port: u16, mode: Mode) -> io::Result<Self> {
        let mut files = getrlimit(Resource::Nofile);
        files.current = files.maximum;
        setrlimit(Resource::Nofile, files)?;
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        rustix::net::listen(&listener, BACKLOG)?;
        listener.set_nonblocking(true)?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
        println!("listening on http://{}", listener.local_addr()?);
        Ok(Self {
            epoll,
            listener,
            mode,
            members: Vec::new(),
            vacant: Vec::new(),
            rooms: Vec::new(),
            room_numbers: HashMap::new(),
            told: Vec::new(),
            answered: Vec::new(),
        })
    }

    /// Serves for ever.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = Vec::with_capacity(EVENTS);
        let mut scratch = vec![0; READ_BYTES];
        loop {
            events.clear();
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                let (number, flags) = (event.data.u64(), event.flags);
                match number {
                    LISTENER => self.accept()?,
                    number => self.turn(number as usize, flags, &mut scratch),
                }
            }
            self.flush();
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let number = self.vacant.pop().unwrap_or(self.members.len());
            epoll::add(&self.epoll, &stream, EventData::new_u64(number as u64), EventFlags::IN)?;
            if number == self.members.len() {
                self.members.push(None);
            }
            self.members[number] = Some(Member::new(stream));
        }
    }

    fn turn(&mut self, number: usize, flags: EventFlags, scratch: &mut [u8]) {
        let Some(member) = self.members[number].as_mut() else { return };
        if flags.contains(EventFlags::OUT) {
            match member.drain() {
                Ok(true) => self.watch(number, EventFlags::IN),
                Ok(false) => {}
                Err(Gone) => return self.part(number),
            }
        }
        if flags.intersects(EventFlags::IN | EventFlags::HUP | EventFlags::ERR)
            && self.hear(number, scratch).is_err()
        {
            self.part(number);
        }
    }

    /// Reads what came and does what it says.
    fn hear(&mut self, number: usize, scratch: &mut [u8]) -> Result<(), Gone> {
        let Some(member) = self.members[number].as_mut() else { return Ok(()) };
        let mut bytes = member.receive(scratch)?;
        if !member.is_open {
            let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
                member.unread = bytes.to_vec();
                return Ok(());
            };
            member.is_open = true;
            let mut answer = UPGRADE.to_vec();
            frame::text(&[HANDSHAKE], &mut answer);
            self.answer(number, |out| out.extend(answer));
            bytes = &mut bytes[end + 4..];
        }
        while let Some((opcode, payload, taken)) = frame::unmask(bytes) {
            match opcode {
                1 => self.obey(number, frame::read(payload)),
                8 => return Err(Gone),
                _ => {}
            }
            bytes = &mut bytes[taken..];
        }
        if let Some(member) = self.members[number].as_mut().filter(|_| !bytes.is_empty()) {
            member.unread = bytes.to_vec();
        }
        Ok(())
    }

    fn obey(&mut self, number: usize, said: Said<'_>) {
        match said {
            Said::Connect => {
                self.answer(number, |out| frame::text(&[b"40{\"sid\":\"limit\"}"], out));
            }
            Said::Join(room) => {
                let rooms = self.rooms.len();
                let room = *self.room_numbers.entry(room.to_vec()).or_insert(rooms);
                if room == rooms {
                    self.rooms.push(Room::default());
                }
                self.rooms[room].members.push(number);
                self.answer(number, |out| frame::text(&[b"42[\"joined\"]"], out));
            }
            Said::Message { room, body, id } => {
                if !id.is_empty() {
                    self.answer(number, |out| frame::text(&[b"43", id, b"[]"], out));
                }
                self.say(room, body);
            }
            Said::Echo { id, args } => {
                self.answer(number, |out| frame::text(&[b"43", id, b"[", args, b"]"], out));
            }
            Said::Nothing => {}
        }
    }

    fn say(&mut self, room: &[u8], body: &[u8]) {
        let Some(&number) = self.room_numbers.get(room) else { return };
        let room = &mut self.rooms[number];
        if room.pending.is_empty() {
            self.told.push(number);
        }
        frame::text(&[b"42[\"message\",", body, b"]"], &mut room.pending);
        if matches!(self.mode, Mode::Each) {
            self.told.pop();
            self.tell(number);
        }
    }

    fn answer(&mut self, number: usize, write: impl FnOnce(&mut Vec<u8>)) {
        if let Some(member) = self.members[number].as_mut() {
            if member.answers.is_empty() {
                self.answered.push(number);
            }
            write(&mut member.answers);
        }
    }
}
