//! What may happen next, and how often.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::super::stage::{draft, person};
use super::world::World;
use crate::hub::command::{Amend, Deed, Join, Leave};
use crate::hub::event::{Draft, Message, RoomKind};
use crate::hub::id::UserId;

impl World {
    /// One thing happens.
    pub(super) fn step(&mut self) {
        match self.dice.below(120) {
            0..8 => self.someone_connects(),
            8..70 => {
                if let Some(place) = self.somebody() {
                    self.somebody_does(place);
                }
            }
            70..72 => self.somebody_calls(),
            72..80 => {
                let upto = 1 + self.dice.below(6);
                self.commit(upto, true);
            }
            80..88 => drop((0..=self.dice.below(4)).all(|_| self.output())),
            88..92 => drop(self.read(true)),
            92..96 => self.settle(),
            96..98 => self.listen(),
            98..100 => self.time_goes_by(),
            100..105 => self.somebody_is_lost(),
            105..109 => self.somebody_comes_back(),
            109..111 => self.somebody_has_come_back(),
            111..112 => self.much_is_said(),
            _ => self.elsewhere(),
        }
    }

    fn someone_connects(&mut self) {
        let open = self.voices.iter().filter(|one| one.is_connected).count();
        if open < 9 {
            self.connect();
        }
    }

    fn somebody_does(&mut self, place: usize) {
        let roll = self.dice.below(62);
        if self.voices[place].is_stuck && roll > 30 {
            return self.disconnect(place);
        }
        match roll {
            0..4 => self.disconnect(place),
            4..18 => {
                let join = self.join();
                self.ask(place, Deed::Join(join), None);
            }
            18..24 => {
                let leave = self.dice.pick(&[Leave::Voice, Leave::User]);
                self.ask(place, Deed::Leave(leave), None);
            }
            24..45 => {
                let draft = self.said(place);
                let text = draft.text.to_string();
                self.ask(place, Deed::Say(draft), Some(text));
            }
            45..50 => {
                let is_on = self.dice.percent(70);
                self.ask(place, Deed::Typing(is_on), None);
            }
            50..53 => self.ask(place, Deed::History { limit: 5, since: None }, None),
            53..57 => {
                let message = self.some_message();
                let deed = match self.dice.percent(50) {
                    true => Deed::Delete(message),
                    false => {
                        let words = format!("edited-{}", self.dice.below(1_000_000));
                        Deed::Edit(message, words.as_str().into())
                    }
                };
                self.ask(place, deed, None);
            }
            57 => self.voices[place].is_stuck = true,
            _ => {
                let amend = self.amend();
                self.ask(place, Deed::Amend(amend), None);
            }
        }
    }

    fn somebody_calls(&mut self) {
        let user = 1 + self.dice.below(5) as u64;
        let deed = match self.dice.below(4) {
            0 => Deed::Amend(self.amend()),
            1 => Deed::History { limit: 3, since: None },
            2 => Deed::Leave(Leave::User),
            _ => Deed::Say(Draft { rings: true, ..draft("from outside") }),
        };
        self.call(user, deed);
    }

    fn time_goes_by(&mut self) {
        if self.dice.percent(40)
            && let Some(place) = self.somebody()
        {
            let ear = Arc::clone(&self.voices[place].guest.ear);
            ear.heard_ms.store(self.now.up_ms, Ordering::Relaxed);
        }
        let ms = 1 + self.dice.below(1_500) as u64;
        self.tick(ms);
    }

    fn join(&mut self) -> Join {
        Join {
            history: self.dice.pick(&[0, 2, 100]),
            sole: self.dice.percent(15),
            grace_ms: self.dice.pick(&[0, 0, 0, 3_000]),
            ..Join::default()
        }
    }

    /// A message names its voice; one in four has a key that may have been used before.
    fn said(&mut self, place: usize) -> Draft {
        let id = self.voices[place].guest.voice.id;
        let number = self.dice.below(1_000_000);
        let (text, key) = match self.dice.percent(25) {
            true => {
                let text = format!("v{id}-k{}", number % 3);
                (text.clone(), Some(Arc::from(text)))
            }
            false => (format!("v{id}-{number}"), None),
        };
        Draft { key, rings: self.kind == RoomKind::Group, ..draft(&text) }
    }

    fn some_message(&mut self) -> Option<Box<Message>> {
        let stored: Vec<&Message> = self.store.messages.values().collect();
        (!stored.is_empty()).then(|| Box::new(self.dice.pick(&stored).clone()))
    }

    fn amend(&mut self) -> Amend {
        let user = 1 + self.dice.below(5) as u64;
        match self.dice.below(40) {
            0 => Amend::Drop,
            1 => Amend::End(self.now.wall_ms + self.dice.below(5_000) as u64),
            2..6 => Amend::Rename(format!("name-{}", self.dice.below(1_000_000)).into()),
            6..20 => Amend::Add(person(user)),
            20..28 => Amend::Remove(UserId(user)),
            28..30 => Amend::Expel(UserId(user)),
            _ => Amend::Resign,
        }
    }
}
