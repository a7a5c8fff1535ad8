//! What dialects share: spellings, not decisions.

pub mod attempts;
pub mod identify;
pub mod json;
pub mod pages;
pub mod rest;
pub mod since;
pub mod time;
pub mod token;
pub mod words;
