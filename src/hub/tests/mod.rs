//! The hub's tests: rooms driven by hand, then shards, then rooms under a seeded scheduler.

mod amends;
mod asks;
mod contacts;
mod ear;
mod joins;
mod lanes;
mod offsets;
mod rights;
mod shards;
mod sim;
mod sole;
mod stage;
mod time;
mod tongue;
mod turns;
