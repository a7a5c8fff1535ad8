//! The network: the only place with sockets.
//!
//! A stream comes in at the [`listener`]. Its requests are read by hyper, those that need no
//! hyper by [`head`], and both are [`asked`] the same. Those for an Engine.IO [`endpoint`] go to a
//! transport ([`polling`], [`websocket`]) of a [`connection`], whose packets the [`sessions`] hear;
//! the others go to the [`router`]. What leaves goes through the connection's [`outbox`]; what
//! goes to many at once leaves as a [`volley`] of several.

mod accept;
mod asked;
mod backlog;
mod body;
mod close;
mod connection;
mod cors;
mod counters;
#[cfg(target_os = "linux")]
mod defer;
mod echo;
mod endpoint;
mod engine;
mod exit;
mod flood;
mod forwarded;
mod gate;
mod head;
mod intake;
pub mod listener;
mod lock;
mod opening;
mod outbox;
mod pace;
mod parser;
mod polling;
mod random;
mod recovery;
mod reply;
#[cfg_attr(
    not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))),
    path = "no_ring.rs"
)]
mod ring;
mod router;
mod session;
mod sessions;
mod stream;
#[cfg(test)]
mod tests;
mod upgrade;
mod upper;
mod volley;
mod websocket;
mod wheel;
mod wire;

use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::watch;

pub use close::Close;
pub use cors::Cors;
pub use counters::Answers;
pub use echo::Echo;
pub use engine::{Engine, Settings, Speech};
use exit::Exit;
pub use gate::Gate;
pub use listener::Site;
pub use random::node_name;
pub use ring::announce as announce_ring;
pub use router::Router;
pub use upper::{Bare, Message};

/// Whoever sends a request.
struct Caller {
    /// Where it comes from, as far as the proxies in between are trusted.
    peer: IpAddr,
    /// How to leave hyper.
    exit: Arc<Exit>,
}

/// Held while a stream is open: who stops the server can wait until nobody holds one.
type Open = watch::Receiver<bool>;
