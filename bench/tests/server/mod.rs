//! A Socket.IO server as small as the tests allow, on a real loopback socket: one thread a
//! connection, both transports, one event that joins, one that sends to a room, and faults on
//! demand. It shares the packet codec with the generator, not the framing.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use polylogue_bench::packet::{self, Packet};
use serde_json::{Value, json};

/// How long a poll waits.
const POLL: Duration = Duration::from_secs(2);

/// What the first member of a room suffers; 0 is never.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// Every so many of its deliveries is dropped,
    pub(crate) drop_every: u64,
    /// sent twice,
    pub(crate) repeat_every: u64,
    /// or kept back behind the next.
    pub(crate) swap_every: u64,
    /// Every send is refused.
    pub(crate) refuse: bool,
}

#[derive(Default)]
struct Member {
    queue: Option<Sender<String>>,
    delivered: u64,
    kept_back: Option<String>,
}

/// A polling session: where its packets come in, where its polls take them.
type Session = (Sender<String>, Arc<Mutex<Receiver<String>>>);

#[derive(Default)]
struct State {
    rooms: HashMap<String, Vec<Member>>,
    polls: HashMap<String, Session>,
}

struct Server {
    state: Mutex<State>,
    faults: Faults,
}

/// Starts a server that lasts as long as the test's process.
pub(crate) fn start(faults: Faults) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    let server = Arc::new(Server { state: Mutex::default(), faults });
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let server = Arc::clone(&server);
            std::thread::spawn(move || server.serve(stream));
        }
    });
    address
}

impl Server {
    /// One connection, until either side ends it; what is malformed ends it as well.
    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        loop {
            let (request, length) = read_head(&mut reader)?;
            if request.contains("transport=websocket") {
                return self.serve_websocket(stream, reader);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let answer = self.answer_poll(&request, &String::from_utf8(body).ok()?);
            let (status, body) = match answer {
                Some(body) => ("200 OK", body),
                None => ("400 Bad Request", "{\"code\":1}".to_owned()),
            };
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).ok()?;
        }
    }

    fn answer_poll(&self, request: &str, body: &str) -> Option<String> {
        let Some((_, rest)) = request.split_once("&sid=") else {
            let mut state = self.state.lock().ok()?;
            let sid = format!("poll-{}", state.polls.len());
            let (sender, receiver) = channel();
            state.polls.insert(sid.clone(), (sender, Arc::new(Mutex::new(receiver))));
            return Some(format!("0{}", json!({ "sid": sid })));
        };
        let sid = rest.split(' ').next()?;
        let (sender, receiver) = self.state.lock().ok()?.polls.get(sid)?.clone();
        if request.starts_with("POST") {
            body.split('\u{1e}').try_for_each(|packet| self.hear(packet, &sender))?;
            return Some("ok".into());
        }
        let receiver = receiver.lock().ok()?;
        let mut payload = receiver.recv_timeout(POLL).unwrap_or_else(|_| "6".into());
        for packet in receiver.try_iter() {
            payload = payload + "\u{1e}" + &packet;
        }
        Some(payload)
    }

    fn serve_websocket(&self, mut stream: TcpStream, mut reader: impl Read) -> Option<()> {
        // A heartbeat of each layer right at the start: the client must answer both.
        let mut first = b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec();
        first.extend(text_frame(b"0{\"sid\":\"s\"}"));
        first.extend(text_frame(b"2"));
        first.extend(b"\x89\x04beat");
        stream.write_all(&first).ok()?;
        let (sender, receiver) = channel::<String>();
        std::thread::spawn(move || {
            for packet in receiver {
                if stream.write_all(&text_frame(packet.as_bytes())).is_err() {
                    return;
                }
            }
        });
        let answers = [read_frame(&mut reader)?, read_frame(&mut reader)?];
        let mut heartbeats = vec![(1, b"3".to_vec()), (10, b"beat".to_vec())];
        for answer in answers {
            match heartbeats.iter().position(|heartbeat| *heartbeat == answer) {
                Some(index) => drop(heartbeats.remove(index)),
                None => self.hear(std::str::from_utf8(&answer.1).ok()?, &sender)?,
            }
        }
        loop {
            let (opcode, payload) = read_frame(&mut reader)?;
            if heartbeats.first() == Some(&(opcode, payload.clone())) {
                heartbeats.remove(0);
                continue;
            }
            self.hear(std::str::from_utf8(&payload).ok()?, &sender)?;
        }
    }

    fn hear(&self, text: &str, from: &Sender<String>) -> Option<()> {
        match packet::classify(text.as_bytes()) {
            Packet::Connect(auth) if auth.ends_with(b"\"bad\"}") => {
                from.send("44{\"message\":\"no entry\"}".into()).ok()
            }
            Packet::Connect(_) => from.send("40{\"sid\":\"t\"}".into()).ok(),
            Packet::Event { name: b"join", rest } => {
                let room: Value = serde_json::from_slice(rest[1..].strip_suffix(b"]")?).ok()?;
                let member = Member { queue: Some(from.clone()), ..Member::default() };
                let mut state = self.state.lock().ok()?;
                state.rooms.entry(room.as_str()?.into()).or_default().push(member);
                from.send("42[\"joined\"]".into()).ok()
            }
            Packet::Event { name: b"message", rest } => {
                let id: String = text[2..].chars().take_while(char::is_ascii_digit).collect();
                let answer = if self.faults.refuse { "{\"error\":\"no\"}" } else { "{}" };
                if !id.is_empty() {
                    from.send(format!("43{id}[{answer}]")).ok()?;
                }
                let payload: Value = serde_json::from_slice(rest[1..].strip_suffix(b"]")?).ok()?;
                self.deliver(payload["room"].as_str()?, &payload["body"])
            }
            _ => Some(()),
        }
    }

    fn deliver(&self, room: &str, body: &Value) -> Option<()> {
        let text = format!("42[\"message\",{body}]");
        let mut state = self.state.lock().ok()?;
        for (index, member) in state.rooms.get_mut(room).into_iter().flatten().enumerate() {
            member.delivered += 1;
            let number = member.delivered;
            let due = |every: u64| index == 0 && every > 0 && number.is_multiple_of(every);
            if due(self.faults.drop_every) {
                continue;
            }
            if due(self.faults.swap_every) {
                member.kept_back = Some(text.clone());
                continue;
            }
            let copies = 1 + usize::from(due(self.faults.repeat_every));
            let behind = member.kept_back.take();
            let Some(queue) = &member.queue else { continue };
            for copy in std::iter::repeat_n(text.clone(), copies).chain(behind) {
                // A member that is gone hears nothing.
                drop(queue.send(copy));
            }
        }
        Some(())
    }
}

/// The request line and the body's length.
fn read_head(reader: &mut impl BufRead) -> Option<(String, usize)> {
    let mut request = String::new();
    reader.read_line(&mut request).ok().filter(|&read| read > 0)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            None => return Some((request, length)),
            Some(("Content-Length", value)) => length = value.parse().ok()?,
            Some(_) => {}
        }
    }
}

fn text_frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match payload.len() {
        len @ 0..126 => frame.push(len as u8),
        len => {
            frame.push(126);
            frame.extend((len as u16).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

/// A masked frame's opcode and its payload, unmasked.
fn read_frame(reader: &mut impl Read) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    reader.read_exact(&mut head).ok()?;
    assert_eq!(head[1] & 0x80, 0x80, "a client masks");
    let length = match head[1] & 0x7f {
        126 => {
            let mut long = [0; 2];
            reader.read_exact(&mut long).ok()?;
            usize::from(u16::from_be_bytes(long))
        }
        short => usize::from(short),
    };
    let mut key = [0; 4];
    reader.read_exact(&mut key).ok()?;
    let mut payload = vec![0; length];
    reader.read_exact(&mut payload).ok()?;
    payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Some((head[0] & 0x0f, payload))
}
