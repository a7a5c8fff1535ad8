//! Who may come in: whoever says which user they are and, where tokens are asked for, proves it.

use std::sync::Arc;

use polylogue_protocol::eio::query;
use serde_json::json;

use super::{Conversations, claimed, tell};
use crate::dialects::kit::identify::Unidentified;
use crate::dialects::kit::token::{self, Given};
use crate::dialects::{Admission, Knock, Refused, Welcome};
use crate::hub::command::{Command, Deed, Join, Topic};
use crate::hub::event::{Place, RoomRow};
use crate::hub::id::UserId;
use crate::hub::ports::{Fault, Read};

/// How long a user whose last socket has closed still counts as online, in ms.
const GRACE_MS: u64 = 3_000;

/// `userId` stands in the query of the HTTP request; a token in `auth.token` or the headers.
pub(super) async fn admit(chat: &Conversations, knock: &Knock<'_>) -> Admission {
    let Some(user) = user_id(knock.query) else { return refused("userId is required") };
    let (who, expires_ms) = match &chat.identifier {
        None => (Arc::new(claimed(user)), None),
        Some(identifier) => {
            let Given::Token(token) = token::given(knock) else { return refused("Unauthorized") };
            match identifier.identify_knock(knock, token).await {
                Ok(found) if found.who.id == UserId(user) => (found.who, found.expires_ms),
                Err(Unidentified::Fault(fault)) => return unavailable(&fault),
                _ => return refused("Unauthorized"),
            }
        }
    };
    let contacts = match chat.for_contacts {
        true => match contacts(chat, who.id).await {
            Ok(contacts) => Some(contacts),
            Err(fault) => return unavailable(&fault),
        },
        false => None,
    };
    let realm = chat.realms.rooms;
    let personal = Place::personal(realm, who.id);
    let then = vec![
        join(personal, Join { create: true, ..Join::default() }),
        join(Place::lobby(realm), presence(contacts)),
    ];
    Admission::Welcome(Welcome { who, expires_ms, then })
}

/// Where presence is for contacts alone: the two of a conversation that was made or deleted have
/// others to be told of from now on.
pub(super) async fn renew_contacts(chat: &Conversations, row: &RoomRow) -> Result<(), Fault> {
    let lobby = Place::lobby(chat.realms.rooms);
    let Some(room) = chat.hub.find(&lobby).await?.filter(|_| chat.for_contacts) else {
        return Ok(());
    };
    for (member, _) in &row.members {
        let contacts = contacts(chat, member.id).await?;
        let deed = Deed::Join(presence(Some(contacts)));
        let topic = Topic::Room(lobby.clone());
        // A room without a row refuses nobody; a hub that is stopping has nobody to tell.
        let _ = chat.hub.call(room, Arc::clone(member), topic, deed).await;
    }
    Ok(())
}

/// A seat in the room of all sockets.
fn presence(contacts: Option<Arc<[UserId]>>) -> Join {
    Join { create: true, grace_ms: GRACE_MS, contacts, ..Join::default() }
}

/// The last `userId` of a query: a whole number from 1.
fn user_id(query: &str) -> Option<u64> {
    let last = query::pairs(query).filter(|(key, _)| key == "userId").last();
    let (_, digits) = last?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_plain)?;
    (1..1 << 53).contains(&number).then_some(number)
}

/// Everybody who shares a conversation with somebody.
async fn contacts(chat: &Conversations, user: UserId) -> Result<Arc<[UserId]>, Fault> {
    let read = |reply| Read::RoomsOf(chat.realms.rooms, user, reply);
    let rooms = chat.hub.ports().read(read).await?;
    let others = rooms.iter().flat_map(|room| &room.members).map(|(member, _)| member.id);
    Ok(others.filter(|other| *other != user).collect())
}

fn join(place: Place, join: Join) -> Command {
    Command { topic: Topic::Room(place), deed: Deed::Join(join) }
}

fn refused(words: &str) -> Admission {
    Admission::Refused(Refused { payload: json!({ "message": words }).to_string(), precedence: 0 })
}

fn unavailable(fault: &Fault) -> Admission {
    tracing::error!(%fault, "somebody could not be let in");
    refused(tell::UNAVAILABLE)
}

#[cfg(test)]
mod tests {
    use super::user_id;

    #[test]
    fn a_user_is_a_whole_number_from_1() {
        assert_eq!(user_id("EIO=4&userId=7&transport=polling"), Some(7));
        assert_eq!(user_id("userId=1&userId=%32"), Some(2));
        for query in [
            "",
            "userid=1",
            "userId=",
            "userId=0",
            "userId=-1",
            "userId=+1",
            "userId=1.5",
            "userId=abc",
            "userId=NaN",
            "userId=9007199254740992",
            "userId=99999999999999999999999",
            "userId=1&userId=x",
        ] {
            assert_eq!(user_id(query), None, "{query}");
        }
    }
}
