//! A setting as it is declared: one row of a table, from which the command line, the environment,
//! the configuration file and the help are made. The base rows stand in `base`; dialects and
//! commands bring tables of their own.

use super::spelling;

/// A setting. Made by [`Flag::new`] and refined by the methods that follow it, all `const`, so
/// that tables of flags are constants.
#[derive(Clone, Copy)]
pub struct Flag {
    /// Its name, without the dashes; also its key in a configuration file.
    pub name: &'static str,
    /// The environment variable that sets it.
    pub env: Option<&'static str>,
    /// What stands for the value in the help (`ADDR`); empty for a switch.
    pub value: &'static str,
    /// The value where nobody gives one.
    pub default: Option<&'static str>,
    /// What a value must look like.
    pub shape: Shape,
    /// Whether it may be given several times, or as a list with commas.
    pub repeatable: bool,
    /// Whether its value stays out of every message.
    pub secret: bool,
    /// Whether it must be given.
    pub required: bool,
    /// What it does, in a sentence or two without the final full stop.
    pub help: &'static str,
}

/// What a value must look like. Checked wherever the value comes from, before anything starts.
#[derive(Clone, Copy)]
pub enum Shape {
    /// `true` or `false`; as a flag it needs no value.
    Switch,
    /// Anything but nothing.
    Text,
    /// A whole number.
    Number {
        /// The smallest.
        min: u64,
        /// The largest.
        max: u64,
    },
    /// A number with a unit: `500ms`, `90s`, `2m`, `1h`, `7d`; or `0`.
    Duration {
        /// The shortest, in milliseconds.
        min_ms: u64,
        /// The longest, in milliseconds.
        max_ms: u64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Whatever the function lets pass; its error ends the sentence "... must be".
    Checked(fn(&str) -> Result<(), String>),
}

impl Flag {
    /// A setting with a value.
    #[must_use]
    pub const fn new(
        name: &'static str,
        value: &'static str,
        shape: Shape,
        help: &'static str,
    ) -> Flag {
        let (env, default) = (None, None);
        let (repeatable, secret, required) = (false, false, false);
        Flag { name, env, value, default, shape, repeatable, secret, required, help }
    }

    /// A setting that is off unless it is given.
    #[must_use]
    pub const fn switch(name: &'static str, help: &'static str) -> Flag {
        Flag::new(name, "", Shape::Switch, help).default("false")
    }

    /// A whole number with a default.
    #[must_use]
    pub const fn number(
        name: &'static str,
        range: (u64, u64),
        default: &'static str,
        help: &'static str,
    ) -> Flag {
        Flag::new(name, "N", Shape::Number { min: range.0, max: range.1 }, help).default(default)
    }

    /// One of several words; the first is the default.
    #[must_use]
    pub const fn choice(
        name: &'static str,
        words: &'static [&'static str],
        help: &'static str,
    ) -> Flag {
        Flag::new(name, "WORD", Shape::Choice(words), help).default(words[0])
    }

    /// The same, with an environment variable.
    #[must_use]
    pub const fn env(mut self, env: &'static str) -> Flag {
        self.env = Some(env);
        self
    }

    /// The same, with a value for when nobody gives one.
    #[must_use]
    pub const fn default(mut self, default: &'static str) -> Flag {
        self.default = Some(default);
        self
    }

    /// The same, to be given several times, or as a list with commas.
    #[must_use]
    pub const fn repeatable(mut self) -> Flag {
        self.repeatable = true;
        self
    }

    /// The same, with a value that is never shown.
    #[must_use]
    pub const fn secret(mut self) -> Flag {
        self.secret = true;
        self
    }

    /// The same, to be missed where nobody gives it.
    #[must_use]
    pub const fn required(mut self) -> Flag {
        self.required = true;
        self
    }

    /// Whether it needs no value.
    #[must_use]
    pub const fn is_switch(&self) -> bool {
        matches!(self.shape, Shape::Switch)
    }

    /// The flag's whole paragraph in the help.
    #[must_use]
    pub fn paragraph(&self) -> String {
        let mut notes = Vec::new();
        if let Shape::Choice(words) = self.shape {
            notes.push(format!("one of: {}", words.join(", ")));
        }
        if self.required {
            notes.push("required".to_owned());
        }
        if self.repeatable {
            notes.push("repeatable".to_owned());
        }
        notes.extend(self.env.map(|env| format!("env: {env}")));
        match self.default {
            Some("false") if self.is_switch() => notes.push("default: off".to_owned()),
            Some(default) => notes.push(format!("default: {default}")),
            None => {}
        }
        match notes.is_empty() {
            true => self.help.to_owned(),
            false => format!("{} [{}]", self.help, notes.join("; ")),
        }
    }
}

impl Shape {
    /// Checks a value.
    ///
    /// # Errors
    /// What the value must be, as the end of a sentence: "a whole number from 1 to 100".
    pub fn check(&self, value: &str) -> Result<(), String> {
        let is_good = match *self {
            Shape::Switch => spelling::switch(value).is_some(),
            Shape::Text => !value.is_empty(),
            Shape::Number { min, max } => {
                value.parse().is_ok_and(|number: u64| (min..=max).contains(&number))
            }
            Shape::Duration { min_ms, max_ms } => {
                spelling::duration_ms(value).is_some_and(|ms| (min_ms..=max_ms).contains(&ms))
            }
            Shape::Choice(words) => words.contains(&value),
            Shape::Checked(check) => return check(value),
        };
        if is_good { Ok(()) } else { Err(self.expectation()) }
    }

    fn expectation(&self) -> String {
        match *self {
            Shape::Switch => "true or false".into(),
            Shape::Text | Shape::Checked(_) => "something rather than nothing".into(),
            Shape::Number { min, max } => format!("a whole number from {min} to {max}"),
            Shape::Duration { min_ms, max_ms } => format!(
                "a number with a unit (ms, s, m, h, d), as in 90s, from {} to {}",
                spelling::print_ms(min_ms),
                spelling::print_ms(max_ms),
            ),
            Shape::Choice(words) => words.join(" or "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flag, Shape};

    #[test]
    fn values_are_checked_and_the_sentence_says_what_they_must_be() {
        let number = Shape::Number { min: 1, max: 100 };
        assert_eq!(number.check("100"), Ok(()));
        for wrong in ["0", "101", "-1", "1.5", "", "many", "99999999999999999999"] {
            assert_eq!(number.check(wrong), Err("a whole number from 1 to 100".into()), "{wrong}");
        }
        let choice = Shape::Choice(&["full", "normal"]);
        assert_eq!(choice.check("normal"), Ok(()));
        assert_eq!(choice.check("Full"), Err("full or normal".into()));
        let window = Shape::Duration { min_ms: 0, max_ms: 60_000 };
        assert_eq!(window.check("1m"), Ok(()));
        assert!(window.check("2m").unwrap_err().contains("from 0 to 1m"));
        assert!(window.check("5").unwrap_err().contains("with a unit"));
        assert!(Shape::Switch.check("maybe").is_err());
        assert!(Shape::Text.check("").is_err());
    }

    #[test]
    fn a_paragraph_tells_the_environment_variable_and_the_default() {
        let flag = Flag::number("page-size", (1, 100), "15", "Messages in a page").env("PAGE");
        assert_eq!(flag.paragraph(), "Messages in a page [env: PAGE; default: 15]");
        let flag = Flag::switch("bridge", "Bridges");
        assert_eq!(flag.paragraph(), "Bridges [default: off]");
        let flag = Flag::choice("durability", &["full", "normal"], "How");
        assert_eq!(flag.paragraph(), "How [one of: full, normal; default: full]");
    }
}
