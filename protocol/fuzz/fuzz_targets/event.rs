//! An event, an ack's arguments, and the strings among them, from any text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use polylogue_protocol::{
    json,
    sio::{Event, parse_args},
};

fuzz_target!(|text: &str| {
    let mended = json::mend_surrogates(text);
    assert_eq!(json::mend_surrogates(&mended), mended, "once is enough");
    let args = parse_args(text);
    if let Ok(event) = Event::parse(text) {
        let args = args.expect("an event is an array");
        assert_eq!(event.args.len() + 1, args.len());
        let strings: usize = args
            .iter()
            .filter_map(|arg| json::string(arg))
            .map(|s| s.len())
            .sum();
        assert!(strings <= text.len(), "reading never makes it longer");
    }
});
