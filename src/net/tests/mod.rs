//! The network against real sockets: what a client may do that a well-behaved one never does.

mod client;
mod endings;
mod outbox;
mod patience;
mod ring;
mod upgrades;
mod volleys;
mod waits;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use polylogue_protocol::conn::Timing;
use polylogue_protocol::frame;
use tokio::sync::watch;

use super::{Answers, Cors, Engine, Gate, Message, Router, Settings, Site, Speech, listener};
use crate::config::Origins;
use crate::dialects::mount::Mounts;
use crate::web::Web;

/// Far more than anything takes that does not hang.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// A message that is answered with [`FLOOD_FRAMES`] frames of [`FLOOD_FRAME_BYTES`] each.
const FLOOD: &str = "flood";
const FLOOD_FRAMES: usize = 32;
const FLOOD_FRAME_BYTES: usize = 1_000_000;

const TIMING: Timing =
    Timing { ping_interval_ms: 25_000, ping_timeout_ms: 20_000, upgrade_timeout_ms: 10_000 };

/// A server of bare Engine.IO at `/engine.io` that echoes text.
struct Server {
    address: SocketAddr,
    engine: Arc<Engine>,
    site: Arc<Site>,
    stop: watch::Sender<bool>,
}

impl Server {
    async fn start(timing: Timing) -> Server {
        let cors = Cors(Origins::Any);
        let mounts = Mounts::new(Vec::new()).expect("nothing clashes");
        let router = Router::new(&mounts, cors.clone()).expect("nothing clashes");
        let settings = Settings {
            timing,
            max_payload_bytes: 1_000_000,
            connect_timeout_ms: 45_000,
            events: None,
            recovery_window_ms: 0,
            cors,
        };
        let engine = Engine::new(settings, Speech::Bare(Arc::new(echo)));
        let engines = vec![("/engine.io", Arc::clone(&engine))];
        let (web, gate) = (Web::default(), Gate::default());
        let site =
            Arc::new(Site { engines, router, web, gate, answers: Answers::default(), echo: None });
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = listener::bind(any).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(listener::serve(listener, Arc::clone(&site), stopped));
        Server { address, engine, site, stop }
    }

    /// Stops it as `server` does; `true` once every stream has ended.
    async fn stop(self) -> bool {
        let _ = self.stop.send(true);
        self.engine.stop();
        tokio::time::timeout(PATIENCE, self.stop.closed()).await.is_ok()
    }
}

fn echo(message: Message<'_>, outlet: &dyn crate::hub::voice::Outlet) {
    match message {
        Message::Text(FLOOD) => {
            outlet.allow(FLOOD_FRAMES * FLOOD_FRAME_BYTES);
            let frame = frame::binary(&vec![7; FLOOD_FRAME_BYTES]);
            outlet.push(&vec![frame; FLOOD_FRAMES]);
        }
        Message::Text(text) => outlet.push(&[frame::text(&format!("4{text}"))]),
        Message::Binary(bytes) => outlet.push(&[frame::binary(bytes)]),
    }
}

/// Masked, as a client's are; the mask is zero.
fn masked(text: &str) -> Bytes {
    let length = u8::try_from(text.len()).expect("a short text");
    let head = [0x81, 0x80 | length, 0, 0, 0, 0];
    [&head[..], text.as_bytes()].concat().into()
}
