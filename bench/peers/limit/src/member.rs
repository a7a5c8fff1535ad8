//! One connection: its socket, what of a frame is still to come, what the socket did not take.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

/// What may wait for a client that does not read; beyond, it is let go.
const BACKLOG_MAX_BYTES: usize = 16 * 1024 * 1024;

/// The client is gone, or as good as gone.
#[derive(Debug)]
pub struct Gone;

/// A connection.
#[derive(Debug)]
pub struct Member {
    pub stream: TcpStream,
    /// The upgrade was answered.
    pub is_open: bool,
    /// The beginning of a request or a frame whose end has not come.
    pub unread: Vec<u8>,
    /// Answers of this turn.
    pub answers: Vec<u8>,
    backlog: Vec<u8>,
}

impl Member {
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            is_open: false,
            unread: Vec::new(),
            answers: Vec::new(),
            backlog: Vec::new(),
        }
    }

    /// What came, in front of it what was left over; empty if there was nothing.
    pub fn receive<'a>(&mut self, scratch: &'a mut [u8]) -> Result<&'a mut [u8], Gone> {
        let carried = self.unread.len();
        if carried >= scratch.len() {
            return Err(Gone);
        }
        scratch[..carried].copy_from_slice(&self.unread);
        self.unread = Vec::new();
        match self.stream.read(&mut scratch[carried..]) {
            Ok(0) => Err(Gone),
            Ok(read) => Ok(&mut scratch[..carried + read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(&mut scratch[..carried]),
            Err(_) => Err(Gone),
        }
    }

    /// Whether what is sent must wait behind what waits already.
    pub fn is_behind(&self) -> bool {
        !self.backlog.is_empty()
    }

    /// One write; what the socket does not take waits. Gives whether anything waits now that
    /// did not before.
    pub fn send(&mut self, bytes: &[u8]) -> Result<bool, Gone> {
        let taken = match self.is_behind() {
            true => 0,
            false => taken(self.stream.write(bytes))?,
        };
        self.keep(&bytes[taken..])
    }

    /// Keeps what the socket did not take.
    pub fn keep(&mut self, rest: &[u8]) -> Result<bool, Gone> {
        let begins = !self.is_behind() && !rest.is_empty();
        self.backlog.extend_from_slice(rest);
        if self.backlog.len() > BACKLOG_MAX_BYTES { Err(Gone) } else { Ok(begins) }
    }

    /// Writes on what waits. Gives whether nothing waits any more.
    pub fn drain(&mut self) -> Result<bool, Gone> {
        let taken = taken(self.stream.write(&self.backlog))?;
        self.backlog.drain(..taken);
        Ok(self.backlog.is_empty())
    }
}

fn taken(written: std::io::Result<usize>) -> Result<usize, Gone> {
    match written {
        Ok(taken) => Ok(taken),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        Err(_) => Err(Gone),
    }
}
