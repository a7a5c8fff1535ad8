//! Counting: each piece of work is done a few times and many times under callgrind. What the
//! second run costs more is the work's; what both cost is starting and setting up.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// What one piece of work costs.
#[derive(Clone)]
pub(super) struct Counted {
    pub(super) name: String,
    /// What is counted: a delivery, a row.
    pub(super) unit: String,
    pub(super) instructions: u64,
}

/// A line of `costs --list`.
struct Work {
    name: String,
    unit: String,
    units_per_round: u64,
    few: u64,
    many: u64,
}

/// Counts at the same time: as many as any machine has cores.
const COUNTING_MAX: usize = 2;

/// How often a count that is too high is taken again.
const AGAIN_MAX: usize = 3;

/// The program, and what it can do.
pub(super) struct Counter {
    program: PathBuf,
    works: Vec<Work>,
}

impl Counter {
    /// `None`: there is no valgrind.
    pub(super) fn new() -> Option<Counter> {
        let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
        version.is_ok_and(|status| status.success()).then(|| {
            let program = built();
            Counter { works: list(&program), program }
        })
    }

    /// Counts every piece of work there is.
    pub(super) fn count_all(&self) -> Vec<Counted> {
        let next = Mutex::new(self.works.iter().enumerate());
        let counted = Mutex::new(vec![None; self.works.len()]);
        std::thread::scope(|threads| {
            for _ in 0..COUNTING_MAX {
                threads.spawn(|| {
                    loop {
                        let taken = next.lock().expect("no count has panicked").next();
                        let Some((place, work)) = taken else { return };
                        let count = count(&self.program, work);
                        counted.lock().expect("no count has panicked")[place] = Some(count);
                    }
                });
            }
        });
        let counted = counted.into_inner().expect("no count has panicked");
        counted.into_iter().map(|one| one.expect("each was counted")).collect()
    }

    /// Counts again, with nothing beside it, and keeps the lowest.
    pub(super) fn count_again(&self, counted: &mut Counted) {
        for work in self.works.iter().filter(|work| work.name == counted.name) {
            for _ in 0..AGAIN_MAX {
                let again = count(&self.program, work);
                counted.instructions = counted.instructions.min(again.instructions);
            }
        }
    }
}

/// The program, built as the server is.
fn built() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--example", "costs", "--message-format=json"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo is there");
    assert!(built.status.success(), "the costs cannot be built");
    let said = String::from_utf8_lossy(&built.stdout).into_owned();
    let artifacts = said.lines().filter_map(|line| serde_json::from_str(line).ok());
    let mut executables = artifacts.filter_map(|it: serde_json::Value| {
        let is_ours = it["target"]["name"] == "costs";
        it["executable"].as_str().filter(|_| is_ours).map(PathBuf::from)
    });
    executables.next().expect("cargo says where it is")
}

fn list(program: &Path) -> Vec<Work> {
    let listed = Command::new(program).arg("--list").output().expect("it runs");
    let lines = String::from_utf8(listed.stdout).expect("it lists words");
    let works: Vec<Work> = lines.lines().map(work).collect();
    assert!(!works.is_empty(), "there is something to count");
    works
}

fn work(line: &str) -> Work {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[name, unit, units_per_round, few, many] = columns.as_slice() else {
        panic!("five columns: {line:?}");
    };
    let number = |digits: &str| digits.parse().expect("a number");
    Work {
        name: name.into(),
        unit: unit.into(),
        units_per_round: number(units_per_round),
        few: number(few),
        many: number(many),
    }
}

fn count(program: &Path, work: &Work) -> Counted {
    let (few, many) = (run(program, work, work.few), run(program, work, work.many));
    let units = (work.many - work.few) * work.units_per_round;
    let instructions = many.saturating_sub(few) / units;
    assert!(instructions > 0, "{}: more rounds cost more", work.name);
    Counted { name: work.name.clone(), unit: work.unit.clone(), instructions }
}

/// Instructions of one run, as callgrind sums them up: `==1== Collected : 123`.
fn run(program: &Path, work: &Work, rounds: u64) -> u64 {
    let ran = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([&work.name, &rounds.to_string()])
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{} of {}: {said}", rounds, work.name);
    let total = said.lines().find_map(|line| line.split_once("Collected :"));
    let (_, total) = total.expect("callgrind says what it has collected");
    total.trim().parse().expect("a number")
}
