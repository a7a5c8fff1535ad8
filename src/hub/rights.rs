//! Who may do what: the one place that decides.

use super::command::{Amend, Deed, Refusal};
use super::event::{Message, Person, Role, RoomKind, RoomRow};

/// Whether `who` may do `deed` in the room now. `is_seated`: the asking voice has a seat there,
/// or the asker is a call from outside any session, which needs none.
///
/// # Errors
/// The refusal that says why not.
pub fn may(
    deed: &Deed,
    who: &Person,
    is_seated: bool,
    room: &RoomRow,
    now_ms: u64,
) -> Result<(), Refusal> {
    match deed {
        Deed::Join(_) => not_ended(room, now_ms).and_then(|()| member(who, room)),
        Deed::Leave(_) => seated(is_seated),
        Deed::Say(_) | Deed::Typing(_) | Deed::History { .. } => {
            not_ended(room, now_ms)?;
            match room.kind {
                RoomKind::Open => seated(is_seated),
                RoomKind::Direct | RoomKind::Group => member(who, room),
            }
        }
        Deed::Amend(amend) => may_amend(amend, who, room),
        Deed::Delete(message) | Deed::Edit(message, _) => {
            member(who, room)?;
            own(who, message.as_deref())
        }
    }
}

/// Whether `who` may read what was said in the room, and know that there is such a room.
///
/// # Errors
/// The refusal that says why not.
pub fn may_read(who: &Person, room: &RoomRow) -> Result<(), Refusal> {
    member(who, room)
}

/// Who may change a room: an open one, anybody; a direct one, its members; a group's members add,
/// its owner and admins take out. Only an owner or an admin ends a room that has members.
fn may_amend(amend: &Amend, who: &Person, room: &RoomRow) -> Result<(), Refusal> {
    if !matches!(amend, Amend::Expel(_)) {
        member(who, room)?;
    }
    let is_group = room.kind == RoomKind::Group;
    let role_of = |user| {
        let found = room.members.iter().find(|(member, _)| member.id == user);
        found.map(|(_, role)| *role)
    };
    match amend {
        Amend::End(_) if room.kind != RoomKind::Open => match role_of(who.id) {
            Some(Role::Owner | Role::Admin) => Ok(()),
            _ => Err(Refusal::NotOwner),
        },
        Amend::End(_) | Amend::Rename(_) | Amend::Drop => Ok(()),
        _ if !is_group => Err(Refusal::WrongKind),
        Amend::Add(whom) if role_of(whom.id).is_some() => Err(Refusal::MemberAlready),
        Amend::Add(_) | Amend::Resign => Ok(()),
        Amend::Expel(whom) => role_of(*whom).map(drop).ok_or(Refusal::NoSuchMember),
        Amend::Remove(whom) => match (role_of(who.id), role_of(*whom)) {
            (_, None) => Err(Refusal::NoSuchMember),
            (Some(Role::Admin), _) => Ok(()),
            (Some(Role::Owner), Some(Role::Member | Role::Admin)) => Ok(()),
            _ => Err(Refusal::NotOwner),
        },
    }
}

fn not_ended(room: &RoomRow, now_ms: u64) -> Result<(), Refusal> {
    match room.ends_ms {
        Some(ends_ms) if ends_ms <= now_ms => Err(Refusal::Ended),
        _ => Ok(()),
    }
}

fn seated(is_seated: bool) -> Result<(), Refusal> {
    if is_seated { Ok(()) } else { Err(Refusal::NotIn) }
}

/// Open rooms are everybody's.
fn member(who: &Person, room: &RoomRow) -> Result<(), Refusal> {
    let is_member = room.kind == RoomKind::Open
        || room.members.iter().any(|(member, _)| member.realm == who.realm && member.id == who.id);
    if is_member { Ok(()) } else { Err(Refusal::NotMember) }
}

fn own(who: &Person, message: Option<&Message>) -> Result<(), Refusal> {
    let author = message.ok_or(Refusal::NoSuchMessage)?.author.as_ref();
    match author {
        Some(author) if author.realm == who.realm && author.id == who.id => Ok(()),
        _ => Err(Refusal::NotYours),
    }
}
