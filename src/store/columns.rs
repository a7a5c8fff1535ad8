//! Facts to parameters: how the house's types stand in SQLite's columns.

use std::borrow::Cow;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};

/// An id or a number as a column holds it. All 64 bits survive: an id that somebody guessed
/// beyond SQLite's range is a negative number, which no row has.
pub(super) fn number(value: u64) -> i64 {
    value.cast_signed()
}

/// A count for LIMIT or OFFSET, or the end of a range: as large as SQLite can go, never
/// negative, which would mean "all".
pub(super) fn span(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Reads what [`number`] wrote.
pub(super) fn read_number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

/// Like [`read_number`], for columns that may be NULL.
pub(super) fn read_optional(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<u64>> {
    let value: Option<i64> = row.get(column)?;
    Ok(value.map(i64::cast_unsigned))
}

/// Text that may hold lone surrogates, written as TEXT all the same.
pub(super) struct Wtf8<'t>(pub(super) Cow<'t, [u8]>);

impl ToSql for Wtf8<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}
