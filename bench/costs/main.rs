//! What one piece of work costs the server, in a program that does nothing else, over and over.
//!
//! `costs NAME ROUNDS` says how long a piece took. Under callgrind the same program counts
//! instructions, which no other load on the machine can change: `tests/instructions` compares
//! them with those on record. The client's part is in it; it is kept small.

mod packets;
mod peer;
mod rows;
#[path = "../../tests/sixth/server.rs"]
#[allow(dead_code, reason = "its other users need more of it")]
mod server;
mod talk;

#[path = "../../tests/conformance/echo.rs"]
mod echo;

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// As in the server: allocating is a part of the cost.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A piece of work.
struct Work {
    name: &'static str,
    /// What is counted.
    unit: &'static str,
    units_per_round: u64,
    /// Two numbers of rounds: what the second costs more is what the rounds between them cost.
    rounds: (u64, u64),
    /// Does so many rounds; how long they took, setting up left out.
    run: fn(u64) -> Duration,
}

const WORKS: &[Work] = &[
    work("decode", "packet", 1, (1_000, 11_000), packets::decode),
    work("encode", "packet", 1, (1_000, 11_000), packets::encode),
    work("echo", "event with ack", talk::BURST, (2, 12), talk::echo),
    work("inbound", "message", talk::BURST, (2, 12), talk::inbound),
    work("fan-out", "delivery", talk::CROWD - 1, (5, 85), talk::fan_out),
    work("small room", "message to 9, acked", 1, (20, 220), talk::small_room),
    work("small rooms", "message to 9, acked", talk::TABLES, (2, 12), talk::small_rooms),
    work("connect", "handshake and CONNECT", 1, (20, 220), talk::connect),
    work("store 1", "row", 1, (50, 350), rows::by_1),
    work("store 10", "row", 10, (10, 60), rows::by_10),
    work("store 100", "row", 100, (2, 12), rows::by_100),
    work("store 100 rooms", "row", 100, (2, 12), rows::by_100_in_rooms),
    work("store 100 keyed", "row", 100, (2, 12), rows::by_100_keyed),
];

const fn work(
    name: &'static str,
    unit: &'static str,
    units_per_round: u64,
    rounds: (u64, u64),
    run: fn(u64) -> Duration,
) -> Work {
    Work { name, unit, units_per_round, rounds, run }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] | ["--list"] => {
            for Work { name, unit, units_per_round, rounds: (few, many), .. } in WORKS {
                println!("{name}\t{unit}\t{units_per_round}\t{few}\t{many}");
            }
            ExitCode::SUCCESS
        }
        [name, rounds] => {
            let work = WORKS.iter().find(|work| work.name == *name);
            let (Some(work), Ok(rounds)) = (work, rounds.parse::<u64>()) else {
                eprintln!("costs: no such work, or no number of rounds; --list lists them");
                return ExitCode::from(2);
            };
            let took = (work.run)(rounds);
            let units = rounds.saturating_mul(work.units_per_round).max(1);
            let ns = took.as_nanos() / u128::from(units);
            println!("{name}: {ns} ns per {}", work.unit);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("costs: NAME ROUNDS, or --list");
            ExitCode::from(2)
        }
    }
}

/// How long rounds take.
fn timed(rounds: u64, mut round: impl FnMut()) -> Duration {
    let began = Instant::now();
    (0..rounds).for_each(|_| round());
    began.elapsed()
}
