//! Many sends in one system call, through io_uring. The only unsafe code here: the kernel is given
//! pointers, and `send_all` does not return before it has given all of them back.

use std::io;
use std::os::fd::RawFd;

use io_uring::{IoUring, opcode, types};

const ENTRIES: u32 = 1024;
/// Linux: nothing waits for a socket that is full; no signal for one that is closed.
const MSG_DONTWAIT_NOSIGNAL: i32 = 0x40 | 0x4000;

/// A ring of this thread's.
pub struct Ring(IoUring);

impl Ring {
    /// # Errors
    /// The kernel is too old, or forbids io_uring.
    pub fn new() -> io::Result<Self> {
        let builder = &mut IoUring::builder();
        builder.setup_single_issuer().setup_defer_taskrun();
        let ring = builder.build(ENTRIES).map_err(|error| {
            io::Error::new(error.kind(), format!("this kernel refuses io_uring: {error}"))
        })?;
        Ok(Self(ring))
    }

    /// Sends to each socket its bytes and puts into `taken`, by place, how many it took; below
    /// 0, the error.
    pub fn send_all(&mut self, sends: &[(RawFd, &[u8])], taken: &mut Vec<i32>) {
        taken.clear();
        taken.resize(sends.len(), 0);
        for (chunk, taken) in sends.chunks(ENTRIES as usize).zip(taken.chunks_mut(ENTRIES as usize))
        {
            for (place, (fd, bytes)) in chunk.iter().enumerate() {
                let send = opcode::Send::new(types::Fd(*fd), bytes.as_ptr(), bytes.len() as u32)
                    .flags(MSG_DONTWAIT_NOSIGNAL)
                    .build()
                    .user_data(place as u64);
                // SAFETY: `sends` outlives this call, which waits for every completion.
                let pushed = unsafe { self.0.submission().push(&send) };
                pushed.expect("the ring has room for a whole chunk");
            }
            self.wait_for(chunk.len(), taken);
        }
    }

    /// Waits until `sends` completions have come.
    fn wait_for(&mut self, sends: usize, taken: &mut [i32]) {
        let mut completed = 0;
        while completed < sends {
            match self.0.submit_and_wait(sends - completed) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The kernel still holds pointers: there is no way on.
                Err(error) => panic!("io_uring_enter: {error}"),
            }
            for completion in self.0.completion() {
                taken[completion.user_data() as usize] = completion.result();
                completed += 1;
            }
        }
    }
}
