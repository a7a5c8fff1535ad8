//! Fan-out: rooms of members, some of whom send. In a closed loop a sender's next message leaves
//! when every receiver has the last one; at a fixed rate messages leave when they are due.
//! This module sets the scene and drives it; on the `stage` the messages fly, the `outcome` sums
//! up.

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::crowd::{Arrived, Crowd};
use super::flight::{Flight, Parts};
use super::outcome::Outcome;
use super::receiver::{Cast, Seat};
use super::stage::Stage;
use super::window::Window;
use super::{Failure, Plan};
use crate::latency::Schedule;
use crate::packet;
use crate::stamp::SENDERS_MAX;

/// Where no event tells a joiner that it is inside, the start waits for this.
const SETTLE: Duration = Duration::from_millis(500);
/// How often a closed loop looks for messages that have lost their way.
const WATCH_EVERY: Duration = Duration::from_millis(500);
/// How often the end looks whether all has come.
const DRAIN_EVERY: Duration = Duration::from_millis(20);
/// Messages that are due and wait for the generator; behind them the clock waits, too.
const DUE_MAX: usize = 1024;
/// How often the clock that says what is due wakes up at most: up to 2,000 messages a second leave
/// when they are due.
const GRAIN_NS: u64 = 500_000;

/// How many of what.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Rooms.
    pub rooms: usize,
    /// Members of each.
    pub members: usize,
    /// Senders in all, spread over the rooms in turn.
    pub senders: usize,
    /// Messages a second in all; `None`: a closed loop, one message in flight per sender.
    pub rate_per_s: Option<f64>,
}

/// Runs a fan-out and gives its figures.
pub(super) async fn run(plan: &Plan, shape: &Shape) -> Result<Outcome, Failure> {
    check(plan, shape)?;
    let crowd = Rc::new(Crowd::gather(plan, shape.rooms, shape.members)?);
    let senders_per_room = shape.senders.div_ceil(shape.rooms) as u64;
    if !plan.speech.hear_user.is_empty() && senders_per_room > crowd.users_per_room() {
        let words = "without {body} senders are told apart by their user: \
                     at most as many senders in a room as users";
        return Err(Failure::Plan(words.into()));
    }
    let window = Rc::new(Window::new());
    let stage = Rc::new(Stage::new(Rc::clone(&window), cast(&crowd, shape)));
    let mut members = enter_all(&crowd, &stage, shape).await?;
    if plan.speech.joined.is_empty() {
        tokio::time::sleep(SETTLE).await;
    }
    let driver = match shape.rate_per_s {
        None => tokio::task::spawn_local(keep_closed_loop(Rc::clone(&stage), plan.patience)),
        Some(rate) => tokio::task::spawn_local(keep_pace(Rc::clone(&stage), rate)),
    };
    let spent = window.measure(plan.warmup, plan.measured, plan.pid).await?;
    stage.stop();
    driver.abort();
    drain(&stage, plan.patience).await;
    while let Some(ended) = members.try_join_next() {
        // A closed member is counted; one that panicked must not pass for silence.
        ended.map_err(std::io::Error::other)?;
    }
    Ok(Outcome { spent, ..stage.outcome(*shape) })
}

fn check(plan: &Plan, shape: &Shape) -> Result<(), Failure> {
    let speech = &plan.speech;
    let complaint = if speech.send.is_empty() {
        "nothing to send: name an event with --send"
    } else if speech.hear.is_empty() {
        "nothing to hear: name an event with --hear"
    } else if !speech.send_payload.names("body") && speech.hear_user.is_empty() {
        "a delivery could not be told from another: put {body} into --send-payload, or name \
         the key of the sender's number with --hear-user"
    } else if shape.senders == 0 || shape.senders > shape.rooms.saturating_mul(shape.members) {
        "senders are members: at least one, at most all"
    } else if shape.senders > SENDERS_MAX {
        "too many senders to tell apart"
    } else if !speech.sender_hears && shape.members < 2 && !plan.ack {
        "nobody would hear: a room needs a second member, or --ack"
    } else if shape.rate_per_s.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
        "the rate is messages a second, over 0"
    } else {
        return Ok(());
    };
    Err(Failure::Plan(complaint.into()))
}

fn cast(crowd: &Crowd, shape: &Shape) -> Cast {
    let speech = &crowd.plan().speech;
    Cast {
        run: crowd.plan().run,
        rooms: shape.rooms,
        members: shape.members,
        senders: shape.senders,
        hear: speech.hear.clone().into_bytes(),
        hear_user: match speech.hear_user.is_empty() {
            true => None,
            false => Some(format!("\"{}\":", speech.hear_user).into_bytes()),
        },
        users_per_room: crowd.users_per_room(),
        sender_hears: speech.sender_hears,
        closed_loop: shape.rate_per_s.is_none(),
    }
}

/// Brings all members in; each goes on reading from the moment it is inside, so that what the
/// others' joins cause never piles up.
async fn enter_all(
    crowd: &Rc<Crowd>,
    stage: &Rc<Stage>,
    shape: &Shape,
) -> Result<JoinSet<()>, Failure> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut members = JoinSet::new();
    for member in 0..shape.members {
        for room in 0..shape.rooms {
            let (crowd, stage, tell) = (Rc::clone(crowd), Rc::clone(stage), tell.clone());
            members.spawn_local(async move {
                let entered = crowd.enter(&crowd.scope(room, member)).await;
                let arrived = match entered {
                    Ok(arrived) => arrived,
                    Err(error) => return drop(tell.send(Err(error))),
                };
                let seat = Seat { room, member };
                if let Some(number) = stage.cast().number(&seat) {
                    stage.add(number, flight(&crowd, &seat, number, &arrived));
                }
                // Nobody listens any more if another member failed.
                drop(tell.send(Ok(())));
                drop(tell);
                perform(&stage, seat, arrived).await;
            });
        }
    }
    drop(tell);
    while let Some(told) = told.recv().await {
        told?;
    }
    Ok(members)
}

/// A sender's messages, rendered but for their bodies.
fn flight(crowd: &Crowd, seat: &Seat, number: usize, arrived: &Arrived) -> Flight {
    let plan = crowd.plan();
    let payload = plan.speech.send_payload.around(&crowd.scope(seat.room, seat.member));
    Flight::new(Parts {
        sender: arrived.sender.clone(),
        head: packet::event_head(&plan.target.namespace),
        text: packet::event_around(&plan.speech.send, payload),
        run: plan.run,
        number: number as u32,
        size_bytes: plan.size_bytes,
        ack: plan.ack,
    })
}

/// A member's life: it hears what comes until the server closes.
async fn perform(stage: &Stage, seat: Seat, mut arrived: Arrived) {
    let receiver = stage.receiver(seat);
    loop {
        // One look at the clock serves all packets of a read.
        let mut now_ns = None;
        let batch = arrived.reader.next_batch(|bytes| {
            let now_ns = *now_ns.get_or_insert_with(|| stage.now_ns());
            stage.hear(&mut receiver.borrow_mut(), now_ns, bytes);
        });
        if let Err(error) = batch.await {
            return stage.closed(&receiver.borrow(), &error);
        }
    }
}

/// Sets a closed loop going; sends on where a message lost its way.
async fn keep_closed_loop(stage: Rc<Stage>, patience: Duration) {
    loop {
        stage.launch_stalled(patience);
        tokio::time::sleep(WATCH_EVERY).await;
    }
}

/// Sends when a message is due, the senders in turn, whatever became of those before.
async fn keep_pace(stage: Rc<Stage>, rate_per_s: f64) {
    let start_ns = stage.now_ns();
    let schedule = Schedule::new(start_ns, rate_per_s);
    let (tell, mut due) = mpsc::channel(DUE_MAX);
    let clock = stage.clock();
    // The runtime's timer counts milliseconds; a thread's sleep is exact to some 50 us, and
    // unlike a busy loop it leaves the core to the server. To wake up for each of 30,000 messages
    // a second cost up to an eighth of a core, so those of one grain leave together.
    std::thread::spawn(move || {
        for number in 0.. {
            let due_ns = schedule.intended_ns(number);
            let leaves_ns = start_ns + (due_ns - start_ns).next_multiple_of(GRAIN_NS);
            let leaves = clock + Duration::from_nanos(leaves_ns);
            std::thread::sleep(leaves.duration_since(Instant::now()));
            if tell.blocking_send((number, due_ns)).is_err() {
                return;
            }
        }
    });
    while let Some((number, due_ns)) = due.recv().await {
        stage.launch_due(number as usize % stage.cast().senders, due_ns);
    }
}

/// Waits for what is still under way.
async fn drain(stage: &Stage, patience: Duration) {
    let end = Instant::now() + patience;
    while !stage.is_settled() && Instant::now() < end {
        tokio::time::sleep(DRAIN_EVERY).await;
    }
}
