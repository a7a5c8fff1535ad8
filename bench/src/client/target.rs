//! Where a client goes: address, path, namespace, transport.

use std::net::{SocketAddr, ToSocketAddrs};

use super::ClientError;

/// Engine.IO's two transports; a client stays with the one it opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket from the start, without an upgrade.
    #[default]
    WebSocket,
    /// HTTP long-polling.
    Polling,
}

/// A server, resolved once.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where to connect.
    pub address: SocketAddr,
    /// The `Host` header.
    pub host: String,
    /// Engine.IO's path, `/socket.io/` as a rule.
    pub path: String,
    /// `/`, or `/chat`.
    pub namespace: String,
    /// How to get there.
    pub transport: Transport,
}

impl Target {
    /// Resolves `url` (`http://HOST:PORT` or `ws://HOST:PORT`, no TLS; port 80 if none is
    /// named), path `/socket.io/`, namespace `/`, over WebSocket.
    ///
    /// # Errors
    /// [`ClientError::Url`], or what the resolver says.
    pub fn resolve(url: &str) -> Result<Self, ClientError> {
        let bad = || ClientError::Url(url.to_owned());
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("ws://"));
        let host = rest.ok_or_else(bad)?.trim_end_matches('/');
        if host.is_empty() || host.contains(['/', '?', '#', '@']) {
            return Err(bad());
        }
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let with_port = if has_port { host.to_owned() } else { format!("{host}:80") };
        let address = with_port.to_socket_addrs()?.next().ok_or_else(bad)?;
        Ok(Self {
            address,
            host: host.to_owned(),
            path: "/socket.io/".to_owned(),
            namespace: "/".to_owned(),
            transport: Transport::default(),
        })
    }

    /// The same server by way of `transport`.
    #[must_use]
    pub fn over(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// The same server's other namespace.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.namespace = namespace.to_owned();
        self
    }

    /// Path and query of the handshake.
    pub(super) fn handshake_path(&self, transport: &str, query: &str) -> String {
        let separator = if query.is_empty() { "" } else { "&" };
        format!("{}?EIO=4&transport={transport}{separator}{query}", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_resolved() {
        let target = Target::resolve("http://127.0.0.1:3000/").expect("an address");
        assert_eq!(target.address, "127.0.0.1:3000".parse().expect("an address"));
        assert_eq!(target.host, "127.0.0.1:3000");
        let target = Target::resolve("ws://127.0.0.1").expect("an address");
        assert_eq!(target.address.port(), 80);
        assert_eq!(target.handshake_path("polling", ""), "/socket.io/?EIO=4&transport=polling");
        let path = target.handshake_path("websocket", "userId=1");
        assert_eq!(path, "/socket.io/?EIO=4&transport=websocket&userId=1");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in ["", "127.0.0.1:3000", "https://127.0.0.1", "http://", "http://a/b"] {
            assert!(matches!(Target::resolve(url), Err(ClientError::Url(_))), "{url}");
        }
    }
}
