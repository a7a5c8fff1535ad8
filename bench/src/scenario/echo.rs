//! Echo: every client emits with an ack and emits again when the ack is there.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::crowd::{Arrived, Crowd};
use super::flight::{Flight, Parts};
use super::window::Window;
use super::{Failure, Plan};
use crate::client::ClientError;
use crate::latency::Latency;
use crate::packet::{self, Packet};
use crate::report::Report;

/// What all clients found.
#[derive(Debug, Default)]
struct Score {
    latency: Latency,
    acks: u64,
    lost: u64,
    refused: u64,
    first_refusal: Option<String>,
}

/// Runs `clients` clients, each in a room of its own if there is anything to join.
pub(super) async fn run(plan: &Plan, clients: usize) -> Result<Report, Failure> {
    if plan.speech.send.is_empty() {
        return Err(Failure::Plan("nothing to send: name an event with --send".into()));
    }
    let crowd = Rc::new(Crowd::gather(plan, clients, 1)?);
    let mut entering = JoinSet::new();
    for room in 0..clients {
        let crowd = Rc::clone(&crowd);
        entering.spawn_local(async move {
            let scope = crowd.scope(room, 0);
            crowd.enter(&scope).await.map(|arrived| (room, arrived))
        });
    }
    let mut arrived = Vec::with_capacity(clients);
    while let Some(entered) = entering.join_next().await {
        arrived.push(entered.map_err(std::io::Error::other)??);
    }
    let window = Rc::new(Window::new());
    let score = Rc::new(RefCell::new(Score::default()));
    let mut at_work = JoinSet::new();
    for (room, client) in arrived {
        let flight = flight(&crowd, room, &client);
        let (window, score) = (Rc::clone(&window), Rc::clone(&score));
        at_work.spawn_local(work(client, flight, Rc::clone(&crowd), window, score));
    }
    let spent = window.measure(plan.warmup, plan.measured, plan.pid).await?;
    let mut closed = 0u64;
    while let Some(ended) = at_work.try_join_next() {
        closed += u64::from(ended.map_err(std::io::Error::other)?.is_err());
    }
    at_work.abort_all();
    let score = score.borrow();
    let mut report = Report::new("echo");
    report.figure("clients", clients).figure("body_bytes", plan.size_bytes);
    report.figure("acks", score.acks).figure("acks_per_s", score.acks as f64 / spent.seconds());
    report.percentiles("ack", &score.latency.percentiles());
    spent.report("ack", score.acks, &mut report);
    report.figure("lost", score.lost).figure("refused", score.refused);
    report.figure("closed_clients", closed);
    if let Some(words) = &score.first_refusal {
        report.note(format!("the first refusal: {words}"));
    }
    Ok(report)
}

fn flight(crowd: &Crowd, room: usize, client: &Arrived) -> Flight {
    let plan = crowd.plan();
    let scope = crowd.scope(room, 0);
    Flight::new(Parts {
        sender: client.sender.clone(),
        head: packet::event_head(&plan.target.namespace),
        text: packet::event_around(&plan.speech.send, plan.speech.send_payload.around(&scope)),
        run: plan.run,
        number: room as u32,
        size_bytes: plan.size_bytes,
        ack: true,
    })
}

async fn work(
    mut client: Arrived,
    mut flight: Flight,
    crowd: Rc<Crowd>,
    window: Rc<Window>,
    score: Rc<RefCell<Score>>,
) -> Result<(), ClientError> {
    loop {
        let sent_ns = window.now_ns();
        flight.send(sent_ns, 0)?;
        let answered =
            timeout(crowd.plan().patience, hear_ack(&mut client, &mut flight, &score)).await;
        let now_ns = window.now_ns();
        let mut score = score.borrow_mut();
        match answered {
            Err(_) => score.lost += 1,
            Ok(heard) => {
                heard?;
                if window.holds(now_ns) {
                    score.acks += 1;
                    score.latency.record(sent_ns, now_ns);
                }
            }
        }
    }
}

async fn hear_ack(
    client: &mut Arrived,
    flight: &mut Flight,
    score: &RefCell<Score>,
) -> Result<(), ClientError> {
    while !flight.is_complete() {
        client
            .reader
            .next_batch(|bytes| {
                if let Packet::Ack { id, args } = packet::classify(bytes) {
                    flight.acknowledged(id as u32);
                    if packet::is_refusal(args) {
                        let mut score = score.borrow_mut();
                        score.refused += 1;
                        score
                            .first_refusal
                            .get_or_insert_with(|| String::from_utf8_lossy(args).into_owned());
                    }
                }
            })
            .await?;
    }
    Ok(())
}
