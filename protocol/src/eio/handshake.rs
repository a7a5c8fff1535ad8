//! The server's first packet: what a client must know about its session.

use bytes::BufMut;

use crate::json::{decimal, json_str};

/// The handshake (Engine.IO protocol, "Handshake").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handshake<'a> {
    /// The session's id.
    pub sid: &'a str,
    /// The transports that the client may go over to.
    pub upgrades: &'a [&'a str],
    /// How often the server sends a ping, in milliseconds.
    pub ping_interval_ms: u64,
    /// How long it waits for the pong, in milliseconds.
    pub ping_timeout_ms: u64,
    /// The largest request body or frame it takes, in bytes.
    pub max_payload_bytes: u64,
}

impl Handshake<'_> {
    /// Appends the whole packet: `0` and a JSON object.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_slice(b"0{\"sid\":");
        json_str(out, self.sid);
        out.put_slice(b",\"upgrades\":[");
        for (place, upgrade) in self.upgrades.iter().enumerate() {
            if place > 0 {
                out.put_u8(b',');
            }
            json_str(out, upgrade);
        }
        out.put_slice(b"],\"pingInterval\":");
        decimal(out, self.ping_interval_ms);
        out.put_slice(b",\"pingTimeout\":");
        decimal(out, self.ping_timeout_ms);
        out.put_slice(b",\"maxPayload\":");
        decimal(out, self.max_payload_bytes);
        out.put_u8(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packet_a_stock_client_expects() {
        let handshake = Handshake {
            sid: "lv_VI97HAXpY6yYWAAAC",
            upgrades: &["websocket"],
            ping_interval_ms: 25_000,
            ping_timeout_ms: 20_000,
            max_payload_bytes: 1_000_000,
        };
        let mut out = Vec::new();
        handshake.encode(&mut out);
        assert_eq!(
            str::from_utf8(&out).expect("text"),
            concat!(
                r#"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"#,
                r#""pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
            )
        );
        out.clear();
        Handshake { upgrades: &[], ..handshake }.encode(&mut out);
        assert!(out.windows(13).any(|part| part == br#""upgrades":[]"#));
    }
}
