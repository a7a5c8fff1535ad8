//! Idle: connections that do nothing but answer heartbeats. What the server's memory grew by,
//! over their number, is what one costs; what CPU it uses meanwhile is the heartbeat's price.

use std::rc::Rc;

use super::crowd::Crowd;
use super::window::Window;
use super::{Failure, Plan};
use crate::process::{self, Memory};
use crate::report::{Report, per};

/// Opens `clients` clients and holds them for the plan's time.
pub(super) async fn run(plan: &Plan, clients: usize) -> Result<Report, Failure> {
    let crowd = Rc::new(Crowd::gather(plan, 1, clients)?);
    let window = Rc::new(Window::new());
    let before = plan.pid.map(process::memory).transpose()?;
    let mut opened = crowd.open_all(&window).await;
    let connects = opened.latency.percentiles().count;
    // The warm-up lets what opening needed be given back.
    let spent = window.measure(plan.warmup, plan.measured, plan.pid).await?;
    let after = plan.pid.map(process::memory).transpose()?;
    let mut closed = 0u64;
    let mut first_close = None;
    while let Some(ended) = opened.alive.try_join_next() {
        closed += 1;
        first_close.get_or_insert(ended.map_err(std::io::Error::other)?);
    }
    let mut report = Report::new("idle");
    report.figure("clients", clients).figure("connected", connects - closed);
    if let Some((before, after)) = before.zip(after) {
        grown(before, after, connects - closed, &mut report);
    }
    spent.report("connection", connects - closed, &mut report);
    report.figure("failed", opened.failed).figure("closed_clients", closed);
    if let Some(error) = opened.first_failure.or(first_close) {
        report.note(format!("the first failure: {error}"));
    }
    Ok(report)
}

fn grown(before: Memory, after: Memory, connections: u64, report: &mut Report) {
    let each = |before: u64, after: u64| per(after as f64 - before as f64, connections as f64);
    report.figure("rss_before_bytes", before.rss_bytes);
    report.figure("rss_after_bytes", after.rss_bytes);
    report.figure_if("rss_per_connection_bytes", each(before.rss_bytes, after.rss_bytes));
    if let Some((before, after)) = before.private_bytes.zip(after.private_bytes) {
        report.figure_if("private_per_connection_bytes", each(before, after));
    }
}
