//! The stock client, `socket.io-client`, where the build has found it (`build.rs`).

/// Path, version and text of each file; none where the build had no client to embed.
pub(super) const FILES: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/client.rs"));
