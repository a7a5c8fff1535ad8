//! Connect: a storm of handshakes, each up to CONNECT's answer, so many at a time. All stay open
//! to the end, as they do after a server's restart.

use std::rc::Rc;

use super::crowd::Crowd;
use super::window::{Cpu, Spent, Window};
use super::{Failure, Plan};
use crate::report::Report;

/// Opens `clients` clients.
pub(super) async fn run(plan: &Plan, clients: usize) -> Result<Report, Failure> {
    let crowd = Rc::new(Crowd::gather(plan, 1, clients)?);
    let window = Rc::new(Window::new());
    let before = Cpu::read(plan.pid)?;
    let start_ns = window.now_ns();
    let opened = crowd.open_all(&window).await;
    let wall_ns = window.now_ns() - start_ns;
    let spent = Spent::between(before, Cpu::read(plan.pid)?, wall_ns);
    let percentiles = opened.latency.percentiles();
    let mut report = Report::new("connect");
    report.figure("clients", clients).figure("connects", percentiles.count);
    report.figure("opening_at_once", plan.opening_at_once);
    report.figure("seconds", spent.seconds());
    report.figure("connects_per_s", percentiles.count as f64 / spent.seconds());
    report.percentiles("connect", &percentiles);
    spent.report("connect", percentiles.count, &mut report);
    report.figure("failed", opened.failed);
    if let Some(error) = &opened.first_failure {
        report.note(format!("the first failure: {error}"));
    }
    Ok(report)
}
