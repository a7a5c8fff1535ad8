//! All dialects over a real store in a directory of its own, made once in a process: whatever a
//! target gives them meets the code that a client's words would meet.

use std::sync::{Arc, LazyLock};

use jwt_simple::prelude::HS256Key;
use polylogue::config::{KeySource, Values};
use polylogue::dialects::kit::rest::Route;
use polylogue::dialects::{ALL, Charter, Dialect, Setup};
use polylogue::hub::event::Person;
use polylogue::hub::id::{ACCOUNTS, UserId};
use polylogue::hub::ports::Ports;
use polylogue::hub::{Hub, Inboxes, clock};
use polylogue::keys::{Claims, Keys, Subject};
use polylogue::{backplane, store};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

const SECRET: &str = "a secret that is long enough";
const DAY_S: u64 = 86_400;

/// See the module's head.
pub(crate) struct Stage {
    /// What runs the dialects' futures.
    pub(crate) runtime: Runtime,
    /// All dialects.
    pub(crate) dialects: Vec<Arc<dyn Dialect>>,
    /// All of their routes.
    pub(crate) routes: Vec<Route>,
    /// Whoever speaks.
    pub(crate) who: Arc<Person>,
    /// A token of theirs.
    pub(crate) token: String,
    /// What verifies tokens.
    pub(crate) keys: Arc<Keys>,
    /// What signs any bytes.
    pub(crate) key: HS256Key,
    _store: store::Store,
    _directory: TempDir,
}

/// The stage.
pub(crate) static STAGE: LazyLock<Stage> = LazyLock::new(Stage::new);

impl Stage {
    fn new() -> Stage {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let directory = tempfile::tempdir().expect("a directory");
        let keys = Keys::open(&KeySource::Secret(SECRET.into())).expect("a secret");
        let keys = Arc::new(keys);
        let inboxes = Inboxes::new(1);
        let options = store::Options {
            path: directory.path().join("chat.db"),
            durability: store::Durability::Normal,
            realms: ALL
                .iter()
                .flat_map(|charter| charter.realms)
                .copied()
                .chain([ACCOUNTS])
                .collect(),
            node: 0,
        };
        let (queues, store) = store::open(options, inboxes.receipts()).expect("a new store");
        let (presence, comings) = mpsc::channel(1_024);
        let ports = Ports { writes: queues.writes, reads: queues.reads, presence };
        let hub = runtime.block_on(async {
            tokio::spawn(backplane::alone::run(comings));
            inboxes.start(&ports, 0)
        });
        for charter in ALL {
            runtime.block_on((charter.demo)(&ports, None)).expect("the demonstration's data");
        }
        let dialects: Vec<_> = ALL.iter().map(|charter| make(charter, &keys, &hub)).collect();
        let routes = dialects.iter().flat_map(|dialect| Arc::clone(dialect).routes()).collect();
        let token = keys.sign(&claims(), clock::wall_ms() / 1_000, DAY_S).expect("it signs");
        let key = HS256Key::from_bytes(SECRET.as_bytes());
        let (_store, _directory) = (store, directory);
        Stage { runtime, dialects, routes, who: person(), token, keys, key, _store, _directory }
    }
}

fn make(charter: &'static Charter, keys: &Arc<Keys>, hub: &Hub) -> Arc<dyn Dialect> {
    let values = Values::of(charter.flags, &[]).expect("the defaults are good");
    let setup = Setup {
        values: &values,
        keys,
        hub,
        is_alone: false,
        message_bytes_max: MESSAGE_BYTES_MAX,
        shared: None,
    };
    (charter.make)(&setup).expect("it can be made")
}

/// The longest text that a dialect may let through, in bytes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 65_536;

fn claims() -> Claims {
    Claims {
        subject: Subject::Number(1),
        name: Some("user_1".into()),
        nickname: Some("one".into()),
        email: None,
        role: None,
        expires_s: None,
    }
}

fn person() -> Arc<Person> {
    Arc::new(Person {
        realm: ACCOUNTS,
        id: UserId(1),
        code: None,
        name: "user_1".into(),
        nickname: Some("one".into()),
        profile: None,
    })
}
