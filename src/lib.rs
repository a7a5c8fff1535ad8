//! polylogue.
