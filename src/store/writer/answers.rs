//! The answers to one batch, held back until it is durable.

use crate::hub::id::RoomId;
use crate::hub::ports::{Fault, Receipt, Reply, Stored};

/// Sends a reply: what the item came to, or the fault that took the whole batch with it.
type Held = Box<dyn FnOnce(Option<&Fault>) + Send>;

/// Receipts by shard, each shard's in the order of its appends, and replies in order.
#[derive(Default)]
pub(in crate::store) struct Answers {
    receipts: Vec<(usize, Vec<Receipt>)>,
    replies: Vec<Held>,
    lost: Option<Fault>,
}

impl Answers {
    /// How many writes they answer.
    pub(super) fn len(&self) -> usize {
        let receipts = self.receipts.iter().map(|(_, receipts)| receipts.len());
        receipts.sum::<usize>() + self.replies.len()
    }

    /// Holds the receipt of an append.
    pub(super) fn receipt(&mut self, shard: usize, room: RoomId, outcome: Result<Stored, Fault>) {
        let receipt = Receipt {
            room,
            outcome: outcome.unwrap_or_else(Stored::Failed),
        };
        match self.receipts.iter_mut().find(|(of, _)| *of == shard) {
            Some((_, receipts)) => receipts.push(receipt),
            None => self.receipts.push((shard, vec![receipt])),
        }
    }

    /// Holds a reply.
    pub(super) fn reply<A: Send + 'static>(&mut self, reply: Reply<A>, result: Result<A, Fault>) {
        self.replies.push(Box::new(move |lost| {
            reply(lost.map_or(result, |fault| Err(fault.clone())));
        }));
    }

    /// The batch is lost: makes every answer say so.
    pub(super) fn fail(&mut self, fault: &Fault) {
        let lost = Fault::Store(match fault {
            Fault::Store(words) => words.clone(),
            other => other.to_string(),
        });
        for (_, receipts) in &mut self.receipts {
            for receipt in receipts {
                receipt.outcome = Stored::Failed(lost.clone());
            }
        }
        self.lost = Some(lost);
    }

    /// Sends them all: the receipts of each shard in one call, then the replies.
    pub(in crate::store) fn send(self, receipts: &(dyn Fn(usize, Vec<Receipt>) + Send)) {
        for (shard, of_shard) in self.receipts {
            receipts(shard, of_shard);
        }
        for reply in self.replies {
            reply(self.lost.as_ref());
        }
    }
}
