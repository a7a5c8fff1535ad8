//! One sender of a fan-out: its rendered message, its counter, and what of its last message is
//! still under way.

use std::collections::VecDeque;

use crate::client::{ClientError, Sender};
use crate::stamp::Stamp;
use crate::template::Around;

/// Messages remembered for acks, for deliveries without a stamp, and for who has them last.
const SENT_MAX: usize = 65_536;

/// A message under way.
#[derive(Debug)]
struct Sent {
    intended_ns: u64,
    missing_deliveries: usize,
}

/// A sender at work.
#[derive(Debug)]
pub(super) struct Flight {
    sender: Sender,
    text: Around,
    head: String,
    stamp: Stamp,
    size_bytes: usize,
    sent: VecDeque<Sent>,
    awaited_deliveries: usize,
    awaited_ack: bool,
    ack: bool,
    packet: Vec<u8>,
}

/// What a flight is made of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) sender: Sender,
    /// `42`, with the namespace.
    pub(super) head: String,
    /// `["event",...]`, cut at the body.
    pub(super) text: Around,
    pub(super) run: u32,
    /// The sender's number in its stamps.
    pub(super) number: u32,
    pub(super) size_bytes: usize,
    pub(super) ack: bool,
}

impl Flight {
    pub(super) fn new(parts: Parts) -> Self {
        let stamp = Stamp { run: parts.run, sender: parts.number, counter: 0, intended_ns: 0 };
        Self {
            sender: parts.sender,
            text: parts.text,
            head: parts.head,
            stamp,
            size_bytes: parts.size_bytes,
            sent: VecDeque::new(),
            awaited_deliveries: 0,
            awaited_ack: false,
            ack: parts.ack,
            packet: Vec::new(),
        }
    }

    /// Sends the next message, which was to be sent at `intended_ns`, and awaits so many
    /// deliveries of it.
    pub(super) fn send(&mut self, intended_ns: u64, deliveries: usize) -> Result<(), ClientError> {
        self.stamp.counter += 1;
        self.stamp.intended_ns = intended_ns;
        if self.sent.len() == SENT_MAX {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent { intended_ns, missing_deliveries: deliveries });
        self.awaited_deliveries = deliveries;
        self.awaited_ack = self.ack;
        self.packet.clear();
        self.packet.extend_from_slice(self.head.as_bytes());
        if self.ack {
            self.packet.extend_from_slice(self.stamp.counter.to_string().as_bytes());
        }
        self.packet.extend_from_slice(self.text.before.as_bytes());
        if let Some(after) = &self.text.after {
            self.stamp.write(self.size_bytes, &mut self.packet);
            self.packet.extend_from_slice(after.as_bytes());
        }
        self.sender.send(&self.packet)
    }

    /// Messages sent.
    pub(super) fn count(&self) -> u32 {
        self.stamp.counter
    }

    /// When message `counter` was to be sent, unless that is long ago.
    pub(super) fn intended_ns(&self, counter: u32) -> Option<u64> {
        self.sent.get(self.index(counter)?).map(|sent| sent.intended_ns)
    }

    fn index(&self, counter: u32) -> Option<usize> {
        let back = self.stamp.counter.checked_sub(counter)? as usize;
        self.sent.len().checked_sub(back + 1)
    }

    /// When the last message was to be sent.
    pub(super) fn last_intended_ns(&self) -> u64 {
        self.stamp.intended_ns
    }

    /// One receiver has message `counter`. Gives whether it was the last one.
    pub(super) fn delivered(&mut self, counter: u32) -> bool {
        if counter == self.stamp.counter {
            self.awaited_deliveries = self.awaited_deliveries.saturating_sub(1);
        }
        let sent = self.index(counter).and_then(|index| self.sent.get_mut(index));
        let Some(sent) = sent.filter(|sent| sent.missing_deliveries > 0) else { return false };
        sent.missing_deliveries -= 1;
        sent.missing_deliveries == 0
    }

    /// The server acknowledged message `counter`.
    pub(super) fn acknowledged(&mut self, counter: u32) {
        if counter == self.stamp.counter {
            self.awaited_ack = false;
        }
    }

    /// Nothing of the last message is awaited any more.
    pub(super) fn is_complete(&self) -> bool {
        self.awaited_deliveries == 0 && !self.awaited_ack
    }
}
