//! What an operator may change, from flags, the environment and a file.
//!
//! Settings are data: tables of [`Flag`]s, the base ones here and those that dialects and
//! commands bring as arguments. [`read`] answers with a typed [`Config`] of the base settings and
//! the [`Values`] of all of them, from which a dialect reads its own.

pub mod base;
mod command_line;
mod file;
pub mod flag;
pub mod spelling;
mod values;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use base::{GROUPS, Group};
use command_line::CONFIG_FLAG;
pub use command_line::{Stop, Verb};
use file::File;
pub use flag::{Flag, Shape};
use spelling::Cidr;
use values::Layers;
pub use values::{Source, Values};

/// A dialect, as far as the command line must know it.
#[derive(Clone, Copy)]
pub struct Offer {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a line.
    pub summary: &'static str,
    /// Its own settings.
    pub flags: &'static [Flag],
}

/// What was asked for.
pub struct Invocation {
    /// The verb's place in the list.
    pub verb: usize,
    /// The base settings.
    pub config: Config,
    /// All settings.
    pub values: Values,
}

/// The base settings.
#[derive(Clone)]
pub struct Config {
    // No `Debug`: there are secrets in it.
    /// Where to listen; `None` where nobody said so, and the default is the dialect's.
    pub listen: Option<Vec<SocketAddr>>,
    /// The dialects to mount, in the order of the offers.
    pub dialects: Vec<&'static str>,
    /// Whether dialects hear each other's rooms.
    pub bridge: bool,
    /// Origins whose pages may connect.
    pub cors_origins: Origins,
    /// Proxies whose forwarded addresses are believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Where the keys for tokens come from.
    pub keys: KeySource,
    /// Whether claimed identities are served beyond loopback.
    pub allow_claimed_identities: bool,
    /// The directory of the database, the lock and the secret.
    pub data: PathBuf,
    /// What an ack stands for.
    pub durability: Durability,
    /// The URL of a Redis server.
    pub redis_url: Option<String>,
    /// Milliseconds between two heartbeats.
    pub ping_interval_ms: u64,
    /// Milliseconds a client has to answer a heartbeat.
    pub ping_timeout_ms: u64,
    /// Milliseconds a new connection has to join a namespace.
    pub connect_timeout_ms: u64,
    /// Milliseconds a connection has to change its transport.
    pub upgrade_timeout_ms: u64,
    /// Milliseconds a session whose transport was lost is to be kept. Not acted on yet.
    pub recovery_window_ms: u64,
    /// Bytes of one request's body or one WebSocket message.
    pub max_payload_bytes: usize,
    /// Bytes of one chat message's text.
    pub max_message_bytes: usize,
    /// Events per second from one connection, in bursts of twice as many; 0: any number.
    pub events_per_second: u64,
    /// New connections per second from one address beyond loopback, in bursts of twice as many;
    /// 0: any number.
    pub connections_per_address: u64,
    /// REST requests per second from one address beyond loopback, in bursts of twice as many; 0:
    /// any number.
    pub rest_requests_per_second: u64,
}

/// What an ack stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The message survives the loss of power.
    Full,
    /// The message survives a crash of the process.
    Normal,
}

/// Origins whose pages may connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// All.
    Any,
    /// These, as browsers spell them.
    List(Vec<String>),
}

impl Origins {
    /// Whether a page of that origin may connect.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        match self {
            Origins::Any => true,
            Origins::List(list) => list.iter().any(|one| one.eq_ignore_ascii_case(origin)),
        }
    }
}

/// Where the keys for tokens come from.
#[derive(Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A secret that was given.
    Secret(String),
    /// A PEM file with a public key.
    PublicKeyFile(PathBuf),
    /// A secret in the data directory, made at first use.
    DataDirectory(PathBuf),
}

/// Reads the command line (the program's name first), the environment and the file it names.
///
/// # Errors
/// Words that were asked for, or a sentence that says what is wrong, where it came from, and how
/// to mend it.
///
/// # Panics
/// When `verbs` is empty.
pub fn read(
    args: impl IntoIterator<Item = OsString>,
    env: &dyn Fn(&str) -> Option<OsString>,
    offers: &[Offer],
    verbs: &[Verb],
) -> Result<Invocation, Stop> {
    let groups = groups(offers);
    let given = command_line::parse(args, &groups, offers, verbs)?;
    let settle = || {
        let flags: Vec<Flag> = groups.iter().flat_map(|group| group.flags).copied().collect();
        let file = match given.find(CONFIG_FLAG.name) {
            Some(paths) => read_file(&paths, &flags)?,
            None => File::default(),
        };
        let all: Vec<Flag> = flags.iter().chain(verbs[given.verb].flags).copied().collect();
        let find = |name: &str| given.find(name);
        let values = Values::settle(&all, &Layers { given: &find, env, file: &file })?;
        let config = Config::new(&values, offers)?;
        Ok(Invocation { verb: given.verb, config, values })
    };
    settle().map_err(Stop::Mistake)
}

fn read_file(paths: &[String], flags: &[Flag]) -> Result<File, String> {
    match paths {
        [path] => File::read(Path::new(path), flags),
        _ => Err("--config is given more than once, but there can be one file".into()),
    }
}

/// All headings of the help: the base ones, then one for each dialect that has flags.
fn groups(offers: &[Offer]) -> Vec<Group> {
    let base = GROUPS.iter().map(|group| Group { heading: group.heading, flags: group.flags });
    let with_flags = offers.iter().filter(|offer| !offer.flags.is_empty());
    base.chain(with_flags.map(|offer| Group { heading: offer.name, flags: offer.flags })).collect()
}

impl Config {
    fn new(values: &Values, offers: &[Offer]) -> Result<Config, String> {
        Ok(Config {
            listen: listen(values)?,
            dialects: dialects(values, offers)?,
            bridge: values.switch("bridge"),
            cors_origins: cors_origins(values),
            trusted_proxies: parsed(values, "trusted-proxy", Cidr::parse)?,
            keys: keys(values)?,
            allow_claimed_identities: values.switch("allow-claimed-identities"),
            data: directory(values),
            durability: values.choice(
                "durability",
                &[("full", Durability::Full), ("normal", Durability::Normal)],
            ),
            redis_url: values.text("redis").map(str::to_owned),
            ping_interval_ms: values.number("ping-interval-ms"),
            ping_timeout_ms: values.number("ping-timeout-ms"),
            connect_timeout_ms: values.number("connect-timeout-ms"),
            upgrade_timeout_ms: values.number("upgrade-timeout-ms"),
            recovery_window_ms: values.duration_ms("recovery-window"),
            max_payload_bytes: values.number("max-payload"),
            max_message_bytes: values.number("max-message-bytes"),
            events_per_second: values.number("events-per-second"),
            connections_per_address: values.number("connections-per-address"),
            rest_requests_per_second: values.number("rest-requests-per-second"),
        })
    }
}

fn listen(values: &Values) -> Result<Option<Vec<SocketAddr>>, String> {
    if !values.is_given("listen") {
        return Ok(None);
    }
    let addresses: Vec<SocketAddr> = parsed(values, "listen", spelling::address)?;
    for (place, address) in addresses.iter().enumerate() {
        if address.port() != 0 && addresses[..place].contains(address) {
            let source = values.source("listen");
            return Err(format!("{source} has {address} twice: keep one of them"));
        }
    }
    Ok(Some(addresses))
}

fn dialects(values: &Values, offers: &[Offer]) -> Result<Vec<&'static str>, String> {
    let asked = values.list("dialect");
    if let Some(unknown) = asked.iter().find(|name| offers.iter().all(|one| one.name != **name)) {
        let source = values.source("dialect");
        let names: Vec<_> = offers.iter().map(|offer| offer.name).collect();
        return Err(format!("{source} is {unknown:?}, but the dialects are {}", names.join(", ")));
    }
    let names = offers.iter().map(|offer| offer.name);
    Ok(names.filter(|name| asked.is_empty() || asked.iter().any(|one| one == name)).collect())
}

fn cors_origins(values: &Values) -> Origins {
    let list = values.list("cors-origins");
    match list.iter().any(|origin| origin == "*") {
        true => Origins::Any,
        false => Origins::List(list.to_vec()),
    }
}

/// The secret or the public key, whichever comes from the nearer source.
fn keys(values: &Values) -> Result<KeySource, String> {
    let secret = values.text("jwt-secret");
    let file = values.text("jwt-public-key");
    let (from, other) = (values.source("jwt-secret"), values.source("jwt-public-key"));
    match (secret, file) {
        (Some(_), Some(_)) if from.rank() == other.rank() => Err(format!(
            "{from} and {other} are both given, but tokens are checked with one of them: leave \
             one out"
        )),
        (Some(secret), file) if file.is_none() || from.rank() < other.rank() => {
            Ok(KeySource::Secret(secret.to_owned()))
        }
        (_, Some(file)) => Ok(KeySource::PublicKeyFile(file.into())),
        _ => Ok(KeySource::DataDirectory(directory(values))),
    }
}

fn directory(values: &Values) -> PathBuf {
    values.text("data").expect("the data directory has a default").into()
}

/// All values of a flag whose shape has let them pass.
fn parsed<T>(
    values: &Values,
    name: &str,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    values.list(name).iter().map(|value| parse(value)).collect()
}

#[cfg(test)]
mod tests;
