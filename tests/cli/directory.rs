//! The data directory: whose it is, what is in it, and the demonstration.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::program::{Program, Server};

/// The rows of a query, as text.
pub(crate) fn rows(data: &Path, query: &str) -> Vec<Vec<String>> {
    let path = data.join("polylogue.db");
    let file = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let file = file.expect("a database");
    let mut statement = file.prepare(query).expect("a query");
    let columns = statement.column_count();
    let rows = statement
        .query_map((), |row| (0..columns).map(|column| row.get_ref(column).map(print)).collect());
    rows.expect("rows").collect::<Result<_, _>>().expect("rows")
}

fn print(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

/// All that is stored.
fn everything(data: &Path) -> Vec<Vec<Vec<String>>> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let of_table = |name| {
        let mut all = rows(data, &format!("SELECT * FROM \"{name}\""));
        all.sort();
        all
    };
    rows(data, names).into_iter().flatten().map(of_table).collect()
}

/// The status of a login.
fn log_in(server: &Server, name: &str, password: &str) -> u16 {
    let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
    server.post("/auth/login", None, &body).0
}

#[test]
fn the_secret_is_its_owners_alone() {
    let program = Program::new();
    program.succeeds(&["token", "--id", "1"]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&program.directory().join("jwt.secret")), 0o600);
    assert_eq!(mode(&program.directory()), 0o700);
}

#[test]
fn a_directory_has_one_server_and_the_other_commands_beside_it() {
    let program = Program::new();
    let server = program.serve(&["--dialect", "rooms"]);
    let told = program.fails(&["serve", "--listen", "127.0.0.1:0"], 1);
    assert!(told.contains("./polylogue-data is in use"), "{told}");
    assert!(told.contains("--data"), "{told}");
    program.succeeds(&["token", "--id", "1"]);
    program.succeeds(&["user", "add", "--name", "zoe", "--password", "open sesame"]);
    assert_eq!(log_in(&server, "zoe", "open sesame"), 201);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(program.serve(&["--dialect", "rooms"]).stop(), Some(0));
}

#[test]
fn a_demonstration_can_be_logged_in_to_and_repeating_it_changes_nothing() {
    let program = Program::new();
    let told = program.succeeds(&["demo"]);
    assert!(told.contains("user_1") && told.contains("alice@example.com"), "{told}");
    let people = rows(
        &program.directory(),
        "SELECT login FROM account WHERE realm = 'accounts' ORDER BY id",
    );
    let people: Vec<&str> = people.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(people, ["user_1", "user_2", "user_3", "alice", "bob"]);
    let before = everything(&program.directory());
    assert_eq!(program.succeeds(&["demo"]), told);
    assert_eq!(everything(&program.directory()), before);

    let server = program.serve(&["--dialect", "rooms"]);
    assert_eq!(log_in(&server, "user_1", "p@ssword"), 201);
    assert_eq!(log_in(&server, "user_1", "password"), 400);
    assert_eq!(log_in(&server, "nobody", "p@ssword"), 400);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_demonstration_gives_a_login_to_whom_a_token_made_before() {
    let program = Program::new();
    let token = program.succeeds(&["token", "--id", "1", "--name", "user_1"]);
    let server = program.serve(&["--dialect", "rooms"]);
    let message = r#"{"room_code":"room_1","content":"early"}"#;
    let (status, body) = server.post("/messages", Some(token.trim_end()), message);
    assert_eq!(status, 201, "{body}");
    assert_eq!(log_in(&server, "user_1", "p@ssword"), 400);
    program.succeeds(&["demo"]);
    assert_eq!(log_in(&server, "user_1", "p@ssword"), 201);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_demonstration_leaves_those_alone_who_have_a_password() {
    let program = Program::new();
    program.succeeds(&["user", "add", "--name", "user_2", "--password", "another one"]);
    program.succeeds(&["demo"]);
    let server = program.serve(&["--dialect", "rooms"]);
    assert_eq!(log_in(&server, "user_2", "another one"), 201);
    assert_eq!(log_in(&server, "user_2", "p@ssword"), 400);
    assert_eq!(log_in(&server, "user_1", "p@ssword"), 201);
    assert_eq!(server.stop(), Some(0));
}
