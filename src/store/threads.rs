//! The store's threads: what each waits for, and how it ends.
//!
//! A thread that is told to stop closes its queue, does what is waiting in it, and ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use tokio::runtime::{self, Runtime};
use tokio::sync::{mpsc, watch};

use super::Receipts;
use super::limits::BATCH_WRITES_MAX;
use super::log::{Copier, Log};
use super::reader::Reader;
use super::writer::{self, Known, Writer};
use crate::hub::ports::{Read, Write};

/// A thread at work.
pub(super) struct Worker {
    stop: watch::Sender<()>,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Tells the thread to stop. Dropping it does the same.
    pub(super) fn stop(self) -> JoinHandle<()> {
        drop(self.stop);
        self.thread
    }

    fn start(name: &str, work: impl FnOnce(Stop) + Send + 'static) -> std::io::Result<Worker> {
        let (stop, stopped) = watch::channel(());
        let stop_side = Stop {
            told: stopped,
            // Nothing but channels is waited for: no timers, no sockets.
            runtime: runtime::Builder::new_current_thread().build()?,
        };
        let thread = Builder::new().name(name.into()).spawn(move || work(stop_side))?;
        Ok(Worker { stop, thread })
    }
}

/// Waiting for work, or for the end.
struct Stop {
    told: watch::Receiver<()>,
    runtime: Runtime,
}

impl Stop {
    /// Takes what waits, up to `max`, into `items`; waits for one. Nothing taken: it is over.
    fn take<T>(&mut self, queue: &mut mpsc::Receiver<T>, items: &mut Vec<T>, max: usize) {
        let told = &mut self.told;
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = queue.recv_many(items, max) => {}
                _ = told.changed() => {
                    queue.close();
                    queue.recv_many(items, max).await;
                }
            }
        });
    }
}

/// Starts the writer's thread, on its own connection.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_writer(
    connection: Connection,
    mut known: Known,
    log: Log,
    mut queue: mpsc::Receiver<Write>,
    receipts: Receipts,
    clock: fn() -> u64,
) -> std::io::Result<Worker> {
    Worker::start("store-writer", move |mut stop| {
        let mut writer = Writer::new(&connection, &mut known);
        let mut batch = Vec::with_capacity(BATCH_WRITES_MAX);
        loop {
            stop.take(&mut queue, &mut batch, BATCH_WRITES_MAX);
            if batch.is_empty() {
                break;
            }
            while !batch.is_empty() {
                let taken = batch_len(&batch);
                writer.commit(batch.drain(..taken), clock()).send(&*receipts);
                log.tend(&connection);
            }
        }
        drop(writer);
        writer::close(connection);
        drop(log);
    })
}

/// How many of them make one transaction: at least one, with [`BATCH_WRITES_MAX`] rows at most
/// where each alone has no more.
fn batch_len(writes: &[Write]) -> usize {
    let mut rows = 0;
    let fits = writes.iter().take_while(|write| {
        rows += match write {
            Write::Appends(appends) => appends.len(),
            _ => 1,
        };
        rows <= BATCH_WRITES_MAX
    });
    fits.count().max(1)
}

/// Starts the thread that copies the log, each time the queue has a word.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_copier(
    copier: Copier,
    mut queue: mpsc::Receiver<()>,
) -> std::io::Result<Worker> {
    Worker::start("store-copier", move |mut stop| {
        let mut words = Vec::with_capacity(1);
        loop {
            stop.take(&mut queue, &mut words, 1);
            if words.is_empty() {
                break;
            }
            words.clear();
            copier.copy();
        }
    })
}

/// Starts a reader's thread on the queue that all readers share.
///
/// # Errors
/// When the system gives no thread.
pub(super) fn start_reader(
    reader: Reader,
    queue: Arc<Mutex<mpsc::Receiver<Read>>>,
) -> std::io::Result<Worker> {
    Worker::start("store-reader", move |mut stop| {
        let mut next = Vec::with_capacity(1);
        loop {
            // Whoever holds the lock is the one that waits; nothing is done under it.
            let mut queue_held = queue.lock().unwrap_or_else(PoisonError::into_inner);
            stop.take(&mut queue_held, &mut next, 1);
            drop(queue_held);
            match next.pop() {
                Some(read) => reader.answer(read),
                None => break,
            }
        }
    })
}
