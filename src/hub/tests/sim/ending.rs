//! How a schedule ends: all that is on its way arrives, and then nothing may be left to do.

use super::seen::Seen;
use super::world::World;
use crate::hub::event::{Role, RoomKind};
use crate::limits;

impl World {
    /// Brings everything to its end, and checks what must hold then.
    pub(super) fn finish(mut self) -> Seen {
        self.note(|| "all comes to its end".into());
        self.end_losses();
        self.drain();
        assert_eq!(self.room.burden(), [0; 5], "something is left to do");
        for one in self.voices.iter().filter(|one| !one.is_stuck) {
            let id = one.guest.voice.id;
            assert!(one.pending.is_empty(), "{id} waits for {:?}", one.pending.keys());
        }
        for call in &mut self.calls {
            assert!(call.try_recv().is_ok(), "a call was not answered");
        }
        self.check_members();
        for place in 0..self.voices.len() {
            if self.voices[place].is_connected {
                self.disconnect(place);
            }
        }
        self.drain();
        assert_eq!(self.present(), [0_u64; 0], "nobody is left");
        self.tick(self.window_ms + 1);
        self.now.up_ms += limits::ROOM_IDLE_MS;
        assert!(self.room.is_idle(self.now), "the room can be forgotten");
        self.seen
    }

    fn drain(&mut self) {
        for _ in 0..20 {
            self.commit(1_000, false);
            while self.output() {}
            while self.read(false) {}
            self.settle();
            self.listen();
            self.tick(limits::TYPING_MS);
        }
        self.settle();
        self.listen();
    }

    /// What the room knows of its members is what the store knows.
    fn check_members(&self) {
        if self.kind != RoomKind::Group || self.store.is_dropped {
            return;
        }
        let row = self.room.row();
        let members = row.members.iter().map(|(member, role)| (member.id.0, *role));
        let members: Vec<_> = members.collect();
        let ids = |of: &[(u64, Role)]| of.iter().map(|(member, _)| *member).collect::<Vec<_>>();
        assert_eq!(ids(&members), ids(&self.store.members));
        // An owner's resignation is three writes, of which a store that fails may do only some.
        if self.store.room_faults == 0 {
            assert_eq!(members, self.store.members);
            assert_eq!(row.owner.map(|owner| owner.0), self.store.owner);
        }
        assert!(!members.is_empty(), "a group without members goes");
    }
}
