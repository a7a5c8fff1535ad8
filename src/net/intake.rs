//! The intake: what has come of bodies and messages whose end has not, on all connections together.
//!
//! Each of them is bounded, but as many may be begun as there are connections. What comes whole at
//! once is not counted: it waits for nothing. Spoken to by whoever keeps a part until the rest is
//! there.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::limits;

/// The whole process's.
static WAITING: Intake = Intake::new(limits::INTAKE_BYTES_MAX);

/// See the module's head.
struct Intake {
    bytes: AtomicUsize,
    bytes_max: usize,
}

/// What one connection has of something that is not whole: counted until it is dropped.
#[derive(Default)]
pub(super) struct Part {
    bytes: usize,
}

/// All connections together have so much that this one can have no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Intake {
    const fn new(bytes_max: usize) -> Intake {
        Intake { bytes: AtomicUsize::new(0), bytes_max }
    }

    /// One has `to` bytes now and had `from`. Where nobody else has any, its own bounds are enough.
    fn change(&self, from: usize, to: usize) -> Result<(), Full> {
        if to <= from {
            self.bytes.fetch_sub(from - to, Ordering::Relaxed);
            return Ok(());
        }
        let more = to - from;
        let before = self.bytes.fetch_add(more, Ordering::Relaxed);
        if before + more > self.bytes_max && before > from {
            self.bytes.fetch_sub(more, Ordering::Relaxed);
            return Err(Full);
        }
        Ok(())
    }
}

impl Part {
    /// It has that many bytes now.
    ///
    /// # Errors
    /// It can have no more: what it has is to be let go.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Full> {
        WAITING.change(self.bytes, bytes)?;
        self.bytes = bytes;
        Ok(())
    }

    /// The same with so many more.
    ///
    /// # Errors
    /// See [`Part::hold`].
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Full> {
        self.hold(self.bytes + bytes)
    }

    /// It is whole, and let go.
    pub(super) fn let_go(&mut self) {
        WAITING.bytes.fetch_sub(std::mem::take(&mut self.bytes), Ordering::Relaxed);
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// What waits for its end altogether, in bytes.
pub(super) fn bytes() -> usize {
    WAITING.bytes.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::{Full, Intake};

    #[test]
    fn parts_add_up_to_a_bound_and_one_alone_has_its_own() {
        let intake = Intake::new(100);
        assert_eq!(intake.change(0, 60), Ok(()));
        assert_eq!(intake.change(0, 41), Err(Full), "another's");
        assert_eq!(intake.change(0, 40), Ok(()));
        assert_eq!(intake.change(60, 61), Err(Full), "the first one's next byte");
        assert_eq!(intake.change(60, 0), Ok(()));
        assert_eq!(intake.change(40, 400), Ok(()), "nobody else has any");
        assert_eq!(intake.change(0, 1), Err(Full));
        assert_eq!(intake.change(400, 0), Ok(()));
        assert_eq!(intake.bytes.into_inner(), 0, "what is refused is not counted");
    }
}
