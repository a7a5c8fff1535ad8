//! The measured window: a run's clock, when measuring began and ended, and what CPU time the
//! server and the generator used in between.

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use crate::process;
use crate::report::{Report, per};

/// A run's clock and window, shared by all its clients.
#[derive(Debug)]
pub(super) struct Window {
    start: Instant,
    from_ns: Cell<u64>,
    to_ns: Cell<u64>,
}

impl Window {
    pub(super) fn new() -> Self {
        Self { start: Instant::now(), from_ns: Cell::new(u64::MAX), to_ns: Cell::new(u64::MAX) }
    }

    /// When the run began.
    pub(super) fn start(&self) -> Instant {
        self.start
    }

    /// Since the run began.
    pub(super) fn now_ns(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    /// Whether that moment is measured.
    pub(super) fn holds(&self, moment_ns: u64) -> bool {
        moment_ns >= self.from_ns.get() && moment_ns < self.to_ns.get()
    }

    /// Lets the warm-up pass, then measures.
    pub(super) async fn measure(
        &self,
        warmup: Duration,
        measured: Duration,
        pid: Option<u32>,
    ) -> io::Result<Spent> {
        tokio::time::sleep(warmup).await;
        let before = Cpu::read(pid)?;
        self.from_ns.set(self.now_ns());
        tokio::time::sleep(measured).await;
        self.to_ns.set(self.now_ns());
        let after = Cpu::read(pid)?;
        Ok(Spent::between(before, after, self.to_ns.get() - self.from_ns.get()))
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Cpu {
    server_ns: Option<u64>,
    own_ns: u64,
}

impl Cpu {
    pub(super) fn read(pid: Option<u32>) -> io::Result<Self> {
        let server_ns = pid.map(process::cpu_ns).transpose()?;
        Ok(Self { server_ns, own_ns: process::own_cpu_ns()? })
    }
}

/// What a window took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    /// By the clock.
    pub wall_ns: u64,
    /// The server's CPU time, if its process is known.
    pub server_ns: Option<u64>,
    /// The generator's.
    pub own_ns: u64,
}

impl Spent {
    pub(super) fn between(before: Cpu, after: Cpu, wall_ns: u64) -> Self {
        let server_ns = before.server_ns.zip(after.server_ns);
        Self {
            wall_ns,
            server_ns: server_ns.map(|(before, after)| after - before),
            own_ns: after.own_ns - before.own_ns,
        }
    }

    /// The wall time in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.wall_ns as f64 / 1e9
    }

    /// Adds the CPU figures, per one of `count` of `unit`.
    pub(super) fn report(&self, unit: &str, count: u64, report: &mut Report) {
        let count = count as f64;
        let share = |cpu_ns: u64| per(cpu_ns as f64 * 100.0, self.wall_ns as f64);
        if let Some(server_ns) = self.server_ns {
            report.figure_if(&format!("server_cpu_per_{unit}_ns"), per(server_ns as f64, count));
            report.figure_if("server_cpu_percent", share(server_ns));
        }
        report.figure_if(&format!("generator_cpu_per_{unit}_ns"), per(self.own_ns as f64, count));
        report.figure_if("generator_cpu_percent", share(self.own_ns));
    }
}
