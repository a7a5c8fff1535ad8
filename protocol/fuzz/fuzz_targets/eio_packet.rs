//! An Engine.IO packet from any text; one that reads is written, and reads the same again.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use polylogue_protocol::eio::Packet;

fuzz_target!(|text: &str| {
    if let Ok(packet) = Packet::decode(text) {
        let mut out = BytesMut::new();
        packet.encode_text(&mut out);
        let again = str::from_utf8(&out).expect("packets are UTF-8");
        assert_eq!(Packet::decode(again), Ok(packet));
    }
});
