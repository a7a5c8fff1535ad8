//! Where users' tokens come from: nowhere, a file with one per line, or a command run once per
//! user. Tokens are made before anything is measured.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::template::{Scope, Template};

/// A source of tokens.
#[derive(Clone, Debug, Default)]
pub enum Tokens {
    /// `{token}` is empty.
    #[default]
    None,
    /// User n has line n; behind the last line it begins again.
    Lines(Vec<String>),
    /// A shell command whose last line is user `{user}`'s token.
    Command(Template),
}

impl Tokens {
    /// Reads a file of tokens.
    pub fn from_file(path: &Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        let lines: Vec<_> =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from).collect();
        match lines.is_empty() {
            true => Err(io::Error::new(io::ErrorKind::InvalidData, "no token in the file")),
            false => Ok(Self::Lines(lines)),
        }
    }

    /// The tokens of users 1 to `users`, in order.
    pub fn make(&self, users: u64) -> io::Result<Vec<String>> {
        (1..=users)
            .map(|user| match self {
                Self::None => Ok(String::new()),
                Self::Lines(lines) => Ok(lines[(user as usize - 1) % lines.len()].clone()),
                Self::Command(template) => {
                    run(&template.render(&Scope { i: user, user, ..Scope::default() }))
                }
            })
            .collect()
    }
}

fn run(command: &str) -> io::Result<String> {
    let output = Command::new("sh").arg("-c").arg(command).stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) if output.status.success() => Ok(line.trim().to_owned()),
        _ => {
            let error = String::from_utf8_lossy(&output.stderr);
            Err(io::Error::other(format!("no token from `{command}`: {}", error.trim())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_begin_again() {
        let tokens = Tokens::Lines(vec!["a".into(), "b".into()]);
        assert_eq!(tokens.make(3).expect("tokens"), ["a", "b", "a"]);
    }

    #[test]
    fn a_command_knows_the_user_and_must_succeed() {
        let tokens = Tokens::Command(Template::parse("echo log; echo token-{user}"));
        assert_eq!(tokens.make(2).expect("tokens"), ["token-1", "token-2"]);
        let failing = Tokens::Command(Template::parse("echo why >&2; exit 3"));
        let error = failing.make(1).expect_err("no token");
        assert!(error.to_string().contains("why"), "{error}");
    }
}
