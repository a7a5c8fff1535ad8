//! Whose request it is, where proxies stand in between.

use std::net::{IpAddr, SocketAddr};

use hyper::header::HeaderName;

use super::asked::Headers;
use crate::config::spelling::Cidr;
use crate::limits::FORWARDED_HOPS_MAX;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address a request comes from: the peer's, or where that is a trusted proxy the last one in
/// `X-Forwarded-For` that is not one. What stands before it anybody may have written.
pub(super) fn client(peer: IpAddr, headers: Headers<'_>, trusted: &[Cidr]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let lines = headers.last_to_first(&FORWARDED_FOR);
    let hops = lines.iter().flat_map(|line| line.rsplit(','));
    for hop in hops.take(FORWARDED_HOPS_MAX) {
        if !is_trusted(client) {
            break;
        }
        // A proxy that writes something else is the last we know of.
        let Some(address) = address(hop.trim()) else { break };
        client = address;
    }
    client
}

/// An address with or without a port.
fn address(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).map(|address: IpAddr| address.to_canonical()).ok()
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderMap;

    use super::{Cidr, FORWARDED_FOR, FORWARDED_HOPS_MAX, Headers, IpAddr, client};

    fn of(peer: &str, lines: &[&str]) -> String {
        let trusted = ["127.0.0.0/8", "10.0.0.0/8"].map(|one| Cidr::parse(one).unwrap());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        client(peer.parse::<IpAddr>().unwrap(), Headers::Table(&headers), &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(of("198.51.100.7", &["203.0.113.9"]), "198.51.100.7");
        assert_eq!(of("127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(of("::ffff:127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(of("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        assert_eq!(of("127.0.0.1", &["192.0.2.1, 203.0.113.9, 10.1.1.1"]), "203.0.113.9");
        assert_eq!(
            of("127.0.0.1", &["192.0.2.1", "203.0.113.9", "10.1.1.1,10.2.2.2"]),
            "203.0.113.9"
        );
        assert_eq!(of("127.0.0.1", &["10.1.1.1, 10.2.2.2"]), "10.1.1.1", "all are proxies");
    }

    #[test]
    fn a_request_is_followed_back_through_so_many_proxies() {
        let through = |hops: usize| {
            let proxies = vec!["10.1.1.1"; hops].join(", ");
            of("127.0.0.1", &[&format!("203.0.113.9, {proxies}")])
        };
        assert_eq!(through(FORWARDED_HOPS_MAX - 1), "203.0.113.9");
        assert_eq!(through(FORWARDED_HOPS_MAX), "10.1.1.1");
    }

    #[test]
    fn every_spelling_of_an_address_is_read_and_nothing_else() {
        assert_eq!(of("127.0.0.1", &["203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(of("127.0.0.1", &["[2001:db8::1]:80"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(of("127.0.0.1", &["203.0.113.9, unknown"]), "127.0.0.1");
        assert_eq!(of("127.0.0.1", &["203.0.113.9, , 10.1.1.1"]), "10.1.1.1");
    }
}
