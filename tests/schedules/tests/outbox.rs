//! Thousands of schedules of each scene. One that fails is printed: put what stands between the
//! quotes into `SCHEDULE` and run that test again; `SCHEDULES` is how many are tried.

use polylogue_schedules::scenes;
use shuttle::scheduler::RandomScheduler;
use shuttle::{Config, Runner, replay};

/// Schedules of a usual run.
const SCHEDULES: usize = 3_000;
/// Where chance begins: the same every time.
const SEED: u64 = 7;

fn check(scene: fn()) {
    if let Ok(schedule) = std::env::var("SCHEDULE") {
        return replay(scene, &schedule);
    }
    let wanted = std::env::var("SCHEDULES").map(|count| count.parse().expect("a number"));
    let scheduler = RandomScheduler::new_from_seed(SEED, wanted.unwrap_or(SCHEDULES));
    Runner::new(scheduler, Config::new()).run(scene);
}

#[test]
fn pushes_while_the_socket_fills() {
    check(scenes::pushes_while_the_socket_fills);
}

#[test]
fn volleys_while_the_socket_fills() {
    check(scenes::volleys_while_the_socket_fills);
}

#[test]
fn a_close_among_volleys() {
    check(scenes::a_close_among_volleys);
}

#[test]
fn a_close_in_the_middle() {
    check(scenes::a_close_in_the_middle);
}

#[test]
fn an_upgrade_while_rooms_push() {
    check(scenes::an_upgrade_while_rooms_push);
}

#[test]
fn polls_until_the_close() {
    check(scenes::polls_until_the_close);
}

#[test]
fn a_reader_that_reads_nothing() {
    check(scenes::a_reader_that_reads_nothing);
}
