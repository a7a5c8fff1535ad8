//! Sends to many sockets in one system call, by io_uring.
//!
//! Unsafe, as nothing else is but an option in [`super::defer`]. The kernel is handed descriptors
//! and pointers, and must have given all of them back before their borrows end. [`send_all`] sees
//! to that: it returns once every send that the kernel has taken is answered, whatever fails
//! meanwhile. None of them waits for a socket that is full (`MSG_DONTWAIT`), so they are answered
//! as fast as they are made.
//!
//! Each thread has a ring of its own. Where the kernel is too old for one, or its operator forbids
//! it, or one fails later, no socket takes anything here: whoever sends does so by itself.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::sync::Once;

use io_uring::{IoUring, opcode, types};

use crate::limits;

/// Places in a ring: a whole volley.
const ENTRIES: u32 = limits::VOLLEY_MAX as u32;
/// Linux: a socket that is full takes nothing, one that is closed raises no signal.
const MSG_DONTWAIT_NOSIGNAL: i32 = 0x40 | 0x4000;

thread_local! {
    static RING: RefCell<Option<IoUring>> = RefCell::new(open_or_say_why());
}

/// Bytes for a socket.
pub(super) struct Shot<'a> {
    /// Where to note how many of them were taken.
    pub(super) place: usize,
    pub(super) socket: BorrowedFd<'a>,
    pub(super) bytes: &'a [u8],
}

/// Says in the log how what is for many leaves.
pub fn announce() {
    if open_or_say_why().is_some() {
        tracing::info!("what is for many leaves by io_uring");
    }
}

/// Whether this thread has a ring.
pub(super) fn is_there() -> bool {
    RING.with_borrow(Option::is_some)
}

/// Sends to each socket its bytes, and notes in `taken`, by place, how many of them it took. What
/// it did not take, for whatever reason, is left to whoever sends.
pub(super) fn send_all(shots: &[Shot<'_>], taken: &mut [usize]) {
    RING.with_borrow_mut(|own| {
        for volley in shots.chunks(limits::VOLLEY_MAX) {
            let Some(ring) = own else { return };
            if let Err(error) = fire(ring, volley, taken) {
                // With what the kernel has not taken of this volley, and now never will.
                *own = None;
                tracing::error!(%error, "io_uring has failed: sends go one by one");
            }
        }
    });
}

fn open_or_say_why() -> Option<IoUring> {
    static SAID: Once = Once::new();
    match open() {
        Ok(ring) => Some(ring),
        Err(error) => {
            SAID.call_once(|| {
                tracing::info!(%error, "no io_uring here: what is for many leaves one by one");
            });
            None
        }
    }
}

fn open() -> io::Result<IoUring> {
    IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(ENTRIES)
}

/// Sends one volley.
///
/// # Errors
/// The ring is of no use any more, and must be dropped.
#[expect(unsafe_code, reason = "the one way to hand the kernel what is to be sent")]
fn fire(ring: &mut IoUring, volley: &[Shot<'_>], taken: &mut [usize]) -> io::Result<()> {
    let mut unanswered = 0;
    let mut queue = ring.submission();
    for Shot { place, socket, bytes } in volley {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let send = opcode::Send::new(types::Fd(socket.as_raw_fd()), bytes.as_ptr(), length)
            .flags(MSG_DONTWAIT_NOSIGNAL)
            .build()
            .user_data(*place as u64);
        // SAFETY: `volley` keeps the socket open and the bytes alive while this function runs.
        // It ends in one of three ways. With all sends answered: the kernel has given them back.
        // With an error and none with the kernel: the others are in the ring, which is dropped.
        // Or with the process.
        if unsafe { queue.push(&send) }.is_err() {
            break;
        }
        unanswered += 1;
    }
    drop(queue);
    while unanswered > 0 {
        let entered = ring.submit_and_wait(unanswered);
        for answer in ring.completion() {
            unanswered -= 1;
            if let Some(taken) = taken.get_mut(answer.user_data() as usize) {
                // Below 0 stands an error: whoever sends by itself will meet it, too.
                *taken = usize::try_from(answer.result()).unwrap_or(0);
            }
        }
        match entered {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                if unanswered > ring.submission().len() {
                    let _ = writeln!(io::stderr(), "io_uring keeps what it was lent: {error}");
                    std::process::abort();
                }
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}

/// From now on this thread has no ring.
#[cfg(test)]
pub(super) fn refuse() {
    RING.set(None);
}
