//! The store on real files: every write and read, and what happens when they fail.

mod batches;
mod files;
mod kit;
mod listing;
mod log;
mod people;
mod rooms;
mod said;
mod threads;
