//! Mistakes: one sentence that says what is wrong, where it came from, and how to mend it.

use super::program::Program;

/// What is given, and what the sentence must have in it.
type Case = (&'static [&'static str], &'static [&'static str]);

const FLAGS: &[Case] = &[
    (&["--nope"], &["--nope", "polylogue --help"]),
    (&["nope"], &["nope", "no command", "polylogue --help"]),
    (&["user"], &["polylogue user", "polylogue --help"]),
    (&["serve", "extra"], &["extra", "out of place"]),
    (&["--listen"], &["--listen needs a value"]),
    (&["--listen", "3000"], &["--listen", "\"3000\"", "127.0.0.1:3000"]),
    (&["--listen", "127.0.0.1:1", "--listen", "127.0.0.1:1"], &["127.0.0.1:1 twice"]),
    (&["--dialect", "nope"], &["--dialect", "\"nope\"", "rooms"]),
    (&["--durability", "fast"], &["--durability", "\"fast\"", "full or normal"]),
    (&["--redis", "localhost"], &["--redis", "redis://"]),
    (&["--cors-origins", "example.com"], &["\"example.com\"", "https://example.com"]),
    (&["--trusted-proxy", "10.0.0.0/99"], &["--trusted-proxy", "10.0.0.0/8"]),
    (&["--recovery-window", "2"], &["--recovery-window", "with a unit", "90s"]),
    (&["--max-payload", "1MB"], &["--max-payload", "whole number from 1 to"]),
    (&["--page-size", "0"], &["--page-size", "whole number from 1 to"]),
    (&["--data", "a", "--data", "b"], &["--data has 2 values"]),
    (&["--bridge=maybe"], &["--bridge", "true or false"]),
    (&["--jwt-secret", "short"], &["--jwt-secret", "12 bytes"]),
    (&["--config", "missing.toml"], &["--config", "missing.toml cannot be read"]),
    (&["token"], &["--id is missing", "--id ID"]),
    (&["token", "--id", "1", "--ttl", "soon"], &["--ttl", "\"soon\"", "with a unit"]),
    (&["user", "add", "--name", "zoe"], &["--password is missing"]),
    (
        &["user", "add", "--name", "zoe", "--password", "x", "--email", "zoe"],
        &["--email", "\"zoe\"", "alice@example.com"],
    ),
];

#[test]
fn a_wrong_flag_is_told_with_its_mending() {
    let program = Program::new();
    for (args, fragments) in FLAGS {
        let told = program.fails(args, 2);
        for fragment in *fragments {
            assert!(told.contains(fragment), "{args:?}: {told}");
        }
    }
    assert!(!program.directory().exists(), "a mistake leaves nothing behind");
}

#[test]
fn a_wrong_environment_variable_is_named() {
    for (name, value, fragment) in [
        ("POLYLOGUE_LISTEN", "nowhere", "\"nowhere\""),
        ("POLYLOGUE_DIALECTS", "rooms,nope", "\"nope\""),
        ("POLYLOGUE_DURABILITY", "fast", "full or normal"),
        ("SOCKETIO_CORS_ORIGINS", "example.com", "https://example.com"),
        ("LIMIT_PER_PAGE", "none", "whole number"),
        ("JWT_SECRET", "hunter2", "12 bytes"),
    ] {
        let told = Program::new().env(name, value).fails(&[], 2);
        assert!(told.contains(&format!("the environment variable {name}")), "{told}");
        assert!(told.contains(fragment), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn a_wrong_file_is_told_by_file_and_key() {
    let program = Program::new();
    for (text, fragments) in [
        ("lisen = \"127.0.0.1:1\"", &["the key lisen", "is unknown"][..]),
        ("page_size = 0", &["the key page_size", "whole number"]),
        ("listen = \"x\"", &["the key listen", "127.0.0.1:3000"]),
        ("a = = b", &["line 1", "is not TOML"]),
        ("id = 1", &["the key id", "is unknown"]),
    ] {
        let path = program.file("wrong.toml", text);
        let told = program.fails(&["--config", &path], 2);
        assert!(told.contains("wrong.toml"), "{told}");
        for fragment in fragments {
            assert!(told.contains(fragment), "{text}: {told}");
        }
    }
}

#[test]
fn one_key_for_tokens_is_enough() {
    let program = Program::new()
        .env("JWT_SECRET", "a long enough secret")
        .env("JWT_PUBLIC_KEY_FILE", "key.pem");
    let told = program.fails(&["token", "--id", "1"], 2);
    assert!(told.contains("JWT_SECRET") && told.contains("JWT_PUBLIC_KEY_FILE"), "{told}");
}

#[test]
fn whoever_has_only_a_public_key_signs_nothing() {
    let program = Program::new();
    let pem = jwt_simple::prelude::ES256KeyPair::generate().public_key().to_pem();
    let path = program.file("key.pem", &pem.expect("a PEM"));
    let told = program.fails(&["token", "--id", "1", "--jwt-public-key", &path], 1);
    assert!(told.contains("public key") && told.contains("--jwt-secret"), "{told}");
    let path = program.file("no.pem", "no key");
    let told = program.fails(&["--jwt-public-key", &path], 1);
    assert!(told.contains("no.pem must be a PEM file"), "{told}");
}

#[test]
fn claimed_identities_stay_on_this_machine_unless_tokens_prove_them() {
    let program = Program::new();
    let args = &["--dialect", "conversations", "--listen", "192.0.2.1:1"];
    let told = program.fails(args, 1);
    for fragment in ["conversations", "192.0.2.1:1", "--conversations-auth token"] {
        assert!(told.contains(fragment), "{told}");
    }
    assert!(told.contains("--allow-claimed-identities"), "{told}");
    // With tokens it comes as far as the address, which no machine has.
    let told = program.fails(&[&args[..], &["--conversations-auth", "token"]].concat(), 1);
    assert!(!told.contains("believes") && told.contains("192.0.2.1:1"), "{told}");
}
