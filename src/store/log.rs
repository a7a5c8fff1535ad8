//! The write-ahead log, and when it is copied into the database.
//!
//! To copy thousands of pages and sync them would hold up every commit meanwhile: a thread with
//! a connection of its own does it beside the writer. But the log begins anew only where all of
//! it is copied, and the writer has gone on meanwhile; so once the log is long, the writer copies
//! the little that is left itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::limits::{LOG_COPY_PAGES, LOG_PAGES_MAX, LOG_REST_PAGES, LOG_RESTART_PAGES};

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

/// The writer's side.
pub(super) struct Log {
    pages: Arc<Pages>,
    copies: mpsc::Sender<()>,
}

/// The side of the thread that copies.
pub(super) struct Copier {
    connection: Connection,
    pages: Arc<Pages>,
}

/// Takes over from SQLite when `writer` copies the log; `copier` is another connection to the
/// same file. The queue has a word for each time that there is something to copy.
///
/// # Errors
/// When SQLite refuses.
pub(super) fn watch(
    writer: &mut Connection,
    copier: Connection,
) -> rusqlite::Result<(Log, Copier, mpsc::Receiver<()>)> {
    let pages = Arc::new(Pages::default());
    let (copies, queue) = mpsc::channel(1);
    let told = pages.clone();
    writer.wal_hook(Some(move |_: &mut _, logged: i32| {
        let logged = logged.cast_unsigned();
        if logged < told.logged.swap(logged, Relaxed) {
            // The log has begun anew.
            told.copied.store(0, Relaxed);
        }
        Ok(())
    }))?;
    Ok((Log { pages: pages.clone(), copies }, Copier { connection: copier, pages }, queue))
}

impl Log {
    /// To be called now and then between the writer's batches: has the log copied, or begins it
    /// anew through the writer's `connection`.
    pub(super) fn tend(&self, connection: &Connection) {
        let logged = self.pages.logged.load(Relaxed);
        let left = logged.saturating_sub(self.pages.copied.load(Relaxed));
        let is_copying = self.pages.copying.load(Relaxed);
        let is_little = !is_copying && left <= LOG_REST_PAGES;
        if logged >= LOG_PAGES_MAX || (logged >= LOG_RESTART_PAGES && is_little) {
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
    /// Copies what can be copied without waiting for anybody.
    pub(super) fn copy(&self) {
        copy(&self.connection, &self.pages);
        self.pages.copying.store(false, Relaxed);
    }
}

fn copy(connection: &Connection, pages: &Pages) {
    let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2));
    match copied {
        Ok(copied) => pages.copied.store(copied, Relaxed),
        Err(error) => tracing::warn!(%error, "the log could not be copied into the database"),
    }
}
