//! What one voice has a right to hear, and what it has heard.

use std::collections::{HashMap, HashSet};

use super::super::stage::Guest;
use super::store::Store;

/// One voice's books.
pub(super) struct Ledger {
    pub(super) guest: Guest,
    /// Whether its own messages are not told to it.
    pub(super) is_left_out: bool,
    pub(super) is_connected: bool,
    /// Whether its connection takes nothing more.
    pub(super) is_stuck: bool,
    sitting: Option<Sitting>,
    /// Asks that were not answered, with what was to be said.
    pub(super) pending: HashMap<u64, Option<String>>,
    last_ack: u64,
    /// Messages it was told of as they were said: here or in its personal room.
    told: HashSet<u64>,
}

/// One stay in the room.
struct Sitting {
    /// The last message that was stored when it began.
    cut: u64,
    last_said: u64,
    /// The reading of its history, while that is waited for, and what was read.
    reading: Option<usize>,
    history: Option<Vec<u64>>,
    /// Who came (`true`) or went, as told.
    others: HashMap<String, bool>,
}

impl Ledger {
    pub(super) fn new(guest: Guest, is_left_out: bool) -> Ledger {
        Ledger {
            guest,
            is_left_out,
            is_connected: true,
            is_stuck: false,
            sitting: None,
            pending: HashMap::new(),
            last_ack: 0,
            told: HashSet::new(),
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

    /// It sits down, and hears what is said after `cut`, once it has heard what is read for it.
    pub(super) fn sit(&mut self, cut: u64, reading: Option<usize>) {
        let (last_said, history, others) = (cut, None, HashMap::new());
        self.sitting = Some(Sitting { cut, last_said, reading, history, others });
    }

    /// It stands up. Where it was told all before (`is_told`), nothing may be missing.
    pub(super) fn stand(&mut self, stored: u64, is_told: bool, store: &Store) {
        if is_told {
            self.assert_complete(stored, store);
        }
        self.sitting = None;
    }

    /// A history was read for the seat that it has, unless it has stood up meanwhile.
    pub(super) fn may_hear_history(&mut self, reading: usize, seqs: Vec<u64>) {
        if let Some(sitting) = self.sitting.as_mut().filter(|one| one.reading == Some(reading)) {
            sitting.history = Some(seqs);
        }
    }

    /// Whether all that is stored was heard, but for what waits for a history.
    pub(super) fn assert_complete(&self, stored: u64, store: &Store) {
        let Some(sitting) = self.sitting.as_ref().filter(|_| !self.is_stuck) else { return };
        if sitting.reading.is_none() {
            let missing = (sitting.last_said + 1..=stored).find(|seq| !self.is_own(*seq, store));
            assert_eq!(missing, None, "a gap: {} was not told", self.guest.voice.id);
        }
    }

    /// Whether it is not told of that message because it said it.
    fn is_own(&self, seq: u64, store: &Store) -> bool {
        let own = format!("v{}-", self.guest.voice.id);
        self.is_left_out && store.texts[&seq].starts_with(&own)
    }

    /// It hears of a message in its personal room.
    pub(super) fn ring(&mut self, seq: u64) {
        assert!(self.told.insert(seq), "{} hears of {seq} twice", self.guest.voice.id);
    }

    /// It hears all that came; `stored`: the last message that the room knows to be stored.
    /// `is_leaving`: it has no seat any more.
    pub(super) fn hear(&mut self, stored: u64, is_leaving: bool, store: &Store) {
        let mut said = None;
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
                "joined" | "left" => self.hear_presence(rest, word == "joined"),
                "ack" => self.hear_ack(rest, said.take(), store),
                _ => {}
            }
        }
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
