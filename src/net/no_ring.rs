//! In the place of `ring` where there is no io_uring: sends go one by one.

use std::os::fd::BorrowedFd;

/// Bytes for a socket.
#[allow(dead_code, reason = "nobody looks at what is not sent here")]
pub(super) struct Shot<'a> {
    pub(super) place: usize,
    pub(super) socket: BorrowedFd<'a>,
    pub(super) bytes: &'a [u8],
}

/// There is nothing to say.
pub fn announce() {}

/// Never.
pub(super) fn is_there() -> bool {
    false
}

/// No socket takes anything.
pub(super) fn send_all(_: &[Shot<'_>], _: &mut [usize]) {}

/// It is so already.
#[cfg(test)]
pub(super) fn refuse() {}
