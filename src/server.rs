//! Wires everything together, in the order it starts, and takes it apart in the order it stops.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use polylogue_protocol::conn::Timing;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::backplane::{self, redis::Redis};
use crate::config::{self, Config, Values};
use crate::dialects::mount::Mounts;
use crate::dialects::{self, Charter, Dialect, Identities, Setup};
use crate::hub::id::{ACCOUNTS, Realm};
use crate::hub::ports::{Ports, Presence};
use crate::hub::{Hub, Inboxes};
use crate::keys::Keys;
use crate::net::{Answers, Cors, Engine, Gate, Router, Settings, Site, Speech, listener};
use crate::rate::Rate;
use crate::store::{self, Store};
use crate::web::Web;
use crate::{limits, net};

/// Where Socket.IO is served, as stock clients expect it.
const SOCKET_IO_PATH: &str = "/socket.io";
/// The database in the data directory.
const DATABASE: &str = "polylogue.db";

/// Serves until a signal says to stop.
///
/// # Errors
/// A sentence that says why it cannot serve, and what would mend it.
pub async fn run(config: Config, values: Values) -> Result<(), String> {
    let charters = chosen(&config);
    let addresses = addresses(&config, &charters);
    refuse_claims(&config, &values, &charters, &addresses)?;
    let keys = Arc::new(Keys::open(&config.keys)?);
    let core = Core::start(&config)?;
    let dialects = make(&charters, &values, &config, &keys, &core.hub)?;
    let mounts = Arc::new(Mounts::new(dialects)?);
    let cors = Cors(config.cors_origins.clone());
    let router = Router::new(&mounts, cors.clone())?;
    let speech = Speech::SocketIo(mounts, core.hub.clone());
    let engine = Engine::new(settings(&config, cors), speech);
    let web = Web::new(&charters);
    let engines = vec![(SOCKET_IO_PATH, Arc::clone(&engine))];
    let (gate, answers) = (gate(&config), Answers::default());
    let site = Arc::new(Site { engines, router, web, gate, answers, echo: None });

    net::announce_ring();
    let signal = stop_signal()?;
    let listeners = bind(&addresses).await?;
    let (stop, stopped) = watch::channel(false);
    let mut serving = JoinSet::new();
    for listener in listeners {
        serving.spawn(listener::serve(listener, Arc::clone(&site), stopped.clone()));
    }
    signal.await;
    tracing::info!("stopping");
    let _ = stop.send(true);
    while serving.join_next().await.is_some() {}
    engine.stop();
    drop(stopped);
    let patience = Duration::from_millis(limits::GOODBYE_MS);
    if tokio::time::timeout(patience, stop.closed()).await.is_err() {
        tracing::warn!("not every client has heard the goodbye");
    }
    drop(site);
    drop(engine);
    core.stop().await;
    Ok(())
}

/// The hub with what stands behind its ports.
struct Core {
    hub: Hub,
    store: Store,
    /// Passes on to the rooms that other nodes are out of reach, or back.
    weather: AbortHandle,
}

impl Core {
    fn start(config: &Config) -> Result<Core, String> {
        let shards = std::thread::available_parallelism().map_or(1, usize::from);
        let inboxes = Inboxes::new(shards);
        let (queues, store) = open_store(config, inboxes.receipts())?;
        let (presence, comings) = mpsc::channel(limits::PRESENCE_MAX);
        let is_away = start_backplane(config, comings)?;
        let ports = Ports { writes: queues.writes, reads: queues.reads, presence };
        let hub = inboxes.start(&ports, config.recovery_window_ms);
        let weather = tokio::spawn(pass_on(is_away, hub.clone())).abort_handle();
        Ok(Core { hub, store, weather })
    }

    /// Finishes what was begun, within bounds.
    async fn stop(self) {
        let Core { hub, store, weather } = self;
        weather.abort();
        drop(hub);
        let closed = tokio::task::spawn_blocking(move || store.close());
        let patience = Duration::from_millis(limits::SHUTDOWN_MS);
        if tokio::time::timeout(patience, closed).await.is_err() {
            tracing::error!("the store did not finish in time");
        }
    }
}

/// Opens the store of the data directory.
///
/// # Errors
/// A sentence that names the file.
pub fn open_store(
    config: &Config,
    receipts: store::Receipts,
) -> Result<(store::Queues, Store), String> {
    let realms = dialects::ALL.iter().flat_map(|charter| charter.realms.iter().copied());
    let realms: Vec<Realm> = [ACCOUNTS, dialects::BRIDGE].into_iter().chain(realms).collect();
    let options = store::Options {
        path: config.data.join(DATABASE),
        durability: match config.durability {
            config::Durability::Full => store::Durability::Full,
            config::Durability::Normal => store::Durability::Normal,
        },
        realms,
        node: 0,
    };
    store::open(options, receipts).map_err(|error| error.to_string())
}

/// Starts the backplane; returns where it says whether it is away.
fn start_backplane(
    config: &Config,
    comings: mpsc::Receiver<Presence>,
) -> Result<watch::Receiver<bool>, String> {
    let (away, is_away) = watch::channel(false);
    match &config.redis_url {
        None => drop(tokio::spawn(backplane::alone::run(comings))),
        Some(url) => {
            let redis = Redis::new(url, net::node_name())?;
            drop(tokio::spawn(redis.run(comings, away)));
        }
    }
    Ok(is_away)
}

async fn pass_on(mut is_away: watch::Receiver<bool>, hub: Hub) {
    while is_away.changed().await.is_ok() {
        let now = *is_away.borrow_and_update();
        hub.backplane_away(now).await;
    }
}

/// The charters of the dialects that are to be mounted.
fn chosen(config: &Config) -> Vec<&'static Charter> {
    let is_chosen = |charter: &&&Charter| config.dialects.contains(&charter.name);
    dialects::ALL.iter().filter(is_chosen).copied().collect()
}

/// Where to listen: what the operator says, else the port that the only dialect asks for.
fn addresses(config: &Config, charters: &[&Charter]) -> Vec<SocketAddr> {
    const PORT: u16 = 3000;
    config.listen.clone().unwrap_or_else(|| {
        let port = match charters {
            [alone] => alone.port,
            _ => PORT,
        };
        vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)]
    })
}

/// A dialect that believes whatever its users claim is for this machine alone, unless the
/// operator says otherwise.
fn refuse_claims(
    config: &Config,
    values: &Values,
    charters: &[&Charter],
    addresses: &[SocketAddr],
) -> Result<(), String> {
    let claims = charters.iter().find(|charter| charter.identities.are_claimed(values));
    let outside = addresses.iter().find(|address| !address.ip().is_loopback());
    match (claims, outside) {
        (Some(charter), Some(address)) if !config.allow_claimed_identities => {
            let verify = match charter.identities {
                Identities::ClaimedUnless { flag, word } => format!("ask for --{flag} {word}, "),
                _ => String::new(),
            };
            Err(format!(
                "the dialect {} believes whoever its users say they are, and {address} can be \
                 reached from other machines: leave the dialect out with --dialect, listen on \
                 127.0.0.1, {verify}or accept that with --allow-claimed-identities",
                charter.name,
            ))
        }
        _ => Ok(()),
    }
}

fn make(
    charters: &[&'static Charter],
    values: &Values,
    config: &Config,
    keys: &Arc<Keys>,
    hub: &Hub,
) -> Result<Vec<Arc<dyn Dialect>>, String> {
    let setup = |charter: &Charter| Setup {
        values,
        keys,
        hub,
        is_alone: charters.len() == 1,
        message_bytes_max: config.max_message_bytes,
        shared: charter.identities.shared_realm().filter(|_| config.bridge),
    };
    charters.iter().map(|charter| (charter.make)(&setup(charter))).collect()
}

fn gate(config: &Config) -> Gate {
    let proxies = config.trusted_proxies.clone();
    Gate::new(proxies, config.connections_per_address, config.rest_requests_per_second)
}

fn settings(config: &Config, cors: Cors) -> Settings {
    Settings {
        timing: Timing {
            ping_interval_ms: config.ping_interval_ms,
            ping_timeout_ms: config.ping_timeout_ms,
            upgrade_timeout_ms: config.upgrade_timeout_ms,
        },
        max_payload_bytes: config.max_payload_bytes,
        connect_timeout_ms: config.connect_timeout_ms,
        events: Rate::per_second(config.events_per_second),
        recovery_window_ms: config.recovery_window_ms,
        cors,
    }
}

/// Binds every address, and says so on stdout when all of them are.
async fn bind(addresses: &[SocketAddr]) -> Result<Vec<TcpListener>, String> {
    let mut listeners = Vec::new();
    for address in addresses {
        listeners.push(listener::bind(*address).await?);
    }
    for listener in &listeners {
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        println!("listening on http://{address}");
    }
    Ok(listeners)
}

/// Ends when a signal says to stop. From the call on, not only once it is awaited: whoever has
/// read that the server listens may stop it.
fn stop_signal() -> Result<impl Future<Output = ()>, String> {
    let listen = |kind| signal(kind).map_err(|error| format!("cannot listen for signals: {error}"));
    let (mut term, mut interrupt) =
        (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
