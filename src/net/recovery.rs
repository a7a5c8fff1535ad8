//! Recovery: sessions by their private id, so that a client whose transport was lost can come back.
//!
//! A session that is open is known by where it is, since its client may be back before the server
//! has noticed that it was lost; one that was lost is kept for a while with all that its client
//! needs. **Invariant:** it is taken once, by whoever has been let in as the same people.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use polylogue_protocol::sid::Sid;

use super::close::Close;
use super::connection::Connection;
use crate::hub::event::{Person, Place};
use crate::hub::id::{RoomId, VoiceId};
use crate::hub::trail::Trail;
use crate::limits;

/// See the module's head.
pub(super) struct Recovery {
    window_ms: u64,
    table: Mutex<Table>,
    /// Sessions that were kept no longer because there were too many.
    dropped: AtomicU64,
}

#[derive(Default)]
struct Table {
    /// A lookup need not take constant time: see `Registry` in [`super::engine`].
    sessions: HashMap<Sid, Kept>,
    /// When each was lost, oldest first. Some are not there any more.
    order: VecDeque<(u64, Sid)>,
    /// Those that were lost, and their seats.
    weight: usize,
    lost: usize,
}

enum Kept {
    Open(Weak<Connection>, Identity),
    Lost(Box<Lost>),
}

/// Who a session is: its namespace, as the client spelled it, and whom each dialect of the mount,
/// by its place, has let in.
pub(super) type Identity = Arc<(Arc<str>, Box<[(usize, Arc<Person>)]>)>;

/// A session that was lost.
pub(super) struct Lost {
    pub(super) sid: Sid,
    pub(super) identity: Identity,
    pub(super) grants: Vec<LostGrant>,
    pub(super) trail: Trail,
    pub(super) lost_ms: u64,
}

/// What a dialect had given it; its place is that in the identity.
pub(super) struct LostGrant {
    /// `None`: it had asked no room for anything.
    pub(super) voice: Option<VoiceId>,
    pub(super) seats: Vec<(Place, LostSeat)>,
    pub(super) here: Option<Box<Place>>,
}

/// A seat that it had asked for.
#[derive(Clone, Copy)]
pub(super) struct LostSeat {
    pub(super) room: RoomId,
    pub(super) sole: bool,
    pub(super) grace_ms: u64,
    /// The room had answered.
    pub(super) had_answer: bool,
}

impl Lost {
    fn weight(&self) -> usize {
        1 + self.grants.iter().map(|grant| grant.seats.len()).sum::<usize>()
    }
}

impl Recovery {
    /// Sessions are kept for `window_ms`.
    pub(super) fn new(window_ms: u64) -> Recovery {
        Recovery { window_ms, table: Mutex::default(), dropped: AtomicU64::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A session has opened.
    pub(super) fn opened(&self, pid: Sid, connection: &Arc<Connection>, identity: Identity) {
        self.lock().sessions.insert(pid, Kept::Open(Arc::downgrade(connection), identity));
    }

    /// A session has ended for good.
    pub(super) fn ended(&self, pid: Sid) {
        self.lock().sessions.remove(&pid);
    }

    /// A session was lost: it is kept.
    pub(super) fn lost_one(&self, pid: Sid, lost: Lost) {
        let table = &mut *self.lock();
        table.order.push_back((lost.lost_ms, pid));
        table.weight += lost.weight();
        table.lost += 1;
        table.sessions.insert(pid, Kept::Lost(Box::new(lost)));
        while table.weight > limits::LOST_SEATS_MAX || table.order.len() > limits::LOST_SEATS_MAX {
            if table.drop_oldest() {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Where a session is open, if it is. Its client may be gone all the same.
    pub(super) fn open_at(
        &self,
        pid: &str,
        is_theirs: impl Fn(&Identity) -> bool,
    ) -> Option<Arc<Connection>> {
        match self.lock().sessions.get(&Sid::parse(pid)?)? {
            Kept::Open(connection, identity) if is_theirs(identity) => connection.upgrade(),
            Kept::Open(..) | Kept::Lost(_) => None,
        }
    }

    /// Takes a session whose client is back; `None`: there is none of that id, or it is another's.
    /// One that is still open is lost now.
    pub(super) fn take(
        &self,
        pid: &str,
        is_theirs: impl Fn(&Identity) -> bool,
        now_ms: u64,
    ) -> Option<Box<Lost>> {
        let pid = Sid::parse(pid)?;
        let open = match self.lock().sessions.get(&pid)? {
            Kept::Open(connection, identity) if is_theirs(identity) => connection.upgrade(),
            Kept::Open(..) => return None,
            Kept::Lost(_) => None,
        };
        if let Some(connection) = open {
            connection.close(Close::Transport);
        }
        self.prune(now_ms);
        let table = &mut *self.lock();
        match table.sessions.get(&pid)? {
            Kept::Lost(lost) if is_theirs(&lost.identity) => table.remove(pid),
            Kept::Lost(_) | Kept::Open(..) => None,
        }
    }

    /// Forgets those whose time is over.
    pub(super) fn prune(&self, now_ms: u64) {
        let table = &mut *self.lock();
        let is_over = |(lost_ms, _): &(u64, Sid)| lost_ms + self.window_ms <= now_ms;
        while table.order.front().is_some_and(is_over) {
            table.drop_oldest();
        }
    }

    /// How many are kept.
    pub(super) fn lost(&self) -> usize {
        self.lock().lost
    }

    /// How many were kept no longer because there were too many.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

impl Table {
    /// `true`: there was one to drop.
    fn drop_oldest(&mut self) -> bool {
        let Some((oldest_ms, pid)) = self.order.pop_front() else { return false };
        match self.sessions.get(&pid) {
            Some(Kept::Lost(lost)) if lost.lost_ms == oldest_ms => self.remove(pid).is_some(),
            _ => false,
        }
    }

    fn remove(&mut self, pid: Sid) -> Option<Box<Lost>> {
        match self.sessions.remove(&pid)? {
            Kept::Open(..) => None,
            Kept::Lost(lost) => {
                self.weight -= lost.weight();
                self.lost -= 1;
                Some(lost)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Identity, Lost, LostGrant, LostSeat, Recovery};
    use crate::hub::event::{Address, Place};
    use crate::hub::id::{Realm, RoomId, VoiceId};
    use crate::hub::trail::Trail;
    use crate::limits;
    use crate::net::random;

    fn lost(lost_ms: u64, seats: usize) -> Lost {
        let seat = LostSeat { room: RoomId(1), sole: false, grace_ms: 0, had_answer: true };
        let place = |number| Place { realm: Realm("r"), address: Address::Number(number) };
        let seats: Vec<_> = (0..seats as u64).map(|one| (place(one), seat)).collect();
        let grants = vec![LostGrant { voice: Some(VoiceId(1)), seats, here: None }];
        let identity: Identity = std::sync::Arc::new(("/".into(), Box::default()));
        Lost { sid: random::sid(), identity, grants, trail: Trail::default(), lost_ms }
    }

    #[test]
    fn a_session_is_taken_once_in_time_and_by_its_own() {
        let recovery = Recovery::new(100);
        let pids = [(); 3].map(|()| random::sid());
        for (place, pid) in pids.iter().enumerate() {
            recovery.lost_one(*pid, lost(10 * place as u64, 2));
        }
        let take = |pid: usize, is_theirs: bool, now_ms| {
            recovery.take(pids[pid].as_str(), |_| is_theirs, now_ms).is_some()
        };
        assert!(recovery.take("nothing", |_| true, 30).is_none());
        assert!(!take(1, false, 30), "another's");
        assert!(take(1, true, 30), "one's own, and nobody has taken it");
        assert!(!take(1, true, 30), "twice");
        assert!(!take(0, true, 100), "too late");
        assert!(take(2, true, 119), "just in time");
        assert_eq!((recovery.lost(), recovery.dropped(), recovery.lock().weight), (0, 0, 0));
    }

    #[test]
    fn too_many_are_not_kept_and_the_oldest_go_first() {
        let recovery = Recovery::new(100);
        let pids: Vec<_> = (0..5).map(|_| random::sid()).collect();
        for pid in &pids {
            recovery.lost_one(*pid, lost(0, limits::LOST_SEATS_MAX / 4));
        }
        assert_eq!((recovery.lost(), recovery.dropped()), (3, 2));
        let is_there = |pid: &str| recovery.take(pid, |_| true, 1).is_some();
        let there: Vec<bool> = pids.iter().map(|pid| is_there(pid.as_str())).collect();
        assert_eq!(there, [false, false, true, true, true]);
    }
}
