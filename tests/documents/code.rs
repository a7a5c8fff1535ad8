//! What a dialect's code has: its routes, as the router is given them, and its words, as they
//! stand in its sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polylogue::config::{KeySource, Values};
use polylogue::dialects::{Charter, Setup};
use polylogue::hub::Inboxes;
use polylogue::hub::ports::Ports;
use polylogue::keys::Keys;
use tokio::sync::mpsc;

/// `GET /messages`, ...
pub(crate) fn routes(charter: &'static Charter) -> BTreeSet<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _entered = runtime.enter();
    // Nobody is asked: a dialect lists its routes without its rooms or the store.
    let (writes, _) = mpsc::channel(1);
    let (reads, _) = mpsc::channel(1);
    let (presence, _) = mpsc::channel(1);
    let hub = Inboxes::new(1).start(&Ports { writes, reads, presence }, 0);
    let keys = Keys::open(&KeySource::Secret("a secret of the tests".into())).expect("keys");
    let setup = Setup {
        values: &Values::of(charter.flags, &[]).expect("flags have good defaults"),
        keys: &Arc::new(keys),
        hub: &hub,
        is_alone: true,
        message_bytes_max: 65_536,
        shared: None,
    };
    let dialect = (charter.make)(&setup).expect("a dialect can be made with its defaults");
    let routes = dialect.routes();
    routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect()
}

/// The names of the events that the dialect's sources emit.
pub(crate) fn told(charter: &Charter) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources(charter) {
        for call in ["pen.emit(", "pen.emit_to("] {
            for (at, _) in source.match_indices(call) {
                let arguments = &source[at + call.len()..];
                // The audience comes first, where there is one.
                let name = match call {
                    "pen.emit(" => arguments,
                    _ => arguments.split_once(',').expect("an audience, then a name").1,
                };
                let name = name.trim_start().strip_prefix('"');
                let name = name.expect("an event's name stands where it is emitted");
                names.insert(name.split('"').next().unwrap_or_default().to_owned());
            }
        }
    }
    names
}

/// All words of the dialect's sources, and of what dialects share.
pub(crate) fn words(charter: &Charter) -> BTreeSet<String> {
    let texts = sources(charter);
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let words = texts.iter().flat_map(|text| text.split(|c| !is_part(c)));
    // A name that Rust reserves is spelled otherwise there, and renamed.
    words.map(super::snake).collect()
}

fn sources(charter: &Charter) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialects");
    let mut texts = Vec::new();
    visit(&root.join(charter.name), &mut texts);
    assert!(texts.len() >= 5, "{} has sources", charter.name);
    texts
}

fn visit(folder: &PathBuf, texts: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("and its entries").path();
        if path.is_dir() {
            visit(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(fs::read_to_string(&path).expect("a source is text"));
        }
    }
}
