//! The write-ahead log: who copies it into the database, and that it stays short.

use std::path::Path;

use rusqlite::Connection;
use tokio::sync::mpsc::Receiver;

use crate::store::limits::{LOG_COPY_PAGES, LOG_PAGES_MAX};
use crate::store::log::{Copier, Log, watch};
use crate::store::{Durability, connect};

/// A file with a log that nobody copies but the test.
struct Watched {
    connection: Connection,
    log: Log,
    copier: Copier,
    copies: Receiver<()>,
}

impl Watched {
    fn on(directory: &Path) -> Watched {
        let path = directory.join("facts.db");
        let mut connection = connect::writer(&path, Durability::Normal).unwrap();
        let (log, copier, copies) = watch(&mut connection, &path, Durability::Normal).unwrap();
        connection.execute_batch("CREATE TABLE page (bytes BLOB)").unwrap();
        Watched { connection, log, copier, copies }
    }

    /// Commits about so many pages, and tends the log.
    fn write(&self, pages: u32) {
        let insert = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO page SELECT zeroblob(3900) FROM n";
        self.connection.execute(insert, [pages]).unwrap();
        self.log.tend(&self.connection);
    }

    /// Copies, if that is called for.
    fn copies(&mut self) -> bool {
        let called = self.copies.try_recv().is_ok();
        if called {
            self.copier.copy();
        }
        called
    }

    /// How many pages the log has, and how many of them are copied.
    fn pages(&self) -> (u32, u32) {
        let asked = "PRAGMA wal_checkpoint(NOOP)";
        self.connection.query_row(asked, [], |row| Ok((row.get(1)?, row.get(2)?))).unwrap()
    }
}

#[test]
fn a_log_is_copied_beside_the_writer_and_begins_anew_when_little_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let mut watched = Watched::on(dir.path());
    watched.write(LOG_COPY_PAGES / 2);
    assert!(!watched.copies(), "too little to copy");
    let reader = connect::reader(&dir.path().join("facts.db")).unwrap();
    watched.write(LOG_COPY_PAGES);
    // What the writer adds while the rest is copied is left: here, beyond what somebody reads.
    reader.execute_batch("BEGIN; SELECT * FROM sqlite_schema").unwrap();
    watched.write(20);
    assert!(watched.copies());
    reader.execute_batch("COMMIT").unwrap();
    let (logged, copied) = watched.pages();
    assert!((1..100).contains(&(logged - copied)), "{copied} of {logged} pages");
    watched.write(20);
    let (logged, copied) = watched.pages();
    assert_eq!(logged, copied, "the rest is copied by the writer");
    watched.write(20);
    let (logged, _) = watched.pages();
    assert!(logged < 100, "{logged} pages: it has not begun anew");
}

#[test]
fn a_log_that_grows_faster_than_it_is_copied_is_copied_by_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let watched = Watched::on(dir.path());
    let mut longest = 0;
    for _ in 0..2 * LOG_PAGES_MAX / LOG_COPY_PAGES {
        watched.write(LOG_COPY_PAGES);
        longest = longest.max(watched.pages().0);
    }
    assert!(longest < LOG_PAGES_MAX + 2 * LOG_COPY_PAGES, "{longest} pages");
}
