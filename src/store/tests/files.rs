//! Files: whose they are, how old, and whether the statements fit them.

use std::path::Path;

use rusqlite::Connection;

use super::kit::Bench;
use crate::store::fault::OpenError;
use crate::store::{Durability, connect, migrate, sql};

fn open(path: &Path) -> Result<Connection, OpenError> {
    connect::writer(path, Durability::Full)
}

#[test]
fn every_statement_is_named_and_fits_the_schema() {
    let bench = Bench::new();
    for (name, statement) in sql::ALL {
        if let Err(error) = bench.writer.connection.prepare(statement) {
            panic!("{name}: {error}");
        }
    }
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/sqlite/query");
    let mut files: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    files.sort();
    let mut named: Vec<&str> = sql::ALL.iter().map(|(name, _)| *name).collect();
    named.sort_unstable();
    assert_eq!(files, named);
}

#[test]
fn a_connection_is_as_durable_as_was_asked() {
    let dir = tempfile::tempdir().unwrap();
    for (durability, synchronous) in [(Durability::Full, 2), (Durability::Normal, 1)] {
        let connection = connect::writer(&dir.path().join("a.db"), durability).unwrap();
        let number = |sql| {
            let number = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            number.unwrap()
        };
        assert_eq!(number("PRAGMA synchronous"), synchronous);
        assert_eq!(number("PRAGMA foreign_keys"), 1);
        assert_eq!(number("PRAGMA mmap_size"), 0);
        assert_eq!(number("PRAGMA user_version"), migrate::VERSION);
        let journal = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0));
        assert_eq!(journal, Ok("wal".to_owned()));
    }
}

#[test]
fn another_programs_file_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("theirs.db");
    let make = "CREATE TABLE theirs (x)";
    Connection::open(&path)
        .unwrap()
        .execute_batch(make)
        .unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    assert!(error.to_string().contains("theirs.db"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let marked = dir.path().join("marked.db");
    let mark = "PRAGMA application_id = 77; PRAGMA user_version = 1";
    Connection::open(&marked)
        .unwrap()
        .execute_batch(mark)
        .unwrap();
    assert!(matches!(open(&marked), Err(OpenError::Foreign(_))));
}

#[test]
fn a_later_versions_file_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("later.db");
    let later = migrate::VERSION + 1;
    open(&path)
        .unwrap()
        .pragma_update(None, "user_version", later)
        .unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Newer(..)), "{error}");
    assert!(error.to_string().contains("later.db"), "{error}");
    let kept = Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA user_version", [], |row| row.get(0));
    assert_eq!(kept, Ok(later));
}

#[test]
fn what_is_no_database_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("noise.db");
    std::fs::write(&path, [7; 8192]).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Damaged(..)), "{error}");
    assert!(error.to_string().contains("noise.db"), "{error}");

    let nowhere = dir.path().join("no/such/directory.db");
    let error = open(&nowhere).unwrap_err();
    assert!(matches!(error, OpenError::Unreachable(..)), "{error}");
    assert!(error.to_string().contains("directory.db"), "{error}");
}
