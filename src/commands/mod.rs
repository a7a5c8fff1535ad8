//! Commands: what `polylogue` does, one file each. The command line is read by `config`; here it
//! is told which commands and dialects there are, and what was asked for is run.
//!
//! Exit codes: 0 done, 1 it failed, 2 it was asked for wrongly.

mod accounts;
mod demo;
mod serve;
mod token;
mod user;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::config::{self, Invocation, Offer, Stop, Verb};
use crate::dialects;

/// The exit code for a mistake on the command line, in the environment or in the file.
const MISTAKE: u8 = 2;

/// Something `polylogue` does.
struct Command {
    verb: Verb,
    /// What is logged unless `RUST_LOG` says otherwise.
    logs: LevelFilter,
    run: fn(Invocation) -> Result<(), String>,
}

/// All commands; the first is for those who ask for none.
const COMMANDS: &[Command] = &[
    Command { verb: serve::VERB, logs: LevelFilter::INFO, run: serve::run },
    Command { verb: token::VERB, logs: LevelFilter::WARN, run: token::run },
    Command { verb: user::VERB, logs: LevelFilter::WARN, run: user::run },
    Command { verb: demo::VERB, logs: LevelFilter::WARN, run: demo::run },
];

/// Does what the command line (the program's name first) and the environment ask for.
#[must_use]
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> ExitCode {
    let offer = |charter: &&dialects::Charter| Offer {
        name: charter.name,
        summary: charter.summary,
        flags: charter.flags,
    };
    let offers: Vec<Offer> = dialects::ALL.iter().map(offer).collect();
    let verbs: Vec<Verb> = COMMANDS.iter().map(|command| command.verb).collect();
    let invocation = match config::read(args, env, &offers, &verbs) {
        Ok(invocation) => invocation,
        Err(Stop::Asked(words)) => return code(print(&words)),
        Err(Stop::Mistake(sentence)) => {
            eprintln!("polylogue: {sentence}");
            return ExitCode::from(MISTAKE);
        }
    };
    let command = &COMMANDS[invocation.verb];
    start_logs(command.logs);
    code((command.run)(invocation))
}

fn code(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("polylogue: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Writes to stdout, which may be a pipe that nobody reads any more.
fn print(words: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    out.write_all(words.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("stdout cannot be written: {error}"))
}

/// Logs to stderr, so that stdout is for what was asked for.
fn start_logs(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
