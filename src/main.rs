//! polylogue, the program: the allocator, and the command that was asked for.

use std::process::ExitCode;

/// Fewer page faults than the system's when many connections come and go.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    polylogue::commands::run(std::env::args_os(), &|name| std::env::var_os(name))
}
