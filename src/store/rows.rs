//! Rows to facts. The columns come in the order in which every statement of `query/` that
//! reads an account, a room or a message lists them.

use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type};

use super::columns::{read_number, read_optional};
use crate::hub::event::{Kind, Message, Person, Role, RoomKind, RoomRow};
use crate::hub::id::{MessageId, Realm, RoomId, UserId};
use crate::hub::ports::Account;
use crate::hub::text::Text;

/// The realms this process knows; what is stored of any other is not for it.
pub(super) struct Realms(pub(super) Vec<Realm>);

/// The realm of a room that a dialect of another build has made.
const UNKNOWN: Realm = Realm("unknown");

impl Realms {
    /// The realm of that name.
    pub(super) fn known(&self, name: &str) -> Option<Realm> {
        self.0.iter().copied().find(|realm| realm.0 == name)
    }

    /// The realm that a column names.
    pub(super) fn read(&self, row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Realm>> {
        Ok(self.known(row.get_ref(column)?.as_str()?))
    }
}

/// A room without its members, and whose realm they are of.
pub(super) fn room(row: &Row<'_>, realms: &Realms) -> rusqlite::Result<(RoomRow, Option<Realm>)> {
    let row_of_room = RoomRow {
        id: RoomId(read_number(row, 0)?),
        realm: realms.read(row, 1)?.unwrap_or(UNKNOWN),
        people: realms.read(row, 2)?.unwrap_or(UNKNOWN),
        number: read_number(row, 3)?,
        kind: word(row, 4, RoomKind::parse)?,
        code: row.get(5)?,
        name: row.get(6)?,
        owner: read_optional(row, 7)?.map(UserId),
        ends_ms: read_optional(row, 8)?,
        created_ms: read_number(row, 9)?,
        updated_ms: read_number(row, 10)?,
        last_seq: read_number(row, 11)?,
        members: Vec::new(),
    };
    Ok((row_of_room, realms.read(row, 2)?))
}

/// A member, as the statement `members` lists them.
pub(super) fn member(row: &Row<'_>) -> rusqlite::Result<(UserId, Role)> {
    Ok((UserId(read_number(row, 0)?), word(row, 1, Role::parse)?))
}

/// A message as its row has it: the author is but an id.
pub(super) struct Said {
    /// The message without an author.
    pub(super) message: Message,
    /// Who said it.
    pub(super) author: Option<UserId>,
    /// The realm of its author.
    pub(super) people: Option<Realm>,
}

/// A message; the realm of its room is column 11.
pub(super) fn message(row: &Row<'_>, realms: &Realms) -> rusqlite::Result<Said> {
    let message = Message {
        id: MessageId(read_number(row, 0)?),
        room: RoomId(read_number(row, 1)?),
        seq: read_number(row, 2)?,
        author: None,
        kind: word(row, 4, Kind::parse)?,
        text: Text::from_wtf8(row.get_ref(5)?.as_bytes()?),
        parent: read_optional(row, 6)?.map(MessageId),
        extra: row.get(7)?,
        created_ms: read_number(row, 8)?,
        updated_ms: read_number(row, 9)?,
    };
    Ok(Said { message, author: read_optional(row, 3)?.map(UserId), people: realms.read(row, 10)? })
}

/// An account of a realm.
pub(super) fn account(row: &Row<'_>, realm: Realm) -> rusqlite::Result<Account> {
    let person = Person {
        realm,
        id: UserId(read_number(row, 0)?),
        code: row.get(1)?,
        name: row.get(2)?,
        nickname: row.get(3)?,
        profile: row.get(4)?,
    };
    Ok(Account {
        person,
        login: row.get(5)?,
        email: row.get(6)?,
        password: row.get(7)?,
        role: row.get(8)?,
        created_ms: read_number(row, 9)?,
        updated_ms: read_number(row, 10)?,
    })
}

/// One of a few words that a column may hold.
fn word<A>(row: &Row<'_>, column: usize, parse: fn(&str) -> Option<A>) -> rusqlite::Result<A> {
    parse(row.get_ref(column)?.as_str()?).ok_or_else(|| {
        let unknown = FromSqlError::Other("a word of a later version".into());
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(unknown))
    })
}
