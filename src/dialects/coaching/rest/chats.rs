//! Chats: one's own, one of them, a new one.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use super::{Caller, Coaching, REALM, chat_now, done, failure_about, found, is_admin, mistaken};
use crate::dialects::coaching::form::Form;
use crate::dialects::coaching::{hear, pair};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::hub::command::{Deed, Outcome};
use crate::hub::event::{Kind, Message, Role, RoomKind, RoomRow};
use crate::hub::id::{ACCOUNTS, UserId};
use crate::hub::ports::{NewRoom, Read, Write};
use crate::hub::text::Text;

/// People in one chat.
pub(super) const PARTICIPANTS_MAX: usize = 256;

pub(super) async fn list(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let read = |reply| Read::RoomsOf(REALM, caller.who.id, reply);
    let chats = coaching.hub.ports().read(read).await;
    let chats = chats.map_err(|fault| super::unavailable(&fault))?;
    let mut newest = Vec::with_capacity(chats.len());
    for chat in &chats {
        newest.push(coaching.newest(chat).await?);
    }
    let with_newest = chats.iter().zip(&newest);
    let listed = with_newest.map(|(chat, newest)| chat_now(chat, newest.as_ref()));
    Ok(found(listed.collect::<Vec<_>>()))
}

pub(super) async fn one(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let chat = coaching.chat_of(&caller, &request).await?;
    let newest = coaching.newest(&chat).await?;
    Ok(found(chat_now(&chat, newest.as_ref())))
}

pub(super) async fn create(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let wanted = wanted(&coaching, &caller, &mut Form::of(&request)?)?;
    let room = wanted.room(&coaching, &caller).await?;
    let made = coaching.hub.ports().write(|reply| Write::OpenRoom(room, reply)).await;
    let (mut chat, is_new) = made.map_err(|fault| super::unavailable(&fault))?;
    if !is_new {
        return Err(exists(&chat));
    }
    // Whoever is told of the chat finds its first message there.
    let first = coaching.say_first(&caller, &chat, wanted.initial_message).await;
    chat.updated_ms = first.as_ref().map_or(chat.updated_ms, |first| first.created_ms);
    coaching.hub.announce(chat.clone(), &caller.who);
    Ok(done(201, "Chat created successfully", chat_now(&chat, first.as_ref())))
}

/// A chat as somebody wants it.
struct Wanted {
    name: Option<String>,
    is_group: bool,
    /// The others, each once.
    others: Vec<UserId>,
    initial_message: Option<Text>,
}

fn wanted(coaching: &Coaching, caller: &Caller, form: &mut Form<'_>) -> Result<Wanted, Response> {
    let (name, is_group) = (form.chat_name(), form.flag("is_group"));
    let users = form.users("participant_ids", PARTICIPANTS_MAX - 1);
    let initial_message = initial_message(form, coaching.message_bytes_max);
    form.check()?;
    let mut seen = HashSet::from([caller.who.id]);
    let others: Vec<UserId> =
        users.unwrap_or_default().into_iter().filter(|user| seen.insert(*user)).collect();
    let is_group = is_group.unwrap_or(others.len() > 1);
    if others.is_empty() {
        form.blame("participant_ids", "At least one other participant is required");
    } else if !is_group && others.len() > 1 {
        form.blame("participant_ids", "A direct chat has exactly one other participant");
    }
    form.check()?;
    Ok(Wanted { name, is_group, others, initial_message })
}

/// The first words, where there are any.
fn initial_message(form: &mut Form<'_>, bytes_max: usize) -> Option<Text> {
    const FIELD: &str = "initial_message";
    let Some(text) = Text::from_json(form.raw(FIELD)?) else {
        form.blame(FIELD, "Initial message must be a string");
        return None;
    };
    if let Err(words) = hear::check_length(&text, bytes_max) {
        form.blame(FIELD, words);
    }
    (!text.is_blank()).then_some(text)
}

impl Wanted {
    /// The room for it, once all who are to be in it are known to exist.
    async fn room(&self, coaching: &Coaching, caller: &Caller) -> Result<NewRoom, Response> {
        let creator = caller.who.id;
        let mut members = vec![(creator, Role::Owner)];
        for user in &self.others {
            let role = match is_admin(&coaching.user(*user).await?) {
                true => Role::Admin,
                false => Role::Member,
            };
            members.push((*user, role));
        }
        let (kind, code) = match (self.is_group, self.others.as_slice()) {
            (false, [other]) => (RoomKind::Direct, Some(pair(creator, *other))),
            _ => (RoomKind::Group, None),
        };
        Ok(NewRoom {
            realm: REALM,
            people: ACCOUNTS,
            kind,
            code,
            name: self.name.as_deref().map(Into::into),
            unique_name: false,
            owner: Some(creator),
            ends_ms: None,
            members,
        })
    }
}

impl Coaching {
    /// Says the first words in a chat. Where that fails the chat is there without them, and the
    /// response shows so.
    async fn say_first(
        &self,
        caller: &Caller,
        chat: &RoomRow,
        text: Option<Text>,
    ) -> Option<Message> {
        let deed = Deed::Say(hear::draft(Kind::Text, text?, None));
        match self.call(chat, &caller.who, deed).await {
            Ok(Outcome::Said { message, .. }) => Some(message),
            _ => None,
        }
    }
}

/// The two have their chat already: which one it is.
fn exists(chat: &RoomRow) -> Response {
    #[derive(Serialize)]
    struct Existing {
        id: u64,
        chat_id: u64,
    }
    let existing = Existing { id: chat.number, chat_id: chat.number };
    failure_about(400, "Direct chat already exists", existing)
}

/// Whether one more may come.
pub(super) fn check_room_for_one(chat: &RoomRow) -> Result<(), Response> {
    if chat.members.len() < PARTICIPANTS_MAX {
        return Ok(());
    }
    Err(mistaken("user_id", format!("A chat has at most {PARTICIPANTS_MAX} participants")))
}
