//! Frames from any bytes; those that are found, framed again, are what they were found in.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use polylogue_protocol::frame::{self, Frames};

fuzz_target!(|bytes: &[u8]| {
    let batch = Bytes::copy_from_slice(bytes);
    let mut again = Frames::new();
    for (opcode, payload) in frame::walk(&batch) {
        again.frame(opcode, &payload);
    }
    assert!(batch.starts_with(&again.seal()));
});
