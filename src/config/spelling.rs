//! How values are spelled: switches, durations, addresses, networks, origins. Pure functions;
//! an error ends the sentence "... must be".

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// The units of durations and their milliseconds, longest first.
const UNITS: &[(&str, u64)] =
    &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// The bits of an IPv4 address.
const IPV4_BITS: u8 = 32;
/// The bits of an IPv6 address.
const IPV6_BITS: u8 = 128;

/// `true`, `yes`, `on`, `1`, or their opposites.
#[must_use]
pub fn switch(value: &str) -> Option<bool> {
    match value {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// A duration in milliseconds: `500ms`, `90s`, `2m`, `1h`, `7d`; `0` needs no unit.
#[must_use]
pub fn duration_ms(value: &str) -> Option<u64> {
    if value == "0" {
        return Some(0);
    }
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at(digits);
    let (_, unit_ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*unit_ms)
}

/// The shortest spelling that [`duration_ms`] reads back.
#[must_use]
pub fn print_ms(ms: u64) -> String {
    let fits = |unit: &&(&str, u64)| ms != 0 && ms.is_multiple_of(unit.1);
    match UNITS.iter().find(fits) {
        Some((name, unit_ms)) => format!("{}{name}", ms / unit_ms),
        None => ms.to_string(),
    }
}

/// An address to listen on: `127.0.0.1:3000`, `[::1]:3000`, or `localhost:3000`.
///
/// # Errors
/// What an address looks like.
pub fn address(value: &str) -> Result<SocketAddr, String> {
    let numeric = match value.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => value.to_owned(),
    };
    numeric.parse().map_err(|_| {
        "an IP address with a port, as in 127.0.0.1:3000, [::1]:3000, or 0.0.0.0:3000 for every \
         network the machine is in"
            .into()
    })
}

/// A network: an address, and how many of its leading bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    prefix_bits: u8,
}

impl Cidr {
    /// Reads `10.0.0.0/8`, `fd00::/8`, or a lone address, which stands for itself.
    ///
    /// # Errors
    /// What a network looks like.
    pub fn parse(value: &str) -> Result<Cidr, String> {
        let wrong = || "a network, as in 10.0.0.0/8 or fd00::/8, or an IP address".to_owned();
        let (address, prefix) = match value.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (value, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let bits = if address.is_ipv4() { IPV4_BITS } else { IPV6_BITS };
        let prefix_bits = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => bits,
        };
        if prefix_bits > bits {
            return Err(wrong());
        }
        Ok(Cidr { address, prefix_bits })
    }

    /// Whether the address belongs to the network. An IPv4 address that came in over an IPv6
    /// socket (`::ffff:10.0.0.1`) counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(one)) => {
                let differing = u32::from(net) ^ u32::from(one);
                differing.leading_zeros() >= u32::from(self.prefix_bits)
            }
            (IpAddr::V6(net), IpAddr::V6(one)) => {
                let differing = u128::from(net) ^ u128::from(one);
                differing.leading_zeros() >= u32::from(self.prefix_bits)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.prefix_bits)
    }
}

/// An origin as browsers send it: `https://example.com`, or `*` for all of them.
///
/// # Errors
/// What an origin looks like.
pub fn origin(value: &str) -> Result<(), String> {
    let authority = value.split_once("://").map_or("", |(_, authority)| authority);
    let is_bare = !authority.is_empty() && !authority.contains(['/', '?', '#', ' ']);
    if value == "*" || value == "null" || is_bare {
        return Ok(());
    }
    Err("* for all origins, or a scheme and a host without a path, as in https://example.com"
        .into())
}

/// The URL of a Redis server.
///
/// # Errors
/// What such a URL looks like.
pub fn redis_url(value: &str) -> Result<(), String> {
    let rest = value.strip_prefix("redis://").or_else(|| value.strip_prefix("redis+unix://"));
    match rest {
        Some(rest) if !rest.is_empty() => Ok(()),
        _ => Err("a URL such as redis://127.0.0.1:6379/0 (TLS is not built in)".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cidr, address, duration_ms, origin, print_ms, redis_url};

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration_ms("2m"), Some(120_000));
        assert_eq!(duration_ms("500ms"), Some(500));
        assert_eq!(duration_ms("7d"), Some(604_800_000));
        assert_eq!(duration_ms("0"), Some(0));
        for wrong in ["2", "m", "", "-1s", "1.5h", "1 h", "2M", "99999999999999999d"] {
            assert_eq!(duration_ms(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_are_printed_as_they_are_read() {
        for spelled in ["0", "1ms", "1500ms", "90s", "2m", "36h", "7d"] {
            assert_eq!(print_ms(duration_ms(spelled).unwrap()), spelled);
        }
    }

    #[test]
    fn addresses_have_a_port() {
        assert_eq!(address("localhost:80").unwrap().to_string(), "127.0.0.1:80");
        assert_eq!(address("[::1]:0").unwrap().port(), 0);
        for wrong in ["3000", ":3000", "127.0.0.1", "example.com:80", "127.0.0.1:65536", ""] {
            assert!(address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_network_contains_what_shares_its_prefix() {
        let contains =
            |net: &str, one: &str| Cidr::parse(net).unwrap().contains(one.parse().unwrap());
        assert!(contains("10.0.0.0/8", "10.255.0.1"));
        assert!(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(!contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("192.0.2.7", "192.0.2.7"));
        assert!(!contains("192.0.2.7", "192.0.2.6"));
        assert!(contains("fd00::/8", "fdff::1"));
        for wrong in ["10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/-1", "all"] {
            assert!(Cidr::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_are_bare() {
        for good in ["*", "https://example.com", "http://localhost:8080", "null"] {
            assert_eq!(origin(good), Ok(()), "{good}");
        }
        for wrong in ["example.com", "https://example.com/", "https://", "http://a/b", ""] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn redis_is_reached_by_url() {
        assert!(redis_url("redis://:secret@127.0.0.1:6379/1").is_ok());
        assert!(redis_url("redis+unix:///run/redis.sock").is_ok());
        for wrong in ["127.0.0.1:6379", "rediss://127.0.0.1", "redis://", "http://x"] {
            assert!(redis_url(wrong).is_err(), "{wrong}");
        }
    }
}
