//! An outlet that notes what it is told, and reads it back as lines.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use polylogue_protocol::frame;
use tokio::sync::Notify;

use crate::hub::id::LaneId;
use crate::hub::offset::{OFFSET, Upto};
use crate::hub::trail::{End, Trail};
use crate::hub::voice::{Delivery, Outlet};

/// See the module's head.
#[derive(Default)]
pub(super) struct Ear {
    frames: Mutex<Vec<Bytes>>,
    trail: Mutex<Trail>,
    pushed: Notify,
    pub(super) pushes: AtomicUsize,
    /// The most that left together with words for this one in front.
    pub(super) volley: AtomicUsize,
    pub(super) allowed_bytes: AtomicUsize,
    pub(super) is_behind: AtomicBool,
    pub(super) left_out: AtomicU64,
    pub(super) heard_ms: AtomicU64,
    pub(super) pings: AtomicUsize,
    pub(super) is_given_up: AtomicBool,
    pub(super) is_overrun: AtomicBool,
}

impl Ear {
    /// What was heard since the last question: the words of an event as they are, an ack as
    /// `ack <id> <argument>`, an offset as `offset <offset>`.
    pub(super) fn lines(&self) -> Vec<String> {
        let frames =
            std::mem::take(&mut *self.frames.lock().unwrap_or_else(PoisonError::into_inner));
        let walk = frames.iter().flat_map(frame::walk);
        walk.map(|(_, payload)| line(std::str::from_utf8(&payload).unwrap())).collect()
    }

    /// How far it was told of every lane.
    pub(super) fn trail(&self) -> Trail {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next lines, once there are some.
    pub(super) async fn next(&self) -> Vec<String> {
        let heard = async {
            loop {
                let lines = self.lines();
                if !lines.is_empty() {
                    return lines;
                }
                self.pushed.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.expect("something is heard in time")
    }
}

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// `42/x,["t","words"]` or `437["ok"]`.
fn line(packet: &str) -> String {
    let (head, args) = packet.split_at(packet.find('[').unwrap());
    let args: Vec<String> = serde_json::from_str(args).unwrap();
    match head.strip_prefix("43") {
        Some(id) => format!("ack {} {}", id.rsplit(',').next().unwrap(), args[0]),
        None if args[0] == OFFSET => format!("{OFFSET} {}", args[1]),
        None => args[1].clone(),
    }
}

impl Outlet for Ear {
    fn send_all(&self, deliveries: &[Delivery<'_>]) {
        self.volley.fetch_max(deliveries.len(), Ordering::Relaxed);
        deliveries.iter().for_each(Delivery::send);
    }

    fn push(&self, frames: &[Bytes]) {
        assert!(frames.iter().any(|run| !run.is_empty()), "a push of nothing");
        for run in frames {
            let mut walk = frame::walk(run);
            walk.by_ref().for_each(drop);
            assert!(walk.rest().is_empty(), "a torn frame");
        }
        self.pushes.fetch_add(1, Ordering::Relaxed);
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(frames);
        self.pushed.notify_one();
    }

    fn tell(&self, frames: &[Bytes], upto: Upto) {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).note(upto);
        if !frames.is_empty() {
            self.push(frames);
        }
    }

    fn sat(&self, lane: LaneId, from: u64) {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).sat(lane, from);
    }

    fn stood(&self, end: End) {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).stood(end);
    }

    fn allow(&self, bytes: usize) {
        self.allowed_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn leaves_out(&self, packets: u64) -> bool {
        let is_behind = self.is_behind.load(Ordering::Relaxed);
        self.left_out.fetch_add(if is_behind { packets } else { 0 }, Ordering::Relaxed);
        is_behind
    }

    fn heard_ms(&self) -> u64 {
        self.heard_ms.load(Ordering::Relaxed)
    }

    fn ping(&self) {
        self.pings.fetch_add(1, Ordering::Relaxed);
    }

    fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
    }

    fn overrun(&self) {
        self.is_overrun.store(true, Ordering::Relaxed);
    }
}
