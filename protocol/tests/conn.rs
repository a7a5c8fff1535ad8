//! One connection under a made-up clock: heartbeat, upgrade, and the races between them.

use polylogue_protocol::{
    conn::{
        CloseReason, Conn, Due, Heard, NOOP_INTERVAL_MS, Probe, ProbeRefused, Timing, Transport,
    },
    eio::Packet,
};
use proptest::{collection::vec, prelude::*};

const TIMING: Timing = Timing {
    ping_interval_ms: 300,
    ping_timeout_ms: 200,
    upgrade_timeout_ms: 450,
};
const START_MS: u64 = 1_000;
/// More than [`Conn::due`] may say at one moment: a ping, a noop, nothing.
const DUE_STEPS_MAX: usize = 4;

fn polling() -> Conn {
    Conn::new(Transport::Polling, START_MS, &TIMING)
}

fn websocket() -> Conn {
    Conn::new(Transport::WebSocket, START_MS, &TIMING)
}

/// All that is due now, up to nothing.
fn due(conn: &mut Conn, now_ms: u64) -> Vec<Due> {
    let mut all = Vec::new();
    for _ in 0..DUE_STEPS_MAX {
        match conn.due(now_ms, &TIMING) {
            Due::Nothing => return all,
            other => all.push(other),
        }
    }
    panic!("{all:?} and no end");
}

/// Goes to when something is due next, and does it.
fn next(conn: &mut Conn) -> (u64, Vec<Due>) {
    let at_ms = conn.next_due_ms();
    (at_ms, due(conn, at_ms))
}

fn hear(conn: &mut Conn, text: &'static str, now_ms: u64) -> Heard<'static> {
    conn.hear(Packet::decode(text).expect("a packet"), now_ms, &TIMING)
}

fn probe(conn: &mut Conn, text: &str, now_ms: u64) -> Probe {
    let packet = Packet::decode(text).expect("a packet");
    conn.probe_heard(packet, now_ms, &TIMING)
}

#[test]
fn a_connection_is_small() {
    assert!(size_of::<Conn>() <= 64, "{}", size_of::<Conn>());
}

#[test]
fn a_pong_schedules_the_next_ping() {
    let mut conn = websocket();
    assert_eq!(due(&mut conn, START_MS + 299), []);
    assert_eq!(next(&mut conn), (1_300, vec![Due::Ping]));
    assert_eq!(hear(&mut conn, "3", 1_450), Heard::Nothing);
    assert_eq!(next(&mut conn), (1_750, vec![Due::Ping]));
    assert_eq!(hear(&mut conn, "3", 1_949), Heard::Nothing);
    assert_eq!(conn.next_due_ms(), 2_249);
}

#[test]
fn silence_after_a_ping_closes() {
    let mut conn = polling();
    assert_eq!(next(&mut conn), (1_300, vec![Due::Ping]));
    assert_eq!(due(&mut conn, 1_499), []);
    let lost = vec![Due::Close(CloseReason::PingTimeout)];
    assert_eq!(next(&mut conn), (1_500, lost));
    assert!(conn.is_closed());
    assert_eq!(conn.next_due_ms(), u64::MAX);
    assert_eq!(due(&mut conn, u64::MAX), []);
}

#[test]
fn a_late_clock_counts_from_when_the_ping_went_out() {
    let mut conn = polling();
    assert_eq!(due(&mut conn, 9_000), [Due::Ping]);
    assert_eq!(conn.next_due_ms(), 9_200);
}

#[test]
fn a_stray_pong_changes_nothing() {
    let mut conn = websocket();
    assert_eq!(hear(&mut conn, "3", 1_250), Heard::Nothing);
    assert_eq!(hear(&mut conn, "3", 1_299), Heard::Nothing);
    assert_eq!(next(&mut conn), (1_300, vec![Due::Ping]));
}

#[test]
fn a_packet_in_place_of_the_pong_puts_the_end_off_once() {
    let mut conn = websocket();
    assert_eq!(next(&mut conn), (1_300, vec![Due::Ping]));
    hear(&mut conn, "4a", 1_310);
    hear(&mut conn, "4b", 1_400);
    assert_eq!(next(&mut conn), (1_500, vec![]));
    hear(&mut conn, "4c", 1_599);
    let lost = vec![Due::Close(CloseReason::PingTimeout)];
    assert_eq!(next(&mut conn), (1_600, lost));
}

#[test]
fn a_pong_after_the_end_was_put_off_still_counts() {
    let mut conn = websocket();
    next(&mut conn);
    hear(&mut conn, "4a", 1_400);
    assert_eq!(next(&mut conn), (1_500, vec![]));
    hear(&mut conn, "3", 1_590);
    assert_eq!(next(&mut conn), (1_890, vec![Due::Ping]));
}

#[test]
fn a_packet_before_the_ping_puts_nothing_off() {
    let mut conn = websocket();
    hear(&mut conn, "4a", 1_299);
    next(&mut conn);
    assert_eq!(
        due(&mut conn, 1_500),
        [Due::Close(CloseReason::PingTimeout)]
    );
}

#[test]
fn what_packets_lead_to() {
    for mut conn in [polling(), websocket()] {
        assert_eq!(hear(&mut conn, "42[\"a\"]", 1_001), Heard::Text("2[\"a\"]"));
        assert_eq!(hear(&mut conn, "4", 1_001), Heard::Text(""));
        assert_eq!(
            hear(&mut conn, "bAQI=", 1_001),
            Heard::Binary(vec![1, 2].into())
        );
        for ignored in ["0{}", "5", "6"] {
            assert_eq!(hear(&mut conn, ignored, 1_001), Heard::Nothing);
        }
        assert!(!conn.is_closed());
        let mut other = conn.clone();
        assert_eq!(
            hear(&mut conn, "1", 1_002),
            Heard::Close(CloseReason::ClientClose)
        );
        assert_eq!(
            hear(&mut other, "2", 1_002),
            Heard::Close(CloseReason::UnexpectedPing)
        );
        assert!(conn.is_closed() && other.is_closed());
        assert_eq!(hear(&mut conn, "4late", 1_003), Heard::Nothing);
    }
}

#[test]
fn an_upgrade_probes_flushes_polls_and_moves() {
    let mut conn = polling();
    assert_eq!(conn.probe_opened(1_010, &TIMING), Ok(()));
    assert!(conn.is_upgrading());
    assert_eq!(due(&mut conn, 1_200), [], "no noop before the probe");
    assert_eq!(probe(&mut conn, "2probe", 1_200), Probe::Answer);
    assert_eq!(conn.transport(), Transport::Polling);
    assert_eq!(
        next(&mut conn),
        (1_200 + NOOP_INTERVAL_MS, vec![Due::Ping, Due::Noop])
    );
    assert_eq!(next(&mut conn), (1_400, vec![Due::Noop]));
    assert_eq!(
        hear(&mut conn, "3", 1_410),
        Heard::Nothing,
        "the pong came by polling"
    );
    assert_eq!(hear(&mut conn, "4last", 1_420), Heard::Text("last"));
    assert_eq!(probe(&mut conn, "5", 1_430), Probe::Upgraded);
    assert_eq!(conn.transport(), Transport::WebSocket);
    assert!(!conn.is_upgrading());
    assert_eq!(
        next(&mut conn),
        (1_710, vec![Due::Ping]),
        "and no noop any more"
    );
}

#[test]
fn a_ping_sent_by_polling_may_be_answered_by_websocket() {
    let mut conn = polling();
    conn.probe_opened(1_290, &TIMING).expect("the first");
    assert_eq!(next(&mut conn), (1_300, vec![Due::Ping]));
    assert_eq!(probe(&mut conn, "2probe", 1_310), Probe::Answer);
    assert_eq!(probe(&mut conn, "5", 1_320), Probe::Upgraded);
    assert_eq!(conn.next_due_ms(), 1_500);
    assert_eq!(hear(&mut conn, "3", 1_400), Heard::Nothing);
    assert_eq!(conn.next_due_ms(), 1_700);
}

#[test]
fn an_upgrade_without_a_probe_is_one() {
    let mut conn = polling();
    conn.probe_opened(1_010, &TIMING).expect("the first");
    assert_eq!(probe(&mut conn, "5", 1_020), Probe::Upgraded);
    assert_eq!(conn.transport(), Transport::WebSocket);
}

#[test]
fn an_upgrade_that_takes_too_long_ends_alone() {
    let mut conn = polling();
    conn.probe_opened(1_010, &TIMING).expect("the first");
    assert_eq!(next(&mut conn), (1_300, vec![Due::Ping]));
    hear(&mut conn, "3", 1_301);
    assert_eq!(next(&mut conn), (1_460, vec![Due::ProbeTimeout]));
    assert!(!conn.is_closed() && !conn.is_upgrading());
    assert_eq!(
        probe(&mut conn, "5", 1_461),
        Probe::Fail,
        "it came too late"
    );
    assert_eq!(conn.transport(), Transport::Polling);
    assert_eq!(
        conn.probe_opened(1_470, &TIMING),
        Ok(()),
        "it may try again"
    );
}

#[test]
fn probing_for_ever_does_not_put_the_end_off() {
    let mut conn = polling();
    conn.probe_opened(1_000, &TIMING).expect("the first");
    for now_ms in (1_000..1_450).step_by(10) {
        assert_eq!(probe(&mut conn, "2probe", now_ms), Probe::Answer);
        assert!(!due(&mut conn, now_ms).contains(&Due::ProbeTimeout));
    }
    assert!(due(&mut conn, 1_450).contains(&Due::ProbeTimeout));
}

#[test]
fn what_is_no_probe_fails_it_alone() {
    for text in ["2", "2other", "3probe", "4a", "1", "6", "0{}", "bAQ=="] {
        let mut conn = polling();
        conn.probe_opened(1_010, &TIMING).expect("the first");
        assert_eq!(probe(&mut conn, text, 1_020), Probe::Fail, "{text}");
        assert!(!conn.is_closed() && !conn.is_upgrading());
        assert_eq!(hear(&mut conn, "4on", 1_030), Heard::Text("on"));
        assert_eq!(conn.probe_opened(1_040, &TIMING), Ok(()));
    }
}

#[test]
fn a_second_transport_that_goes_leaves_polling_as_it_was() {
    let mut conn = polling();
    conn.probe_opened(1_010, &TIMING).expect("the first");
    probe(&mut conn, "2probe", 1_020);
    conn.probe_closed(1_030);
    assert_eq!(
        next(&mut conn),
        (1_300, vec![Due::Ping]),
        "and no noop any more"
    );
    assert_eq!(conn.transport(), Transport::Polling);
}

#[test]
fn one_second_transport_at_a_time_and_only_beside_polling() {
    let mut conn = polling();
    conn.probe_opened(1_010, &TIMING).expect("the first");
    assert_eq!(
        conn.probe_opened(1_020, &TIMING),
        Err(ProbeRefused::Upgrading)
    );
    assert_eq!(
        probe(&mut conn, "5", 1_030),
        Probe::Upgraded,
        "the first does not mind"
    );
    assert_eq!(
        conn.probe_opened(1_040, &TIMING),
        Err(ProbeRefused::NotPolling)
    );
    assert_eq!(
        websocket().probe_opened(1_010, &TIMING),
        Err(ProbeRefused::NotPolling)
    );
    conn.close();
    assert_eq!(conn.probe_opened(1_050, &TIMING), Err(ProbeRefused::Closed));
}

#[test]
fn the_end_of_the_connection_ends_its_upgrade() {
    let mut conn = polling();
    conn.probe_opened(1_010, &TIMING).expect("the first");
    probe(&mut conn, "2probe", 1_020);
    assert_eq!(
        hear(&mut conn, "1", 1_030),
        Heard::Close(CloseReason::ClientClose)
    );
    assert_eq!(probe(&mut conn, "5", 1_040), Probe::Fail);
    assert_eq!(conn.transport(), Transport::Polling);
    assert_eq!(due(&mut conn, 9_000), []);
}

/// One thing that may happen to a connection.
#[derive(Debug, Clone)]
enum Step {
    Hear(&'static str),
    ProbeOpened,
    ProbeHeard(&'static str),
    ProbeClosed,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let texts = ["3", "3", "4a", "bAQ==", "5", "6", "0", "1", "2"];
    let probes = ["2probe", "2probe", "5", "4a"];
    prop_oneof![
        4 => prop::sample::select(texts.to_vec()).prop_map(Step::Hear),
        2 => Just(Step::ProbeOpened),
        3 => prop::sample::select(probes.to_vec()).prop_map(Step::ProbeHeard),
        1 => Just(Step::ProbeClosed),
        6 => (0..250_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_happens(is_polling in any::<bool>(), steps in vec(step(), 0..60)) {
        let mut conn = if is_polling { polling() } else { websocket() };
        let mut now_ms = START_MS;
        let mut pinged_ms = None;
        for step in steps {
            let before = conn.clone();
            match step {
                Step::Hear(text) => {
                    let heard = hear(&mut conn, text, now_ms);
                    prop_assert_eq!(
                        matches!(heard, Heard::Close(_)),
                        conn.is_closed() && !before.is_closed()
                    );
                    if text == "3" {
                        pinged_ms = None;
                    }
                }
                Step::ProbeOpened => {
                    let is_taken = conn.probe_opened(now_ms, &TIMING).is_ok();
                    prop_assert_eq!(is_taken, conn.is_upgrading() && !before.is_upgrading());
                }
                Step::ProbeHeard(text) => {
                    let is_upgraded = probe(&mut conn, text, now_ms) == Probe::Upgraded;
                    prop_assert_eq!(is_upgraded, conn.transport() != before.transport());
                    prop_assert!(before.is_upgrading() || !is_upgraded);
                }
                Step::ProbeClosed => conn.probe_closed(now_ms),
                Step::Wait(wait_ms) => now_ms += wait_ms,
            }
            for due in due(&mut conn, now_ms) {
                prop_assert!(due != Due::Noop || conn.is_upgrading());
                if due == Due::Ping {
                    prop_assert_eq!(pinged_ms, None, "one ping at a time");
                    pinged_ms = Some(now_ms);
                }
            }
            prop_assert!(conn.is_closed() || conn.next_due_ms() > now_ms, "time goes on");
            let is_open = !conn.is_closed();
            let lasts_ms = 2 * TIMING.ping_timeout_ms;
            prop_assert!(pinged_ms.is_none_or(|at_ms| !is_open || now_ms < at_ms + lasts_ms));
            prop_assert!(is_open || !before.is_closed() || conn.next_due_ms() == u64::MAX);
            prop_assert!(!before.is_closed() || conn.is_closed(), "closed for good");
            prop_assert!(!(conn.is_upgrading() && conn.transport() == Transport::WebSocket));
        }
    }
}
