//! Comebacks: a session that lost its transport asks the rooms it sat in to take it in again.
//!
//! Speaks for the sessions to the rooms. A room answers a [`Return`] once; what it tells from then
//! on it holds back until the session says that all of its rooms have taken it in, or leaves.

use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame::Frames;
use tokio::sync::oneshot;

use super::id::{UserId, VoiceId};
use super::offset::{self, Offset, Upto};
use super::trail::Heard;
use super::voice::{Outlet, Voice};

/// How a voice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// For good.
    Left,
    /// Its transport was lost: another may come back in its place.
    Lost,
    /// It came back to this room, but not to all of its rooms: what waits for it is not sent.
    Undone,
}

/// A voice that comes in the place of one that was lost.
pub struct Return {
    /// The new voice.
    pub voice: Arc<Voice>,
    /// The one that was lost.
    pub was: VoiceId,
    /// How far each of its lanes was heard.
    pub heard: Arc<Heard>,
    /// See [`super::command::Join::sole`].
    pub sole: bool,
    /// See [`super::command::Join::grace_ms`].
    pub grace_ms: u64,
    /// See [`super::command::Join::contacts`].
    pub contacts: Option<Arc<[UserId]>>,
    /// Where the room answers.
    pub reply: oneshot::Sender<Comeback>,
}

/// A room's answer.
#[derive(Debug)]
pub enum Comeback {
    /// The voice has its seat; what is told from now on is held back.
    Seated(Replay),
    /// The lost voice had no seat here any more.
    NoSeat,
    /// It cannot come back: it has no right to, or too much was told meanwhile.
    Refused,
}

/// What a voice missed in a room.
#[derive(Debug)]
pub struct Replay {
    /// What was told, oldest first.
    pub missed: Vec<Missed>,
    /// How far the room was heard once that has been heard.
    pub offset: Offset,
}

/// One event that was missed.
#[derive(Debug)]
pub struct Missed {
    /// Its place among all that was told in any room.
    pub stamp: u64,
    /// Whole sealed frames.
    pub words: Bytes,
}

/// The words for a client that comes back to rooms that have seated it: all that it missed, in the
/// order in which it was told, between an opening and one offset. The outlet notes how far that is.
///
/// A stock client hears of no offset before CONNECT is answered, but keeps what came, and tells it
/// with what comes next time. So whoever is cut off in between, with an offset from before, may
/// have heard any part: of what is told here nothing is remembered but its end.
pub fn resume<'a>(
    outlet: &dyn Outlet,
    namespace: &str,
    replays: impl Iterator<Item = &'a Replay> + Clone,
) -> Vec<Bytes> {
    let mut missed: Vec<&Missed> = replays.clone().flat_map(|one| &one.missed).collect();
    missed.sort_by_key(|missed| missed.stamp);
    let last = replays.clone().last().filter(|_| !missed.is_empty());
    let Some(Replay { offset: last, .. }) = last else {
        replays.for_each(|one| outlet.sat(one.offset.lane, one.offset.position));
        return Vec::new();
    };
    for Replay { offset, .. } in replays {
        outlet.tell(&[], Upto { offset: *offset, joined: Some(offset.position) });
    }
    let (mut opening, mut end) = (Frames::new(), Frames::new());
    offset::write_opening(namespace, &mut opening);
    last.write(namespace, &mut end);
    let missed = missed.into_iter().map(|missed| missed.words.clone());
    std::iter::once(opening.seal()).chain(missed).chain(std::iter::once(end.seal())).collect()
}
