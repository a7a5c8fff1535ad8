//! What a fan-out found, for programs; [`Outcome::report`] is the same for readers.

use super::fanout::Shape;
use super::window::Spent;
use crate::latency::Percentiles;
use crate::report::{Report, per};

/// A fan-out's figures.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What was asked for.
    pub shape: Option<Shape>,
    /// Messages that were to be sent in the window.
    pub messages: u64,
    /// Deliveries that arrived in the window.
    pub deliveries: u64,
    /// Of the deliveries, whenever they came, of messages that were to be sent in the window.
    pub latency: Percentiles,
    /// The same, of the last delivery of each message: until all of the room have it.
    pub last_latency: Percentiles,
    /// Of their acks.
    pub ack_latency: Percentiles,
    /// How late messages left at a fixed rate: the generator's own share of the latency.
    pub lateness: Percentiles,
    /// The window.
    pub spent: Spent,
    /// Deliveries that never came, over the whole run.
    pub lost: u64,
    /// Deliveries that came again.
    pub duplicates: u64,
    /// Deliveries behind a later one of the same sender.
    pub late: u64,
    /// Receivers whose order is not that of most in their room.
    pub disordered_receivers: u64,
    /// Receivers whose order was compared: those that hear every sender, and lost nothing.
    pub compared_receivers: u64,
    /// Deliveries to a room they do not belong to.
    pub strays: u64,
    /// Acks that refused.
    pub refused: u64,
    /// Members whose connection the server closed.
    pub closed_clients: u64,
    /// The first words of a server that refused or closed.
    pub first_trouble: Option<String>,
}

impl Outcome {
    /// The figures to read.
    pub fn report(&self) -> Report {
        let mut report = Report::new("fanout");
        if let Some(shape) = &self.shape {
            report.figure("rooms", shape.rooms).figure("members_per_room", shape.members);
            report.figure("senders", shape.senders);
            report.figure_if("intended_messages_per_s", shape.rate_per_s);
        }
        let seconds = self.spent.seconds();
        report.figure("messages", self.messages).figure("deliveries", self.deliveries);
        report.figure_if("messages_per_s", per(self.messages as f64, seconds));
        report.figure_if("deliveries_per_s", per(self.deliveries as f64, seconds));
        report.percentiles("delivery", &self.latency);
        report.percentiles("last_delivery", &self.last_latency);
        report.percentiles("ack", &self.ack_latency);
        report.percentiles("lateness", &self.lateness);
        self.spent.report("delivery", self.deliveries, &mut report);
        report.figure("lost", self.lost).figure("duplicates", self.duplicates);
        report.figure("order_violations", self.late + self.disordered_receivers);
        report.figure("order_compared_receivers", self.compared_receivers);
        report.figure("strays", self.strays).figure("refused", self.refused);
        report.figure("closed_clients", self.closed_clients);
        if let Some(words) = &self.first_trouble {
            report.note(format!("the first refusal, error or close: {words}"));
        }
        report
    }
}
