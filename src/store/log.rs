//! The write-ahead log, and when it is copied into the database.
//!
//! To copy thousands of pages and sync them would hold up every commit meanwhile: a thread with
//! a connection of its own does it beside the writer. But the log begins anew only where all of
//! it is copied, and the writer has gone on meanwhile; so once the log is long, the writer copies
//! the little that is left itself.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::fault::OpenError;
use super::limits::{LOG_COPY_PAGES, LOG_PAGES_MAX, LOG_REST_PAGES};
use super::{Durability, connect};

/// What the writer and whoever copies know of the log. Hints: SQLite knows better.
#[derive(Default)]
struct Pages {
    /// How many pages the log has.
    logged: AtomicU32,
    /// How many of them are copied.
    copied: AtomicU32,
    /// Whether the thread is at it.
    copying: AtomicBool,
}

/// The writer's side. To be dropped after the writer's connection.
pub(super) struct Log {
    pages: Arc<Pages>,
    copies: mpsc::Sender<()>,
    /// Held, not used: a process that closes a file loses its locks on it, SQLite's as well.
    _database: Arc<File>,
}

/// The side of the thread that copies.
pub(super) struct Copier {
    connection: Connection,
    pages: Arc<Pages>,
    database: Arc<File>,
}

/// Takes over from SQLite when `writer` copies the log of the database at `path`. The queue has a
/// word for each time that there is something to copy.
///
/// # Errors
/// See [`OpenError`].
pub(super) fn watch(
    writer: &mut Connection,
    path: &Path,
    durability: Durability,
) -> Result<(Log, Copier, mpsc::Receiver<()>), OpenError> {
    let connection = connect::copier(path, durability)?;
    let database =
        File::open(path).map_err(|error| OpenError::Unreachable(path.into(), error.to_string()))?;
    let database = Arc::new(database);
    let pages = Arc::new(Pages::default());
    let (copies, queue) = mpsc::channel(1);
    let told = pages.clone();
    let hooked = writer.wal_hook(Some(move |_: &mut _, logged: i32| {
        let logged = logged.cast_unsigned();
        if logged < told.logged.swap(logged, Relaxed) {
            // The log has begun anew.
            told.copied.store(0, Relaxed);
        }
        Ok(())
    }));
    hooked.map_err(|error| OpenError::new(path.into(), &error))?;
    let log = Log { pages: pages.clone(), copies, _database: database.clone() };
    Ok((log, Copier { connection, pages, database }, queue))
}

impl Log {
    /// To be called now and then between the writer's batches: has the log copied, or begins it
    /// anew through the writer's `connection`.
    pub(super) fn tend(&self, connection: &Connection) {
        let logged = self.pages.logged.load(Relaxed);
        let copied = self.pages.copied.load(Relaxed);
        // More than there are: it was counted before the log began anew.
        let left = if copied > logged { logged } else { logged - copied };
        let is_copying = self.pages.copying.load(Relaxed);
        let is_little = !is_copying && left <= LOG_REST_PAGES;
        if logged >= LOG_PAGES_MAX || (logged >= LOG_COPY_PAGES && is_little) {
            copy(connection, &self.pages);
        } else if left >= LOG_COPY_PAGES && !is_copying {
            self.pages.copying.store(true, Relaxed);
            if self.copies.try_send(()).is_err() {
                self.pages.copying.store(false, Relaxed);
            }
        }
    }
}

impl Copier {
    /// Copies what can be copied without waiting for anybody, and syncs it: SQLite does so only
    /// where nothing is left, and the writer would have to wait for it then.
    pub(super) fn copy(&self) {
        copy(&self.connection, &self.pages);
        if let Err(error) = self.database.sync_data() {
            tracing::warn!(%error, "the database could not be synced");
        }
        self.pages.copying.store(false, Relaxed);
    }
}

fn copy(connection: &Connection, pages: &Pages) {
    let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(2)?))
    });
    match done {
        // Somebody else is at it.
        Ok((true, _)) => {}
        Ok((false, copied)) => pages.copied.store(u32::try_from(copied).unwrap_or(0), Relaxed),
        Err(error) => tracing::warn!(%error, "the log could not be copied into the database"),
    }
}
