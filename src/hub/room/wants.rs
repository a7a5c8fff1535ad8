//! What a room asks its shard to do: of the store, of other rooms, of the directory.

use crate::hub::command::{Amend, Arrival, Asker, Topic};
use crate::hub::event::Message;
use crate::hub::id::MessageId;
use crate::hub::ports::Append;
use crate::hub::telling::Ring;
use crate::hub::text::Text;

/// One thing wanted.
pub(in crate::hub) enum Want {
    /// To be written, for [`super::Room::receipt`].
    Append(Append),
    /// To be read, for [`super::Room::history`].
    History(HistoryWanted),
    /// To be written, for [`super::Room::changed`].
    Change(Change),
    /// To be written, for [`super::Room::amended`].
    Amend(Amending),
    /// To be told in another room.
    Ring(Ring),
    /// The room is gone: its name means nothing any more.
    Forget,
}

impl Want {
    /// Whether an answer comes back to the room.
    pub(super) fn is_answered(&self) -> bool {
        matches!(self, Want::History(_) | Want::Change(_) | Want::Amend(_))
    }
}

/// A stretch of the history.
pub(in crate::hub) struct HistoryWanted {
    pub(in crate::hub) upto_seq: u64,
    pub(in crate::hub) limit: u64,
    /// Only what came after it.
    pub(in crate::hub) since: Option<MessageId>,
    pub(in crate::hub) then: AfterHistory,
}

/// What the messages that were read are for.
pub(in crate::hub) struct AfterHistory {
    pub(in crate::hub) from: Asker,
    pub(in crate::hub) topic: Topic,
    /// A join; `None`: just to be told.
    pub(in crate::hub) joined: Option<Joining>,
}

/// A join whose history is being read.
#[derive(Clone, Copy)]
pub(in crate::hub) struct Joining {
    /// Whether the user was in the room before.
    pub(in crate::hub) arrival: Arrival,
    /// Which seat it was given: the voice may have left meanwhile, and have another by now.
    pub(in crate::hub) sitting: u64,
}

/// A message that loses or changes its words.
pub(in crate::hub) struct Change {
    pub(in crate::hub) message: Message,
    /// New words; `None`: it goes.
    pub(in crate::hub) text: Option<Text>,
    pub(in crate::hub) from: Asker,
    pub(in crate::hub) topic: Topic,
}

/// A change of the room itself.
pub(in crate::hub) struct Amending {
    pub(in crate::hub) amend: Amend,
    pub(in crate::hub) from: Asker,
    pub(in crate::hub) topic: Topic,
}
