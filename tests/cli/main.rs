//! The command line from outside: the real program, its exit codes, and what it says and makes.

mod directory;
mod mistakes;
mod program;

use polylogue::config::{Flag, KeySource, base};
use polylogue::dialects;
use polylogue::keys::{Keys, Subject, TokenError};
use polylogue::passwords;
use program::{Program, now_s};

/// Every flag that the documentation promises, whoever declares it.
const PROMISED: &[&str] = &[
    "listen",
    "dialect",
    "data",
    "jwt-secret",
    "jwt-public-key",
    "redis",
    "durability",
    "cors-origins",
    "ping-interval-ms",
    "ping-timeout-ms",
    "max-payload",
    "connect-timeout-ms",
    "upgrade-timeout-ms",
    "allow-claimed-identities",
    "history-on-join",
    "page-size",
    "bridge",
    "recovery-window",
    "max-message-bytes",
    "trusted-proxy",
    "events-per-second",
    "config",
];

#[test]
fn help_lists_every_flag_with_its_variable() {
    let program = Program::new();
    let help = program.succeeds(&["--help"]);
    let declared = base::GROUPS.iter().map(|group| group.flags);
    let declared = declared.chain(dialects::ALL.iter().map(|charter| charter.flags));
    for flag in declared.flatten() {
        let Flag { name, env, .. } = flag;
        assert!(help.contains(&format!("--{name}")), "--{name}");
        assert!(env.is_none_or(|env| help.contains(env)), "{env:?}");
    }
    for name in PROMISED {
        assert!(help.contains(&format!("--{name}")), "--{name}");
    }
    for charter in dialects::ALL {
        assert!(help.contains(charter.name) && help.contains(charter.summary), "{}", charter.name);
    }
    assert_eq!(program.succeeds(&["serve", "-h"]).matches("--listen").count(), 1);
}

#[test]
fn version_is_the_packages() {
    let told = Program::new().succeeds(&["--version"]);
    assert_eq!(told, concat!("polylogue ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_token_says_what_was_asked_for_and_is_accepted() {
    let program = Program::new();
    let line = "token --id 7 --name user_7 --nickname sev --email 7@example.com --role coach";
    let token = program.succeeds(&line.split(' ').collect::<Vec<_>>());
    let keys = Keys::open(&KeySource::DataDirectory(program.directory())).unwrap();
    let claims = keys.verify(token.trim_end(), now_s()).unwrap();
    assert_eq!(claims.subject, Subject::Number(7));
    let said = [&claims.name, &claims.nickname, &claims.email, &claims.role];
    assert_eq!(
        said.map(|one| one.as_deref().unwrap()),
        ["user_7", "sev", "7@example.com", "coach"]
    );
    let ends_in_s = claims.expires_s.unwrap() - now_s();
    assert!((3_590..=3_600).contains(&ends_in_s), "{ends_in_s}");
}

#[test]
fn a_token_ends_when_it_was_asked_to() {
    let program = Program::new();
    let token = program.succeeds(&["token", "--id", "auth0|7", "--ttl", "2m"]);
    let keys = Keys::open(&KeySource::DataDirectory(program.directory())).unwrap();
    let claims = keys.verify(token.trim_end(), now_s()).unwrap();
    assert_eq!(claims.subject, Subject::Text("auth0|7".into()));
    assert_eq!(keys.verify(token.trim_end(), now_s() + 121), Err(TokenError::Expired));
    let token = program.succeeds(&["token", "--id", "1", "--ttl", "0"]);
    assert_eq!(keys.verify(token.trim_end(), now_s()), Err(TokenError::Expired));
}

#[test]
fn a_given_secret_signs_and_leaves_the_data_directory_alone() {
    let program = Program::new().env("JWT_SECRET", "a secret of the environment");
    let token = program.succeeds(&["token", "--id", "1"]);
    let keys = Keys::open(&KeySource::Secret("a secret of the environment".into())).unwrap();
    assert!(keys.verify(token.trim_end(), now_s()).is_ok());
    let token = program.succeeds(&["token", "--id", "1", "--jwt-secret", "a secret of the flag"]);
    assert!(matches!(keys.verify(token.trim_end(), now_s()), Err(TokenError::Invalid(_))));
    assert!(!program.directory().exists());
}

#[tokio::test]
async fn an_account_is_made_once_with_a_password_that_nobody_can_read() {
    let program = Program::new();
    let add = ["user", "add", "--name", "zoe", "--password", "open sesame"];
    assert_eq!(program.succeeds(&add), "account 1: zoe\n");
    let told = program.fails(&add, 1);
    assert!(told.contains("called zoe already") && told.contains("--name"), "{told}");
    let with_email = [&add[..3], &["yann", "--password", "x", "--email", "y@example.com"]].concat();
    assert_eq!(program.succeeds(&with_email), "account 2: yann\n");
    let again = [&add[..3], &["other", "--password", "x", "--email", "Y@EXAMPLE.COM"]].concat();
    assert!(program.fails(&again, 1).contains("--email"));

    let rows =
        directory::rows(&program.directory(), "SELECT login, password FROM account ORDER BY id");
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(rows[0][0], "zoe");
    let hash = rows[0][1].clone();
    assert!(passwords::verify(Some(hash.clone()), "open sesame".into()).await.unwrap());
    assert!(!passwords::verify(Some(hash), "open sesam".into()).await.unwrap());
}
