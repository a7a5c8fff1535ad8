//! The world of one schedule: a room, its store, its clock, and those who come and go. Each step is
//! one thing that a shard could be told next; after it, everything is checked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot};

use super::super::stage::{Guest, guest, row, topic};
use super::super::tongue::Plain;
use super::dice::Dice;
use super::ledger::Ledger;
use super::loss::{Lost, Returning};
use super::seen::Seen;
use super::store::{Output, Store};
use crate::hub::clock::Now;
use crate::hub::comeback::Parting;
use crate::hub::command::{Ask, Asker, Deed, Join, Outcome, Refusal};
use crate::hub::event::{Address, Message, RoomKind};
use crate::hub::id::VoiceId;
use crate::hub::lane::Spread;
use crate::hub::ports::{Fault, Ports, Presence};
use crate::hub::room::{HistoryWanted, Room, Tails, Want};
use crate::hub::telling::Ring;
use crate::hub::voice::{Event, Tongue};

/// See the module's head.
pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) room: Room,
    pub(super) now: Now,
    pub(super) store: Store,
    pub(super) voices: Vec<Ledger>,
    pub(super) kind: RoomKind,
    pub(super) seen: Seen,
    /// How long whoever is lost may come back; 0: nobody may.
    pub(super) window_ms: u64,
    /// Those who were lost, and those who come back.
    pub(super) lost: Vec<Lost>,
    pub(super) returning: Vec<Returning>,
    /// What the witness has heard: it sits in the room from its beginning to its end.
    lasting: Vec<String>,
    has_witness: bool,
    pub(super) tongues: [Arc<dyn Tongue>; 2],
    readings: Vec<Reading>,
    last_reading: usize,
    presence: mpsc::Receiver<Presence>,
    /// Who is in, as the backplane was told.
    known: HashMap<u64, bool>,
    pub(super) calls: Vec<oneshot::Receiver<Result<Outcome, Refusal>>>,
    is_verbose: bool,
}

/// The user whose voice is the witness: nobody else has to do with it.
const WITNESS: u64 = 9;

/// A history on its way.
struct Reading {
    number: usize,
    wanted: HistoryWanted,
    read: Option<Result<Vec<Message>, Fault>>,
}

impl World {
    pub(super) fn new(seed: u64, is_verbose: bool) -> World {
        let mut dice = Dice::new(seed);
        let kind = dice.pick(&[RoomKind::Open, RoomKind::Group]);
        let row = row(kind, if kind == RoomKind::Open { &[] } else { &[1, 2, 3, WITNESS] });
        let window_ms = dice.pick(&[0, 2_000, 60_000, 60_000]);
        let (writes, queue) = mpsc::channel(dice.pick(&[4, 64]));
        let (comings, presence) = mpsc::channel(dice.pick(&[1, 64]));
        let (reads, _) = mpsc::channel(1);
        let store = Store::new(&row, writes.clone(), queue);
        let now = Now { wall_ms: 1_000_000, up_ms: 1_000 };
        let ports = Ports { writes, reads, presence: comings };
        let mut world = World {
            dice,
            room: Room::new(row, 0, ports, Tails::new(window_ms), now),
            now,
            store,
            voices: Vec::new(),
            kind,
            seen: Seen::default(),
            window_ms,
            lost: Vec::new(),
            returning: Vec::new(),
            lasting: Vec::new(),
            has_witness: false,
            tongues: [Arc::new(Plain::EVERYONE), Arc::new(Plain::OTHERS)],
            readings: Vec::new(),
            last_reading: 0,
            presence,
            known: HashMap::new(),
            calls: Vec::new(),
            is_verbose,
        };
        world.seat_witness();
        world
    }

    /// Mostly somebody sits in the room whom nobody takes out, and hears it all.
    fn seat_witness(&mut self) {
        self.has_witness = self.dice.percent(80);
        if self.has_witness {
            let guest = guest(WITNESS, &self.tongues[0], "/");
            let mut ledger = Ledger::new(guest, false);
            ledger.sit_elsewhere(false);
            self.voices.push(ledger);
            self.ask(0, Deed::Join(Join::default()), None);
        }
    }

    pub(super) fn note(&self, words: impl FnOnce() -> String) {
        if self.is_verbose {
            eprintln!("{:>7} ms  {}", self.now.up_ms, words());
        }
    }

    /// Somebody connects.
    pub(super) fn connect(&mut self) {
        let is_left_out = self.dice.percent(50);
        let namespace = self.dice.pick(&["/", "/", "/alias"]);
        let user = 1 + self.dice.below(5) as u64;
        let guest = guest(user, &self.tongues[usize::from(is_left_out)], namespace);
        self.note(|| format!("u{user} connects as {}", guest.voice.id));
        let mut ledger = Ledger::new(guest, is_left_out);
        ledger.sit_elsewhere(self.dice.percent(50));
        self.voices.push(ledger);
    }

    /// One whose connection is open.
    pub(super) fn somebody(&mut self) -> Option<usize> {
        let open = |place: &usize| self.voices[*place].is_connected && !self.is_returning(*place);
        let open: Vec<usize> =
            (usize::from(self.has_witness)..self.voices.len()).filter(open).collect();
        (!open.is_empty()).then(|| self.dice.pick(&open))
    }

    /// A connection closes.
    pub(super) fn disconnect(&mut self, place: usize) {
        let voice = self.voices[place].guest.voice.id;
        self.note(|| format!("{voice} disconnects"));
        self.voices[place].is_connected = false;
        self.voices[place].is_stuck = true;
        self.room.gone(voice, Parting::Left, self.now);
        self.check();
    }

    /// A voice asks, with an ack; `text`: what it says.
    pub(super) fn ask(&mut self, place: usize, deed: Deed, text: Option<String>) {
        let ack = self.voices[place].expect(text);
        let Guest { voice, .. } = &self.voices[place].guest;
        self.note(|| format!("{} (u{}) asks {ack}: {deed:?}", voice.id, voice.who.id));
        let from = Asker::Voice(Arc::clone(voice), Some(ack));
        self.room.ask(Ask { from, topic: topic(), deed }, self.now);
        self.check();
    }

    /// Somebody asks from outside.
    pub(super) fn call(&mut self, user: u64, deed: Deed) {
        self.note(|| format!("u{user} calls: {deed:?}"));
        let (reply, answer) = oneshot::channel();
        let from = Asker::Call(super::super::stage::person(user), reply);
        self.room.ask(Ask { from, topic: topic(), deed }, self.now);
        self.calls.push(answer);
        self.check();
    }

    /// The writer commits some of what waits.
    pub(super) fn commit(&mut self, upto: usize, may_fail: bool) {
        self.note(|| format!("the store commits up to {upto}"));
        self.store.commit(upto, &mut self.dice, may_fail);
    }

    /// The room is given the writer's next answer. `false`: there is none.
    pub(super) fn output(&mut self) -> bool {
        let Some(output) = self.store.output() else { return false };
        match output {
            Output::Receipt(receipt) => {
                self.note(|| format!("receipt: {:?}", receipt.outcome));
                self.room.receipt(receipt);
            }
            Output::Changed(from, topic, verb, changed) => {
                self.note(|| format!("changed: {changed:?}"));
                self.seen.faults += u64::from(changed.is_err());
                self.room.changed(from, topic, verb, changed);
            }
            Output::Amended(amending, result) => {
                self.note(|| format!("amended: {:?} {result:?}", amending.amend));
                self.seen.amends += u64::from(result == Ok(true));
                self.seen.amend_faults += u64::from(result.is_err());
                self.banish(&amending, &result);
                self.room.amended(amending, result, self.now);
            }
        }
        self.check();
        true
    }

    /// A reader reads, or the room is given what was read. `false`: nobody wants a history.
    pub(super) fn read(&mut self, may_fail: bool) -> bool {
        if self.readings.is_empty() {
            return false;
        }
        let place = self.dice.below(self.readings.len());
        if self.readings[place].read.is_none() {
            let fails = may_fail && self.dice.percent(6);
            let messages = self.store.read(&self.readings[place].wanted);
            self.readings[place].read = Some(if fails { Err(Fault::Busy) } else { Ok(messages) });
            return true;
        }
        let Reading { number, wanted, read } = self.readings.swap_remove(place);
        let read = read.expect("it was read");
        self.note(|| {
            format!("history up to {}: {:?}", wanted.upto_seq, read.as_ref().map(Vec::len))
        });
        self.seen.faults += u64::from(read.is_err());
        self.seen.histories += u64::from(read.is_ok());
        if let (Asker::Voice(voice, _), Ok(messages), true) =
            (&wanted.then.from, &read, wanted.then.joined.is_some())
        {
            let seqs = messages.iter().map(|message| message.seq).collect();
            let whose = self.voices.iter_mut().find(|one| one.guest.voice.id == voice.id);
            whose.expect("it asked").may_hear_history(number, seqs);
        }
        self.room.history(wanted.then, read, self.now);
        self.check();
        true
    }

    /// The members are told all that is to be told: nothing that is stored is missing then.
    pub(super) fn settle(&mut self) {
        self.note(|| "the room tells".into());
        while self.room.word() {
            // As a crowd is told: from several threads, each as slow as it likes.
            let mut parts = self.room.parts(Spread { parts_max: 3, members_min: 2 });
            while !parts.is_empty() {
                let place = self.dice.below(parts.len());
                if !parts[place].deliver() {
                    parts.swap_remove(place);
                }
            }
            while self.room.deliver() {}
        }
        self.check();
        let lasting = self.has_witness.then_some(&self.lasting[..]);
        for one in &self.voices {
            one.assert_complete(self.room.last_seq(), lasting, &self.store);
        }
    }

    /// Time goes by.
    pub(super) fn tick(&mut self, ms: u64) {
        self.now = Now { wall_ms: self.now.wall_ms + ms, up_ms: self.now.up_ms + ms };
        self.note(|| "a tick".into());
        self.room.tick(self.now);
        for one in &mut self.voices {
            one.is_stuck |= one.guest.ear.is_given_up.load(Ordering::Relaxed);
        }
        self.check();
    }

    /// The backplane takes what waits for it.
    pub(super) fn listen(&mut self) {
        while let Ok(presence) = self.presence.try_recv() {
            let (user, is_in) = match presence {
                Presence::In(_, user) => (user.0, true),
                Presence::Out(_, user) => (user.0, false),
            };
            let before = self.known.insert(user, is_in).unwrap_or(false);
            assert_ne!(before, is_in, "u{user} comes or goes twice");
        }
        self.seen.overflows += self.room.untold().count() as u64;
        let mut known = self.known.clone();
        known.extend(self.room.untold());
        let known = known.into_iter().filter(|(_, is_in)| *is_in).map(|(user, _)| user);
        assert_eq!(sorted(known), self.present(), "what others know is who is here");
    }

    pub(super) fn present(&self) -> Vec<u64> {
        sorted(self.room.roster().people().map(|who| who.id.0))
    }

    /// Does what the room wants, then checks what everybody heard.
    pub(super) fn check(&mut self) {
        let mut for_joiners: HashMap<VoiceId, usize> = HashMap::new();
        for want in self.room.take_wants() {
            match want {
                Want::History(wanted) => {
                    self.last_reading += 1;
                    let (number, then) = (self.last_reading, &wanted.then);
                    if let (Asker::Voice(voice, _), Some(_)) = (&then.from, then.joined) {
                        for_joiners.insert(voice.id, number);
                        assert_eq!(wanted.upto_seq, self.room.last_seq(), "seat and cut are one");
                    }
                    self.readings.push(Reading { number, wanted, read: None });
                }
                Want::Append(append) => {
                    if !self.store.take(append) {
                        self.room.untaken();
                    }
                }
                Want::Change(change) => self.store.change(self.room.row(), change),
                Want::Amend(amending) => self.store.amend(self.room.row(), amending),
                Want::Ring(ring) => self.rung(&ring),
                Want::Forget => {}
            }
        }
        let stored = self.room.last_seq();
        self.seen.stored = stored;
        let to_come = self.room.lasting_to_tell();
        let has_witness = self.has_witness;
        for (place, one) in self.voices.iter_mut().enumerate() {
            let id = one.guest.voice.id;
            let has_seat = self.room.has_seat(id);
            one.is_stuck |= one.guest.ear.is_overrun.load(Ordering::Relaxed);
            if place == 0 && has_witness {
                self.has_witness = has_seat;
                self.lasting.extend(one.hear(stored, !has_seat, None, &self.store));
                one.heard_all(self.lasting.len());
            }
            let lasting = has_witness.then_some(&self.lasting[..]);
            one.hear(stored, !has_seat, lasting, &self.store);
            match (one.sits(), has_seat) {
                (true, false) if one.awaits_replay() => {}
                (true, false) => {
                    let is_told = !one.is_stuck && !one.has_parted;
                    one.stand(stored, is_told, lasting, &self.store);
                }
                (false, true) => {
                    let reading = for_joiners.get(&id).copied();
                    one.sit(stored, self.lasting.len() + to_come, reading);
                }
                _ => {}
            }
            let is_known = one.is_connected || one.is_lost;
            assert!(is_known || !has_seat, "{id} is gone and has a seat");
        }
        self.room.audit();
    }

    /// A message rings in a personal room, for every voice that has no seat here.
    fn rung(&mut self, ring: &Ring) {
        let (Address::Personal(user), Event::Said(message)) = (&ring.to.address, &ring.event)
        else {
            return;
        };
        self.seen.rings += 1;
        for lost in &mut self.lost {
            let voice = &self.voices[lost.place].guest.voice;
            if voice.who.id == *user && !ring.except.contains(&voice.id) {
                lost.rung.push(message.seq);
            }
        }
        for one in self.voices.iter_mut().filter(|one| one.is_connected) {
            let voice = &one.guest.voice;
            if voice.who.id == *user {
                let is_here = ring.except.contains(&voice.id);
                assert_eq!(is_here, self.room.has_seat(voice.id), "it hears of it once");
                if !is_here {
                    one.ring(message.seq);
                }
            }
        }
    }
}

fn sorted(users: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut users: Vec<u64> = users.collect();
    users.sort_unstable();
    users
}
