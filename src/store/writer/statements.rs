//! Statements that most batches run, kept prepared: to look one up by its text, and to put it back,
//! takes nearly half as long as to store a message with it.

use rusqlite::{CachedStatement, Connection};

use crate::store::sql;

/// See the module's head.
pub(super) struct Statements<'c> {
    pub(super) begin: Kept<'c>,
    /// What tells that another process wrote.
    pub(super) version: Kept<'c>,
    pub(super) message_insert: Kept<'c>,
    pub(super) sent_by_key: Kept<'c>,
    pub(super) sent_put: Kept<'c>,
    pub(super) history_insert: Kept<'c>,
    pub(super) tail_update: Kept<'c>,
    pub(super) commit: Kept<'c>,
}

impl<'c> Statements<'c> {
    /// Those of a connection.
    pub(super) fn new(connection: &'c Connection) -> Statements<'c> {
        let kept = |sql| Kept { connection, sql, statement: None };
        Statements {
            begin: kept("BEGIN IMMEDIATE"),
            version: kept("PRAGMA data_version"),
            message_insert: kept(sql::MESSAGE_INSERT),
            sent_by_key: kept(sql::SENT_BY_KEY),
            sent_put: kept(sql::SENT_PUT),
            history_insert: kept(sql::HISTORY_INSERT),
            tail_update: kept(sql::TAIL_UPDATE),
            commit: kept("COMMIT"),
        }
    }
}

/// A statement that is prepared when it is first needed.
pub(super) struct Kept<'c> {
    connection: &'c Connection,
    sql: &'static str,
    statement: Option<CachedStatement<'c>>,
}

impl<'c> Kept<'c> {
    /// The statement, to be run.
    pub(super) fn ready(&mut self) -> rusqlite::Result<&mut CachedStatement<'c>> {
        let statement = &mut self.statement;
        match statement {
            Some(ready) => Ok(ready),
            None => Ok(statement.insert(self.connection.prepare_cached(self.sql)?)),
        }
    }
}
