//! Source files as the laws see them.

use std::fs;
use std::path::{Path, PathBuf};

/// One file: its path from the root, with `/`, and its lines.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) lines: Vec<String>,
}

impl Source {
    /// The lines in front of the unit tests, with their numbers.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let numbered = self.lines.iter().enumerate();
        numbered
            .map(|(number, line)| (number + 1, line.as_str()))
            .take_while(|(_, line)| *line != "#[cfg(test)]")
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below some folders of the root.
pub(crate) fn walk(folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    folders.iter().for_each(|folder| visit(&root().join(folder), &mut found));
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn visit(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the house can be read") {
        let path = entry.expect("its entries, too").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(
                name.as_str(),
                "target" | "node_modules" | ".venv" | "corpus" | "artifacts"
            ) {
                visit(&path, found);
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).expect("a source is text");
            let path = path.strip_prefix(root()).expect("it is below the root");
            let path = path.to_string_lossy().replace('\\', "/");
            found.push(Source { path, lines: text.lines().map(str::to_owned).collect() });
        }
    }
}
