//! `polylogue serve`, and `polylogue` alone: the server.

use crate::config::{Invocation, Verb};
use crate::lock::DirectoryLock;
use crate::server;

pub(super) const VERB: Verb =
    Verb { path: &["serve"], about: "Serves until SIGTERM or SIGINT", flags: &[], shows: None };

/// Runs the server, the only one of its data directory.
pub(super) fn run(invocation: Invocation) -> Result<(), String> {
    let _lock = DirectoryLock::acquire(&invocation.config.data)?;
    raise_open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("the runtime cannot start: {error}"))?;
    let result = runtime.block_on(server::run(invocation.config, invocation.values));
    // What has not ended by now had its time: waiting for it would be without bound.
    runtime.shutdown_background();
    result
}

/// Every connection is an open file: as many as the system lets us have.
fn raise_open_files() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => tracing::info!(files, "the limit on open files is raised"),
        Err(error) => tracing::warn!(%error, "the limit on open files stays as it is"),
    }
}
