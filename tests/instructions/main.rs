//! What a delivery, a message, a connection and a row cost, in instructions: a count that no load
//! on the machine can change. More than a tenth above the record in `bench/instructions.toml`
//! fails.
//!
//! `POLYLOGUE_RECORD=1 cargo test --test instructions` writes the record anew. A count holds for
//! one compiler and one kind of processor: with others it is shown, loudly, and not compared.

mod count;
mod record;

use std::fmt::Write as _;
use std::io::Write as _;

use count::{Counted, Counter};
use record::Record;

/// How much more than the record a count may be: `/ 100`.
const GROWTH_PERCENT_MAX: u64 = 10;

#[test]
fn no_count_grows_by_more_than_a_tenth() {
    let Some(counter) = Counter::new() else {
        return say(
            "no valgrind here, so no instructions were counted: tests/setup.sh installs it",
        );
    };
    let mut counts = counter.count_all();
    let here = record::toolchain();
    if std::env::var_os("POLYLOGUE_RECORD").is_some() {
        record::write(&here, &counts);
        return say(&format!("recorded in bench/instructions.toml:\n{}", table(&counts, None)));
    }
    let record = record::read();
    // A timer that fires meanwhile only adds: the lowest of a few counts is the work's.
    for counted in counts.iter_mut().filter(|it| record.toolchain == here && is_more(it, &record)) {
        counter.count_again(counted);
    }
    say(&table(&counts, Some(&record)));
    if record.toolchain != here {
        return say(&format!(
            "NOTHING WAS COMPARED: the record is of {}, this is {here}. \
             POLYLOGUE_RECORD=1 cargo test --test instructions records anew",
            record.toolchain
        ));
    }
    let grown: Vec<String> =
        counts.iter().filter_map(|counted| complaint(counted, &record)).collect();
    assert!(
        grown.is_empty(),
        "\n{}\nWhere that is meant, record anew and say why in the commit: \
         POLYLOGUE_RECORD=1 cargo test --test instructions\n",
        grown.join("\n")
    );
}

/// What is wrong with a count.
fn complaint(counted: &Counted, record: &Record) -> Option<String> {
    let Counted { name, unit, instructions } = counted;
    let Some(before) = record.of(name) else {
        return Some(format!("{name}: {instructions} instructions per {unit}, none on record"));
    };
    is_more(counted, record).then(|| {
        let growth = (instructions - before) * 100 / before;
        format!("{name}: {instructions} instructions per {unit}, {growth} % more than {before}")
    })
}

/// Whether a count is too far above the record.
fn is_more(counted: &Counted, record: &Record) -> bool {
    let bound = |before| before * (100 + GROWTH_PERCENT_MAX);
    record.of(&counted.name).is_some_and(|before| counted.instructions * 100 > bound(before))
}

fn table(counts: &[Counted], record: Option<&Record>) -> String {
    let mut lines = String::from("instructions, and on record:\n");
    for Counted { name, unit, instructions } in counts {
        let before = record.and_then(|record| record.of(name));
        let before = before.map_or_else(|| "-".into(), |before| before.to_string());
        let line = format!("{name:<16} {instructions:>8} {before:>8} per {unit}");
        writeln!(lines, "{line}").expect("a string takes it");
    }
    lines
}

/// Past the test harness, which shows what a test prints only when it fails.
fn say(words: &str) {
    let mut out = std::io::stderr().lock();
    writeln!(out, "{words}").expect("stderr is open");
}

#[test]
fn a_tenth_more_is_let_pass_and_no_more() {
    let record = Record::parse("rustc = \"1.0\"\narchitecture = \"x\"\n[instructions]\na = 1000\n");
    let counted = |instructions| Counted { name: "a".into(), unit: "b".into(), instructions };
    assert_eq!(complaint(&counted(1_100), &record), None);
    assert_eq!(complaint(&counted(500), &record), None);
    let words = complaint(&counted(1_101), &record).expect("too much");
    assert_eq!(words, "a: 1101 instructions per b, 10 % more than 1000");
}
