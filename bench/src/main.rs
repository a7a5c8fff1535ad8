//! The command: flags in, a report out. Exit code 1 where there are no figures.

use std::process::ExitCode;

use polylogue_bench::{cli, scenario};

fn main() -> ExitCode {
    let matches = cli::command().get_matches();
    let found = cli::invocation(&matches).and_then(|invocation| {
        let report = scenario::run(&invocation.plan, &invocation.scenario)?;
        Ok(if invocation.json { format!("{:#}\n", report.to_json()) } else { report.to_table() })
    });
    match found {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("polylogue-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}
