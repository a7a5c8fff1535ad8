//! The configuration file: any text is settings, or a sentence that says what is wrong with it.

use std::ffi::OsString;
use std::io::Write as _;

use polylogue::config::{self, Offer, Stop, Verb};
use polylogue::dialects::ALL;

const VERB: Verb = Verb { path: &["serve"], about: "", flags: &[], shows: None };

/// TOML.
pub(crate) fn settings(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("it can be written");
    let args = ["polylogue".into(), "--config".into(), OsString::from(file.path())];
    let offer = |charter: &&'static polylogue::dialects::Charter| Offer {
        name: charter.name,
        summary: charter.summary,
        flags: charter.flags,
    };
    let offers: Vec<Offer> = ALL.iter().map(offer).collect();
    match config::read(args, &|_| None, &offers, &[VERB]) {
        Ok(invocation) => assert!(!invocation.config.dialects.is_empty()),
        Err(Stop::Mistake(sentence)) => assert!(sentence.len() > 10, "{sentence:?}"),
        Err(Stop::Asked(words)) => panic!("nobody asked for {words}"),
    }
}
