//! Connections to the file: the writer's and the readers', each with its settings.
//!
//! Nothing is mapped into memory: a failing disk must be an error to answer, not a signal
//! that ends the process.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::Durability;
use super::fault::OpenError;
use super::limits::{
    BUSY_WAIT, READER_CACHE_KIB, STATEMENTS_KEPT_MAX, WAL_FILE_MAX_BYTES, WRITER_CACHE_KIB,
};
use super::migrate::migrate;

/// The connection that writes. Makes the file where there is none.
///
/// # Errors
/// See [`OpenError`].
pub(super) fn writer(path: &Path, durability: Durability) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = open(path, flags)?;
    // Whose file it is comes first: a foreign one must stay as it is.
    migrate(&mut connection, path)?;
    let mode = settle_writer(&connection, durability)
        .map_err(|error| OpenError::new(path.into(), &error))?;
    if mode != "wal" {
        let words = format!("no write-ahead log is possible there, only {mode:?}");
        return Err(OpenError::Unreachable(path.into(), words));
    }
    Ok(connection)
}

/// A connection that only reads.
///
/// # Errors
/// See [`OpenError`].
pub(super) fn reader(path: &Path) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection
        .pragma_update(None, "cache_size", -READER_CACHE_KIB)
        .map_err(|error| OpenError::new(path.into(), &error))?;
    Ok(connection)
}

/// A connection that copies the write-ahead log into the database, and nothing else.
///
/// # Errors
/// See [`OpenError`].
pub(super) fn copier(path: &Path, durability: Durability) -> Result<Connection, OpenError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .pragma_update(None, "synchronous", synchronous(durability))
        .map_err(|error| OpenError::new(path.into(), &error))?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    let told = |error: rusqlite::Error| OpenError::new(path.into(), &error);
    // No other thread ever sees a connection.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(told)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT_MAX);
    connection.busy_timeout(BUSY_WAIT).map_err(told)?;
    // A plan is made once, whatever is bound to it: SQLite would else plan anew for each key.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(told)?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .and_then(|()| connection.pragma_update(None, "mmap_size", 0))
        .and_then(|()| connection.pragma_update(None, "temp_store", "memory"))
        .map_err(told)?;
    Ok(connection)
}

/// Answers with the journal mode that the file got.
fn settle_writer(connection: &Connection, durability: Durability) -> rusqlite::Result<String> {
    let mode = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", synchronous(durability))?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    connection.pragma_update(None, "journal_size_limit", WAL_FILE_MAX_BYTES)?;
    Ok(mode)
}

fn synchronous(durability: Durability) -> &'static str {
    match durability {
        Durability::Full => "full",
        Durability::Normal => "normal",
    }
}
