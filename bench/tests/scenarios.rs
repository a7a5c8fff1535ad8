//! Every scenario against a real socket, and a server that does wrong on demand: what is lost,
//! doubled or disordered must be found, to the message.

mod server;

use std::net::SocketAddr;
use std::time::Duration;

use polylogue_bench::client::{Client, ClientError, Credentials, Target, Transport};
use polylogue_bench::presets;
use polylogue_bench::scenario::{self, Failure, Plan, Scenario, Shape};
use polylogue_bench::template::Template;
use server::Faults;

const SHAPE: Shape = Shape { rooms: 2, members: 4, senders: 4, rate_per_s: None };

fn target(address: SocketAddr) -> Target {
    Target::resolve(&format!("http://{address}")).expect("an address")
}

fn plan(address: SocketAddr) -> Plan {
    let mut speech = presets::find("generic").expect("listed");
    speech.joined = "joined".into();
    Plan {
        measured: Duration::from_millis(300),
        warmup: Duration::from_millis(100),
        pid: Some(std::process::id()),
        ..Plan::new(target(address), speech)
    }
}

#[test]
fn a_closed_loop_loses_nothing_over_either_transport() {
    for transport in [Transport::WebSocket, Transport::Polling] {
        let mut plan = plan(server::start(Faults::default()));
        plan.target.transport = transport;
        plan.ack = true;
        let outcome = scenario::run_fanout(&plan, &SHAPE).expect("figures");
        assert!(outcome.messages > 4, "{transport:?}: {outcome:?}");
        assert!(outcome.deliveries > 16 && outcome.latency.count > 16, "{outcome:?}");
        assert!(outcome.latency.p50_us > 0.0 && outcome.ack_latency.count > 0, "{outcome:?}");
        let last = &outcome.last_latency;
        assert_eq!(last.count * SHAPE.members as u64, outcome.latency.count, "{outcome:?}");
        assert!(last.max_us == outcome.latency.max_us && last.p50_us >= outcome.latency.p50_us);
        let wrong = [outcome.lost, outcome.duplicates, outcome.late, outcome.strays];
        assert_eq!(wrong, [0; 4], "{outcome:?}");
        assert_eq!((outcome.compared_receivers, outcome.disordered_receivers), (8, 0));
        assert_eq!((outcome.refused, outcome.closed_clients), (0, 0), "{outcome:?}");
    }
}

#[test]
fn what_a_server_does_wrong_is_counted() {
    let shape = Shape { rooms: 1, members: 3, senders: 2, rate_per_s: Some(500.0) };
    let run = |faults: Faults, shape: &Shape| {
        // What has not come by then counts as lost: a busy machine takes its time.
        let patience = Duration::from_secs(3);
        let plan = Plan { patience, ..plan(server::start(faults)) };
        scenario::run_fanout(&plan, shape).expect("figures")
    };
    let sent = |outcome: &scenario::Outcome| outcome.messages >= 40;
    // There are two receivers, and every tenth message goes wrong on its way to each.
    let at_least = |outcome: &scenario::Outcome| outcome.messages / 10;
    let at_most = |outcome: &scenario::Outcome| 2 * (outcome.messages / 10 + 2);

    let faults = Faults { drop_every: 10, ..Faults::default() };
    let dropping = run(faults, &shape);
    assert!(sent(&dropping) && dropping.lost >= at_least(&dropping), "{dropping:?}");
    assert_eq!((dropping.duplicates, dropping.late, dropping.compared_receivers), (0, 0, 2));

    let faults = Faults { repeat_every: 10, ..Faults::default() };
    let repeating = run(faults, &shape);
    assert!(sent(&repeating) && repeating.duplicates >= at_least(&repeating), "{repeating:?}");
    assert_eq!((repeating.lost, repeating.late, repeating.disordered_receivers), (0, 0, 0));

    // Two senders in turn: a message changes places with the other sender's next.
    let faults = Faults { swap_every: 10, ..Faults::default() };
    let swapping = run(faults, &shape);
    assert!(sent(&swapping) && swapping.lost <= 1, "{swapping:?}");
    let expected_disordered = if swapping.lost == 0 { 1 } else { 0 };
    assert_eq!(swapping.duplicates, 0, "{swapping:?}");
    // A busy machine may let one sender pass the other, so that they change places with their own.
    assert!(swapping.late <= at_most(&swapping), "{swapping:?}");
    assert_eq!(swapping.disordered_receivers, expected_disordered, "{swapping:?}");

    // One sender: it changes places with the sender's own next.
    let alone = Shape { senders: 1, ..shape };
    let swapping = run(faults, &alone);
    assert!(sent(&swapping) && swapping.late >= at_least(&swapping), "{swapping:?}");
}

#[test]
fn a_refusal_is_counted_and_quoted() {
    let faults = Faults { refuse: true, ..Faults::default() };
    let mut plan = plan(server::start(faults));
    plan.ack = true;
    let outcome = scenario::run_fanout(&plan, &SHAPE).expect("figures");
    assert!(outcome.refused > 0);
    assert_eq!(outcome.first_trouble.as_deref(), Some("[{\"error\":\"no\"}]"));
}

#[test]
fn echo_connect_and_idle_have_their_figures() {
    let plan = plan(server::start(Faults::default()));
    let value = |scenario: &Scenario, name: &str| {
        let report = scenario::run(&plan, scenario).expect("figures");
        let value = report.value(name).and_then(|value| value.as_f64());
        value.unwrap_or_else(|| panic!("{name} in {}", report.to_table()))
    };
    assert!(value(&Scenario::Echo { clients: 3 }, "acks") > 3.0);
    assert_eq!(value(&Scenario::Connect { clients: 20 }, "connects"), 20.0);
    assert_eq!(value(&Scenario::Idle { clients: 20 }, "connected"), 20.0);
    assert!(value(&Scenario::Idle { clients: 20 }, "rss_after_bytes") > 0.0);
}

#[test]
fn a_refused_connect_ends_the_run_with_the_servers_words() {
    let mut plan = plan(server::start(Faults::default()));
    plan.speech.auth = Some(Template::parse("{\"token\":\"bad\"}"));
    let failure = scenario::run_fanout(&plan, &SHAPE).expect_err("refused");
    assert!(failure.to_string().contains("no entry"), "{failure}");
    let senders = Shape { senders: 9, ..SHAPE };
    assert!(matches!(scenario::run_fanout(&plan, &senders), Err(Failure::Plan(_))));
}

#[tokio::test]
async fn a_client_alone_speaks_and_hears() {
    let target = target(server::start(Faults::default()));
    for transport in [Transport::WebSocket, Transport::Polling] {
        let target = target.clone().over(transport);
        let mut client = Client::open(&target, &Credentials::default()).await.expect("open");
        assert_eq!(client.connected(), "{\"sid\":\"t\"}");
        let room = format!("\"{transport:?}\"");
        client.emit("join", &room).expect("sent");
        assert_eq!(client.next_event("joined").await.expect("heard"), "[]");
        let payload = format!("{{\"room\":{room},\"body\":\"hi\"}}");
        let id = client.emit_with_ack("message", &payload).expect("sent");
        assert_eq!(client.next_ack(id).await.expect("heard"), "[{}]");
        assert_eq!(client.next_event("message").await.expect("heard"), "[\"hi\"]");
        let auth = Some("{\"token\":\"bad\"}".to_owned());
        let refused = Client::open(&target, &Credentials { auth, ..Credentials::default() }).await;
        assert!(matches!(refused, Err(ClientError::Refused(words)) if words.contains("no entry")));
    }
}
