//! Settled values: for every declared flag what it is, and where that came from. Whoever declared
//! a flag reads it here, by name, in the type of its shape.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use super::file::File;
use super::flag::Flag;
use super::spelling;

/// Where a value came from. The first that has one wins, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A key of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The key as it is written there.
        key: String,
    },
    /// Nobody gave one.
    Default(&'static str),
}

impl Source {
    /// How near it is to whoever starts the program: 0 is the nearest.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Source::Flag(_) => 0,
            Source::Environment(_) => 1,
            Source::File { .. } => 2,
            Source::Default(_) => 3,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Flag(name) => write!(out, "--{name}"),
            Source::Environment(name) => write!(out, "the environment variable {name}"),
            Source::File { path, key } => write!(out, "the key {key} in {}", path.display()),
            Source::Default(name) => write!(out, "the default of --{name}"),
        }
    }
}

/// The layers that values are looked for in.
pub(super) struct Layers<'a> {
    /// What the command line gave.
    pub(super) given: &'a dyn Fn(&str) -> Option<Vec<String>>,
    /// The environment.
    pub(super) env: &'a dyn Fn(&str) -> Option<OsString>,
    /// The configuration file.
    pub(super) file: &'a File,
}

/// The values of all declared flags.
///
/// The accessors panic when asked for a flag that nobody declared, or in a type that its shape
/// does not have: both are mistakes of the program, never of its operator.
pub struct Values {
    // No `Debug`: there are secrets among them.
    settled: HashMap<&'static str, Settled>,
}

struct Settled {
    values: Vec<String>,
    source: Source,
}

impl Values {
    /// Finds and checks the value of every flag.
    ///
    /// # Errors
    /// A sentence that says which value is wrong, where it came from, and what it must be.
    pub(super) fn settle(flags: &[Flag], layers: &Layers<'_>) -> Result<Values, String> {
        let settled = flags.iter().map(|flag| Ok((flag.name, settle(flag, layers)?)));
        Ok(Values { settled: settled.collect::<Result<_, String>>()? })
    }

    /// The defaults of these flags, but for some that are given: for tests of whoever reads them.
    ///
    /// # Errors
    /// See [`Values::settle`].
    pub fn of(flags: &[Flag], given: &[(&str, &str)]) -> Result<Values, String> {
        let given = |name: &str| {
            let found = given.iter().filter(|(key, _)| *key == name);
            let values: Vec<_> = found.map(|(_, value)| (*value).to_owned()).collect();
            (!values.is_empty()).then_some(values)
        };
        let layers = Layers { given: &given, env: &|_| None, file: &File::default() };
        Values::settle(flags, &layers)
    }

    /// The value, where there is one; the last one of a repeatable flag.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.list(name).last().map(String::as_str)
    }

    /// All values of a repeatable flag.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        &self.settled(name).values
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn switch(&self, name: &str) -> bool {
        self.text(name).and_then(spelling::switch).expect("a switch")
    }

    /// A number, in any integer type that holds the flag's range.
    #[must_use]
    pub fn number<T: TryFrom<u64>>(&self, name: &str) -> T {
        let number: u64 = self.text(name).and_then(|value| value.parse().ok()).expect("a number");
        T::try_from(number).ok().expect("a type that holds the flag's range")
    }

    /// A duration in milliseconds.
    #[must_use]
    pub fn duration_ms(&self, name: &str) -> u64 {
        self.text(name).and_then(spelling::duration_ms).expect("a duration")
    }

    /// What the chosen word stands for.
    #[must_use]
    pub fn choice<T: Copy>(&self, name: &str, meanings: &[(&str, T)]) -> T {
        let word = self.text(name).expect("a choice with a default");
        let found = meanings.iter().find(|(known, _)| *known == word);
        found.map(|(_, meaning)| *meaning).expect("a meaning for every word of the flag")
    }

    /// Where the value came from.
    #[must_use]
    pub fn source(&self, name: &str) -> &Source {
        &self.settled(name).source
    }

    /// Whether somebody gave a value, rather than nobody.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        !matches!(self.source(name), Source::Default(_))
    }

    fn settled(&self, name: &str) -> &Settled {
        let settled = self.settled.get(name);
        settled.unwrap_or_else(|| panic!("the flag --{name} is declared by whoever reads it"))
    }
}

/// The first layer's value that there is.
fn settle(flag: &Flag, layers: &Layers<'_>) -> Result<Settled, String> {
    let (values, source) = if let Some(values) = (layers.given)(flag.name) {
        (values, Source::Flag(flag.name))
    } else if let Some((name, value)) = from_environment(flag, layers.env)? {
        (vec![value], Source::Environment(name))
    } else if let Some((key, values)) = layers.file.find(flag) {
        let path = layers.file.path().to_owned();
        (values.clone(), Source::File { path, key: key.clone() })
    } else {
        (flag.default.map(str::to_owned).into_iter().collect(), Source::Default(flag.name))
    };
    if flag.required && values.is_empty() {
        return Err(format!("--{0} is missing: give --{0} {1}", flag.name, flag.value));
    }
    let values = if flag.repeatable { split(&values) } else { values };
    if values.is_empty() && !matches!(source, Source::Default(_)) {
        return Err(format!("{source} is empty: give at least one {}", flag.value));
    }
    if values.len() > 1 && !flag.repeatable {
        return Err(format!("{source} has {} values, but takes one", values.len()));
    }
    for value in &values {
        flag.shape.check(value).map_err(|expected| match flag.secret {
            true => format!("{source} must be {expected}"),
            false => format!("{source} is {value:?}, but must be {expected}"),
        })?;
    }
    Ok(Settled { values, source })
}

/// The environment variable's value; an empty one counts as not set.
fn from_environment(
    flag: &Flag,
    env: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<(&'static str, String)>, String> {
    let Some(name) = flag.env else {
        return Ok(None);
    };
    match env(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(value)) => Ok(Some((name, value))),
        Some(Err(_)) => Err(format!("the environment variable {name} is not UTF-8: spell it so")),
    }
}

fn split(values: &[String]) -> Vec<String> {
    let parts = values.iter().flat_map(|value| value.split(','));
    parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::io::Write as _;

    use super::{Layers, Source, Values};
    use crate::config::file::File;
    use crate::config::flag::{Flag, Shape};

    const FLAGS: &[Flag] = &[
        Flag::number("page-size", (1, 100), "15", "").env("PAGE_SIZE"),
        Flag::new("origins", "LIST", Shape::Text, "").env("ORIGINS").repeatable(),
        Flag::new("key", "KEY", Shape::Choice(&["good"]), "").env("KEY").secret(),
        Flag::switch("bridge", ""),
    ];

    fn settle(given: &[(&str, &str)], env: &[(&str, &str)], file: &str) -> Result<Values, String> {
        let mut written = tempfile::NamedTempFile::new().unwrap();
        written.write_all(file.as_bytes()).unwrap();
        let file = File::read(written.path(), FLAGS)?;
        let given = |name: &str| {
            let found = given.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| vec![(*value).to_owned()])
        };
        let env = |name: &str| {
            let found = env.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Values::settle(FLAGS, &Layers { given: &given, env: &env, file: &file })
    }

    fn refused(values: Result<Values, String>) -> String {
        values.err().expect("a mistake")
    }

    #[test]
    fn a_flag_goes_before_the_environment_before_the_file_before_the_default() {
        let flag: &[_] = &[("page-size", "1")];
        let env: &[_] = &[("PAGE_SIZE", "2")];
        let file = "page-size = 3";
        for (given, env, file, expected) in [
            (flag, env, file, 1),
            (&[][..], env, file, 2),
            (&[], &[][..], file, 3),
            (&[], &[], "", 15),
        ] {
            let values = settle(given, env, file).unwrap();
            assert_eq!(values.number::<u64>("page-size"), expected);
            assert_eq!(values.is_given("page-size"), expected != 15);
        }
    }

    #[test]
    fn an_empty_environment_variable_is_not_set() {
        let values = settle(&[], &[("PAGE_SIZE", "")], "page-size = 3").unwrap();
        assert_eq!(values.number::<u8>("page-size"), 3);
        assert!(
            matches!(values.source("page-size"), Source::File { key, .. } if key == "page-size")
        );
    }

    #[test]
    fn lists_have_commas() {
        let values = settle(&[], &[("ORIGINS", "a, b,,c")], "").unwrap();
        assert_eq!(values.list("origins"), ["a", "b", "c"]);
        let values = settle(&[], &[], "origins = [\"a\", \"b,c\"]").unwrap();
        assert_eq!(values.list("origins"), ["a", "b", "c"]);
        assert!(refused(settle(&[], &[], "origins = []")).contains("is empty"));
        assert!(refused(settle(&[], &[], "page-size = [1, 2]")).contains("has 2 values"));
    }

    #[test]
    fn a_mistake_is_told_with_its_source_and_its_mending() {
        assert_eq!(
            refused(settle(&[("page-size", "0")], &[], "")),
            "--page-size is \"0\", but must be a whole number from 1 to 100"
        );
        assert_eq!(
            refused(settle(&[], &[("PAGE_SIZE", "x")], "")),
            "the environment variable PAGE_SIZE is \"x\", but must be a whole number from 1 to 100"
        );
        let told = refused(settle(&[], &[], "page_size = 101"));
        assert!(told.starts_with("the key page_size in /"), "{told}");
        assert!(told.ends_with("is \"101\", but must be a whole number from 1 to 100"), "{told}");
    }

    #[test]
    fn a_secret_is_not_told() {
        let told = refused(settle(&[], &[("KEY", "hunter2")], ""));
        assert_eq!(told, "the environment variable KEY must be good");
    }

    #[test]
    fn a_value_without_default_may_be_missing() {
        let values = settle(&[], &[], "").unwrap();
        assert_eq!(values.text("key"), None);
        assert!(!values.switch("bridge"));
        assert!(Values::of(FLAGS, &[("bridge", "true")]).unwrap().switch("bridge"));
    }
}
