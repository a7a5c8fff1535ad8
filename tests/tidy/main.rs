//! The laws of the house that a compiler does not check.

mod imports;
mod limits;
mod shape;
mod source;

use source::Source;

/// Every Rust file of the workspace that is ours.
fn sources() -> Vec<Source> {
    let found = source::walk(&["src", "protocol", "bench", "tests"]);
    assert!(found.len() > 100, "the walk must find the house: {} files", found.len());
    found
}

/// Fails with one line for each broken law.
fn assert_lawful(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}
