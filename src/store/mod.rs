//! The store: facts of chat in one SQLite file, behind the hub's ports.
//!
//! Reading order: this file, then `threads` (who waits for what), `writer` (one thread, one
//! transaction per batch), `reader`, `unlisted` (what both know beside the file), `facts`
//! (reading rows), `rows` and `columns` (rows to facts and back), `ids`, `migrate` and `connect`
//! (the file), `log` (its write-ahead log), `fault`, `limits`.
//! It speaks to `hub` alone, in the words of `hub::ports`.

mod columns;
mod connect;
mod facts;
mod fault;
mod ids;
mod limits;
mod log;
mod migrate;
mod reader;
mod rows;
mod sql;
#[cfg(test)]
mod tests;
mod threads;
mod unlisted;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;

pub use self::fault::OpenError;
use self::limits::READERS_COUNT;
use self::reader::Reader;
use self::rows::Realms;
use self::threads::{Worker, start_copier, start_reader, start_writer};
use self::unlisted::Shared;
use self::writer::Known;
use crate::hub::id::Realm;
use crate::hub::ports::{Read, Receipt, Write};
use crate::limits::{READS_MAX, WRITES_MAX};

/// What a write must survive before it is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The loss of power: the log is synced before the answer.
    #[default]
    Full,
    /// The end of the process, however sudden.
    Normal,
}

/// Which file, and how it is used.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file; made where there is none, in a directory that exists.
    pub path: PathBuf,
    /// What an answered write survives.
    pub durability: Durability,
    /// Every realm there is, of rooms and of people.
    pub realms: Vec<Realm>,
    /// This node's number in message ids, 0 to 31.
    pub node: u8,
}

/// Takes a shard's receipts, in order. Called on the writer's thread, so it must be quick.
pub type Receipts = Box<dyn Fn(usize, Vec<Receipt>) + Send>;

/// The ways in. Cheap to clone; both are bounded, and full means that the store is behind.
#[derive(Clone)]
pub struct Queues {
    /// To the one writer.
    pub writes: mpsc::Sender<Write>,
    /// To the readers.
    pub reads: mpsc::Sender<Read>,
}

/// The store at work. Dropping it stops it without waiting; see [`Store::close`].
#[must_use = "dropping the store stops it"]
pub struct Store {
    readers: Vec<Worker>,
    copier: Worker,
    writer: Worker,
}

/// Opens the file, brings its schema up to date, and starts the writer and the readers.
///
/// # Errors
/// A sentence for the operator: see [`OpenError`].
pub fn open(options: Options, receipts: Receipts) -> Result<(Queues, Store), OpenError> {
    let Options { path, durability, realms, node } = options;
    let no_thread = |error: std::io::Error| OpenError::Unreachable(path.clone(), error.to_string());
    let (writes, writes_queue) = mpsc::channel(WRITES_MAX);
    let (reads, reads_queue) = mpsc::channel(READS_MAX);

    let mut connection = connect::writer(&path, durability)?;
    let (log, copier, copies) = log::watch(&mut connection, &path, durability)?;
    let unlisted = Shared::default();
    let known = Known::read(&connection, Realms(realms.clone()), node, unlisted.clone())
        .map_err(|fault| OpenError::Unreachable(path.clone(), fault.to_string()))?;
    let writer =
        start_writer(connection, known, log, writes_queue, receipts, now_ms).map_err(no_thread)?;
    let copier = start_copier(copier, copies).map_err(no_thread)?;

    let reads_queue = Arc::new(Mutex::new(reads_queue));
    let readers = (0..READERS_COUNT)
        .map(|_| {
            let connection = connect::reader(&path)?;
            let reader = Reader::new(connection, Realms(realms.clone()), unlisted.clone());
            start_reader(reader, reads_queue.clone()).map_err(no_thread)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok((Queues { writes, reads }, Store { readers, copier, writer }))
}

impl Store {
    /// Stops: nothing more is taken, all that waits is done and answered, then the file is
    /// closed. Blocks until it is.
    pub fn close(self) {
        let readers: Vec<_> = self.readers.into_iter().map(Worker::stop).collect();
        for thread in readers {
            join(thread);
        }
        join(self.copier.stop());
        // Last, so that closing it can empty the write-ahead log.
        join(self.writer.stop());
    }
}

fn join(thread: std::thread::JoinHandle<()>) {
    if thread.join().is_err() {
        tracing::error!("a thread of the store has panicked");
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0))
}
