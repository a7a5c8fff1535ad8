//! A server in this process, put together from the library's public parts over a real store.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use polylogue::config::{KeySource, Origins, Values};
use polylogue::dialects::mount::Mounts;
use polylogue::dialects::{Charter, Dialect, Setup};
use polylogue::hub::id::ACCOUNTS;
use polylogue::hub::ports::Ports;
use polylogue::hub::{Hub, Inboxes, clock};
use polylogue::keys::{Claims, Keys, Subject};
use polylogue::net::{Answers, Cors, Engine, Gate, Router, Settings, Site, Speech, listener};
use polylogue::web::Web;
use polylogue::{backplane, store};
use polylogue_bench::client::Target;
use polylogue_protocol::conn::Timing;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

/// As a server has it that is told nothing else.
const RECOVERY_WINDOW_MS: u64 = 120_000;

/// See the module's head. Ends with the test.
pub(super) struct Server {
    address: SocketAddr,
    hub: Hub,
    keys: Arc<Keys>,
    _stop: watch::Sender<bool>,
    _store: store::Store,
    _directory: TempDir,
}

/// Any origin.
pub(super) fn cors() -> Cors {
    Cors(Origins::Any)
}

impl Server {
    /// Serves these dialects on a free port.
    pub(super) async fn start(charters: &[&'static Charter]) -> Server {
        let directory = tempfile::tempdir().expect("a directory");
        let secret = KeySource::Secret("a secret that is long enough".into());
        let keys = Arc::new(Keys::open(&secret).expect("a secret"));
        let inboxes = Inboxes::new(2);
        let realms = charters.iter().flat_map(|charter| charter.realms.iter().copied());
        let options = store::Options {
            path: directory.path().join("chat.db"),
            durability: store::Durability::Normal,
            realms: realms.chain([ACCOUNTS]).collect(),
            node: 0,
        };
        let (queues, store) = store::open(options, inboxes.receipts()).expect("a new store");
        let (presence, comings) = mpsc::channel(1_024);
        tokio::spawn(backplane::alone::run(comings));
        let ports = Ports { writes: queues.writes, reads: queues.reads, presence };
        let hub = inboxes.start(&ports, RECOVERY_WINDOW_MS);
        let mounts = charters.iter().map(|charter| make(charter, &keys, &hub)).collect();
        let mounts = Arc::new(Mounts::new(mounts).expect("they do not clash"));
        let router = Router::new(&mounts, cors()).expect("nor do their routes");
        let engine = Engine::new(settings(), Speech::SocketIo(mounts, hub.clone()));
        let engines = vec![("/socket.io", engine)];
        let (web, gate) = (Web::default(), Gate::default());
        let site =
            Arc::new(Site { engines, router, web, gate, answers: Answers::default(), echo: None });
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = listener::bind(any).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(listener::serve(listener, site, stopped));
        Server { address, hub, keys, _stop: stop, _store: store, _directory: directory }
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    /// A dialect of this server's hub.
    pub(super) fn make(&self, charter: &'static Charter) -> Arc<dyn Dialect> {
        make(charter, &self.keys, &self.hub)
    }

    /// Where clients connect.
    pub(super) fn target(&self) -> Target {
        Target::resolve(&format!("http://{}", self.address)).expect("an address")
    }

    /// A token for an account.
    pub(super) fn token(&self, id: u64, name: &str) -> String {
        let claims = Claims {
            subject: Subject::Number(id),
            name: Some(name.into()),
            nickname: None,
            email: None,
            role: None,
            expires_s: None,
        };
        self.keys.sign(&claims, clock::wall_ms() / 1_000, 60).expect("a secret signs")
    }

    /// One REST request without a body: the status, and the JSON of the response.
    pub(super) async fn request(&self, method: &str, path: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.address).await.expect("it listens");
        let head = format!("{method} {path} HTTP/1.1\r\nHost: chat\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it reads");
        let mut response = String::new();
        let read = stream.read_to_string(&mut response);
        let patience = Duration::from_secs(20);
        tokio::time::timeout(patience, read).await.expect("it answers").expect("in UTF-8");
        let status = response.split(' ').nth(1).and_then(|status| status.parse().ok());
        let (_, body) = response.split_once("\r\n\r\n").expect("a head and a body");
        (status.expect("a status"), serde_json::from_str(body).expect("JSON"))
    }
}

fn make(charter: &'static Charter, keys: &Arc<Keys>, hub: &Hub) -> Arc<dyn Dialect> {
    let values = Values::of(charter.flags, &[]).expect("the defaults are good");
    let setup = Setup {
        values: &values,
        keys,
        hub,
        is_alone: false,
        message_bytes_max: 65_536,
        shared: None,
    };
    (charter.make)(&setup).expect("it can be made")
}

fn settings() -> Settings {
    Settings {
        timing: Timing {
            ping_interval_ms: 25_000,
            ping_timeout_ms: 20_000,
            upgrade_timeout_ms: 10_000,
        },
        max_payload_bytes: 1_000_000,
        connect_timeout_ms: 45_000,
        events: None,
        recovery_window_ms: RECOVERY_WINDOW_MS,
        cors: cors(),
    }
}
