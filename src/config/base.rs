//! The base settings: those of the server itself, which hold whatever dialects are mounted.

use super::flag::{Flag, Shape};
use super::spelling::{self, Cidr};
use crate::limits::{DAY_MS, JWT_SECRET_BYTES_MIN, MAX_PAYLOAD_BYTES_MAX};

/// Flags under one heading of the help.
pub struct Group {
    /// The heading.
    pub heading: &'static str,
    /// The flags.
    pub flags: &'static [Flag],
}

/// The base settings, as the help shows them.
pub const GROUPS: &[Group] = &[
    Group { heading: "Server", flags: SERVER },
    Group { heading: "Identities", flags: IDENTITIES },
    Group { heading: "Storage and cluster", flags: STORAGE },
    Group { heading: "Connections", flags: CONNECTIONS },
    Group { heading: "Bounds", flags: BOUNDS },
];

/// Milliseconds from 1 to a day.
const TIMER: (u64, u64) = (1, DAY_MS);
/// Any rate; 0 turns it off.
const RATE: (u64, u64) = (0, 1_000_000);

const SERVER: &[Flag] = &[
    Flag::new(
        "listen",
        "ADDR",
        Shape::Checked(|value| spelling::address(value).map(drop)),
        "Where to listen; port 0 is a free one. A dialect that is mounted alone may have a \
         default port of its own",
    )
    .env("POLYLOGUE_LISTEN")
    .default("127.0.0.1:3000")
    .repeatable(),
    Flag::new(
        "dialect",
        "NAME",
        Shape::Text,
        "The dialects to mount, of those below. Default: all",
    )
    .env("POLYLOGUE_DIALECTS")
    .repeatable(),
    Flag::switch(
        "bridge",
        "Lets the dialects that verify who somebody is share their rooms; else each keeps its own",
    ),
    Flag::new(
        "cors-origins",
        "LIST",
        Shape::Checked(spelling::origin),
        "Origins whose pages may connect and read the answers; * stands for all",
    )
    .env("SOCKETIO_CORS_ORIGINS")
    .default("*")
    .repeatable(),
    Flag::new(
        "trusted-proxy",
        "CIDR",
        Shape::Checked(|value| Cidr::parse(value).map(drop)),
        "Networks of proxies whose forwarded addresses are believed. Default: none",
    )
    .repeatable(),
];

const IDENTITIES: &[Flag] = &[
    Flag::new(
        "jwt-secret",
        "SECRET",
        Shape::Checked(jwt_secret),
        "The secret that signs and verifies tokens (HS256). Default: a random one, made once in \
         the data directory",
    )
    .env("JWT_SECRET")
    .secret(),
    Flag::new(
        "jwt-public-key",
        "FILE",
        Shape::Text,
        "A PEM file with the public key of whoever issues tokens (RS256, ES256, EdDSA), instead \
         of a secret; then this server verifies tokens and signs none",
    )
    .env("JWT_PUBLIC_KEY_FILE"),
    Flag::switch(
        "allow-claimed-identities",
        "Serves dialects whose users are whoever they claim to be on addresses beyond loopback, \
         too",
    ),
];

const STORAGE: &[Flag] = &[
    Flag::new("data", "DIR", Shape::Text, "The directory of the database, the lock and the secret")
        .env("POLYLOGUE_DATA")
        .default("./polylogue-data"),
    Flag::choice(
        "durability",
        &["full", "normal"],
        "What an ack stands for: full survives the loss of power, normal a crash of the process",
    )
    .env("POLYLOGUE_DURABILITY"),
    Flag::new(
        "redis",
        "URL",
        Shape::Checked(spelling::redis_url),
        "A Redis server that keeps membership and joins several nodes. Default: none, membership \
         stays in memory",
    )
    .env("REDIS_URL")
    .secret(),
];

const CONNECTIONS: &[Flag] = &[
    Flag::number("ping-interval-ms", TIMER, "25000", "Milliseconds between two heartbeats"),
    Flag::number("ping-timeout-ms", TIMER, "20000", "Milliseconds a client has for its answer"),
    Flag::number(
        "connect-timeout-ms",
        TIMER,
        "45000",
        "Milliseconds a new connection has to join a namespace",
    ),
    Flag::number(
        "upgrade-timeout-ms",
        TIMER,
        "10000",
        "Milliseconds a connection has to change its transport",
    ),
    Flag::new(
        "recovery-window",
        "TIME",
        Shape::Duration { min_ms: 0, max_ms: DAY_MS },
        "How long a session whose transport was lost is kept for its client, which gets it back \
         with all that it missed; 0s: it ends at once, and its client joins anew",
    )
    .default("2m"),
];

const BOUNDS: &[Flag] = &[
    Flag::number(
        "max-payload",
        (1, MAX_PAYLOAD_BYTES_MAX),
        "1000000",
        "Bytes of one request's body or one WebSocket message at most",
    ),
    Flag::number(
        "max-message-bytes",
        (1, MAX_PAYLOAD_BYTES_MAX),
        "65536",
        "Bytes of one chat message's text at most; a dialect may allow less",
    ),
    Flag::number(
        "events-per-second",
        RATE,
        "2000",
        "Events per second from one connection, in bursts of twice as many; 0 is off. A faster \
         one is read more slowly, and closed if it goes on so",
    ),
    Flag::number(
        "connections-per-address",
        RATE,
        "100",
        "New connections per second from one address, in bursts of twice as many; 0 is off, and \
         so it is for loopback. More get a 503",
    ),
    Flag::number(
        "rest-requests-per-second",
        RATE,
        "200",
        "REST requests per second from one address, in bursts of twice as many; 0 is off, and \
         so it is for loopback. More get a 429",
    ),
];

fn jwt_secret(value: &str) -> Result<(), String> {
    if value.len() >= JWT_SECRET_BYTES_MIN {
        return Ok(());
    }
    Err(format!(
        "{JWT_SECRET_BYTES_MIN} bytes or longer, as shorter ones can be guessed; leave it out, \
         and a random one is made"
    ))
}
