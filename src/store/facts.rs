//! Reading facts through any connection: the readers answer with them, and the writer where
//! an answer tells what a row was or became.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Params, params};

use super::columns::{number, read_number, span};
use super::limits::ANSWER_ROWS_MAX;
use super::rows::{self, Realms, Said};
use super::sql;
use super::unlisted::Unlisted;
use crate::hub::event::{Address, Message, Person, RoomRow};
use crate::hub::id::{MessageId, Realm, RoomId, UserId};
use crate::hub::ports::{Account, AccountKey, Fault, RoomKey, Stretch};

/// One look at the store. Every person is read once, however often they spoke.
pub(super) struct Facts<'c> {
    connection: &'c Connection,
    realms: &'c Realms,
    people: HashMap<(Realm, UserId), Option<Arc<Person>>>,
}

impl<'c> Facts<'c> {
    /// Looks through a connection.
    pub(super) fn new(connection: &'c Connection, realms: &'c Realms) -> Facts<'c> {
        Facts { connection, realms, people: HashMap::new() }
    }

    /// A room with its members.
    pub(super) fn room(&mut self, key: &RoomKey) -> Result<Option<RoomRow>, Fault> {
        let found = match key {
            RoomKey::Id(id) => self.rooms_where(sql::ROOM_BY_ID, params![number(id.0)])?,
            RoomKey::Place(place) => {
                let realm = place.realm.0;
                match &place.address {
                    Address::Code(code) => {
                        self.rooms_where(sql::ROOM_BY_CODE, params![realm, code])?
                    }
                    Address::Number(at) => {
                        self.rooms_where(sql::ROOM_BY_NUMBER, params![realm, number(*at)])?
                    }
                    Address::Personal(_) | Address::Lobby => Vec::new(),
                }
            }
        };
        Ok(found.into_iter().next())
    }

    /// A page of a realm's rooms, and how many there are.
    pub(super) fn rooms(
        &mut self,
        realm: Realm,
        skip: u64,
        limit: u64,
    ) -> Result<(Vec<RoomRow>, u64), Fault> {
        let page = params![realm.0, rows_at_most(limit), span(skip)];
        let rooms = self.rooms_where(sql::ROOMS, page)?;
        Ok((rooms, self.count(sql::ROOMS_COUNT, realm)?))
    }

    /// A user's rooms, by last activity.
    pub(super) fn rooms_of(&mut self, realm: Realm, user: UserId) -> Result<Vec<RoomRow>, Fault> {
        let whose = params![realm.0, number(user.0), span(ANSWER_ROWS_MAX)];
        self.rooms_where(sql::ROOMS_OF, whose)
    }

    /// A stretch of a room's history, and how many messages the room has, or has had since.
    pub(super) fn stretch(
        &mut self,
        stretch: &Stretch,
        end: &RoomEnd,
    ) -> Result<(Vec<Message>, u64), Fault> {
        let after = match stretch.since {
            Some(id) => self.seq_upto(stretch.room, id, end)?,
            None => 0,
        };
        let since = end.unlisted.iter().rev().take_while(|message| message.seq > after);
        let unlisted = since.clone().count() as u64;
        let wanted = since.filter(|message| message.seq <= stretch.upto_seq);
        let of_end = wanted.clone().count() as u64;

        let limit = stretch.limit.min(ANSWER_ROWS_MAX);
        let mut messages = Vec::new();
        for message in wanted.skip(at_most_usize(stretch.skip)).take(at_most_usize(limit)) {
            messages.extend(self.message(message.id)?);
        }
        let room = number(stretch.room.0);
        let left = limit - (messages.len() as u64).min(limit);
        let upto_seq = stretch.upto_seq.min(end.listed_seq());
        if left > 0 && upto_seq > after {
            let skip = span(stretch.skip.saturating_sub(of_end));
            let listed = params![room, number(after), span(upto_seq), span(left), skip];
            messages.append(&mut self.messages_where(sql::MESSAGES, listed)?);
        }
        let total = match stretch.since {
            Some(_) => {
                let listed = params![room, number(after), span(end.listed_seq())];
                unlisted + self.number_where(sql::MESSAGES_AFTER, listed)?
            }
            None => end.messages,
        };
        Ok((messages, total))
    }

    /// The place of a room's newest message with an id up to this one; 0 before the first.
    fn seq_upto(&self, room: RoomId, id: MessageId, end: &RoomEnd) -> Result<u64, Fault> {
        match end.unlisted.iter().rev().find(|message| message.id <= id) {
            Some(message) => Ok(message.seq),
            None => {
                let of_room = params![number(room.0), span(id.0)];
                self.number_where(sql::MESSAGE_SEQ_UP_TO, of_room)
            }
        }
    }

    /// A page of all messages of a realm's rooms, and how many there are.
    pub(super) fn realm_messages(
        &mut self,
        realm: Realm,
        skip: u64,
        limit: u64,
    ) -> Result<(Vec<Message>, u64), Fault> {
        let (total, everywhere) = self
            .connection
            .prepare_cached(sql::MESSAGES_COUNT)?
            .query_row([realm.0], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
        let statement = if total >= everywhere / 2 {
            sql::MESSAGES_OF_REALM_DENSE
        } else {
            sql::MESSAGES_OF_REALM_SPARSE
        };
        let page = params![realm.0, rows_at_most(limit), span(skip)];
        let messages = self.messages_where(statement, page)?;
        Ok((messages, total.cast_unsigned()))
    }

    /// One message.
    pub(super) fn message(&mut self, id: MessageId) -> Result<Option<Message>, Fault> {
        let found = self.messages_where(sql::MESSAGE_BY_ID, params![number(id.0)])?;
        Ok(found.into_iter().next())
    }

    /// One message, and the realm of its room.
    pub(super) fn message_and_realm(
        &mut self,
        id: MessageId,
    ) -> Result<Option<(Message, String)>, Fault> {
        let found = self
            .connection
            .prepare_cached(sql::MESSAGE_BY_ID)?
            .query_row([number(id.0)], |row| Ok((rows::message(row, self.realms)?, row.get(11)?)))
            .optional()?;
        let Some((said, realm)) = found else {
            return Ok(None);
        };
        Ok(Some((self.attributed(said)?, realm)))
    }

    /// One account.
    pub(super) fn account(&self, realm: Realm, key: &AccountKey) -> Result<Option<Account>, Fault> {
        let found = match key {
            AccountKey::Id(id) => {
                self.accounts_where(sql::ACCOUNT_BY_ID, realm, params![realm.0, number(id.0)])
            }
            AccountKey::Code(code) => {
                self.accounts_where(sql::ACCOUNT_BY_CODE, realm, params![realm.0, code])
            }
            AccountKey::Login(login) => {
                self.accounts_where(sql::ACCOUNT_BY_LOGIN, realm, params![realm.0, login])
            }
            AccountKey::Email(email) => {
                self.accounts_where(sql::ACCOUNT_BY_EMAIL, realm, params![realm.0, email])
            }
        };
        Ok(found?.into_iter().next())
    }

    /// A page of a realm's accounts, and how many there are.
    pub(super) fn accounts(
        &self,
        realm: Realm,
        skip: u64,
        limit: u64,
    ) -> Result<(Vec<Account>, u64), Fault> {
        let page = params![realm.0, rows_at_most(limit), span(skip)];
        let accounts = self.accounts_where(sql::ACCOUNTS, realm, page)?;
        Ok((accounts, self.count(sql::ACCOUNTS_COUNT, realm)?))
    }

    /// What others see of somebody: their account; for who has none a name made of the id;
    /// nobody where the account was taken away.
    fn person(&mut self, realm: Realm, id: UserId) -> Result<Option<Arc<Person>>, Fault> {
        if let Some(known) = self.people.get(&(realm, id)) {
            return Ok(known.clone());
        }
        let who = (realm.0, number(id.0));
        let stored = self
            .connection
            .prepare_cached(sql::PERSON_BY_ID)?
            .query_row(who, |row| {
                Ok(Person {
                    realm,
                    id,
                    code: row.get(0)?,
                    name: row.get(1)?,
                    nickname: row.get(2)?,
                    profile: row.get(3)?,
                })
            })
            .optional()?;
        let person = match stored {
            Some(person) => Some(person),
            None => {
                let mut departed = self.connection.prepare_cached(sql::DEPARTED_BY_ID)?;
                (!departed.exists(who)?).then(|| unstored(realm, id))
            }
        };
        let person = person.map(Arc::new);
        self.people.insert((realm, id), person.clone());
        Ok(person)
    }

    fn rooms_where(&mut self, sql: &str, params: impl Params) -> Result<Vec<RoomRow>, Fault> {
        let found = self
            .connection
            .prepare_cached(sql)?
            .query_map(params, |row| rows::room(row, self.realms))?
            .collect::<Result<Vec<_>, _>>()?;
        found
            .into_iter()
            .map(|(mut room, people)| {
                if let Some(people) = people {
                    self.seat(&mut room, people)?;
                }
                Ok(room)
            })
            .collect()
    }

    /// Puts a room's members into it.
    fn seat(&mut self, room: &mut RoomRow, people: Realm) -> Result<(), Fault> {
        let members = self
            .connection
            .prepare_cached(sql::MEMBERS)?
            .query_map((number(room.id.0), span(ANSWER_ROWS_MAX)), rows::member)?
            .collect::<Result<Vec<_>, _>>()?;
        for (user, role) in members {
            if let Some(person) = self.person(people, user)? {
                room.members.push((person, role));
            }
        }
        Ok(())
    }

    fn messages_where(&mut self, sql: &str, params: impl Params) -> Result<Vec<Message>, Fault> {
        let found = self
            .connection
            .prepare_cached(sql)?
            .query_map(params, |row| rows::message(row, self.realms))?
            .collect::<Result<Vec<_>, _>>()?;
        found.into_iter().map(|said| self.attributed(said)).collect()
    }

    /// The message with its author as a person.
    fn attributed(&mut self, said: Said) -> Result<Message, Fault> {
        let mut message = said.message;
        if let (Some(people), Some(author)) = (said.people, said.author) {
            message.author = self.person(people, author)?;
        }
        Ok(message)
    }

    fn accounts_where(
        &self,
        sql: &str,
        realm: Realm,
        params: impl Params,
    ) -> Result<Vec<Account>, Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement.query_map(params, |row| rows::account(row, realm))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn count(&self, sql: &str, realm: Realm) -> Result<u64, Fault> {
        self.number_where(sql, [realm.0])
    }

    /// The one number that a statement finds.
    fn number_where(&self, sql: &str, params: impl Params) -> Result<u64, Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let number: i64 = statement.query_row(params, |row| row.get(0))?;
        Ok(number.cast_unsigned())
    }

    /// Whether there is such a message.
    pub(super) fn has_message(&self, id: MessageId) -> Result<bool, Fault> {
        Ok(self.connection.prepare_cached(sql::MESSAGE_BY_ID)?.exists([number(id.0)])?)
    }

    /// The last place a room has given out, and how many messages it has; 0 where it is not.
    pub(super) fn last_seq_and_messages(&self, room: RoomId) -> Result<(u64, u64), Fault> {
        let tail = self
            .connection
            .prepare_cached(sql::TAIL_BY_ROOM)?
            .query_row([number(room.0)], |row| Ok((read_number(row, 1)?, read_number(row, 2)?)))
            .optional()?;
        Ok(tail.unwrap_or_default())
    }
}

/// How a room ends in one snapshot.
pub(super) struct RoomEnd {
    /// The messages that its history does not list, oldest first: its newest.
    pub(super) unlisted: Vec<Unlisted>,
    /// How many messages there are in all.
    pub(super) messages: u64,
}

impl RoomEnd {
    /// Up to which place the history has what is not unlisted.
    fn listed_seq(&self) -> u64 {
        self.unlisted.first().map_or(u64::MAX, |first| first.seq.saturating_sub(1))
    }
}

/// Somebody who is nobody's account.
fn unstored(realm: Realm, id: UserId) -> Person {
    Person {
        realm,
        id,
        code: None,
        name: format!("user_{id}").into(),
        nickname: None,
        profile: None,
    }
}

/// How many rows an answer to `limit` may have.
fn rows_at_most(limit: u64) -> i64 {
    span(limit.min(ANSWER_ROWS_MAX))
}

fn at_most_usize(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
