//! The schema's versions, and whether a file is ours to use at all.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::fault::OpenError;

/// "poly" in the file's header: tells our databases from other programs'.
const APPLICATION_ID: i64 = 0x706f_6c79;

/// The migrations in order; a file's `user_version` says how many it has had.
const MIGRATIONS: [&str; 3] = [
    include_str!("../../sql/sqlite/schema/0001_facts.sql"),
    include_str!("../../sql/sqlite/schema/0002_history.sql"),
    include_str!("../../sql/sqlite/schema/0003_tails.sql"),
];

/// The version this program writes.
pub(super) const VERSION: i64 = MIGRATIONS.len() as i64;

/// Brings the file up to [`VERSION`]. A new file gets the whole schema; what is foreign or too
/// new is left as it is, untouched.
///
/// # Errors
/// See [`OpenError`].
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let told = |error: rusqlite::Error| OpenError::new(path.into(), &error);
    let found = version(connection, path)?;
    if found == VERSION {
        return Ok(());
    }
    let change =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
    // Another process may have been faster.
    let found = version(&change, path)?;
    if found > 0 {
        tracing::info!(from = found, to = VERSION, "the database is brought up to date");
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        change.execute_batch(migration).map_err(told)?;
    }
    change
        .pragma_update(None, "application_id", APPLICATION_ID)
        .and_then(|()| change.pragma_update(None, "user_version", VERSION))
        .map_err(told)?;
    change.commit().map_err(told)
}

/// How many migrations the file has had; 0 for an empty one.
fn version(connection: &Connection, path: &Path) -> Result<i64, OpenError> {
    let told = |error: rusqlite::Error| OpenError::new(path.into(), &error);
    let number = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let owner = number("PRAGMA application_id").map_err(told)?;
    let found = number("PRAGMA user_version").map_err(told)?;
    let tables = number("SELECT count(*) FROM sqlite_schema").map_err(told)?;
    match (owner, found) {
        (0, 0) if tables == 0 => Ok(0),
        (APPLICATION_ID, 1..=VERSION) => Ok(found),
        (APPLICATION_ID, _) if found > VERSION => {
            Err(OpenError::Newer(path.into(), found, VERSION))
        }
        _ => Err(OpenError::Foreign(path.into())),
    }
}
