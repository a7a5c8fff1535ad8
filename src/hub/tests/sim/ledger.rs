//! What one voice has a right to hear, and what it has heard.

use std::collections::{HashMap, HashSet, VecDeque};

use super::super::stage::Guest;
use super::elsewhere::{Elsewhere, HeardElsewhere};
use super::store::Store;
use crate::hub::id::VoiceId;
use crate::hub::offset::OFFSET;

/// One voice's books.
pub(super) struct Ledger {
    pub(super) guest: Guest,
    /// Whether its own messages are not told to it.
    pub(super) is_left_out: bool,
    pub(super) is_connected: bool,
    /// Whether its connection takes nothing more.
    pub(super) is_stuck: bool,
    /// It lost the seat before it had heard what it missed there.
    pub(super) has_parted: bool,
    /// The session knows that it was lost: the room may not yet.
    pub(super) is_lost: bool,
    sitting: Option<Sitting>,
    sittings: usize,
    /// How many of the room's lasting events it had heard when it last stood up.
    stood: usize,
    /// Where its client was after each of the last packets.
    marks: VecDeque<Mark>,
    /// The other room that it sits in, and how far its client has heard of that.
    pub(super) elsewhere: Elsewhere,
    heard_elsewhere: HeardElsewhere,
    /// The voices in whose place it came, and the last message that was stored then.
    was: Vec<(VoiceId, u64)>,
    /// The last offset that its client has heard.
    offset: Option<String>,
    /// Asks that were not answered, with what was to be said.
    pub(super) pending: HashMap<u64, Option<String>>,
    last_ack: u64,
    /// Messages it was told of as they were said: here or in its personal room.
    told: HashSet<u64>,
}

/// How many of the last packets a client may not have heard when its connection is lost.
const IN_FLIGHT_MAX: usize = 12;
/// The `reading` of whoever has come back and was not told yet what it has missed.
const REPLAY: usize = 0;

/// How far a client has heard.
#[derive(Clone)]
pub(super) struct Mark {
    /// The seat that it knows of, counted from 1; 0: it knows of none.
    sitting: usize,
    last_said: u64,
    /// How many of the room's lasting events it has heard, or had no right to.
    lasting: usize,
    pub(super) offset: Option<String>,
    pub(super) elsewhere: HeardElsewhere,
}

/// One stay in the room.
struct Sitting {
    /// The last message that was stored when it began.
    cut: u64,
    last_said: u64,
    /// The next of the room's lasting events.
    lasting: usize,
    /// The reading of its history, while that is waited for, and what was read.
    reading: Option<usize>,
    history: Option<Vec<u64>>,
    /// Who came (`true`) or went, as told.
    others: HashMap<String, bool>,
}

impl Ledger {
    pub(super) fn new(guest: Guest, is_left_out: bool) -> Ledger {
        let mut ledger = Ledger {
            elsewhere: Elsewhere::of(&guest),
            guest,
            is_left_out,
            is_connected: true,
            is_stuck: false,
            has_parted: false,
            is_lost: false,
            sitting: None,
            sittings: 0,
            stood: 0,
            marks: VecDeque::new(),
            heard_elsewhere: None,
            was: Vec::new(),
            offset: None,
            pending: HashMap::new(),
            last_ack: 0,
            told: HashSet::new(),
        };
        ledger.mark();
        ledger
    }

    /// It sits down in its other room.
    pub(super) fn sit_elsewhere(&mut self, has_words: bool) {
        self.heard_elsewhere = self.elsewhere.sit(&self.guest, has_words);
        if !has_words {
            // Whatever it hears of what was sent before, it sits there.
            let heard = self.heard_elsewhere;
            self.marks.iter_mut().for_each(|mark| mark.elsewhere = heard);
        }
    }

    /// The next ack, for an ask that says `text` or nothing.
    pub(super) fn expect(&mut self, text: Option<String>) -> u64 {
        self.last_ack += 1;
        self.pending.insert(self.last_ack, text);
        self.last_ack
    }

    pub(super) fn sits(&self) -> bool {
        self.sitting.is_some()
    }

    /// It sits down, and hears what is said after `cut`, and all that lasts from `lasting` on,
    /// once it has heard what is read for it.
    pub(super) fn sit(&mut self, cut: u64, lasting: usize, reading: Option<usize>) {
        self.sit_at(cut, cut, lasting, reading);
        self.mark();
    }

    fn sit_at(&mut self, cut: u64, last_said: u64, lasting: usize, reading: Option<usize>) {
        let (history, others) = (None, HashMap::new());
        self.sittings += 1;
        self.sitting = Some(Sitting { cut, last_said, lasting, reading, history, others });
    }

    /// Where its client may be when it is lost, oldest first.
    pub(super) fn marks(&self) -> Vec<Mark> {
        self.marks.iter().cloned().collect()
    }

    /// Whether a client that is there knows of the last seat that it was given.
    pub(super) fn knows_seat(&self, mark: &Mark) -> bool {
        mark.sitting > 0 && mark.sitting == self.sittings
    }

    /// Whether a client that is there has heard all that was told before it stood up.
    pub(super) fn heard_end(&self, mark: &Mark) -> bool {
        mark.sitting == 0 || mark.lasting >= self.stood
    }

    /// It comes in the place of one that was lost and had heard so much; `rung`: what it has heard
    /// of elsewhere meanwhile; `is_seated`: it sits in the room. Returns where its client is.
    pub(super) fn come_back(
        &mut self,
        was: &Ledger,
        mark: &Mark,
        rung: &[u64],
        (stored, is_seated): (u64, bool),
    ) -> Mark {
        self.was.clone_from(&was.was);
        self.was.push((was.guest.voice.id, stored));
        self.offset.clone_from(&mark.offset);
        self.elsewhere = was.elsewhere.clone();
        self.heard_elsewhere = mark.elsewhere;
        let is_heard = |seq: &u64| !is_seated || *seq <= mark.last_said;
        self.told = was.told.iter().copied().filter(is_heard).collect();
        self.told.extend(rung);
        if is_seated {
            self.sit_at(stored, mark.last_said, mark.lasting, Some(REPLAY));
        }
        self.mark();
        Mark { sitting: self.sittings, ..mark.clone() }
    }

    /// Whether it has come back, and was not told yet what it has missed.
    pub(super) fn awaits_replay(&self) -> bool {
        self.sitting.as_ref().is_some_and(|sitting| sitting.reading == Some(REPLAY))
    }

    /// Its client hears what it has missed, then that it is recovered.
    pub(super) fn replay(&mut self) {
        if let Some(sitting) = &mut self.sitting {
            sitting.reading = None;
        }
    }

    /// Its client has heard all that it was sent, and knows it.
    pub(super) fn settle(&mut self) {
        self.marks.clear();
        self.mark();
    }

    /// It stands up. Where it was told all before (`is_told`), nothing may be missing.
    pub(super) fn stand(
        &mut self,
        stored: u64,
        is_told: bool,
        lasting: Option<&[String]>,
        store: &Store,
    ) {
        if is_told {
            self.assert_complete(stored, lasting, store);
        }
        self.stood = self.sitting.take().map_or(0, |sitting| sitting.lasting);
        self.mark();
    }

    /// A history was read for the seat that it has, unless it has stood up meanwhile.
    pub(super) fn may_hear_history(&mut self, reading: usize, seqs: Vec<u64>) {
        if let Some(sitting) = self.sitting.as_mut().filter(|one| one.reading == Some(reading)) {
            sitting.history = Some(seqs);
        }
    }

    /// Whether all that is stored was heard, but for what waits for a history.
    pub(super) fn assert_complete(&self, stored: u64, lasting: Option<&[String]>, store: &Store) {
        let Some(sitting) = self.sitting.as_ref().filter(|_| !self.is_stuck) else { return };
        if sitting.reading.is_none() {
            let missing = (sitting.last_said + 1..=stored).find(|seq| !self.is_own(*seq, store));
            let id = self.guest.voice.id;
            assert_eq!(missing, None, "a gap: {id} was not told");
            let mut rest = lasting.map_or(&[][..], |all| &all[sitting.lasting..]).iter();
            let missing = rest.find(|line| !self.is_own_line(line, store));
            assert_eq!(missing, None, "a gap: {id} was not told");
        }
    }

    /// Whether it is not told of that message because it said it.
    fn is_own(&self, seq: u64, store: &Store) -> bool {
        let is_by = |voice: VoiceId| store.texts[&seq].starts_with(&format!("v{voice}-"));
        let is_was = |(was, upto): &(VoiceId, u64)| seq <= *upto && is_by(*was);
        self.is_left_out && (is_by(self.guest.voice.id) || self.was.iter().any(is_was))
    }

    fn is_own_line(&self, line: &str, store: &Store) -> bool {
        let seq = line.strip_prefix("said ").and_then(|rest| rest.split(' ').next());
        seq.is_some_and(|seq| self.is_own(seq.parse().expect("a place"), store))
    }

    /// It hears something that nobody in the room may miss.
    fn hear_lasting(&mut self, line: &str, lasting: &[String], store: &Store) {
        let mut next = self.sitting.as_ref().expect("who has no seat is told nothing").lasting;
        while lasting.get(next).is_some_and(|other| self.is_own_line(other, store)) {
            next += 1;
        }
        let expected = lasting.get(next).map(String::as_str);
        assert_eq!(Some(line), expected, "{} hears each once, in order", self.guest.voice.id);
        self.sitting.as_mut().expect("it is there").lasting = next + 1;
    }

    /// It is the witness: what it has heard is all there is.
    pub(super) fn heard_all(&mut self, lasting: usize) {
        if let Some(sitting) = &mut self.sitting {
            sitting.lasting = lasting;
        }
    }

    fn mark(&mut self) {
        let known = self.sitting.as_ref().filter(|sitting| sitting.reading.is_none());
        let (sitting, last_said, lasting) =
            known.map_or((0, 0, 0), |one| (self.sittings, one.last_said, one.lasting));
        let (offset, elsewhere) = (self.offset.clone(), self.heard_elsewhere);
        self.marks.push_back(Mark { sitting, last_said, lasting, offset, elsewhere });
        if self.marks.len() > IN_FLIGHT_MAX {
            self.marks.pop_front();
        }
    }

    /// It hears of a message in its personal room.
    pub(super) fn ring(&mut self, seq: u64) {
        assert!(self.told.insert(seq), "{} hears of {seq} twice", self.guest.voice.id);
    }

    /// It hears all that came; `stored`: the last message that the room knows to be stored.
    /// `is_leaving`: it has no seat any more; `lasting`: what the witness has heard, where there
    /// is one. Returns what lasts of it.
    pub(super) fn hear(
        &mut self,
        stored: u64,
        is_leaving: bool,
        lasting: Option<&[String]>,
        store: &Store,
    ) -> Vec<String> {
        let (mut said, mut heard) = (None, Vec::new());
        for line in self.guest.ear.lines() {
            if self.is_stuck {
                continue;
            }
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match word {
                "said" => self.hear_said(rest, stored, is_leaving, store),
                "you" => match rest.split_once(' ') {
                    Some(("joined", list)) => self.hear_joined(list),
                    Some(("said", seq)) => said = seq.split(' ').next().map(str::to_owned),
                    _ => {}
                },
                OFFSET => self.offset = Some(rest.to_owned()),
                "else" => self.heard_elsewhere = self.elsewhere.heard(self.heard_elsewhere, rest),
                "joined" | "left" => self.hear_presence(rest, word == "joined"),
                "ack" => self.hear_ack(rest, said.take(), store),
                _ => {}
            }
            if let Some(fact) = lasting_fact(&line) {
                if let Some(lasting) = lasting {
                    self.hear_lasting(fact, lasting, store);
                }
                heard.push(fact.to_owned());
            }
            self.mark();
        }
        heard
    }

    fn hear_said(&mut self, rest: &str, stored: u64, is_leaving: bool, store: &Store) {
        let (seq, text) = rest.split_once(' ').expect("a place and a text");
        let seq: u64 = seq.parse().expect("a place");
        assert!(seq <= stored, "{seq} is told, and has no receipt");
        assert_eq!(store.texts.get(&seq).map(String::as_str), Some(text), "one order for all");
        let sitting = self.sitting.as_ref().expect("who has no seat is told nothing");
        assert!(sitting.reading.is_none() || is_leaving, "{seq} is told before the history");
        assert!(seq > sitting.last_said, "{seq} is told after {}", sitting.last_said);
        let skipped = (sitting.last_said + 1..seq).find(|seq| !self.is_own(*seq, store));
        assert_eq!(skipped, None, "a gap before {seq}");
        assert!(!self.is_own(seq, store), "an author is told its own words");
        self.ring(seq);
        self.sitting.as_mut().expect("it is there").last_said = seq;
    }

    fn hear_joined(&mut self, list: &str) {
        let seqs: Vec<u64> =
            serde_json::from_str(list.trim_start_matches(|c| c != '[')).expect("a list");
        let sitting = self.sitting.as_mut().expect("who joined has a seat");
        match sitting.history.take() {
            Some(history) => {
                assert_eq!(seqs, history, "the history that was read for this seat");
                assert!(seqs.iter().all(|seq| *seq <= sitting.cut), "a double");
                assert!(seqs.is_sorted_by(|one, next| one > next), "newest first");
                assert_eq!(sitting.last_said, sitting.cut, "history is first");
                sitting.reading = None;
            }
            None => assert!(seqs.is_empty(), "a history that nobody read: {seqs:?}"),
        }
    }

    fn hear_presence(&mut self, name: &str, is_in: bool) {
        let Some(sitting) = &mut self.sitting else { return };
        let before = sitting.others.insert(name.to_owned(), is_in);
        assert_ne!(before, Some(is_in), "{name} is told to come or go twice");
    }

    fn hear_ack(&mut self, rest: &str, said: Option<String>, store: &Store) {
        let (id, is_ok) = rest.split_once(' ').expect("an id and a word");
        let id: u64 = id.parse().expect("an id");
        let text = self.pending.remove(&id).expect("every ask is answered once");
        if let (Some(text), "ok") = (text, is_ok) {
            let seq: u64 = said.expect("a place").parse().expect("a number");
            assert_eq!(store.texts.get(&seq), Some(&text), "an ack for what is not stored");
        }
    }
}

/// What of a line nobody in the room may miss. The room's name and its owner are told as they are
/// when an event is put into words: for whoever comes back, later than for the others.
fn lasting_fact(line: &str) -> Option<&str> {
    let mut words = line.split(' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match (first, second) {
        ("renamed", _) => Some(first),
        ("resigned", _) => line.split(" owner=").next(),
        ("said" | "edited" | "deleted" | "ended" | "dropped", _) | (_, "added" | "removed") => {
            Some(line)
        }
        _ => None,
    }
}
