//! Tests of the whole way from a command line to a `Config`.

use std::ffi::OsString;

use super::{Config, Durability, Flag, Invocation, KeySource, Offer, Origins, Stop, Verb, read};

const OFFERS: &[Offer] = &[
    Offer {
        name: "plain",
        summary: "A plain dialect",
        flags: &[Flag::number("page-size", (1, 100), "15", "Messages in a page").env("PAGE")],
    },
    Offer { name: "other", summary: "Another one", flags: &[] },
];

const VERBS: &[Verb] = &[Verb { path: &["serve"], about: "Serves.", flags: &[], shows: None }];

fn invoke(line: &[&str], env: &[(&str, &str)]) -> Result<Invocation, Stop> {
    let args = std::iter::once("polylogue").chain(line.iter().copied()).map(OsString::from);
    let env = |name: &str| {
        env.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    };
    read(args, &env, OFFERS, VERBS)
}

fn config(line: &[&str], env: &[(&str, &str)]) -> Config {
    match invoke(line, env) {
        Ok(invocation) => invocation.config,
        Err(stop) => panic!("{stop:?}"),
    }
}

fn mistake(line: &[&str], env: &[(&str, &str)]) -> String {
    match invoke(line, env) {
        Err(Stop::Mistake(sentence)) => sentence,
        Err(Stop::Asked(words)) => panic!("{words}"),
        Ok(_) => panic!("{line:?}: no mistake"),
    }
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let config = config(&[], &[]);
    assert_eq!(config.listen, None);
    assert_eq!(config.dialects, ["plain", "other"]);
    assert_eq!(config.data.as_os_str(), "./polylogue-data");
    assert_eq!(config.durability, Durability::Full);
    assert_eq!(config.cors_origins, Origins::Any);
    assert!(config.keys == KeySource::DataDirectory("./polylogue-data".into()));
    assert_eq!((config.redis_url, config.trusted_proxies.len()), (None, 0));
    assert_eq!((config.ping_interval_ms, config.ping_timeout_ms), (25_000, 20_000));
    assert_eq!((config.connect_timeout_ms, config.upgrade_timeout_ms), (45_000, 10_000));
    assert_eq!(config.recovery_window_ms, 120_000);
    assert_eq!((config.max_payload_bytes, config.max_message_bytes), (1_000_000, 65_536));
    assert_eq!(config.events_per_second, 2_000);
    assert!(!config.bridge && !config.allow_claimed_identities);
}

#[test]
fn lists_come_from_repeated_flags_or_commas() {
    let config = config(
        &["--listen", "127.0.0.1:0", "--listen", "[::1]:0", "--trusted-proxy", "10.0.0.0/8"],
        &[("POLYLOGUE_DIALECTS", "other, plain"), ("SOCKETIO_CORS_ORIGINS", "https://a.example")],
    );
    assert_eq!(config.listen.unwrap().len(), 2);
    assert_eq!(config.dialects, ["plain", "other"]);
    assert!(config.trusted_proxies[0].contains("10.2.3.4".parse().unwrap()));
    assert!(config.cors_origins.allows("https://A.example"));
    assert!(!config.cors_origins.allows("https://b.example"));
}

#[test]
fn a_dialects_flag_is_read_from_the_values() {
    let values = invoke(&[], &[("PAGE", "20")]).unwrap_or_else(|_| panic!()).values;
    assert_eq!(values.number::<u16>("page-size"), 20);
    assert!(mistake(&["--page-size", "0"], &[]).starts_with("--page-size is \"0\", but must be"));
}

#[test]
fn an_unknown_dialect_is_told_the_known_ones() {
    assert_eq!(
        mistake(&["--dialect", "plain,nope"], &[]),
        "--dialect is \"nope\", but the dialects are plain, other"
    );
    assert!(mistake(&[], &[("POLYLOGUE_DIALECTS", "x")]).contains("POLYLOGUE_DIALECTS is \"x\""));
}

#[test]
fn one_key_is_enough() {
    let secret = ("JWT_SECRET", "a long enough secret");
    let file = ("JWT_PUBLIC_KEY_FILE", "key.pem");
    assert!(config(&[], &[secret]).keys == KeySource::Secret(secret.1.into()));
    assert!(config(&[], &[file]).keys == KeySource::PublicKeyFile("key.pem".into()));
    let both = mistake(&[], &[secret, file]);
    assert!(both.contains("JWT_SECRET and the environment variable JWT_PUBLIC_KEY_FILE"), "{both}");
    let nearer = config(&["--jwt-public-key", "near.pem"], &[secret]);
    assert!(nearer.keys == KeySource::PublicKeyFile("near.pem".into()));
    let nearer = config(&["--jwt-secret", "another long secret"], &[file]);
    assert!(nearer.keys == KeySource::Secret("another long secret".into()));
}

#[test]
fn a_short_secret_is_refused_without_being_told() {
    let told = mistake(&["--jwt-secret", "hunter2"], &[]);
    assert!(told.starts_with("--jwt-secret must be 12 bytes or longer"), "{told}");
    assert!(!told.contains("hunter2"));
}

#[test]
fn the_same_address_twice_is_a_clash() {
    let told = mistake(&["--listen", "127.0.0.1:3000,127.0.0.1:3000"], &[]);
    assert_eq!(told, "--listen has 127.0.0.1:3000 twice: keep one of them");
    assert_eq!(config(&["--listen", "127.0.0.1:0,127.0.0.1:0"], &[]).listen.unwrap().len(), 2);
}

#[test]
fn a_file_gives_what_nobody_else_does() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("p.toml");
    std::fs::write(&path, "page_size = 30\nlisten = \"127.0.0.1:9\"\nbridge = true\n").unwrap();
    let path = path.to_str().unwrap();
    let invocation = invoke(&["--config", path, "--listen", "127.0.0.1:1"], &[]);
    let Invocation { config, values, .. } = invocation.unwrap_or_else(|_| panic!());
    assert_eq!(config.listen.unwrap()[0].port(), 1);
    assert!(config.bridge);
    assert_eq!(values.number::<u64>("page-size"), 30);
    assert!(
        !invoke(&["--config", path, "--bridge=false"], &[])
            .unwrap_or_else(|_| panic!())
            .config
            .bridge
    );
    let twice = mistake(&["--config", path, "--config", path], &[]);
    assert!(twice.starts_with("--config is given more than once"), "{twice}");
    assert!(mistake(&["--config", "/nowhere/p.toml"], &[]).contains("cannot be read"));
}

#[test]
fn the_help_shows_every_flag_with_its_variable_and_default() {
    let Err(Stop::Asked(help)) = invoke(&["--help"], &[]) else { panic!("no help") };
    let base = super::base::GROUPS.iter().flat_map(|group| group.flags);
    for flag in base.chain(OFFERS[0].flags) {
        assert!(help.contains(&format!("--{}", flag.name)), "{}", flag.name);
        assert!(flag.env.is_none_or(|env| help.contains(env)), "{}", flag.name);
    }
    assert!(help.contains("plain:\n"), "{help}");
    assert!(help.contains("  plain  A plain dialect\n  other  Another one"), "{help}");
}
