//! The way from a command to the accounts: the store, opened without a server.

use tokio::sync::mpsc;

use crate::config::Config;
use crate::hub::ports::Ports;
use crate::limits::PRESENCE_MAX;
use crate::{lock, server};

/// Opens the store, does the work, and closes the store once all of it is durable.
///
/// # Errors
/// What the work says, or a sentence that names the file that cannot be opened.
pub(super) fn with_ports<A>(
    config: &Config,
    work: impl AsyncFnOnce(&Ports) -> Result<A, String>,
) -> Result<A, String> {
    lock::make_directory(&config.data)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| format!("the runtime cannot start: {error}"))?;
    // No rooms are open here, so nobody waits for receipts or hears who comes and goes.
    let (queues, store) = server::open_store(config, Box::new(|_, _| {}))?;
    let (presence, _) = mpsc::channel(PRESENCE_MAX);
    let ports = Ports { writes: queues.writes, reads: queues.reads, presence };
    let done = runtime.block_on(work(&ports));
    drop(ports);
    store.close();
    done
}
