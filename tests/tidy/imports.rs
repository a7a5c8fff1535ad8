//! Who may know whom: imports point down only, and dialects are islands.

use polylogue::dialects;

use super::source::Source;
use super::{assert_lawful, sources};

/// What a part of `src` may not name. `dialects` below means a dialect's folder.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("src/hub", &["dialects", "net", "store", "backplane", "server", "config", "keys"]),
    ("src/store", &["dialects", "net", "backplane", "server", "config", "keys"]),
    ("src/backplane", &["dialects", "net", "store", "server", "config", "keys"]),
    ("src/dialects", &["web", "net", "store", "backplane", "server", "commands"]),
    ("src/web", &["hub", "net", "store", "backplane", "server", "commands", "config", "keys"]),
    ("src/net", &["store", "backplane", "server", "commands"]),
    ("src/config", &["dialects", "hub", "net", "store", "backplane", "server"]),
    ("src/keys", &["dialects", "hub", "net", "store", "backplane", "server"]),
    ("src/limits.rs", &["dialects", "hub", "net", "store", "backplane", "server", "config"]),
];

#[test]
fn imports_point_down_only() {
    let mut broken = Vec::new();
    for source in sources() {
        for (folder, forbidden) in FORBIDDEN {
            if source.path.starts_with(folder) {
                broken.extend(named(&source, forbidden));
            }
        }
    }
    assert_lawful(&broken);
}

/// Lines that name a module of the crate which the file must not know.
fn named(source: &Source, forbidden: &[&str]) -> Vec<String> {
    let names_one = |line: &str| {
        forbidden.iter().any(|module| {
            let path = format!("crate::{module}");
            line.match_indices(&path).any(|(at, _)| {
                let next = line[at + path.len()..].chars().next();
                next.is_none_or(|c| !c.is_alphanumeric() && c != '_')
            })
        })
    };
    let lines = source.code().filter(|(_, line)| !is_comment(line) && names_one(line));
    lines.map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim())).collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// A dialect is named in its own folder and in the list, and nowhere else.
#[test]
fn dialects_are_islands() {
    let mut broken = Vec::new();
    for charter in dialects::ALL {
        let name = charter.name;
        let own = format!("src/dialects/{name}/");
        for source in sources() {
            let is_list = source.path == "src/dialects/mod.rs";
            let is_test = source.path.contains("/tests/") || source.path.ends_with("/tests.rs");
            let is_own = source.path.starts_with(&own) || is_list || is_test;
            if !source.path.starts_with("src/") || is_own {
                continue;
            }
            let (path, word) = (format!("dialects::{name}"), format!("\"{name}\""));
            let names = source.code().filter(|(_, line)| {
                !is_comment(line) && (line.contains(&path) || line.contains(&word))
            });
            broken.extend(
                names.map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim())),
            );
        }
    }
    assert_lawful(&broken);
}

/// Every dialect has the same five files, so that who knows one knows all.
#[test]
fn dialects_have_the_same_files() {
    let mut broken = Vec::new();
    let paths: Vec<String> = sources().into_iter().map(|source| source.path).collect();
    for charter in dialects::ALL {
        for part in ["mod", "admit", "hear", "tell", "rest"] {
            let file = format!("src/dialects/{}/{part}.rs", charter.name);
            let folder = format!("src/dialects/{}/{part}/mod.rs", charter.name);
            if !paths.contains(&file) && !paths.contains(&folder) {
                broken.push(format!("{file} is missing"));
            }
        }
    }
    assert_lawful(&broken);
}
