//! A store that keeps a room in memory: writes in order, batches that commit or fail as one,
//! answers that come later. Places and ids are given out as the real one does.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

use super::super::stage::person;
use super::dice::Dice;
use crate::hub::command::{Asker, Topic, Verb};
use crate::hub::event::{Message, Role, RoomRow};
use crate::hub::id::{MessageId, UserId};
use crate::hub::ports::{Append, Fault, Receipt, Stored, Write};
use crate::hub::room::{Amending, Change, HistoryWanted};

/// What the writer's thread has for the room.
pub(super) enum Output {
    Receipt(Receipt),
    Changed(Asker, Topic, Verb, Result<Option<Message>, Fault>),
    Amended(Amending, Result<bool, Fault>),
}

/// Answers in the order they were given.
type Outputs = Arc<Mutex<VecDeque<Output>>>;

/// See the module's head.
pub(super) struct Store {
    queue: mpsc::Receiver<Write>,
    to_queue: mpsc::Sender<Write>,
    outputs: Outputs,
    /// What is stored, by place.
    pub(super) messages: BTreeMap<u64, Message>,
    /// What was ever stored at a place.
    pub(super) texts: HashMap<u64, String>,
    last_seq: u64,
    sent: HashMap<(u64, Arc<str>), u64>,
    pub(super) members: Vec<(u64, Role)>,
    pub(super) owner: Option<u64>,
    pub(super) is_dropped: bool,
    /// Changes of the room that failed.
    pub(super) room_faults: usize,
}

impl Store {
    pub(super) fn new(
        row: &RoomRow,
        to_queue: mpsc::Sender<Write>,
        queue: mpsc::Receiver<Write>,
    ) -> Store {
        Store {
            queue,
            to_queue,
            outputs: Outputs::default(),
            messages: BTreeMap::new(),
            texts: HashMap::new(),
            last_seq: row.last_seq,
            sent: HashMap::new(),
            members: row.members.iter().map(|(member, role)| (member.id.0, *role)).collect(),
            owner: row.owner.map(|owner| owner.0),
            is_dropped: false,
            room_faults: 0,
        }
    }

    fn later(&self, output: Output) {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner).push_back(output);
    }

    /// The next answer for the room.
    pub(super) fn output(&self) -> Option<Output> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Asks for a message to be kept, as a shard does; `false`: the queue is full.
    pub(super) fn take(&self, append: Append) -> bool {
        self.to_queue.try_send(Write::Appends(vec![append])).is_ok()
    }

    /// Asks for a change of a message, as a shard does.
    pub(super) fn change(&self, row: &RoomRow, change: Change) {
        let Change { message, text, from, topic } = change;
        let verb = if text.is_some() { Verb::Edit } else { Verb::Delete };
        let Ok(permit) = self.to_queue.try_reserve() else {
            return self.later(Output::Changed(from, topic, verb, Err(Fault::Busy)));
        };
        let outputs = Arc::clone(&self.outputs);
        let reply = Box::new(move |changed| {
            let output = Output::Changed(from, topic, verb, changed);
            outputs.lock().unwrap_or_else(PoisonError::into_inner).push_back(output);
        });
        permit.send(match text {
            Some(text) => Write::Edit(row.id, message.id, text, reply),
            None => Write::Delete(row.id, message.id, reply),
        });
    }

    /// Asks for a change of the room, as a shard does.
    pub(super) fn amend(&self, row: &RoomRow, amending: Amending) {
        let Ok(permit) = self.to_queue.try_reserve() else {
            return self.later(Output::Amended(amending, Err(Fault::Busy)));
        };
        let (amend, who) = (amending.amend.clone(), amending.from.who().id);
        let outputs = Arc::clone(&self.outputs);
        let reply = Box::new(move |result| {
            let output = Output::Amended(amending, result);
            outputs.lock().unwrap_or_else(PoisonError::into_inner).push_back(output);
        });
        permit.send(amend.write(row, who, reply));
    }

    /// What a wanted history is now, newest first.
    pub(super) fn read(&self, wanted: &HistoryWanted) -> Vec<Message> {
        let is_wanted = |message: &Message| wanted.since.is_none_or(|since| message.id > since);
        let stretch = self.messages.range(..=wanted.upto_seq).rev();
        let stretch = stretch.filter(|(_, message)| is_wanted(message));
        let limit = usize::try_from(wanted.limit).expect("a small one");
        stretch.take(limit).map(|(_, message)| message.clone()).collect()
    }

    /// Commits a batch. Now and then all of it fails, or one write alone.
    pub(super) fn commit(&mut self, upto: usize, dice: &mut Dice, may_fail: bool) {
        let crashes = may_fail && dice.percent(8);
        for _ in 0..upto {
            let Ok(write) = self.queue.try_recv() else { return };
            let is_append = matches!(write, Write::Appends(_));
            let fails = crashes || (may_fail && is_append && dice.percent(3));
            self.apply(write, fails);
        }
    }

    fn apply(&mut self, write: Write, fails: bool) {
        let fault = || Fault::Store("no disk".into());
        match write {
            Write::Appends(appends) => {
                for append in appends {
                    let room = append.room;
                    let outcome = if fails { Stored::Failed(fault()) } else { self.append(append) };
                    self.later(Output::Receipt(Receipt { room, outcome }));
                }
            }
            Write::Edit(_, id, text, reply) => {
                let found = self.messages.values_mut().find(|message| message.id == id);
                let edited = found.filter(|_| !fails).map(|message| {
                    message.text = text;
                    message.clone()
                });
                reply(if fails { Err(fault()) } else { Ok(edited) });
            }
            Write::Delete(_, id, reply) => {
                let found = self.messages.iter().find(|(_, message)| message.id == id);
                let seq = found.map(|(seq, _)| *seq).filter(|_| !fails);
                let deleted = seq.and_then(|seq| self.messages.remove(&seq));
                reply(if fails { Err(fault()) } else { Ok(deleted) });
            }
            write => self.apply_to_room(write, fails.then(fault)),
        }
    }

    fn apply_to_room(&mut self, write: Write, fault: Option<Fault>) {
        let failing = |fault: Option<Fault>, done: bool| fault.map_or(Ok(done), Err);
        let fails = fault.is_some();
        self.room_faults += usize::from(fails);
        match write {
            Write::SetMember(_, UserId(user), role, reply) => {
                let known = self.members.iter_mut().find(|(member, _)| *member == user);
                let is_new = known.is_none();
                match known {
                    Some((_, known)) if !fails => *known = role,
                    None if !fails && !self.is_dropped => self.members.push((user, role)),
                    _ => {}
                }
                reply(failing(fault, is_new));
            }
            Write::DropMember(_, UserId(user), reply) => {
                let was_one = self.members.iter().any(|(member, _)| *member == user);
                self.members.retain(|(member, _)| fails || *member != user);
                reply(failing(fault, was_one));
            }
            Write::HandOver(_, UserId(user), heir, reply) => {
                let was_one = self.members.iter().any(|(member, _)| *member == user);
                if was_one && !fails {
                    self.members.retain(|(member, _)| *member != user);
                    let owner = self.members.iter_mut().find(|(member, _)| *member == heir.0);
                    owner.expect("the heir is a member").1 = Role::Owner;
                    self.owner = Some(heir.0);
                }
                reply(failing(fault, was_one));
            }
            Write::ChangeRoom(_, change, reply) => {
                if let (Some(owner), false) = (change.owner, fails) {
                    self.owner = Some(owner.0);
                }
                let row = super::super::stage::row(crate::hub::event::RoomKind::Group, &[]);
                let found = (!self.is_dropped).then_some(row);
                reply(fault.map_or(Ok(found), Err));
            }
            Write::DropRoom(_, reply) => {
                let was_there = !self.is_dropped;
                self.is_dropped |= !fails;
                reply(failing(fault, was_there));
            }
            _ => panic!("a room writes nothing else"),
        }
    }

    fn append(&mut self, append: Append) -> Stored {
        if self.is_dropped {
            return Stored::Failed(Fault::Store("no such room".into()));
        }
        let author = append.author.map(|(_, user)| user.0);
        let key = author.zip(append.draft.key.clone());
        let earlier = key.as_ref().and_then(|key| self.sent.get(key));
        if let Some(message) = earlier.and_then(|seq| self.messages.get(seq)) {
            return Stored::Again(Box::new(message.clone()));
        }
        self.last_seq += 1;
        let (id, seq) = (MessageId(self.last_seq * 128), self.last_seq);
        if let Some(key) = key {
            self.sent.insert(key, seq);
        }
        let draft = append.draft;
        self.texts.insert(seq, draft.text.to_string());
        let message = Message {
            id,
            room: append.room,
            seq,
            author: author.map(person),
            kind: draft.kind,
            text: draft.text,
            parent: None,
            extra: None,
            created_ms: 1,
            updated_ms: 1,
        };
        self.messages.insert(seq, message);
        Stored::New { id, seq, created_ms: 1 }
    }
}
