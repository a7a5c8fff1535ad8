//! The record: `bench/instructions.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use super::count::Counted;

/// Counts, and what they are of.
pub(super) struct Record {
    /// Which compiler and which kind of processor.
    pub(super) toolchain: String,
    counts: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Page {
    rustc: String,
    architecture: String,
    instructions: BTreeMap<String, u64>,
}

impl Record {
    /// Reads a record.
    pub(super) fn parse(text: &str) -> Record {
        let page: Page = toml::from_str(text).expect("bench/instructions.toml is as it was made");
        let toolchain = named(&page.rustc, &page.architecture);
        Record { toolchain, counts: page.instructions }
    }

    /// What a piece of work cost.
    pub(super) fn of(&self, name: &str) -> Option<u64> {
        self.counts.get(name).copied()
    }
}

/// The record on file.
pub(super) fn read() -> Record {
    Record::parse(&std::fs::read_to_string(path()).expect("bench/instructions.toml is there"))
}

/// Puts counts on record.
pub(super) fn write(toolchain: &str, counts: &[Counted]) {
    let mut page = String::from(
        "# Instructions per piece of work, as bench/costs does it under callgrind. Written by\n\
         # `POLYLOGUE_RECORD=1 cargo test --test instructions`, compared by tests/instructions.\n",
    );
    let (rustc, architecture) = toolchain.split_once(" on ").expect("it names both");
    writeln!(page, "rustc = \"{rustc}\"\narchitecture = \"{architecture}\"\n\n[instructions]")
        .expect("a string takes it");
    for Counted { name, unit, instructions } in counts {
        writeln!(page, "# per {unit}\n\"{name}\" = {instructions}").expect("a string takes it");
    }
    std::fs::write(path(), page).expect("bench can be written to");
}

/// The compiler's version without its patch, and the processor's kind.
pub(super) fn toolchain() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = Command::new(rustc).arg("--version").output().expect("the compiler is there");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let version = said.split(' ').nth(1).expect("it says its version");
    let minor: Vec<&str> = version.split('.').take(2).collect();
    named(&minor.join("."), std::env::consts::ARCH)
}

fn named(rustc: &str, architecture: &str) -> String {
    format!("{rustc} on {architecture}")
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench/instructions.toml")
}
