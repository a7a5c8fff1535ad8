//! The two ways in which packets travel.

use std::fmt;

/// A transport, by its name in the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// HTTP long-polling: `polling`.
    Polling,
    /// WebSocket: `websocket`.
    WebSocket,
}

impl Transport {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Transport::Polling => "polling",
            Transport::WebSocket => "websocket",
        }
    }

    /// The transport of that name; names are case-sensitive.
    pub fn parse(name: &str) -> Option<Transport> {
        [Transport::Polling, Transport::WebSocket].into_iter().find(|known| known.as_str() == name)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
