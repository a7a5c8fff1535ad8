//! `--config FILE`: TOML whose keys are the names of the flags, with `-` or `_` between words.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use toml::Value;

use super::flag::Flag;
use crate::limits::CONFIG_FILE_BYTES_MAX;

/// What a configuration file says.
#[derive(Debug, Default)]
pub(super) struct File {
    path: PathBuf,
    /// By the flag's name: the key as it was written, and its values.
    keys: HashMap<&'static str, (String, Vec<String>)>,
}

impl File {
    /// Reads a file that may set any of these flags.
    ///
    /// # Errors
    /// A sentence that names the file, the key, and what to do.
    pub(super) fn read(path: &Path, flags: &[Flag]) -> Result<File, String> {
        let shown = path.display();
        let unreadable = |error| format!("--config: {shown} cannot be read: {error}");
        let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
        if bytes > CONFIG_FILE_BYTES_MAX {
            return Err(format!(
                "--config: {shown} has {bytes} bytes, but must have {CONFIG_FILE_BYTES_MAX} at most"
            ));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        File::parse(path, &text, flags)
    }

    fn parse(path: &Path, text: &str, flags: &[Flag]) -> Result<File, String> {
        let shown = path.display();
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            format!("{shown}, line {line}, is not TOML: {}", error.message())
        })?;
        let mut keys: HashMap<&'static str, (String, Vec<String>)> = HashMap::new();
        for (key, value) in table {
            let dashed = key.replace('_', "-");
            let Some(flag) = flags.iter().find(|flag| flag.name == dashed) else {
                return Err(format!(
                    "the key {key} in {shown} is unknown: keys are the names of the flags that \
                     `polylogue --help` lists, without the dashes in front"
                ));
            };
            let values = values(&value).ok_or_else(|| {
                format!(
                    "the key {key} in {shown} is {value}, but must be a string, a whole number, \
                     true or false, or a list of them"
                )
            })?;
            if let Some((other, _)) = keys.insert(flag.name, (key.clone(), values)) {
                return Err(format!(
                    "the keys {other} and {key} in {shown} are the same setting: keep one of them"
                ));
            }
        }
        Ok(File { path: path.to_owned(), keys })
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The key as it was written, and its values.
    pub(super) fn find(&self, flag: &Flag) -> Option<&(String, Vec<String>)> {
        self.keys.get(flag.name)
    }
}

/// A value, or a list of them, as it would be written on the command line.
fn values(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(values) => values.iter().map(scalar).collect(),
        other => scalar(other).map(|one| vec![one]),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::File;
    use crate::config::flag::Flag;

    const FLAGS: &[Flag] = &[
        Flag::number("page-size", (1, 100), "15", ""),
        Flag::switch("bridge", ""),
        Flag::choice("dialect", &["a", "b"], "").repeatable(),
    ];

    fn parse(text: &str) -> Result<File, String> {
        File::parse(Path::new("p.toml"), text, FLAGS)
    }

    fn refused(text: &str) -> String {
        parse(text).expect_err("a mistake")
    }

    #[test]
    fn keys_are_names_of_flags_with_dashes_or_underscores() {
        let file = parse("page_size = 20\nbridge = true\ndialect = [\"a\", \"b\"]").unwrap();
        let found = file.find(&FLAGS[0]).unwrap();
        assert_eq!(*found, ("page_size".into(), vec!["20".into()]));
        assert_eq!(file.find(&FLAGS[1]).unwrap().1, ["true"]);
        assert_eq!(file.find(&FLAGS[2]).unwrap().1, ["a", "b"]);
    }

    #[test]
    fn mistakes_name_the_file_and_the_key() {
        let unknown = refused("pagesize = 1");
        assert!(unknown.contains("the key pagesize in p.toml is unknown"), "{unknown}");
        assert!(refused("page-size = 1.5").contains("the key page-size in p.toml is 1.5, but"));
        assert!(refused("[bridge]\nx = 1").contains("the key bridge in p.toml"));
        assert!(refused("page-size = 1\npage_size = 2").contains("are the same setting"));
        assert!(refused("bridge = true\npage-size = = 2").contains("p.toml, line 2, is not TOML"));
    }
}
