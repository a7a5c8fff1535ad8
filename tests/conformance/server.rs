//! The server that the official protocol test suites are run against.
//!
//! `/engine.io/` is a bare Engine.IO echo. At `/socket.io/` the namespaces `/` and `/custom` emit
//! `auth` with the handshake's payload; `message` comes back as `message-back`, and
//! `message-with-ack` is acked with its arguments. `/echo` is a WebSocket that echoes, for suites
//! that test nothing above it. The network and protocol code is the product's; what is spoken above
//! it is the dialect below.

mod echo;

use std::net::SocketAddr;
use std::sync::Arc;

use clap::{Arg, Command as Cli, value_parser};
use polylogue::config::Origins;
use polylogue::dialects::mount::Mounts;
use polylogue::hub::Inboxes;
use polylogue::hub::ports::Ports;
use polylogue::net::listener;
use polylogue::net::{
    Answers, Cors, Echo as PlainEcho, Engine, Gate, Message, Router, Settings, Site, Speech,
};
use polylogue::web::Web;
use polylogue_protocol::conn::Timing;
use polylogue_protocol::eio::Packet;
use polylogue_protocol::frame::{self, Frames};
use tokio::sync::{mpsc, watch};

use echo::Echo;

/// The product's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let (listen, settings) = settings();
    let (writes, _) = mpsc::channel(1);
    let (reads, _) = mpsc::channel(1);
    let (presence, _) = mpsc::channel(1);
    let hub = Inboxes::new(1).start(&Ports { writes, reads, presence }, 0);
    let mounts = Arc::new(Mounts::new(vec![Arc::new(Echo)])?);
    let router = Router::new(&mounts, settings.cors.clone())?;
    let socket_io = Engine::new(settings.clone(), Speech::SocketIo(mounts, hub));
    let bare = Speech::Bare(Arc::new(|message, outlet| {
        outlet.push(&[match message {
            Message::Text(text) => {
                let mut frames = Frames::new();
                frames.text(|out| Packet::Message(text).encode_text(out));
                frames.seal()
            }
            Message::Binary(bytes) => frame::binary(bytes),
        }]);
    }));
    let echo = PlainEcho { path: "/echo", max_payload_bytes: settings.max_payload_bytes };
    let engine_io = Engine::new(settings, bare);
    let engines = vec![("/socket.io", socket_io), ("/engine.io", engine_io)];
    let listener = listener::bind(listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let (_stop, stopped) = watch::channel(false);
    let (web, gate) = (Web::default(), Gate::default());
    let site = Site { engines, router, web, gate, answers: Answers::default(), echo: Some(echo) };
    listener::serve(listener, Arc::new(site), stopped).await;
    Ok(())
}

/// Where to listen, and how patiently, from the command line.
fn settings() -> (SocketAddr, Settings) {
    let number = |name: &'static str, default: &'static str| {
        Arg::new(name).long(name).default_value(default).value_parser(value_parser!(u64))
    };
    let given = Cli::new("conformance")
        .arg(
            Arg::new("listen")
                .long("listen")
                .default_value("127.0.0.1:3000")
                .value_parser(value_parser!(SocketAddr)),
        )
        .arg(number("ping-interval-ms", "25000"))
        .arg(number("ping-timeout-ms", "20000"))
        .arg(number("max-payload", "1000000"))
        .arg(number("connect-timeout-ms", "45000"))
        .arg(number("upgrade-timeout-ms", "10000"))
        .get_matches();
    let ms = |name: &str| given.get_one::<u64>(name).copied().unwrap_or_default();
    let settings = Settings {
        timing: Timing {
            ping_interval_ms: ms("ping-interval-ms"),
            ping_timeout_ms: ms("ping-timeout-ms"),
            upgrade_timeout_ms: ms("upgrade-timeout-ms"),
        },
        max_payload_bytes: usize::try_from(ms("max-payload")).unwrap_or(usize::MAX),
        connect_timeout_ms: ms("connect-timeout-ms"),
        events: None,
        recovery_window_ms: 0,
        cors: Cors(Origins::Any),
    };
    let listen = given.get_one::<SocketAddr>("listen").copied();
    (listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 3000))), settings)
}
