//! Changes of the room itself: its members, its name, its end.

use std::sync::Arc;

use super::{Amending, Room, voice_of};
use crate::hub::clock::Now;
use crate::hub::command::{Amend, Ask, Deed, Outcome, Refusal, Verb};
use crate::hub::event::{Person, Role, RoomRow};
use crate::hub::id::{UserId, VoiceId};
use crate::hub::ports::{Fault, Reply, RoomChange, Write};
use crate::hub::voice::Event;
use crate::limits;

use super::Want;

impl Amend {
    /// What the writer is asked when `who` amends the room; it answers `reply` with `true` where
    /// there was something to change. **Invariant:** one write, so that no change is done by half.
    pub(in crate::hub) fn write(&self, room: &RoomRow, who: UserId, reply: Reply<bool>) -> Write {
        let id = room.id;
        let change = |change: RoomChange, reply: Reply<bool>| {
            let done = |row: Result<Option<RoomRow>, Fault>| reply(row.map(|row| row.is_some()));
            Write::ChangeRoom(id, change, Box::new(done))
        };
        match self {
            Amend::End(ends_ms) => {
                change(RoomChange { ends_ms: Some(*ends_ms), ..RoomChange::default() }, reply)
            }
            Amend::Rename(name) => {
                let name = Some(Arc::clone(name));
                change(RoomChange { name, ..RoomChange::default() }, reply)
            }
            Amend::Add(whom) => Write::SetMember(id, whom.id, Role::Member, reply),
            Amend::Remove(whom) => Write::DropMember(id, *whom, reply),
            Amend::Drop => Write::DropRoom(id, reply),
            Amend::Expel(whom) => part(room, *whom, reply),
            Amend::Resign => part(room, who, reply),
        }
    }
}

/// A member, maybe the owner, goes: an owner's role goes on to the oldest of the others; with the
/// last one goes the room.
fn part(room: &RoomRow, who: UserId, reply: Reply<bool>) -> Write {
    match heir(room, who) {
        Heir::Nobody => Write::DropRoom(room.id, reply),
        Heir::NotNeeded => Write::DropMember(room.id, who, reply),
        Heir::Member(heir) => Write::HandOver(room.id, who, heir, reply),
    }
}

/// Who owns a room when a member has gone.
enum Heir {
    /// Nobody is left.
    Nobody,
    /// Whoever owns it now.
    NotNeeded,
    /// The oldest of the others.
    Member(UserId),
}

fn heir(room: &RoomRow, who: UserId) -> Heir {
    let is_owner = room.members.iter().any(|(one, role)| one.id == who && *role == Role::Owner);
    match room.members.iter().find(|(one, _)| one.id != who) {
        None => Heir::Nobody,
        Some((oldest, _)) if is_owner => Heir::Member(oldest.id),
        Some(_) => Heir::NotNeeded,
    }
}

impl Room {
    /// The room as it is stored.
    pub(in crate::hub) fn row(&self) -> &RoomRow {
        &self.row
    }

    /// Has the writer change the room. **Invariant:** one change at a time: whether the next one
    /// may be, and what it takes, depends on what this one leaves.
    pub(super) fn amend(&mut self, amending: Amending) {
        if !self.is_amending {
            self.is_amending = true;
            self.want(Want::Amend(amending));
        } else if self.amendments.len() < limits::AMENDMENTS_MAX {
            self.amendments.push_back(amending);
        } else {
            let Amending { from, topic, .. } = amending;
            self.answer(from, Verb::Amend, topic, Err(Refusal::Unavailable));
        }
    }

    /// The writer's word on a change of the room; then the next one that waits is asked anew.
    pub(in crate::hub) fn amended(
        &mut self,
        amending: Amending,
        result: Result<bool, Fault>,
        now: Now,
    ) {
        self.answered();
        let Amending { amend, from, topic } = amending;
        let outcome = match result {
            Ok(true) => {
                self.apply(&amend, from.who(), voice_of(&from), now);
                Ok(Outcome::Amended((!self.is_gone).then(|| Arc::clone(&self.row))))
            }
            Ok(false) if matches!(amend, Amend::Add(_)) => Err(Refusal::MemberAlready),
            Ok(false) => Err(Refusal::NoSuchMember),
            Err(fault) => Err(self.refuse_for(&fault)),
        };
        self.answer(from, Verb::Amend, topic, outcome);
        self.is_amending = false;
        while !self.is_amending
            && let Some(Amending { amend, from, topic }) = self.amendments.pop_front()
        {
            self.ask(Ask { from, topic, deed: Deed::Amend(amend) }, now);
        }
    }

    fn apply(&mut self, amend: &Amend, by: &Arc<Person>, author: Option<VoiceId>, now: Now) {
        match amend {
            Amend::End(ends_ms) => Arc::make_mut(&mut self.row).ends_ms = Some(*ends_ms),
            Amend::Rename(name) => {
                Arc::make_mut(&mut self.row).name = Some(Arc::clone(name));
                self.tell(Event::Renamed, author);
            }
            Amend::Add(whom) => {
                let member = (Arc::clone(whom), Role::Member);
                Arc::make_mut(&mut self.row).members.push(member);
                let event = Event::MemberAdded(Arc::clone(by), Arc::clone(whom));
                self.tell(event.clone(), author);
                self.ring(whom.id, event);
            }
            Amend::Remove(whom) => self.remove(*whom, by, author, now),
            Amend::Expel(whom) => match self.hand_over(*whom) {
                true => self.remove(*whom, by, author, now),
                false => self.dropped(author),
            },
            Amend::Resign => self.resigned(by, author, now),
            Amend::Drop => self.dropped(author),
        }
    }

    /// Takes a member out: they are told with the others, and hear nothing after that.
    fn remove(&mut self, whom: UserId, by: &Arc<Person>, author: Option<VoiceId>, now: Now) {
        let found = self.row.members.iter().find(|(member, _)| member.id == whom);
        let Some((person, _)) = found.cloned() else { return };
        let event = Event::MemberRemoved(Arc::clone(by), Arc::clone(&person));
        self.tell(event.clone(), author);
        self.ring(whom, event);
        Arc::make_mut(&mut self.row).members.retain(|(member, _)| member.id != whom);
        self.expel(&person, now);
    }

    fn resigned(&mut self, who: &Arc<Person>, author: Option<VoiceId>, now: Now) {
        if !self.hand_over(who.id) {
            return self.dropped(author);
        }
        let event = Event::MemberResigned(Arc::clone(who));
        self.tell(event.clone(), author);
        self.ring(who.id, event);
        Arc::make_mut(&mut self.row).members.retain(|(member, _)| member.id != who.id);
        self.expel(who, now);
    }

    /// Sees to it that the room has an owner when a member has gone. `false`: nobody is left.
    fn hand_over(&mut self, who: UserId) -> bool {
        if let Heir::Member(heir) = heir(&self.row, who) {
            let row = Arc::make_mut(&mut self.row);
            row.owner = Some(heir);
            let owner = row.members.iter_mut().find(|(member, _)| member.id == heir);
            owner.into_iter().for_each(|(_, role)| *role = Role::Owner);
        }
        self.row.members.iter().any(|(member, _)| member.id != who)
    }

    /// Takes all voices of somebody out, once they have heard what was told before.
    fn expel(&mut self, who: &Person, now: Now) {
        self.flush();
        self.end_absences_of(Some((who.realm, who.id)));
        for voice in self.roster.voices(&(who.realm, who.id)).to_vec() {
            self.note_end(voice, self.position);
            self.unseat(voice, now);
        }
    }

    fn dropped(&mut self, author: Option<VoiceId>) {
        self.tell(Event::Dropped, author);
        self.clear();
        self.is_gone = true;
        self.want(Want::Forget);
    }
}
