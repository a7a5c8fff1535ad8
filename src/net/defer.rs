//! An option of listeners that no crate has safe words for.

use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd};

/// How long the kernel keeps a stream whose client says nothing.
const SECONDS: libc::c_int = 1;

/// Has the kernel keep a stream that a listener is to accept until its client has said something,
/// or nothing for a second (`TCP_DEFER_ACCEPT`): whoever accepts it finds a request there, and
/// waits for none.
///
/// # Errors
/// The kernel knows no such thing.
#[expect(unsafe_code, reason = "the one way to set an option that no crate has words for")]
pub(super) fn defer(listener: BorrowedFd<'_>) -> io::Result<()> {
    let (level, option) = (libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT);
    let seconds = SECONDS;
    let (value, bytes) = ((&raw const seconds).cast(), size_of_val(&seconds) as libc::socklen_t);
    // SAFETY: the descriptor is borrowed, and of the pointer's target so many bytes are read, all
    // of them before the call returns.
    let set = unsafe { libc::setsockopt(listener.as_raw_fd(), level, option, value, bytes) };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
