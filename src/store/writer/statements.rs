//! Statements that most batches run, kept prepared: to look one up by its text, and to put it back,
//! takes nearly half as long as to store a message with it.

use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::store::sql;

/// See the module's head.
pub(super) struct Statements<'c> {
    pub(super) begin: Kept<'c>,
    /// What tells that another process wrote.
    pub(super) version: Kept<'c>,
    pub(super) message_insert: Kept<'c>,
    pub(super) sent_add: Kept<'c>,
    pub(super) history_insert: ByRows<'c>,
    pub(super) tail_update: ByRows<'c>,
    pub(super) commit: Kept<'c>,
}

impl<'c> Statements<'c> {
    /// Those of a connection.
    pub(super) fn new(connection: &'c Connection) -> Statements<'c> {
        let kept = |sql| Kept { connection, sql, statement: None };
        let by_rows = |one, many| ByRows { one: kept(one), many: kept(many) };
        Statements {
            begin: kept("BEGIN IMMEDIATE"),
            version: kept("PRAGMA data_version"),
            message_insert: kept(sql::MESSAGE_INSERT),
            sent_add: kept(sql::SENT_ADD),
            history_insert: by_rows(sql::HISTORY_INSERT, sql::HISTORY_INSERT_MANY),
            tail_update: by_rows(sql::TAIL_UPDATE, sql::TAIL_UPDATE_MANY),
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

/// A statement in two spellings: for one row, and for [`ROWS_AT_ONCE`] of them, which costs less
/// than that many alone.
pub(super) struct ByRows<'c> {
    one: Kept<'c>,
    many: Kept<'c>,
}

/// Rows of one statement.
const ROWS_AT_ONCE: usize = 16;

impl ByRows<'_> {
    /// Does it for all of these rows. Where it fails, some may be done.
    pub(super) fn execute<const COLUMNS: usize>(
        &mut self,
        rows: &[[i64; COLUMNS]],
    ) -> rusqlite::Result<()> {
        let mut chunks = rows.chunks_exact(ROWS_AT_ONCE);
        for chunk in chunks.by_ref() {
            self.many.ready()?.execute(params_from_iter(chunk.as_flattened()))?;
        }
        for row in chunks.remainder() {
            self.one.ready()?.execute(params_from_iter(row))?;
        }
        Ok(())
    }
}
