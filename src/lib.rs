//! polylogue: a chat server that stock Socket.IO clients reach unmodified.
//!
//! In reading order: what the operator may change ([`config`]), the rooms ([`hub`]), how they are
//! spoken to ([`dialects`]), what a browser is shown ([`web`]), the sockets ([`net`]), what is kept
//! ([`store`]), what other nodes know ([`backplane`]), and what wires it all together ([`server`]).

pub mod backplane;
pub mod commands;
pub mod config;
pub mod dialects;
pub mod hub;
pub mod keys;
pub mod limits;
pub mod lock;
pub mod net;
pub mod passwords;
pub mod rate;
pub mod server;
pub mod store;
pub mod web;
