//! Rooms under a seeded scheduler: thousands of schedules of all that may happen in a room, in any
//! order that the real threads could bring about, checked after every step.
//!
//! It lives here, not beside the other tests from outside, since a room is the hub's own. A failing
//! schedule names its seed: `SIM_SEED=<seed> cargo test -p polylogue --lib hub::tests::sim` runs it
//! alone and prints its steps; `SIM_ROUNDS=<count>` runs that many.

mod dice;
mod elsewhere;
mod ending;
mod ledger;
mod loss;
mod seen;
mod steps;
mod store;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use seen::Seen;
use world::World;

/// Schedules of a usual run.
const ROUNDS: u64 = 1_000;
/// Steps of a schedule, before it is brought to its end.
const STEPS: usize = 150;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

fn run(seed: u64, is_verbose: bool) -> Seen {
    let mut world = World::new(seed, is_verbose);
    (0..STEPS).for_each(|_| world.step());
    world.finish()
}

#[test]
fn every_schedule_keeps_the_promises() {
    if let Some(seed) = setting("SIM_SEED") {
        run(seed, true);
        return;
    }
    let mut seen = Seen::default();
    let rounds = setting("SIM_ROUNDS").unwrap_or(ROUNDS);
    for seed in 0..rounds {
        match catch_unwind(AssertUnwindSafe(|| run(seed, false))) {
            Ok(more) => seen.add(&more),
            Err(cause) => {
                eprintln!("the schedule failed: run it alone with SIM_SEED={seed}");
                resume_unwind(cause);
            }
        }
    }
    if rounds >= ROUNDS {
        seen.assert_rich();
    }
}
