//! The scenarios: each takes a [`Plan`] and its own numbers, and gives a [`Report`].
//! [`run`] is the door: it keeps its thread to itself, so that clients share state without locks.
//! Inside: a `crowd` comes in, a `window` is measured; of a fan-out, each sender is a `flight`,
//! each member has a `receiver`, and the `stage` holds both.

mod connect;
mod crowd;
mod echo;
mod fanout;
mod flight;
mod idle;
mod outcome;
mod receiver;
mod stage;
mod window;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use fanout::Shape;
pub use outcome::Outcome;
pub use window::Spent;

use crate::client::{ClientError, Target};
use crate::presets::Speech;
use crate::report::Report;
use crate::tokens::Tokens;

/// How long a message may be under way, unless the plan says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// `{run}` is this and up, so that it always has six digits.
const RUN_MIN: u32 = 100_000;
const RUNS: u64 = 900_000;

/// What all scenarios need to know.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server.
    pub target: Target,
    /// What clients say and hear.
    pub speech: Speech,
    /// Where tokens come from.
    pub tokens: Tokens,
    /// The body's size; a stamp's at least ([`crate::stamp::STAMP_BYTES`]).
    pub size_bytes: usize,
    /// Whether sends want an ack.
    pub ack: bool,
    /// The server's process, if it runs on this machine.
    pub pid: Option<u32>,
    /// How long is measured.
    pub measured: Duration,
    /// How long the load runs before that.
    pub warmup: Duration,
    /// How long an ack, a join's answer or, in a closed loop, a message may take, and how long
    /// the end waits for what is still to come; then it is lost.
    pub patience: Duration,
    /// Clients that open at once.
    pub opening_at_once: usize,
    /// 100000..=999999, `{run}`: tells this run's messages and rooms from another's.
    pub run: u32,
}

impl Plan {
    /// Ten seconds after two of warm-up, bodies of 128 bytes, no tokens, no acks. The target's
    /// namespace becomes the speech's.
    pub fn new(target: Target, speech: Speech) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            target: target.namespace(&speech.namespace),
            speech,
            tokens: Tokens::None,
            size_bytes: 128,
            ack: false,
            pid: None,
            measured: Duration::from_secs(10),
            warmup: Duration::from_secs(2),
            patience: PATIENCE,
            opening_at_once: 64,
            run: RUN_MIN + (since.as_secs() % RUNS) as u32,
        }
    }
}

/// One scenario and its numbers.
#[derive(Clone, Debug)]
pub enum Scenario {
    /// Messages to rooms.
    Fanout(Shape),
    /// Emit and ack, in a closed loop.
    Echo {
        /// How many do so.
        clients: usize,
    },
    /// A storm of handshakes.
    Connect {
        /// How many.
        clients: usize,
    },
    /// Connections that do nothing.
    Idle {
        /// How many.
        clients: usize,
    },
}

/// Why a scenario has no figures.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for makes no sense.
    Plan(String),
    /// A client failed before the measurement began.
    Client(ClientError),
    /// Tokens or /proc.
    Io(std::io::Error),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plan(words) => write!(out, "{words}"),
            Self::Client(error) => write!(out, "a client failed: {error}"),
            Self::Io(error) => write!(out, "{error}"),
        }
    }
}

impl std::error::Error for Failure {}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Runs a scenario on this thread, to its end. Not to be called from inside a runtime.
///
/// # Errors
/// See [`Failure`]; what goes wrong once messages fly is a figure of the report instead.
pub fn run(plan: &Plan, scenario: &Scenario) -> Result<Report, Failure> {
    match scenario {
        Scenario::Fanout(shape) => run_fanout(plan, shape).map(|outcome| outcome.report()),
        Scenario::Echo { clients } => on_this_thread(echo::run(plan, *clients)),
        Scenario::Connect { clients } => on_this_thread(connect::run(plan, *clients)),
        Scenario::Idle { clients } => on_this_thread(idle::run(plan, *clients)),
    }
}

/// The same for a fan-out, whose figures programs can read.
///
/// # Errors
/// As [`run`].
pub fn run_fanout(plan: &Plan, shape: &Shape) -> Result<Outcome, Failure> {
    on_this_thread(fanout::run(plan, shape))
}

fn on_this_thread<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, work)
}
