//! Properties of every codec, checked on inputs that nobody chose.

mod hostile;
mod roundtrip;
mod strategies;
