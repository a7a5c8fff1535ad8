//! What can go wrong here, in the words of whoever asked: SQLite's errors as [`Fault`]s, and
//! the sentences for a file that cannot be opened.

use std::fmt;
use std::path::PathBuf;

use rusqlite::ffi;

use crate::hub::ports::Fault;

/// The columns whose values callers choose, as [`Fault::Taken`] names them.
const TAKEN_COLUMNS: [&str; 5] = ["id", "code", "login", "email", "name"];

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        let rusqlite::Error::SqliteFailure(code, Some(words)) = &error else {
            return Fault::Store(error.to_string());
        };
        match code.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => {
                taken_column(words).map_or_else(|| Fault::Store(error.to_string()), Fault::Taken)
            }
            // The only foreign keys there are lead to a room.
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => no_such_room(),
            _ => Fault::Store(error.to_string()),
        }
    }
}

/// The answer to whoever writes to a room that is not there.
pub(super) fn no_such_room() -> Fault {
    Fault::Store("no such room".into())
}

/// The last column of "UNIQUE constraint failed: account.realm, account.login".
fn taken_column(words: &str) -> Option<&'static str> {
    let (_, column) = words.rsplit_once('.')?;
    TAKEN_COLUMNS.into_iter().find(|known| *known == column)
}

/// Why a database file cannot be used. Shown to the operator: each says which file it is and
/// what to do about it.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// Another program's database.
    Foreign(PathBuf),
    /// Made by a later version of this program: the schema found, and the latest one known.
    Newer(PathBuf, i64, i64),
    /// No database, or a damaged one; in SQLite's words.
    Damaged(PathBuf, String),
    /// It cannot be reached, read or written; in the system's words.
    Unreachable(PathBuf, String),
}

impl OpenError {
    /// Sorts SQLite's error about the file at `path`.
    pub(super) fn new(path: PathBuf, error: &rusqlite::Error) -> OpenError {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        let words = error.to_string();
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => OpenError::Damaged(path, words),
            _ => OpenError::Unreachable(path, words),
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Foreign(path) => write!(
                out,
                "{} is another program's database; move it away or choose another data directory",
                path.display()
            ),
            OpenError::Newer(path, found, known) => write!(
                out,
                "{} was written by a later version (schema {found}, this one knows {known}); \
                 run that version or choose another data directory",
                path.display()
            ),
            OpenError::Damaged(path, words) => write!(
                out,
                "{} is damaged or no database ({words}); restore it from a backup, or move it \
                 away to begin anew",
                path.display()
            ),
            OpenError::Unreachable(path, words) => write!(
                out,
                "{} cannot be opened ({words}); check that its directory exists, may be written \
                 and has space, and that no other program holds the file",
                path.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {}

#[cfg(test)]
mod tests {
    use super::taken_column;

    #[test]
    fn names_the_column_that_is_taken() {
        let words = "UNIQUE constraint failed: account.realm, account.login";
        assert_eq!(taken_column(words), Some("login"));
        let words = "UNIQUE constraint failed: history.room, history.seq";
        assert_eq!(taken_column(words), None);
    }
}
