//! Where a fan-out's messages fly: one stage knows all senders and all receivers, for they live
//! on one thread. A delivery is identified, judged, timed; the last one of a message sends the
//! next, there and then. The hot path takes no lock and allocates nothing.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::fanout::Shape;
use super::flight::Flight;
use super::outcome::Outcome;
use super::receiver::{Cast, Heard, Receiver, Seat};
use super::window::Window;
use crate::client::ClientError;
use crate::latency::Latency;
use crate::packet::{self, Packet};
use crate::tally::{Tally, Verdict};

/// What is counted as it happens.
#[derive(Debug, Default)]
struct Score {
    outcome: Outcome,
    latency: Latency,
    last_latency: Latency,
    ack_latency: Latency,
    lateness: Latency,
}

/// All of a fan-out while it runs.
#[derive(Debug)]
pub(super) struct Stage {
    window: Rc<Window>,
    cast: Cast,
    /// By sender number: slot in the room * rooms + room.
    flights: RefCell<Vec<Option<Flight>>>,
    receivers: RefCell<Vec<Rc<RefCell<Receiver>>>>,
    present: RefCell<Vec<usize>>,
    score: RefCell<Score>,
    sending: Cell<bool>,
}

impl Stage {
    pub(super) fn new(window: Rc<Window>, cast: Cast) -> Self {
        Self {
            flights: RefCell::new((0..cast.senders).map(|_| None).collect()),
            present: RefCell::new(vec![cast.members; cast.rooms]),
            receivers: RefCell::default(),
            score: RefCell::default(),
            sending: Cell::new(true),
            window,
            cast,
        }
    }

    pub(super) fn now_ns(&self) -> u64 {
        self.window.now_ns()
    }

    /// What `now_ns` counts from.
    pub(super) fn clock(&self) -> Instant {
        self.window.start()
    }

    pub(super) fn cast(&self) -> &Cast {
        &self.cast
    }

    /// Makes a sender known.
    pub(super) fn add(&self, number: usize, flight: Flight) {
        self.flights.borrow_mut()[number] = Some(flight);
    }

    /// Makes a member known.
    pub(super) fn receiver(&self, seat: Seat) -> Rc<RefCell<Receiver>> {
        let tally = Tally::new(self.cast.senders_in(seat.room));
        let receiver = Receiver::new(seat, tally);
        let receiver = Rc::new(RefCell::new(receiver));
        self.receivers.borrow_mut().push(Rc::clone(&receiver));
        receiver
    }

    /// Takes one packet that came to `receiver` at `now_ns`.
    pub(super) fn hear(&self, receiver: &mut Receiver, now_ns: u64, bytes: &[u8]) {
        match packet::classify(bytes) {
            Packet::Event { name, rest } if name == self.cast.hear => {
                let heard = receiver.identify(&self.cast, &self.flights.borrow(), rest);
                if let Some(heard) = heard {
                    self.delivered(receiver, now_ns, heard);
                }
            }
            Packet::Event { name, rest } if name.ends_with(b"error") => self.trouble(rest),
            Packet::Ack { id, args } => self.acknowledged(receiver, now_ns, id as u32, args),
            _ => {}
        }
    }

    /// The server closed a member's connection.
    pub(super) fn closed(&self, receiver: &Receiver, error: &ClientError) {
        if self.sending.get() {
            self.present.borrow_mut()[receiver.seat.room] -= 1;
            self.score.borrow_mut().outcome.closed_clients += 1;
            self.trouble(error.to_string().as_bytes());
        }
    }

    /// Sends what is due at a fixed rate.
    pub(super) fn launch_due(&self, number: usize, due_ns: u64) {
        self.score.borrow_mut().lateness.record(due_ns, self.now_ns());
        self.launch(number, due_ns);
    }

    /// Sends for every sender that has sent nothing yet, or nothing for so long.
    pub(super) fn launch_stalled(&self, patience: Duration) {
        let now_ns = self.now_ns();
        for number in 0..self.cast.senders {
            let stalled = self.flights.borrow()[number].as_ref().is_some_and(|flight| {
                let age_ns = now_ns.saturating_sub(flight.last_intended_ns());
                flight.count() == 0 || u128::from(age_ns) > patience.as_nanos()
            });
            if stalled {
                self.launch(number, now_ns);
            }
        }
    }

    /// No more messages.
    pub(super) fn stop(&self) {
        self.sending.set(false);
    }

    /// Whether everything that was sent has come.
    pub(super) fn is_settled(&self) -> bool {
        let flights = self.flights.borrow();
        flights.iter().flatten().all(Flight::is_complete)
            && self.receivers.borrow().iter().all(|receiver| {
                let receiver = receiver.borrow();
                receiver.tally.received() >= self.expected(&flights, &receiver)
            })
    }

    /// Sums up.
    pub(super) fn outcome(&self, shape: Shape) -> Outcome {
        let score = self.score.borrow();
        let mut outcome = Outcome {
            shape: Some(shape),
            latency: score.latency.percentiles(),
            last_latency: score.last_latency.percentiles(),
            ack_latency: score.ack_latency.percentiles(),
            lateness: score.lateness.percentiles(),
            ..score.outcome.clone()
        };
        let flights = self.flights.borrow();
        let mut orders: Vec<Vec<u64>> = vec![Vec::new(); self.cast.rooms];
        for receiver in self.receivers.borrow().iter() {
            let receiver = receiver.borrow();
            let tally = &receiver.tally;
            let expected = self.expected(&flights, &receiver);
            outcome.lost += expected.saturating_sub(tally.received());
            outcome.duplicates += tally.duplicates();
            outcome.late += tally.late();
            let hears_all = self.cast.sender_hears || self.cast.number(&receiver.seat).is_none();
            if hears_all && tally.received() == expected {
                orders[receiver.seat.room].push(tally.order_hash());
            }
        }
        for mut order in orders {
            order.sort_unstable();
            let groups = order.chunk_by(|one, other| one == other);
            let agreeing = groups.map(<[u64]>::len).max().unwrap_or(0);
            outcome.compared_receivers += order.len() as u64;
            outcome.disordered_receivers += (order.len() - agreeing) as u64;
        }
        outcome
    }

    fn delivered(&self, receiver: &mut Receiver, now_ns: u64, heard: Heard) {
        let (room, slot) = (heard.number % self.cast.rooms, heard.number / self.cast.rooms);
        if heard.number >= self.cast.senders || room != receiver.seat.room {
            self.score.borrow_mut().outcome.strays += 1;
            return;
        }
        if receiver.tally.note(slot, heard.counter) == Verdict::Duplicate {
            return;
        }
        let mut score = self.score.borrow_mut();
        score.outcome.deliveries += u64::from(self.window.holds(now_ns));
        if self.window.holds(heard.intended_ns) {
            score.latency.record(heard.intended_ns, now_ns);
        }
        drop(score);
        let mut is_last = false;
        self.ease(heard.number, |flight| is_last = flight.delivered(heard.counter));
        if is_last && self.window.holds(heard.intended_ns) {
            self.score.borrow_mut().last_latency.record(heard.intended_ns, now_ns);
        }
    }

    fn acknowledged(&self, receiver: &Receiver, now_ns: u64, counter: u32, args: &[u8]) {
        let Some(number) = self.cast.number(&receiver.seat) else {
            return;
        };
        let intended_ns =
            self.flights.borrow()[number].as_ref().and_then(|flight| flight.intended_ns(counter));
        if let Some(intended_ns) = intended_ns.filter(|&moment_ns| self.window.holds(moment_ns)) {
            self.score.borrow_mut().ack_latency.record(intended_ns, now_ns);
        }
        if packet::is_refusal(args) {
            self.score.borrow_mut().outcome.refused += 1;
            self.trouble(args);
        }
        self.ease(number, |flight| flight.acknowledged(counter));
    }

    /// Takes something a flight waited for off it; in a closed loop the last of it sends on.
    fn ease(&self, number: usize, take: impl FnOnce(&mut Flight)) {
        let mut flights = self.flights.borrow_mut();
        let Some(flight) = flights[number].as_mut() else {
            return;
        };
        let was_complete = flight.is_complete();
        take(flight);
        let completes = !was_complete && flight.is_complete();
        drop(flights);
        if completes && self.cast.closed_loop {
            self.launch(number, self.now_ns());
        }
    }

    fn launch(&self, number: usize, intended_ns: u64) {
        if !self.sending.get() {
            return;
        }
        let deliveries = self.present.borrow()[number % self.cast.rooms]
            .saturating_sub(usize::from(!self.cast.sender_hears));
        let mut flights = self.flights.borrow_mut();
        let Some(flight) = flights[number].as_mut() else {
            return;
        };
        let sent = flight.send(intended_ns, deliveries);
        self.score.borrow_mut().outcome.messages += u64::from(self.window.holds(intended_ns));
        if let Err(error) = sent {
            self.trouble(error.to_string().as_bytes());
        }
    }

    fn trouble(&self, words: &[u8]) {
        let mut score = self.score.borrow_mut();
        let first = &mut score.outcome.first_trouble;
        first.get_or_insert_with(|| String::from_utf8_lossy(words).into_owned());
    }

    /// What a receiver is to have heard by the end.
    fn expected(&self, flights: &[Option<Flight>], receiver: &Receiver) -> u64 {
        let own = self.cast.number(&receiver.seat).filter(|_| !self.cast.sender_hears);
        (receiver.seat.room..self.cast.senders)
            .step_by(self.cast.rooms)
            .filter(|&number| Some(number) != own)
            .filter_map(|number| flights[number].as_ref())
            .map(|flight| u64::from(flight.count()))
            .sum()
    }
}
