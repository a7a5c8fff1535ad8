//! What an endpoint counts, and how it is shown: Prometheus's text format, version 0.0.4.
//!
//! Numbers and the names of reasons, nothing that a client has said: no label is a user's.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::StatusCode;
use tokio::runtime::Handle;

use super::close::Close;
use super::intake;
use super::listener::Site;
use super::recovery::Recovery;
use crate::hub::refusals;
use crate::passwords;

/// What has happened on an endpoint since it began.
#[derive(Default)]
pub(super) struct Counters {
    /// Connections that were opened.
    pub(super) opened: Counter,
    /// Sessions that are open.
    pub(super) sessions: Gauge,
    /// Events whose name no dialect listens to.
    pub(super) unknown_events: Counter,
    /// CONNECT packets that were answered with CONNECT_ERROR.
    pub(super) refused_connects: Counter,
    /// Times a connection had to rest because it was over its event rate.
    pub(super) rests: Counter,
    /// Volatile packets that a receiver who was behind was not told.
    pub(super) volatile_dropped: Counter,
    /// CONNECT packets that asked for a session that was lost, and got it.
    pub(super) recovered: Counter,
    /// The same that got a new session.
    pub(super) not_recovered: Counter,
    closes: [Counter; Close::ALL.len()],
}

/// HTTP answers that say no, of a whole site.
#[derive(Default)]
pub struct Answers([Counter; STATUSES.len()]);

/// The statuses that are counted.
const STATUSES: [u16; 12] = [400, 401, 403, 404, 405, 408, 413, 415, 422, 429, 431, 503];

impl Answers {
    /// Counts an answer, where it says no.
    pub(super) fn count(&self, status: StatusCode) {
        let place = STATUSES.iter().position(|one| *one == status.as_u16());
        if let Some(place) = place {
            self.0[place].add_one();
        }
    }

    /// The same for a head that never became a request: hyper has answered it, or given it up.
    pub(super) fn count_head(&self, ended: &hyper::Result<()>) {
        match ended {
            Err(error) if error.is_parse_too_large() => {
                self.count(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
            }
            Err(error) if error.is_parse() => self.count(StatusCode::BAD_REQUEST),
            Err(error) if error.is_timeout() => self.count(StatusCode::REQUEST_TIMEOUT),
            _ => {}
        }
    }
}

/// A number that only grows.
#[derive(Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add_one(&self) {
        self.add(1);
    }

    pub(super) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that rises and falls.
#[derive(Default)]
pub(super) struct Gauge(AtomicU64);

impl Gauge {
    pub(super) fn rise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn fall(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// A connection has ended.
    pub(super) fn closed(&self, reason: Close) {
        let place = Close::ALL.iter().position(|one| one.as_str() == reason.as_str());
        if let Some(place) = place {
            self.closes[place].add_one();
        }
    }
}

/// The content type of [`metrics`].
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All that is counted on a site, its endpoints taken together.
pub(super) fn metrics(site: &Site) -> String {
    let engines = || site.engines.iter().map(|(_, engine)| engine);
    let sum = |pick: fn(&Counters) -> &Counter| -> u64 {
        engines().map(|engine| pick(&engine.counters).value()).sum()
    };
    let closes = Close::ALL.iter().enumerate().map(|(place, reason)| {
        let count = engines().map(|engine| engine.counters.closes[place].value()).sum();
        (reason.as_str(), count)
    });
    let mut page = Page(String::new());
    let open: usize = engines().map(|engine| engine.connections()).sum();
    page.gauge("connections", "Engine.IO connections that are open.", open as u64);
    let sessions = engines().map(|engine| engine.counters.sessions.value()).sum();
    page.gauge("sessions", "Namespaces joined on the connections that are open.", sessions);
    let rooms: usize = engines().map(|engine| engine.rooms()).sum();
    page.gauge("rooms_awake", "Rooms in memory.", rooms as u64);
    let tasks = Handle::current().metrics().num_alive_tasks();
    page.gauge("tasks", "Tasks at work or waiting.", tasks as u64);
    page.counter("connections_opened_total", "Connections opened.", sum(|all| &all.opened));
    page.family("connections_closed_total", "counter", "Connections closed, by reason.");
    closes.for_each(|(reason, count)| {
        page.sample("connections_closed_total", Some(("reason", reason)), count);
    });
    let unknown = sum(|all| &all.unknown_events);
    page.counter("unknown_events_total", "Events that no dialect listens to.", unknown);
    let refused = sum(|all| &all.refused_connects);
    page.counter("refused_connects_total", "CONNECT packets that were refused.", refused);
    let rests = sum(|all| &all.rests);
    page.counter("rests_total", "Times a connection over its event rate was left unread.", rests);
    let dropped = sum(|all| &all.volatile_dropped);
    let about = "Volatile packets (typing, presence) that receivers who were behind missed.";
    page.counter("volatile_dropped_total", about, dropped);
    page.family("backlog_bytes", "gauge", "Bytes that wait for clients to take them.");
    let waiting: usize = engines().map(|engine| engine.backlog.bytes()).sum();
    page.sample("backlog_bytes", Some(("of", "connections")), waiting as u64);
    page.sample("backlog_bytes", Some(("of", "rest")), site.router.waiting_bytes() as u64);
    let half_read = intake::bytes() as u64;
    page.gauge("intake_bytes", "Bytes of bodies and messages whose end has not come.", half_read);
    recoveries(site, &mut page);
    refusals(site, &mut page);
    let compared = passwords::compared();
    page.counter("passwords_compared_total", "Passwords compared with a hash.", compared);
    page.0
}

/// Clients that came back, and those that are waited for.
fn recoveries(site: &Site, page: &mut Page) {
    let engines = || site.engines.iter().map(|(_, engine)| engine);
    page.family("recoveries_total", "counter", "Clients that came back, by what they got.");
    let recovered = engines().map(|engine| engine.counters.recovered.value()).sum();
    page.sample("recoveries_total", Some(("got", "their session")), recovered);
    let not_recovered = engines().map(|engine| engine.counters.not_recovered.value()).sum();
    page.sample("recoveries_total", Some(("got", "a new session")), not_recovered);
    let kept = || engines().filter_map(|engine| engine.recovery.as_ref());
    let lost: usize = kept().map(Recovery::lost).sum();
    page.family("lost_sessions", "gauge", "Sessions that are kept for clients that were lost.");
    page.sample("lost_sessions", None, lost as u64);
    let dropped = kept().map(Recovery::dropped).sum();
    let about = "Sessions that were kept no longer because there were too many.";
    page.counter("lost_sessions_dropped_total", about, dropped);
}

/// What was refused: at the door, over HTTP, by a room.
fn refusals(site: &Site, page: &mut Page) {
    page.family("rate_limited_total", "counter", "Connections (503) and requests (429) refused.");
    for (what, count) in site.gate.refused() {
        page.sample("rate_limited_total", Some(("what", what)), count);
    }
    page.family("refused_answers_total", "counter", "HTTP answers that say no, by status.");
    for (status, count) in STATUSES.iter().zip(&site.answers.0) {
        let status = status.to_string();
        page.sample("refused_answers_total", Some(("status", &status)), count.value());
    }
    page.family("refusals_total", "counter", "What rooms were asked and refused, by reason.");
    for (reason, count) in refusals::counts() {
        page.sample("refusals_total", Some(("reason", reason)), count);
    }
}

/// A page under construction.
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, about: &str) {
        let page = &mut self.0;
        let _ = writeln!(page, "# HELP polylogue_{name} {about}\n# TYPE polylogue_{name} {kind}");
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: u64) {
        let _ = match label {
            Some((key, word)) => writeln!(self.0, "polylogue_{name}{{{key}=\"{word}\"}} {value}"),
            None => writeln!(self.0, "polylogue_{name} {value}"),
        };
    }

    fn gauge(&mut self, name: &str, about: &str, value: u64) {
        self.family(name, "gauge", about);
        self.sample(name, None, value);
    }

    fn counter(&mut self, name: &str, about: &str, value: u64) {
        self.family(name, "counter", about);
        self.sample(name, None, value);
    }
}

#[cfg(test)]
mod tests {
    use super::{Close, Counters};

    #[test]
    fn every_close_is_counted_once_under_its_reason() {
        let counters = Counters::default();
        for reason in Close::ALL {
            counters.closed(reason);
        }
        // It reads as a lost transport does.
        counters.closed(Close::Goodbye(Some(1001)));
        for (place, reason) in Close::ALL.into_iter().enumerate() {
            let expected = if reason == Close::Transport { 2 } else { 1 };
            assert_eq!(counters.closes[place].value(), expected, "{reason:?}");
        }
    }
}
