//! The command line: how flags become a plan. A dialect's preset fills in what a flag of its own
//! does not say.

mod flags;

use std::path::Path;
use std::time::Duration;

use clap::ArgMatches;

pub use flags::command;

use crate::client::{Target, Transport};
use crate::presets::{self, Speech};
use crate::scenario::{Failure, Plan, Scenario, Shape};
use crate::stamp::STAMP_BYTES;
use crate::template::Template;
use crate::tokens::Tokens;

/// What was asked for.
#[derive(Debug)]
pub struct Invocation {
    /// The plan.
    pub plan: Plan,
    /// The scenario.
    pub scenario: Scenario,
    /// JSON instead of a table.
    pub json: bool,
}

/// Turns flags into a plan.
///
/// # Errors
/// A URL that does not resolve, a file of tokens that cannot be read.
pub fn invocation(matches: &ArgMatches) -> Result<Invocation, Failure> {
    let (name, own) = matches.subcommand().expect("a subcommand is required");
    let scenario = match name {
        "fanout" => Scenario::Fanout(Shape {
            rooms: of(own, "rooms"),
            members: of(own, "members"),
            senders: of(own, "senders"),
            rate_per_s: own.get_one("rate").copied(),
        }),
        "echo" => Scenario::Echo { clients: of(own, "clients") },
        "connect" => Scenario::Connect { clients: of(own, "clients") },
        _ => Scenario::Idle { clients: of(own, "clients") },
    };
    Ok(Invocation { plan: plan(own)?, scenario, json: own.get_flag("json") })
}

fn plan(flags: &ArgMatches) -> Result<Plan, Failure> {
    let transport = match of::<String>(flags, "transport").as_str() {
        "polling" => Transport::Polling,
        _ => Transport::WebSocket,
    };
    let mut target = Target::resolve(&of::<String>(flags, "url"))?.over(transport);
    target.path = of(flags, "path");
    let file = flags.get_one::<String>("tokens").map(Path::new);
    let command = flags.get_one::<String>("token-command");
    let tokens = match (file, command) {
        (Some(file), _) => Tokens::from_file(file)?,
        (None, Some(command)) => Tokens::Command(Template::parse(command)),
        (None, None) => Tokens::None,
    };
    Ok(Plan {
        tokens,
        size_bytes: of::<usize>(flags, "size").max(STAMP_BYTES),
        ack: flags.get_flag("ack"),
        pid: flags.get_one("pid").copied(),
        measured: seconds(flags, "seconds")?,
        warmup: seconds(flags, "warmup-seconds")?,
        patience: seconds(flags, "patience-seconds")?,
        opening_at_once: of(flags, "opening-at-once"),
        ..Plan::new(target, speech(flags))
    })
}

fn speech(flags: &ArgMatches) -> Speech {
    let dialect: String = of(flags, "dialect");
    let mut speech = presets::find(&dialect).expect("clap admits only listed names");
    let word = |name: &str, field: &mut String| {
        if let Some(value) = flags.get_one::<String>(name) {
            field.clone_from(value);
        }
    };
    let template = |name: &str, field: &mut Template| {
        if let Some(value) = flags.get_one::<String>(name) {
            *field = Template::parse(value);
        }
    };
    word("namespace", &mut speech.namespace);
    template("query", &mut speech.query);
    if let Some(auth) = flags.get_one::<String>("auth") {
        speech.auth = (!auth.is_empty()).then(|| Template::parse(auth));
    }
    template("room", &mut speech.room);
    word("join", &mut speech.join);
    template("join-payload", &mut speech.join_payload);
    word("joined", &mut speech.joined);
    word("send", &mut speech.send);
    template("send-payload", &mut speech.send_payload);
    word("hear", &mut speech.hear);
    word("hear-user", &mut speech.hear_user);
    speech.sender_hears = flags.get_one("sender-hears").copied().unwrap_or(speech.sender_hears);
    speech.users_per_room =
        flags.get_one("users-per-room").copied().unwrap_or(speech.users_per_room);
    speech
}

fn seconds(flags: &ArgMatches, name: &str) -> Result<Duration, Failure> {
    let seconds = Duration::try_from_secs_f64(of(flags, name));
    seconds.map_err(|_| Failure::Plan(format!("--{name}: a number of seconds, 0 or more")))
}

/// A flag that has a default.
fn of<T: Clone + Send + Sync + 'static>(flags: &ArgMatches, name: &str) -> T {
    flags.get_one::<T>(name).cloned().expect("the flag has a default")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoke(line: &str) -> Invocation {
        let args = std::iter::once("polylogue-bench").chain(line.split(' '));
        let matches = command().try_get_matches_from(args).expect("valid flags");
        invocation(&matches).expect("a plan")
    }

    #[test]
    fn the_command_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn flags_override_the_dialect() {
        let plan = invoke("--dialect typing echo --send ping --size 1 --sender-hears true").plan;
        assert_eq!(plan.target.namespace, "/chat");
        assert_eq!(plan.speech.send, "ping");
        assert_eq!(plan.speech.hear, "user-typing");
        assert!(plan.speech.sender_hears);
        assert_eq!(plan.size_bytes, STAMP_BYTES);
    }

    /// A shell's words: quotes hold together, `$NAME` is a number.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quote) = (vec![String::new()], None);
        for letter in line.replace("$PID", "1").chars() {
            match quote {
                Some(open) if open == letter => quote = None,
                None if letter == '\'' || letter == '"' => quote = Some(letter),
                None if letter == ' ' => words.push(String::new()),
                _ => words.last_mut().expect("never empty").push(letter),
            }
        }
        words.into_iter().filter(|word| !word.is_empty()).collect()
    }

    #[test]
    fn every_line_of_the_readme_is_a_valid_command() {
        let readme = include_str!("../../README.md").replace("\\\n", "");
        let lines = readme.lines().filter_map(|line| {
            let arguments = line.strip_prefix("bench ").or_else(|| line.strip_prefix("rooms "))?;
            Some((line, format!("polylogue-bench {}", arguments.replace("''", "' '"))))
        });
        let mut checked = 0;
        for (line, command_line) in lines {
            let matches = command().try_get_matches_from(words(&command_line));
            let matches = matches.unwrap_or_else(|error| panic!("{line}: {error}"));
            invocation(&matches).unwrap_or_else(|error| panic!("{line}: {error}"));
            checked += 1;
        }
        assert!(checked >= 12, "{checked} lines");
    }

    #[test]
    fn scenarios_have_their_numbers() {
        let invocation = invoke("fanout --rooms 3 --members 5 --senders 6 --rate 12.5 --json");
        let Scenario::Fanout(shape) = invocation.scenario else { panic!("a fan-out") };
        assert_eq!((shape.rooms, shape.members, shape.senders), (3, 5, 6));
        assert_eq!(shape.rate_per_s, Some(12.5));
        assert!(invocation.json);
        assert!((100_000..1_000_000).contains(&invocation.plan.run));
    }
}
