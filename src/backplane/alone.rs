//! One node by itself: its rooms know all there is to know.

use tokio::sync::mpsc;

use crate::hub::ports::Presence;

/// Takes what the rooms tell, until they are gone.
pub async fn run(mut presence: mpsc::Receiver<Presence>) {
    while presence.recv().await.is_some() {}
}
