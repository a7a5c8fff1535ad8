//! The directory: which room a spelling means, and which shard it lives on.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use super::event::{Address, Place};
use super::id::{Realm, RoomId};
use super::ports::{Fault, NewRoom, Ports, Read, RoomKey, Write};
use crate::limits;

/// What the store said of names, remembered. Rooms are forgotten here when they are dropped.
pub(super) struct Directory {
    ports: Ports,
    names: RwLock<HashMap<Place, RoomId>>,
}

impl Directory {
    pub(super) fn new(ports: Ports) -> Directory {
        Directory { ports, names: RwLock::default() }
    }

    /// The room of that name.
    pub(super) async fn find(&self, place: &Place) -> Result<Option<RoomId>, Fault> {
        if let Some(id) = self.known(place) {
            return Ok(Some(id));
        }
        let row = self.ports.read(|reply| Read::Room(RoomKey::Place(place.clone()), reply)).await?;
        Ok(row.map(|row| self.remember(place, row.id)))
    }

    /// The open room of that name, made if there is none. `None`: the name is not one that a
    /// room could be made for.
    pub(super) async fn open(&self, place: &Place, people: Realm) -> Result<Option<RoomId>, Fault> {
        if let Some(id) = self.known(place) {
            return Ok(Some(id));
        }
        let Address::Code(code) = &place.address else { return self.find(place).await };
        let room = NewRoom::open(place.realm, people, code);
        let (row, _) = self.ports.write(|reply| Write::OpenRoom(room, reply)).await?;
        Ok(Some(self.remember(place, row.id)))
    }

    /// A room is gone: its names mean nothing any more.
    pub(super) fn forget(&self, room: RoomId) {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        names.retain(|_, id| *id != room);
    }

    fn known(&self, place: &Place) -> Option<RoomId> {
        if place.is_fleeting() {
            return Some(place.fleeting_id());
        }
        self.names.read().unwrap_or_else(PoisonError::into_inner).get(place).copied()
    }

    fn remember(&self, place: &Place, id: RoomId) -> RoomId {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= limits::DIRECTORY_NAMES_MAX {
            // The store knows them all; this is only to ask it less often.
            names.clear();
        }
        names.insert(place.clone(), id);
        id
    }
}
