//! Fuzz targets: for every decoder of what comes from outside, a function that is given any bytes
//! and fails where something is decoded that must not be, or where what comes out is not whole.
//!
//! `tests/replay.rs` runs all of them over the kept inputs and over bounded, seeded mutations of
//! those, with each run of the test suite; `libfuzzer/` runs one without end.

mod events;
pub mod mutate;
mod protocol;
mod rest;
mod settings;
mod stage;
mod text;
mod tokens;

/// A fuzz target: fails where its input is taken for what it is not.
pub type Target = fn(&[u8]);

/// Every target by its name, which its folder in `corpus/` has as well.
pub const TARGETS: &[(&str, Target)] = &[
    ("assembler", protocol::assembler),
    ("conn", protocol::conn),
    ("eio_packet", protocol::eio_packet),
    ("event", protocol::event),
    ("frame_walk", protocol::frame_walk),
    ("hear", events::hear),
    ("jsonp", protocol::jsonp),
    ("knock", events::knock),
    ("payload", protocol::payload),
    ("query", protocol::query),
    ("rest", rest::rest),
    ("settings", settings::settings),
    ("sio_packet", protocol::sio_packet),
    ("text", text::text),
    ("token", tokens::token),
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, run)| *run)
}
