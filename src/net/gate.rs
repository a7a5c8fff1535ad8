//! How often one address may open connections, ask for REST, and try passwords.
//!
//! Spoken to by the [`super::endpoint`] and the [`super::router`]. Loopback is never slowed. An
//! IPv6 client is its /64, as it has all of that to itself.

use std::net::{IpAddr, Ipv6Addr};

use hyper::header::{HeaderValue, RETRY_AFTER};

use super::asked::Headers;
use super::counters::Counter;
use super::forwarded;
use super::reply::Reply;
use crate::config::spelling::Cidr;
use crate::limits::PASSWORDS_PER_ADDRESS_PER_MINUTE;
use crate::rate::{Buckets, Rate};

/// See the module's head.
pub struct Gate {
    trusted_proxies: Vec<Cidr>,
    connections: Option<Buckets>,
    requests: Option<Buckets>,
    passwords: Buckets,
    refused_connections: Counter,
    refused_requests: Counter,
}

/// The seconds after which a client that came too often may come again.
pub(super) struct Later(u64);

impl Default for Gate {
    /// A gate that is open: no rates but that of passwords, no proxies.
    fn default() -> Gate {
        Gate::new(Vec::new(), 0, 0)
    }
}

impl Gate {
    /// A gate with those rates for each address, in connections and requests per second; 0 is
    /// any number. Addresses that `trusted_proxies` forward are believed.
    #[must_use]
    pub fn new(trusted_proxies: Vec<Cidr>, connections: u64, requests: u64) -> Gate {
        let buckets = |count| Rate::per_second(count).map(Buckets::new);
        Gate {
            trusted_proxies,
            connections: buckets(connections),
            requests: buckets(requests),
            passwords: Buckets::new(Rate::per_minute(PASSWORDS_PER_ADDRESS_PER_MINUTE)),
            refused_connections: Counter::default(),
            refused_requests: Counter::default(),
        }
    }

    /// The address that a peer's request is counted for.
    pub(super) fn client(&self, peer: IpAddr, headers: Headers<'_>) -> IpAddr {
        match self.trusted_proxies.as_slice() {
            [] => peer,
            trusted => forwarded::client(peer, headers, trusted),
        }
    }

    /// Counts a new connection.
    pub(super) fn connection(&self, client: IpAddr, now_ms: u64) -> Result<(), Later> {
        let taken = take(self.connections.as_ref(), client, now_ms);
        taken.inspect_err(|_| self.refused_connections.add_one())
    }

    /// Counts a REST request; one that brings a password has a smaller rate besides.
    pub(super) fn request(
        &self,
        client: IpAddr,
        has_password: bool,
        now_ms: u64,
    ) -> Result<(), Later> {
        take(self.requests.as_ref(), client, now_ms)?;
        take(has_password.then_some(&self.passwords), client, now_ms)
    }

    /// A request was answered with 429, here or by whoever it was for.
    pub(super) fn count_refused_request(&self) {
        self.refused_requests.add_one();
    }

    /// Connections and requests that were refused, since the start.
    pub(super) fn refused(&self) -> [(&'static str, u64); 2] {
        [
            ("connection", self.refused_connections.value()),
            ("request", self.refused_requests.value()),
        ]
    }
}

impl Later {
    /// Says so in the header `Retry-After`.
    pub(super) fn mark(self, mut reply: Reply) -> Reply {
        reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(self.0));
        reply
    }
}

fn take(buckets: Option<&Buckets>, client: IpAddr, now_ms: u64) -> Result<(), Later> {
    match (buckets, client.to_canonical()) {
        (None, _) => Ok(()),
        (Some(_), client) if client.is_loopback() => Ok(()),
        (Some(buckets), client) => {
            let taken = buckets.take(&household(client), now_ms);
            taken.map_err(|wait_ms| Later(wait_ms.div_ceil(1_000)))
        }
    }
}

/// What is counted as one client.
fn household(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, IpAddr};

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_bursts_of_twice_its_rate() {
        let gate = Gate::new(Vec::new(), 5, 3);
        let connected = |client| (0..50).filter(|_| gate.connection(client, 9).is_ok()).count();
        assert_eq!(connected(ip("203.0.113.9")), 10);
        assert_eq!(connected(ip("203.0.113.8")), 10, "each address has its own");
        assert_eq!(gate.refused()[0], ("connection", 80));
        let asked = (0..50).filter(|_| gate.request(ip("203.0.113.9"), false, 9).is_ok());
        assert_eq!(asked.count(), 6);
        let later = gate.request(ip("203.0.113.9"), false, 9).expect_err("it is too soon");
        assert_eq!(later.0, 1, "whole seconds, rounded up");
        assert!(gate.request(ip("203.0.113.9"), false, 1_009).is_ok());
    }

    #[test]
    fn loopback_is_never_slowed_and_0_is_off() {
        let gate = Gate::new(Vec::new(), 1, 1);
        for client in ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"] {
            assert!((0..100).all(|_| gate.connection(ip(client), 0).is_ok()), "{client}");
            assert!((0..100).all(|_| gate.request(ip(client), true, 0).is_ok()), "{client}");
        }
        let open = Gate::new(Vec::new(), 0, 0);
        assert!((0..100).all(|_| open.request(ip("203.0.113.9"), false, 0).is_ok()));
        assert!((0..100).all(|_| open.connection(ip("203.0.113.9"), 0).is_ok()));
        let tried = (0..100).filter(|_| open.request(ip("203.0.113.9"), true, 0).is_ok());
        assert_eq!(tried.count(), 30, "passwords have a rate of their own");
    }

    #[test]
    fn an_ipv6_client_is_its_network() {
        let gate = Gate::new(Vec::new(), 1, 1);
        let spread = (0..50)
            .filter(|host| gate.connection(ip(&format!("2001:db8:0:1::{host:x}")), 0).is_ok());
        assert_eq!(spread.count(), 2);
        assert!(gate.connection(ip("2001:db8:0:2::1"), 0).is_ok());
    }
}
