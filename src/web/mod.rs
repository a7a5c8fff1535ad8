//! What the binary shows in a browser: its own pages, those of the dialects that are mounted, the
//! API documents, and the stock client.
//!
//! All of it is made once, when the server starts, and kept in memory. [`pages`] makes the HTML,
//! [`assets`] holds what goes with it, [`client`] is the stock client, [`reply`] speaks HTTP.

mod assets;
mod client;
mod pages;
mod reply;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use bytes::Bytes;
use hyper::header::HeaderMap;
use hyper::{Method, Response};

use crate::dialects::Charter;

/// All there is to show, by path. The default shows nothing.
#[derive(Default)]
pub struct Web {
    files: HashMap<String, File>,
}

/// Something that is served as it is.
struct File {
    kind: &'static str,
    body: Bytes,
    /// Its entity tag, in quotes.
    tag: String,
    /// How long it may be kept without asking again.
    cache: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "application/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const JSON: &str = "application/json; charset=utf-8";

impl Web {
    /// The pages of a server with these dialects.
    #[must_use]
    pub fn new(charters: &[&'static Charter]) -> Web {
        let mut web = Web::default();
        for (path, kind, text) in assets::ALL {
            web.put(*path, kind, Bytes::from_static(text.as_bytes()));
        }
        for (path, html) in pages::all(charters) {
            web.put(path, HTML, html.into());
        }
        for charter in charters {
            web.put_dialect(charter);
        }
        for (path, version, script) in client::FILES {
            let body = Bytes::from_static(script);
            let tag = format!("\"{version}\"");
            let file = File { kind: SCRIPT, body, tag, cache: "public, max-age=0" };
            web.files.insert((*path).to_owned(), file);
        }
        web
    }

    /// Answers a request, if its path is one of ours.
    #[must_use]
    pub fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Option<Response<http_body_util::Full<Bytes>>> {
        Some(reply::answer(self.file(path)?, method, headers))
    }

    /// Whether a path is one of ours.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.file(path).is_some()
    }

    fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path).or_else(|| self.files.get(path.strip_suffix('/')?))
    }

    fn put_dialect(&mut self, charter: &'static Charter) {
        let (name, pages) = (charter.name, &charter.pages);
        let text = |text: &'static str| Bytes::from_static(text.as_bytes());
        self.put(format!("/demo/{name}.js"), SCRIPT, text(pages.demo));
        self.put(format!("/docs/{name}/openapi.json"), JSON, text(pages.openapi));
        self.put(format!("/docs/{name}/asyncapi.json"), JSON, text(pages.asyncapi));
        for page in pages.own {
            self.put(pages::script_path(page), SCRIPT, text(page.script));
        }
    }

    fn put(&mut self, path: impl Into<String>, kind: &'static str, body: Bytes) {
        let tag = reply::tag(&body);
        self.files.insert(path.into(), File { kind, body, tag, cache: "no-cache" });
    }
}
