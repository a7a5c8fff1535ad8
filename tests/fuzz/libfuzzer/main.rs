//! The fuzz targets under libFuzzer, which looks for inputs by what code they reach: the
//! environment's `FUZZ_TARGET` names one. `tests/fuzz/run.sh` builds and runs it.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<polylogue_fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    polylogue_fuzz::target(&name).unwrap_or_else(|| panic!("no target is called {name}"))
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
