//! The command line: a parser and its help made from the tables of flags. What it finds stays
//! text; `values` checks it together with what the environment and the file say.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::Offer;
use super::base::Group;
use super::flag::{Flag, Shape};

/// The program's name.
const PROGRAM: &str = "polylogue";

/// The flag that names the configuration file.
pub(super) const CONFIG_FLAG: Flag = Flag::new(
    "config",
    "FILE",
    Shape::Text,
    "A TOML file whose keys are the names of these flags. A flag goes before an environment \
     variable, which goes before the file",
);

/// Something that `polylogue` does.
#[derive(Clone, Copy)]
pub struct Verb {
    /// The words that ask for it: `&["user", "add"]`.
    pub path: &'static [&'static str],
    /// What it does, in a line.
    pub about: &'static str,
    /// Its own flags.
    pub flags: &'static [Flag],
    /// The other flags that its help shows; `None`: all of them. It takes the others as well.
    pub shows: Option<&'static [&'static str]>,
}

/// Why nothing is to be done.
#[derive(Debug)]
pub enum Stop {
    /// Somebody asked for words (the help, the version): for stdout, a success.
    Asked(String),
    /// Something is wrong with what was asked for: a sentence for stderr.
    Mistake(String),
}

/// What the command line gave.
pub(super) struct Given {
    /// Which verb was asked for, by its place in the list; the first where none was.
    pub(super) verb: usize,
    /// The matches of the program, and of each command below it.
    levels: Vec<ArgMatches>,
}

impl Given {
    /// The values of a flag, wherever on the line it was given; the innermost command's win.
    pub(super) fn find(&self, name: &str) -> Option<Vec<String>> {
        self.levels.iter().rev().find_map(|level| {
            let values = level.try_get_many::<String>(name).ok().flatten()?;
            Some(values.cloned().collect())
        })
    }
}

/// Parses a command line, the program's name first.
///
/// # Errors
/// The help, the version, or a mistake.
pub(super) fn parse(
    args: impl IntoIterator<Item = OsString>,
    groups: &[Group],
    offers: &[Offer],
    verbs: &[Verb],
) -> Result<Given, Stop> {
    let matches =
        command(groups, offers, verbs).try_get_matches_from(args).map_err(|error| stop(&error))?;
    let mut path = Vec::new();
    let mut levels = vec![matches];
    while let Some((name, below)) = levels.last_mut().and_then(ArgMatches::remove_subcommand) {
        path.push(name);
        levels.push(below);
    }
    let verb = match path.is_empty() {
        true => Some(0),
        false => verbs.iter().position(|verb| verb.path == path),
    };
    Ok(Given { verb: verb.expect("every command is a verb's"), levels })
}

/// The whole parser.
fn command(groups: &[Group], offers: &[Offer], verbs: &[Verb]) -> Command {
    let first = verbs.first().map_or("", |verb| verb.path[0]);
    let mut root = Command::new(PROGRAM)
        .version(env!("CARGO_PKG_VERSION"))
        .about(concat!(env!("CARGO_PKG_DESCRIPTION"), "."))
        .after_help(closing_words(first, offers))
        .arg(argument(&CONFIG_FLAG))
        .args(arguments(groups, None));
    for verb in verbs {
        root = with_verb(root, verb.path, verb, groups);
    }
    root
}

/// What stands below all flags in the help.
fn closing_words(first: &str, offers: &[Offer]) -> String {
    let mut words = format!(
        "Without a command: {first}. A list may be given with commas, or by repeating its flag."
    );
    if !offers.is_empty() {
        words.push_str("\n\nDialects:");
    }
    let widest = offers.iter().map(|offer| offer.name.len()).max().unwrap_or(0);
    for offer in offers {
        let line = format!("\n  {:widest$}  {}", offer.name, offer.summary);
        words.push_str(&line);
    }
    words
}

/// Hangs a verb in below its first words.
fn with_verb(parent: Command, path: &[&'static str], verb: &Verb, groups: &[Group]) -> Command {
    match *path {
        [] => parent,
        [last] => parent.subcommand(
            Command::new(last)
                .about(verb.about)
                .args(verb.flags.iter().map(argument))
                .arg(argument(&CONFIG_FLAG))
                .args(arguments(groups, verb.shows)),
        ),
        [first, ref rest @ ..] => {
            let is_known = parent.find_subcommand(first).is_some();
            let parent = match is_known {
                true => parent,
                false => parent
                    .subcommand(Command::new(first).about(verb.about).subcommand_required(true)),
            };
            parent.mut_subcommand(first, |below| with_verb(below, rest, verb, groups))
        }
    }
}

fn arguments(groups: &[Group], shows: Option<&'static [&'static str]>) -> Vec<Arg> {
    let in_groups = groups.iter().flat_map(|group| {
        group.flags.iter().map(move |flag| {
            let is_shown = shows.is_none_or(|shows| shows.contains(&flag.name));
            argument(flag).help_heading(group.heading).hide(!is_shown)
        })
    });
    in_groups.collect()
}

fn argument(flag: &Flag) -> Arg {
    let argument =
        Arg::new(flag.name).long(flag.name).help(flag.paragraph()).action(ArgAction::Append);
    match flag.is_switch() {
        false => argument.value_name(flag.value).num_args(1),
        true => argument
            .value_name("true|false")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
    }
}

/// What the parser's error means, in a sentence.
fn stop(error: &clap::Error) -> Stop {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.as_str(),
        _ => "",
    };
    let argument = context(ContextKind::InvalidArg);
    let flag = argument.split([' ', '=']).next().unwrap_or_default();
    let listed = format!("`{PROGRAM} --help` lists all there are");
    Stop::Mistake(match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return Stop::Asked(error.to_string());
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            format!("{flag} is no flag: {listed}")
        }
        ErrorKind::UnknownArgument => format!("{argument:?} is out of place: {listed}"),
        ErrorKind::InvalidSubcommand => {
            format!("{:?} is no command: {listed}", context(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue => format!("{flag} needs a value: {listed}"),
        ErrorKind::TooManyValues => format!("{flag} takes no value: leave it out"),
        ErrorKind::MissingSubcommand => {
            let words = error.to_string();
            let above = context(ContextKind::InvalidSubcommand);
            format!("{}: {listed}", first_line(&words, above))
        }
        ErrorKind::InvalidUtf8 => "an argument is not UTF-8: spell it so".into(),
        _ => format!("{}: {listed}", first_line(&error.to_string(), "")),
    })
}

/// The first line of the parser's own words, without their label.
fn first_line(words: &str, otherwise: &str) -> String {
    let line = words.lines().next().unwrap_or(otherwise);
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Stop, Verb, command, parse};
    use crate::config::base::GROUPS;
    use crate::config::flag::{Flag, Shape};

    const VERBS: &[Verb] = &[
        Verb { path: &["serve"], about: "Serves.", flags: &[], shows: None },
        Verb {
            path: &["user", "add"],
            about: "Adds.",
            flags: &[Flag::new("name", "NAME", Shape::Text, "A name")],
            shows: Some(&["data"]),
        },
    ];

    fn parse_words(line: &str) -> Result<super::Given, Stop> {
        let words = std::iter::once("polylogue").chain(line.split_whitespace());
        parse(words.map(Into::into), GROUPS, &[], VERBS)
    }

    fn mistake(line: &str) -> String {
        match parse_words(line) {
            Err(Stop::Mistake(sentence)) => sentence,
            Err(Stop::Asked(words)) => panic!("{line}: {words}"),
            Ok(_) => panic!("{line}: no mistake"),
        }
    }

    #[test]
    fn the_parser_is_sound() {
        command(GROUPS, &[], VERBS).debug_assert();
    }

    #[test]
    fn no_command_is_the_first_verb() {
        assert_eq!(parse_words("").unwrap_or_else(|_| panic!()).verb, 0);
        assert_eq!(parse_words("serve").unwrap_or_else(|_| panic!()).verb, 0);
    }

    #[test]
    fn flags_stand_before_or_behind_the_command() {
        for line in ["--data d user add --name n", "user add --data d --name n"] {
            let given = parse_words(line).unwrap_or_else(|_| panic!("{line}"));
            assert_eq!(given.verb, 1);
            assert_eq!(given.find("data"), Some(vec!["d".into()]));
            assert_eq!(given.find("name"), Some(vec!["n".into()]));
            assert_eq!(given.find("listen"), None);
        }
    }

    #[test]
    fn a_switch_needs_no_value_and_can_be_turned_off() {
        for (line, value) in [("--bridge", "true"), ("--bridge=false", "false")] {
            let given = parse_words(line).unwrap_or_else(|_| panic!("{line}"));
            assert_eq!(given.find("bridge"), Some(vec![value.into()]));
        }
    }

    #[test]
    fn mistakes_are_one_sentence() {
        for (line, start) in [
            ("--nope", "--nope is no flag: "),
            ("--nope=3", "--nope is no flag: "),
            ("nope", "\"nope\" is no command: "),
            ("user add nope", "\"nope\" is out of place: "),
            ("--listen", "--listen needs a value: "),
            ("user", "'polylogue user' requires a subcommand"),
        ] {
            let sentence = mistake(line);
            assert!(sentence.starts_with(start), "{line}: {sentence}");
            assert!(sentence.contains("polylogue --help"), "{line}: {sentence}");
            assert_eq!(sentence.lines().count(), 1, "{sentence}");
        }
    }
}
