//! Every target over its kept inputs, and over mutations of them: as many as there is time for in
//! a run of the test suite. The real search is `tests/fuzz/run.sh`, whose finds are kept here.
//!
//! `FUZZ_ROUNDS` makes that many mutations for every target, `FUZZ_SEED` begins elsewhere. What
//! fails is printed as bytes that a new file in the target's corpus may hold.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;

use polylogue_fuzz::mutate::Mutator;
use polylogue_fuzz::{TARGETS, Target};

/// Mutations of a usual run: fewer where each runs a dialect, a store or a command line.
const ROUNDS: u64 = 5_000;
const ROUNDS_OF_SLOW: u64 = 500;
const SLOW: [&str; 4] = ["hear", "knock", "rest", "settings"];
/// What is kept for a target, in bytes: small enough to be read by people.
const CORPUS_BYTES_MAX: usize = 64 * 1024;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let files = fs::read_dir(folder).expect("every target has a corpus");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("it can be read")).collect()
}

fn run(name: &str, target: Target, input: &[u8]) {
    if let Err(cause) = catch_unwind(AssertUnwindSafe(|| target(input))) {
        eprintln!("{name} fails on \"{}\"", input.escape_ascii());
        resume_unwind(cause);
    }
}

#[test]
fn no_input_breaks_a_decoder() {
    let mut tried = 0;
    for (name, target) in TARGETS {
        let corpus = corpus(name);
        let kept: usize = corpus.iter().map(Vec::len).sum();
        assert!(!corpus.is_empty() && kept <= CORPUS_BYTES_MAX, "{name} keeps {kept} bytes");
        for input in &corpus {
            run(name, *target, input);
        }
        let usual = if SLOW.contains(name) { ROUNDS_OF_SLOW } else { ROUNDS };
        let rounds = setting("FUZZ_ROUNDS").unwrap_or(usual);
        let first = setting("FUZZ_SEED").unwrap_or(0);
        for seed in first..first + rounds {
            run(name, *target, &Mutator::new(seed).input(&corpus));
        }
        tried += rounds + corpus.len() as u64;
    }
    println!("{tried} inputs tried");
}
