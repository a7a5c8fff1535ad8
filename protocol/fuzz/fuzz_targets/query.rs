//! A query from any text, and the checks of the request that it came with.

#![no_main]

use libfuzzer_sys::fuzz_target;
use polylogue_protocol::{
    conn::Transport,
    eio::{Query, Request, query, verify},
};

fuzz_target!(|input: (&str, &str, bool, bool, Option<&[u8]>)| {
    let (text, method, is_upgrade, is_allowed, origin) = input;
    assert!(query::pairs(text).count() <= query::PAIRS_MAX);
    let request = Request {
        method,
        is_upgrade,
        origin,
        is_allowed,
    };
    let query = Query::parse(text);
    for current in [None, Some(Transport::Polling), Some(Transport::WebSocket)] {
        if let Err(error) = verify(&query, &request, |_| current) {
            assert!(error.code <= 5 && matches!(error.status, 400 | 403));
        }
    }
});
