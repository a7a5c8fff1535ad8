//! A connection, driven by bytes: each says what happens next and how much time passes before.

#![no_main]

use libfuzzer_sys::fuzz_target;
use polylogue_protocol::{
    conn::{Conn, Due, Probe, Timing, Transport},
    eio::Packet,
};

const TIMING: Timing = Timing {
    ping_interval_ms: 300,
    ping_timeout_ms: 200,
    upgrade_timeout_ms: 450,
};
const PACKETS: [&str; 8] = ["0", "1", "2", "2probe", "3", "4a", "5", "bAQ=="];
/// More than may be due at one moment.
const DUE_STEPS_MAX: usize = 4;

fuzz_target!(|input: (bool, &[u8])| {
    let (is_polling, steps) = input;
    let transport = if is_polling {
        Transport::Polling
    } else {
        Transport::WebSocket
    };
    let mut now_ms = 0;
    let mut conn = Conn::new(transport, now_ms, &TIMING);
    for step in steps {
        let before = conn.clone();
        now_ms += u64::from(step >> 5) * 40;
        let packet = Packet::decode(PACKETS[usize::from(step & 7)]).expect("a packet");
        let mut is_upgraded = false;
        match step >> 3 & 3 {
            0 => {
                let _ = conn.hear(packet, now_ms, &TIMING);
            }
            1 => is_upgraded = conn.probe_heard(packet, now_ms, &TIMING) == Probe::Upgraded,
            2 => {
                let _ = conn.probe_opened(now_ms, &TIMING);
            }
            _ => conn.probe_closed(now_ms),
        }
        let is_settled = (0..DUE_STEPS_MAX).any(|_| conn.due(now_ms, &TIMING) == Due::Nothing);
        assert!(is_settled, "what is due has an end");
        assert!(conn.next_due_ms() > now_ms, "time goes on");
        assert!(conn.is_closed() || !before.is_closed(), "closed for good");
        assert_eq!(conn.transport() != before.transport(), is_upgraded);
        assert!(!conn.is_upgrading() || conn.transport() == Transport::Polling);
    }
});
