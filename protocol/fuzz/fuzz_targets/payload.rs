//! A polling payload from any text: the packets, then at most one error, then the end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use polylogue_protocol::eio::payload;

fuzz_target!(|text: &str| {
    let mut packets = payload::decode(text);
    let mut count = 0;
    while let Some(packet) = packets.next() {
        count += 1;
        if packet.is_err() {
            assert!(packets.next().is_none(), "an error is the end");
        }
    }
    assert!((1..=payload::PACKETS_PER_REQUEST_MAX + 1).contains(&count));
});
