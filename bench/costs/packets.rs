//! The codec alone: a packet read, a packet written.

use std::hint::black_box;
use std::time::Duration;

use polylogue_protocol::eio::Packet as EioPacket;
use polylogue_protocol::frame::Frames;
use polylogue_protocol::sio::{Assembled, Assembler, encode as sio};

use super::timed;

const TEXT: &str = concat!(
    r#"42["send_message",{"room":"room_1","content":""#,
    "the quick brown fox jumps over the lazy dog, and the lazy dog does not mind: ",
    "it has seen the fox do it before, and it will see it again\"}]"
);

/// An event as a client sends it: Engine.IO, Socket.IO, name and arguments.
pub(super) fn decode(rounds: u64) -> Duration {
    let mut assembler = Assembler::new(0);
    timed(rounds, || {
        let Ok(EioPacket::Message(text)) = EioPacket::decode(black_box(TEXT)) else {
            panic!("it is a message");
        };
        let Ok(Assembled::Event(_, event)) = assembler.text(text) else {
            panic!("it is an event");
        };
        black_box(event);
    })
}

/// An event with one argument, sealed as a WebSocket frame.
pub(super) fn encode(rounds: u64) -> Duration {
    timed(rounds, || {
        let mut frames = Frames::new();
        frames.text(|out| {
            sio::event_head(out, black_box("/"), None, "send_message");
            out.extend_from_slice(b",");
            out.extend_from_slice(black_box(TEXT).as_bytes());
            sio::event_tail(out);
        });
        black_box(frames.seal());
    })
}
