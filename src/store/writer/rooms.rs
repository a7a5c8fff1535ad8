//! What the writer does to rooms and to who is in them.

use rusqlite::params;

use super::Writer;
use crate::hub::event::{Address, Place, Role, RoomRow};
use crate::hub::id::{RoomId, UserId};
use crate::hub::ports::{Fault, NewRoom, RoomChange, RoomKey};
use crate::store::columns::{number, read_number, span};
use crate::store::fault::no_such_room;
use crate::store::sql;

impl Writer<'_> {
    /// Makes a room, or finds the one that has its code.
    pub(super) fn open_room(&mut self, new: &NewRoom) -> Result<(RoomRow, bool), Fault> {
        if let Some(code) = &new.code {
            let place = Place { realm: new.realm, address: Address::Code(code.clone()) };
            if let Some(room) = self.facts().room(&RoomKey::Place(place))? {
                return Ok((room, false));
            }
        }
        let next = (new.realm.0,);
        let number_in_realm: i64 = self
            .connection
            .prepare_cached(sql::REALM_NEXT_NUMBER)?
            .query_row(next, |row| row.get(0))?;
        let id = self
            .connection
            .prepare_cached(sql::ROOM_INSERT)?
            .query_row(
                params![
                    new.realm.0,
                    new.people.0,
                    new.kind.as_str(),
                    new.code,
                    new.name,
                    new.unique_name,
                    new.owner.map(|owner| number(owner.0)),
                    new.ends_ms.map(span),
                    span(self.known.now_ms),
                    number_in_realm
                ],
                |row| read_number(row, 0),
            )
            .map(RoomId)?;
        let tail = (number(id.0), span(self.known.now_ms));
        self.connection.prepare_cached(sql::TAIL_INSERT)?.execute(tail)?;
        for (user, role) in &new.members {
            self.set_member(id, *user, *role)?;
        }
        let found = self.facts().room(&RoomKey::Id(id))?;
        let room = found.ok_or_else(no_such_room)?;
        Ok((room, true))
    }

    /// Changes a room.
    pub(super) fn change_room(
        &mut self,
        room: RoomId,
        change: &RoomChange,
    ) -> Result<Option<RoomRow>, Fault> {
        let changed = self.connection.prepare_cached(sql::ROOM_CHANGE)?.execute(params![
            number(room.0),
            change.name,
            change.owner.map(|owner| number(owner.0)),
            change.ends_ms.map(span)
        ])?;
        if changed == 0 {
            return Ok(None);
        }
        let tail = self.known.tails.of(self.connection, &self.known.realms, room)?;
        tail.updated_ms = tail.updated_ms.max(self.known.now_ms);
        self.known.tails.touch(room);
        // The file must say so, and what this batch has appended, before it is read.
        self.settle_tails()?;
        self.facts().room(&RoomKey::Id(room))
    }

    /// Takes a room away, and all that is in it.
    pub(super) fn drop_room(&mut self, room: RoomId) -> Result<bool, Fault> {
        self.list_upto(room, u64::MAX)?;
        for statement in [sql::MESSAGES_DROP_ROOM, sql::HISTORY_DROP_ROOM] {
            self.connection.prepare_cached(statement)?.execute([number(room.0)])?;
        }
        let dropped = self.connection.prepare_cached(sql::ROOM_DROP)?.execute([number(room.0)])?;
        self.known.tails.remove(room);
        Ok(dropped > 0)
    }

    /// Adds a member, or changes the role of one.
    pub(super) fn set_member(
        &mut self,
        room: RoomId,
        user: UserId,
        role: Role,
    ) -> Result<bool, Fault> {
        let member = (number(room.0), number(user.0), role.as_str());
        let changed = self.connection.prepare_cached(sql::MEMBER_CHANGE)?.execute(member)?;
        if changed > 0 {
            return Ok(false);
        }
        self.connection.prepare_cached(sql::MEMBER_INSERT)?.execute(member)?;
        Ok(true)
    }

    /// Takes a member out.
    pub(super) fn drop_member(&mut self, room: RoomId, user: UserId) -> Result<bool, Fault> {
        let dropped = self
            .connection
            .prepare_cached(sql::MEMBER_DROP)?
            .execute([number(room.0), number(user.0)])?;
        Ok(dropped > 0)
    }
    /// Takes a member out, and makes another one the owner.
    pub(super) fn hand_over(
        &mut self,
        room: RoomId,
        user: UserId,
        heir: UserId,
    ) -> Result<bool, Fault> {
        if !self.drop_member(room, user)? {
            return Ok(false);
        }
        self.set_member(room, heir, Role::Owner)?;
        let owner = RoomChange { owner: Some(heir), ..RoomChange::default() };
        self.change_room(room, &owner).map(|changed| changed.is_some())
    }
}
