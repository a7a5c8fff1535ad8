//! Messages in any order: what waits stays within its bounds, what is whole has all its parts.

#![no_main]

use libfuzzer_sys::fuzz_target;
use polylogue_protocol::sio::{Assembled, Assembler};

const ATTACHMENT_BYTES_MAX: usize = 64;

fuzz_target!(|messages: Vec<Result<&str, &[u8]>>| {
    let mut assembler = Assembler::new(ATTACHMENT_BYTES_MAX);
    for message in messages {
        let led_to = match message {
            Ok(text) => assembler.text(text),
            Err(bytes) => assembler.binary(bytes),
        };
        assert_eq!(
            assembler.is_waiting(),
            matches!(led_to, Ok(Assembled::Waiting))
        );
        if let Ok(Assembled::Binary(whole)) = led_to {
            assert_eq!(whole.attachments().len(), whole.packet().attachments);
            let bytes: usize = whole.attachments().iter().map(|bytes| bytes.len()).sum();
            assert!(bytes <= ATTACHMENT_BYTES_MAX);
        }
    }
});
