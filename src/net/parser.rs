//! Makes messages of a WebSocket's bytes, with no buffer for a connection that says nothing.
//!
//! tungstenite parses. Between two messages its context remembers nothing, so all connections
//! of a thread share one; only in the middle of a message a connection keeps a context, until
//! the message is whole, however large its buffer has become. Where a message ends is known
//! from the [`Edge`].

use std::cell::RefCell;
use std::io::{self, Read, Write};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig, WebSocketContext};

use super::close::Close;
use super::intake::{Full, Part};
use crate::limits;

/// A context that was fed more at once is not lent again: its buffer has grown.
const LENT_BYTES: usize = 4 * 1024;
/// What tungstenite takes at once: it clears so many bytes first, each time.
const TAKEN_BYTES: usize = 1024;

thread_local! {
    /// The context of whichever connection has something whole to say.
    static SHARED: RefCell<Option<Box<WebSocketContext>>> = const { RefCell::new(None) };
}

/// See the module's head.
pub(super) struct Parser {
    kept: Option<Box<WebSocketContext>>,
    /// About how much of a message it keeps.
    part: Part,
    edge: Edge,
    message_bytes_max: usize,
}

impl Parser {
    pub(super) fn new(message_bytes_max: usize) -> Parser {
        Parser { kept: None, part: Part::default(), edge: Edge::default(), message_bytes_max }
    }

    /// Takes bytes; the messages they complete are added. Returns what is to be written: pongs.
    /// Control frames are answered in order with each other.
    ///
    /// # Errors
    /// Why there will be no more.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        messages: &mut Vec<Message>,
    ) -> (Option<Bytes>, Result<(), Close>) {
        let is_shared = self.kept.is_none();
        let mut context = self.kept.take().unwrap_or_else(|| self.borrow());
        let mut tap = Tap { input: bytes, output: Vec::new() };
        let mut read = loop {
            match context.read(&mut tap) {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => messages.push(message),
                // It is answered behind whatever is said to the messages before it.
                Ok(Message::Close(said)) => {
                    break Err(Close::Goodbye(said.map(|frame| frame.code.into())));
                }
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => break Ok(()),
                Err(error) => break Err(reason(&error)),
            }
        };
        self.edge.pass(bytes);
        let is_half = read.is_ok() && !self.edge.is_between_messages();
        if is_half {
            self.kept = Some(context);
            read = self.part.grow(bytes.len()).map_err(|Full| Close::Intake);
        } else if read.is_ok() && is_shared && bytes.len() <= LENT_BYTES {
            SHARED.set(Some(context));
        }
        if !is_half && !is_shared {
            self.part.let_go();
        }
        let output = (!tap.output.is_empty()).then(|| Bytes::from(tap.output));
        (output, read)
    }

    /// A context that remembers nothing.
    fn borrow(&self) -> Box<WebSocketContext> {
        let message_bytes_max = Some(self.message_bytes_max);
        if let Some(mut context) = SHARED.take() {
            context.set_config(|config| {
                config.max_message_size = message_bytes_max;
                config.max_frame_size = message_bytes_max;
            });
            return context;
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(TAKEN_BYTES)
            .write_buffer_size(0)
            .max_write_buffer_size(limits::READ_BYTES_MAX)
            .max_message_size(message_bytes_max)
            .max_frame_size(message_bytes_max);
        Box::new(WebSocketContext::new(Role::Server, Some(config)))
    }
}

/// Where in a client's stream of frames (RFC 6455, section 5.2) one is.
#[derive(Default)]
struct Edge {
    /// What has come of a frame's header.
    header: [u8; HEADER_BYTES_MAX],
    header_bytes: u8,
    /// What is still to come of the payload.
    payload_bytes: u64,
    /// A message's last frame is still to come.
    is_fragmented: bool,
}

/// A client's header at its longest: two bytes, eight of length, four of mask.
const HEADER_BYTES_MAX: usize = 14;

impl Edge {
    fn is_between_messages(&self) -> bool {
        self.header_bytes == 0 && self.payload_bytes == 0 && !self.is_fragmented
    }

    /// Goes past bytes.
    fn pass(&mut self, mut bytes: &[u8]) {
        while let Some(first) = bytes.first() {
            if self.payload_bytes > 0 {
                let count = usize::try_from(self.payload_bytes).unwrap_or(usize::MAX);
                let count = count.min(bytes.len());
                self.payload_bytes -= count as u64;
                bytes = &bytes[count..];
                continue;
            }
            self.header[usize::from(self.header_bytes)] = *first;
            self.header_bytes += 1;
            bytes = &bytes[1..];
            self.end_header();
        }
    }

    /// Reads the header once it is whole.
    fn end_header(&mut self) {
        const FIN: u8 = 0x80;
        const CONTROL: u8 = 0x08;
        const MASKED: u8 = 0x80;
        let header = &self.header[..usize::from(self.header_bytes)];
        let [first, second, rest @ ..] = header else { return };
        let length_bytes = match second & !MASKED {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let mask_bytes = if second & MASKED == 0 { 0 } else { 4 };
        if rest.len() < length_bytes + mask_bytes {
            return;
        }
        self.payload_bytes = match length_bytes {
            0 => u64::from(second & !MASKED),
            _ => rest[..length_bytes].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        if first & CONTROL == 0 {
            self.is_fragmented = first & FIN == 0;
        }
        self.header_bytes = 0;
    }
}

/// The bytes that were read, and those that tungstenite wants written.
struct Tap<'a> {
    input: &'a [u8],
    output: Vec<u8>,
}

impl Read for Tap<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.input.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.input.read(into)
    }
}

impl Write for Tap<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn reason(error: &Error) -> Close {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            tracing::warn!(size, max_size, "a message is larger than --max-payload");
            Close::TooLarge
        }
        Error::Utf8(_) => Close::NotUtf8,
        Error::Protocol(_) => Close::WebSocket,
        _ => Close::Transport,
    }
}

#[cfg(test)]
mod tests {
    use super::{Close, Message, Parser};

    /// A client's frame, masked with zeroes.
    fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).expect("a short payload");
        let mut frame = match u8::try_from(payload.len()) {
            Ok(short @ ..126) => vec![head, 0x80 | short],
            _ => [&[head, 0x80 | 126][..], &length.to_be_bytes()].concat(),
        };
        frame.extend([0; 4]);
        frame.extend(payload);
        frame
    }

    fn texts(messages: &[Message]) -> Vec<String> {
        messages.iter().map(|message| message.to_text().expect("text").to_owned()).collect()
    }

    #[test]
    fn a_stream_cut_anywhere_says_the_same_and_leaves_nothing() {
        let long = "x".repeat(300);
        let stream = [
            frame(0x81, b"one"),
            frame(0x01, b"tw"),
            frame(0x89, b"ping"),
            frame(0x80, b"o"),
            frame(0x81, long.as_bytes()),
            frame(0x81, b""),
        ]
        .concat();
        for cut in 0..=stream.len() {
            let mut parser = Parser::new(1_000);
            let (mut messages, mut pongs) = (Vec::new(), Vec::new());
            for part in [&stream[..cut], &stream[cut..]] {
                let (output, read) = parser.feed(part, &mut messages);
                assert_eq!(read, Ok(()));
                pongs.extend(output.into_iter().flatten());
            }
            assert_eq!(texts(&messages), ["one", "two", &long, ""], "cut at {cut}");
            assert_eq!(pongs, b"\x8a\x04ping");
            assert!(parser.kept.is_none(), "cut at {cut}");
        }
    }

    #[test]
    fn the_middle_of_a_message_is_kept_and_its_end_lets_go() {
        let mut parser = Parser::new(100_000);
        let large = frame(0x81, &[b'x'; 60_000]);
        let mut messages = Vec::new();
        let mut parts = large.chunks(16_384);
        let last = parts.next_back().expect("a part");
        for part in parts {
            assert_eq!(parser.feed(part, &mut messages).1, Ok(()));
            assert!(parser.kept.is_some() && messages.is_empty());
        }
        assert_eq!(parser.feed(last, &mut messages).1, Ok(()));
        assert_eq!(messages.len(), 1);
        assert!(parser.kept.is_none(), "60 KB stay with a connection that says nothing");
    }

    #[test]
    fn one_connections_bounds_and_halves_are_not_anothers() {
        let (mut small, mut large) = (Parser::new(10), Parser::new(1_000));
        let (mut messages, words) = (Vec::new(), frame(0x81, &[b'x'; 100]));
        assert_eq!(large.feed(&words[..50], &mut messages).1, Ok(()));
        assert_eq!(small.feed(&frame(0x81, b"short"), &mut messages).1, Ok(()));
        assert_eq!(small.feed(&words, &mut messages).1, Err(Close::TooLarge));
        assert_eq!(large.feed(&words[50..], &mut messages).1, Ok(()));
        assert_eq!(large.feed(&words, &mut messages).1, Ok(()));
        assert_eq!(messages.iter().map(Message::len).collect::<Vec<_>>(), [5, 100, 100]);
    }
}
