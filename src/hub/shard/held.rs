//! What cannot come to its room: it waits for the room to wake, or is refused.

use super::Inbox;
use crate::hub::comeback::Comeback;
use crate::hub::command::{Ask, Asker, Deed, Refusal};
use crate::hub::id::VoiceId;
use crate::hub::telling;
use crate::limits;

/// Keeps what is to be done in a room that is being woken, within bounds. Where there are too
/// many, a voice that is gone takes its joins with it: nobody would ever end what they begin.
pub(super) fn hold(held: &mut Vec<Inbox>, item: Inbox) {
    if held.len() < limits::OPENING_ASKS_MAX {
        return held.push(item);
    }
    match item {
        Inbox::Gone(_, voice, _) => held.retain(|other| !joins(other, voice)),
        item => refuse(item, Refusal::Unavailable),
    }
}

fn joins(item: &Inbox, voice: VoiceId) -> bool {
    match item {
        Inbox::Ask(_, Ask { from: Asker::Voice(who, _), deed: Deed::Join(_), .. }) => {
            who.id == voice
        }
        _ => false,
    }
}

/// Answers what cannot be brought to a room.
pub(super) fn refuse(item: Inbox, refusal: Refusal) {
    match item {
        Inbox::Ask(_, ask) => telling::refuse(ask, refusal),
        Inbox::Return(_, back) => {
            // The session may have closed; then nobody waits for the answer.
            let _ = back.reply.send(Comeback::NoSeat);
        }
        _ => {}
    }
}
