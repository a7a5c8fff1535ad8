//! Who takes part in a group: coming, being taken out, leaving.

use std::sync::Arc;

use super::chats::check_room_for_one;
use super::{Coaching, UNAVAILABLE, done, failure, gone, is_group, member, path_number, refused};
use crate::dialects::coaching::form::Form;
use crate::dialects::coaching::hear;
use crate::dialects::coaching::words::{Chat, full_name};
use crate::dialects::kit::rest::{Answer, Request, Response};
use crate::hub::command::{Amend, Deed, Outcome, Refusal};
use crate::hub::event::{Kind, Person, Role, RoomRow};
use crate::hub::id::UserId;

pub(super) async fn add(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let chat = coaching.chat_of(&caller, &request).await?;
    let mut form = Form::of(&request)?;
    let user = form.user("user_id").ok_or_else(|| form.refused())?;
    only_group(&chat, "Participants can only be added to group chats")?;
    let whom = Arc::new(coaching.user(user).await?.person);
    check_room_for_one(&chat)?;
    let words = format!("{} was added by {}", full_name(&whom), full_name(&caller.who));
    let added = coaching.amend(&chat, &caller.who, Amend::Add(whom)).await;
    let chat = added.map_err(|refusal| refused(&refusal))?;
    let chat = chat.ok_or_else(|| failure(503, UNAVAILABLE))?;
    coaching.note(&chat, &words).await;
    Ok(done(201, "Participant added successfully", Chat::of(&chat)))
}

pub(super) async fn remove(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let chat = coaching.chat(&request).await?;
    let is_admin = coaching.is_admin(&caller).await?;
    if !is_admin && member(&chat, caller.who.id).is_none() {
        return Err(refused(&Refusal::NotMember));
    }
    only_group(&chat, "Participants can only be removed from group chats")?;
    let whom = path_number(request.param(1)).and_then(|user| member(&chat, UserId(user)));
    let whom = Arc::clone(whom.ok_or_else(|| refused(&Refusal::NoSuchMember))?);
    let amend = match is_admin {
        true => Amend::Expel(whom.id),
        false => Amend::Remove(whom.id),
    };
    let words = format!("{} was removed by {}", full_name(&whom), full_name(&caller.who));
    let removed = coaching.amend(&chat, &caller.who, amend).await;
    match removed.map_err(|refusal| not_removed(&refusal, role(&chat, whom.id)))? {
        Some(chat) => {
            coaching.note(&chat, &words).await;
            Ok(done(200, "Participant removed successfully", Chat::of(&chat)))
        }
        None => Ok(gone("Participant removed successfully")),
    }
}

pub(super) async fn leave(coaching: Arc<Coaching>, request: Request) -> Answer {
    let caller = coaching.caller(&request).await?;
    let chat = coaching.chat_of(&caller, &request).await?;
    only_group(&chat, "You cannot leave a direct chat")?;
    let left = coaching.amend(&chat, &caller.who, Amend::Resign).await;
    if let Some(chat) = left.map_err(|refusal| refused(&refusal))? {
        coaching.note(&chat, &format!("{} left the chat", full_name(&caller.who))).await;
    }
    Ok(gone("You have left the chat"))
}

impl Coaching {
    /// Changes who is in a chat; `None`: nobody is left, and the chat is gone.
    async fn amend(
        &self,
        chat: &RoomRow,
        who: &Arc<Person>,
        amend: Amend,
    ) -> Result<Option<Arc<RoomRow>>, Refusal> {
        match self.ask(chat, who, Deed::Amend(amend)).await? {
            Outcome::Amended(chat) => Ok(chat),
            _ => Err(Refusal::Unavailable),
        }
    }

    /// Has a chat's history say what happened. What happened stands, said or not.
    async fn note(&self, chat: &RoomRow, words: &str) {
        // It has no author, but only somebody who takes part can ask for it.
        let Some((somebody, _)) = chat.members.first() else { return };
        let deed = Deed::Say(hear::draft(Kind::System, words.into(), None));
        if self.call(chat, somebody, deed).await.is_err() {
            tracing::warn!(chat = chat.number, "a change of participants is not in the history");
        }
    }
}

fn only_group(chat: &RoomRow, words: &str) -> Result<(), Response> {
    if is_group(chat) { Ok(()) } else { Err(failure(400, words)) }
}

/// Why not, which for the creator has words of its own.
fn not_removed(refusal: &Refusal, whose: Option<Role>) -> Response {
    match (refusal, whose) {
        (Refusal::NotOwner, Some(Role::Owner)) => {
            failure(403, "Only an admin can remove the chat creator")
        }
        _ => refused(refusal),
    }
}

fn role(chat: &RoomRow, user: UserId) -> Option<Role> {
    chat.members.iter().find(|(member, _)| member.id == user).map(|(_, role)| *role)
}
