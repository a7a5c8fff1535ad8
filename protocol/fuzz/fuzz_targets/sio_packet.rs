//! A Socket.IO packet from any text, within the bounds that its fields have.

#![no_main]

use libfuzzer_sys::fuzz_target;
use polylogue_protocol::sio::{
    Packet,
    packet::{ATTACHMENTS_MAX, ID_MAX},
};

fuzz_target!(|text: &str| {
    let Ok(packet) = Packet::decode(text) else {
        return;
    };
    assert!(packet.namespace.starts_with('/') && !packet.namespace.contains(','));
    assert!(packet.id.is_none_or(|id| id <= ID_MAX));
    assert_eq!(packet.kind.is_binary(), packet.attachments > 0);
    assert!(packet.attachments <= ATTACHMENTS_MAX);
    assert!(
        packet
            .payload
            .is_none_or(|payload| !payload.contains('\x1e'))
    );
});
