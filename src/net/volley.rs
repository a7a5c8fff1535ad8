//! What goes to many at once: the same words, mostly, to everybody in a room, or in each of a few
//! small ones.
//!
//! Outboxes that have nothing waiting are locked one after the other and what goes to their
//! sockets is collected; then the [`ring`] sends it in one system call. All else, and whatever a
//! socket did not take, goes the outbox's usual way.
//!
//! **Invariant:** while outboxes are locked here, no other lock is waited for. Two volleys that
//! meet cannot stop each other, and who is told twice hears the first words first.

use std::any::Any;

use super::backlog::Overrun;
use super::connection::Connection;
use super::outbox::{Aim, Aimed};
use super::ring::{self, Shot};
use crate::hub::voice::Delivery;
use crate::limits;

/// Locked outboxes.
#[derive(Default)]
struct Volley<'a>(Vec<(&'a Connection, Aimed<'a>)>);

/// Sends words to several connections.
pub(super) fn send(deliveries: &[Delivery<'_>]) {
    if deliveries.len() < limits::VOLLEY_MIN || !ring::is_there() {
        return deliveries.iter().for_each(Delivery::send);
    }
    let mut volley = Volley(Vec::with_capacity(deliveries.len().min(limits::VOLLEY_MAX)));
    for delivery in deliveries {
        volley.add(delivery);
    }
    volley.fire();
}

impl<'a> Volley<'a> {
    fn add(&mut self, delivery: &Delivery<'a>) {
        let Some(connection) = (delivery.to as &dyn Any).downcast_ref::<Connection>() else {
            self.fire();
            return delivery.send();
        };
        match connection.outbox.aim(delivery.frames, delivery.upto) {
            Aim::At(aimed) => self.0.push((connection, aimed)),
            Aim::Done(Ok(())) => {}
            Aim::Done(Err(overrun)) => {
                self.fire();
                connection.close(overrun.into());
            }
            Aim::Busy => {
                self.fire();
                delivery.send();
            }
        }
        if self.0.len() == limits::VOLLEY_MAX {
            self.fire();
        }
    }

    /// Sends what was collected and unlocks the outboxes.
    fn fire(&mut self) {
        if self.0.is_empty() {
            return;
        }
        let mut taken = [0; limits::VOLLEY_MAX];
        let mut shots = Vec::with_capacity(self.0.len());
        for (place, (_, aimed)) in self.0.iter().enumerate() {
            if let Some((writer, bytes)) = aimed.shot() {
                shots.push(Shot { place, socket: writer.socket(), bytes });
            }
        }
        ring::send_all(&shots, &mut taken);
        drop(shots);
        let land = |((connection, aimed), taken): ((&'a Connection, Aimed<'a>), usize)| {
            let overrun = aimed.land(taken).err()?;
            Some((connection, overrun))
        };
        let overrun: Vec<(&Connection, Overrun)> =
            self.0.drain(..).zip(taken).filter_map(land).collect();
        for (connection, overrun) in overrun {
            connection.close(overrun.into());
        }
    }
}
