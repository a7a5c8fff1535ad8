//! How long things may be, and what they may be called.

use std::process::Command;

use super::source::{Source, root};
use super::{assert_lawful, sources};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 60;
const LINE_CHARS_MAX: usize = 100;
const HEAD_LINES_MAX: usize = 10;

/// Words that say nothing about what a thing is.
const EMPTY_WORDS: &[&str] = &["manager", "handler", "util", "utils", "helper", "helpers"];

#[test]
fn files_functions_and_lines_are_short() {
    let mut broken = Vec::new();
    for source in sources() {
        let Source { path, lines } = &source;
        if lines.len() > FILE_LINES_MAX {
            broken.push(format!("{path}: {} lines", lines.len()));
        }
        for (number, line) in lines.iter().enumerate() {
            if line.chars().count() > LINE_CHARS_MAX {
                broken.push(format!("{path}:{}: longer than {LINE_CHARS_MAX}", number + 1));
            }
        }
        broken.extend(long_functions(&source));
    }
    assert_lawful(&broken);
}

/// A function begins at a line with `fn` and ends at the brace that is as far in.
fn long_functions(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    for (start, line) in source.lines.iter().enumerate() {
        let is_function = line.trim_start().split(' ').any(|word| word == "fn")
            && !line.trim_start().starts_with("//")
            && !line.trim_end().ends_with([';', ',', '}']);
        if !is_function {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let closes = format!("{}}}", " ".repeat(indent));
        let length = source.lines[start..].iter().position(|line| *line == closes);
        if let Some(length) = length.filter(|length| length + 1 > FUNCTION_LINES_MAX) {
            broken.push(format!(
                "{}:{}: a function of {} lines",
                source.path,
                start + 1,
                length + 1
            ));
        }
    }
    broken
}

#[test]
fn every_file_says_what_it_is() {
    let mut broken = Vec::new();
    for Source { path, lines } in sources() {
        let head = lines.iter().take_while(|line| line.starts_with("//!")).count();
        let is_inner = lines.first().is_some_and(|line| line.starts_with("#!["));
        if head == 0 && !is_inner {
            broken.push(format!("{path}: no head"));
        }
        if head > HEAD_LINES_MAX {
            broken.push(format!("{path}: a head of {head} lines"));
        }
    }
    assert_lawful(&broken);
}

#[test]
fn names_say_what_things_are() {
    let mut broken = Vec::new();
    for source in sources() {
        for (number, line) in source.code() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let Some(_) =
                words.find(|word| matches!(*word, "fn" | "struct" | "enum" | "trait" | "mod"))
            else {
                continue;
            };
            let Some(name) = words.next().map(snake) else { continue };
            let is_empty = name.split('_').any(|word| EMPTY_WORDS.contains(&word));
            if is_empty || name.starts_with("get_") {
                broken.push(format!("{}:{number}: {name}", source.path));
            }
        }
    }
    assert_lawful(&broken);
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// `cargo fmt` does not see modules that a macro declares, and the list of dialects is one.
#[test]
fn dialects_are_formatted() {
    let dialects = sources().into_iter().filter(|source| source.path.starts_with("src/dialects/"));
    let files: Vec<String> = dialects.map(|source| source.path).collect();
    assert!(!files.is_empty());
    let rustfmt = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--config-path", "rustfmt.toml"])
        .args(&files)
        .current_dir(root())
        .output()
        .expect("rustfmt comes with Rust");
    assert!(rustfmt.status.success(), "{}", String::from_utf8_lossy(&rustfmt.stdout));
}

#[test]
fn the_protocol_does_no_io() {
    let manifest =
        std::fs::read_to_string(root().join("protocol/Cargo.toml")).expect("it is there");
    let (_, dependencies) = manifest.split_once("[dependencies]").expect("it has some");
    let (dependencies, _) = dependencies.split_once("[dev-dependencies]").expect("and others");
    let names: Vec<&str> = dependencies
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(names, ["bytes", "serde_json"]);
}
