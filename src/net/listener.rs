//! Listens, and says who answers each request of the streams that come in.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::asked::{Asked, Headers};
use super::engine::Engine;
use super::reply::{self, Answer, Reply};
use super::router::Router;
use super::stream::{self, Desk, Patience};
use super::wire::{self, Wire};
use super::{Answers, Caller, Echo, Gate, body, counters, echo, endpoint};
use crate::hub::clock;
use crate::web::Web;

/// All that is served: Engine.IO endpoints by path, and REST.
pub struct Site {
    /// Paths without a trailing slash, each with its endpoint.
    pub engines: Vec<(&'static str, Arc<Engine>)>,
    /// The routes of the dialects.
    pub router: Router,
    /// How often each address may come.
    pub gate: Gate,
    /// The answers that said no.
    pub answers: Answers,
    /// What browsers are shown.
    pub web: Web,
    /// Where plain WebSockets are echoed, if anywhere.
    pub echo: Option<Echo>,
}

/// Binds an address.
///
/// # Errors
/// The system's, with the address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    wire::prepare(&listener);
    Ok(listener)
}

/// Accepts streams until `stop` changes. Each stream that is open holds a receiver of `stop`, until
/// it has ended: `Sender::closed` waits for all of them.
pub async fn serve(listener: TcpListener, site: Arc<Site>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (site, stop, peer) = (Arc::clone(&site), stop.clone(), peer.ip());
                    let patience = Patience::default();
                    let desk = Desk { site, peer, stop, patience };
                    tokio::spawn(stream::converse(Wire::Plain(stream), desk));
                }
                Err(error) => wait_out(&error).await,
            },
            _ = stop.changed() => return,
        }
    }
}

/// A stream that could not be accepted is no reason to stop: no file is free, mostly.
async fn wait_out(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// Not async, so that a request whose answer does not need it is gone before anything waits:
/// what was read of it would stay in memory.
pub(super) fn answer(site: &Arc<Site>, request: Request<Incoming>, caller: &Caller) -> Answer {
    let path = request.uri().path();
    // First, because the stock client is served below an endpoint's path.
    if let Some(mut reply) = site.web.answer(request.method(), path, request.headers()) {
        site.router.cors().mark(Headers::Table(request.headers())).put(reply.headers_mut());
        return Box::pin(body::unread(request.into_body(), reply));
    }
    if let Some(engine) = site.engine(path) {
        return endpoint::answer(engine, request, caller, &site.gate);
    }
    if let Some(echo) = site.echo_at(path) {
        return reply::now(echo::answer(echo, (&request).into(), caller));
    }
    if path == "/healthz" {
        return reply::now(health(site));
    }
    if path == "/metrics" {
        let page = counters::metrics(site).into();
        return reply::now(reply::with(StatusCode::OK, counters::CONTENT_TYPE, page));
    }
    let (site, client) = (Arc::clone(site), caller.peer);
    Box::pin(async move {
        let request = match site.router.answer(request, client, &site.gate).await {
            Ok(reply) => return reply,
            Err(request) => request,
        };
        let reply = match site.gate.request(client, false, clock::up_ms()) {
            Ok(()) => site.router.nowhere(404, "Not Found"),
            Err(later) => later.mark(site.router.nowhere(429, "Too Many Requests")),
        };
        body::unread(request.into_body(), reply).await
    })
}

/// The reply to a request for a WebSocket; `None`: none is to be had at its path.
pub(super) fn answer_upgrade(site: &Site, asked: Asked<'_>, caller: &Caller) -> Option<Reply> {
    let path = asked.path;
    if site.web.has(path) {
        return None;
    }
    if let Some(engine) = site.engine(path) {
        return Some(endpoint::answer_upgrade(engine, asked, caller, &site.gate));
    }
    Some(echo::answer(site.echo_at(path)?, asked, caller))
}

impl Site {
    /// The endpoint at a path.
    fn engine(&self, path: &str) -> Option<&Arc<Engine>> {
        let is_at = |prefix| {
            let rest = path.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.engines.iter().find(|(prefix, _)| is_at(*prefix)).map(|(_, engine)| engine)
    }

    fn echo_at(&self, path: &str) -> Option<&Echo> {
        self.echo.as_ref().filter(|echo| echo.path == path)
    }
}

fn health(site: &Site) -> Reply {
    let open: usize = site.engines.iter().map(|(_, engine)| engine.connections()).sum();
    let status = StatusCode::OK.as_u16();
    reply::json(status, format!(r#"{{"status":"ok","connections":{open}}}"#))
}
