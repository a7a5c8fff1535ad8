//! How fast a connection may speak: faster, and it is read more slowly; for too long, and it ends.
//!
//! Spoken to by the [`super::connection`], whose packets it counts. Time is an argument.

use super::close::Close;
use crate::limits::{FLOOD_MS_MAX, REST_SLICE_MS};
use crate::rate::{Bucket, Rate};

/// Tokens that a rest waits for beyond the debt, as the time they take to come: a rest for every
/// single event would cost more than the event.
const REST_CREDIT_MS: u64 = 50;
/// Who has this much credit has been slower than the rate since the last rest.
const CALM_CREDIT_MS: u64 = 2 * REST_CREDIT_MS;

/// What one connection has said lately, and whether that is too much.
pub(super) struct Flood {
    bucket: Bucket,
    /// When it became faster than it may; `u64::MAX` while it is not.
    since_ms: u64,
    is_resting: bool,
}

impl Default for Flood {
    fn default() -> Flood {
        Flood { bucket: Bucket::default(), since_ms: u64::MAX, is_resting: false }
    }
}

impl Flood {
    /// Counts an event.
    pub(super) fn count(&mut self, rate: Rate, now_ms: u64) {
        if self.bucket.credit_ms(rate, now_ms) >= CALM_CREDIT_MS {
            self.since_ms = u64::MAX;
        }
        self.bucket.spend(rate, now_ms);
    }

    /// How long the connection is not to be read now, in milliseconds, at most [`REST_SLICE_MS`]:
    /// then one asks again. 0: it may go on.
    ///
    /// # Errors
    /// [`Close::Flood`] when it has been too fast for too long.
    pub(super) fn rest_ms(&mut self, rate: Rate, now_ms: u64) -> Result<u64, Close> {
        let debt_ms = self.bucket.debt_ms(rate, now_ms);
        if debt_ms > 0 {
            self.since_ms = self.since_ms.min(now_ms);
            if now_ms.saturating_sub(self.since_ms) >= FLOOD_MS_MAX {
                return Err(Close::Flood);
            }
            self.is_resting = true;
            return Ok((debt_ms + REST_CREDIT_MS).min(REST_SLICE_MS));
        }
        let credit_ms = self.bucket.credit_ms(rate, now_ms);
        if self.is_resting && credit_ms < REST_CREDIT_MS {
            return Ok(REST_CREDIT_MS - credit_ms);
        }
        if std::mem::take(&mut self.is_resting) {
            // A timer that was late is not the client's merit.
            self.bucket.keep_at_most(REST_CREDIT_MS, rate, now_ms);
        }
        Ok(0)
    }

    /// Whether a rest is under way.
    pub(super) fn is_resting(&self) -> bool {
        self.is_resting
    }
}

#[cfg(test)]
mod tests {
    use super::{Close, FLOOD_MS_MAX, Flood, Rate};

    fn rate() -> Rate {
        Rate::per_second(2_000).unwrap()
    }

    /// Reads `per_read` events whenever it may, timers being `late_ms` late, until it is closed or
    /// the time is over; how many were read, and when it was closed.
    fn flooded(per_read: usize, late_ms: u64, until_ms: u64) -> (usize, Option<u64>) {
        let (mut flood, mut now_ms, mut read) = (Flood::default(), 1_000, 0);
        while now_ms < 1_000 + until_ms {
            (0..per_read).for_each(|_| flood.count(rate(), now_ms));
            read += per_read;
            loop {
                match flood.rest_ms(rate(), now_ms) {
                    Ok(0) => break,
                    Ok(rest_ms) => now_ms += rest_ms + late_ms,
                    Err(reason) => {
                        assert_eq!(reason, Close::Flood);
                        return (read, Some(now_ms - 1_000));
                    }
                }
            }
        }
        (read, None)
    }

    #[test]
    fn a_burst_is_not_slowed() {
        let mut flood = Flood::default();
        (0..4_000).for_each(|_| flood.count(rate(), 7));
        assert_eq!(flood.rest_ms(rate(), 7), Ok(0));
        flood.count(rate(), 7);
        assert_eq!(flood.rest_ms(rate(), 7), Ok(51));
        assert!(flood.is_resting());
        assert_eq!(flood.rest_ms(rate(), 40), Ok(18), "it rests on");
        assert_eq!(flood.rest_ms(rate(), 60), Ok(0));
        assert!(!flood.is_resting());
    }

    #[test]
    fn a_flood_is_read_at_its_rate() {
        for (per_read, late_ms) in [(1, 0), (100, 3), (3_000, 0), (3_000, 200)] {
            let (read, closed) = flooded(per_read, late_ms, 8_000);
            assert_eq!(closed, None);
            let allowed = 4_000 + 8 * 2_000 + per_read + 400;
            assert!(read <= allowed, "{read} of {allowed}");
            // What timers are late is lost, and nothing else.
            let least = if late_ms == 0 { 19_500 } else { 4_000 };
            assert!(read >= least, "{read} of {least}");
        }
    }

    #[test]
    fn a_flood_that_goes_on_is_closed() {
        for (per_read, late_ms) in [(1, 0), (100, 3), (3_000, 0), (3_000, 200)] {
            let (_, closed) = flooded(per_read, late_ms, 60_000);
            let closed = closed.expect("it is closed");
            assert!((FLOOD_MS_MAX..FLOOD_MS_MAX + 2_500).contains(&closed), "at {closed}");
        }
    }

    #[test]
    fn who_calms_down_may_begin_again() {
        let mut flood = Flood::default();
        let mut now_ms = 0;
        for _ in 0..20 {
            (0..9_000).for_each(|_| flood.count(rate(), now_ms));
            while let rest_ms @ 1.. = flood.rest_ms(rate(), now_ms).expect("it is not closed") {
                now_ms += rest_ms;
            }
            now_ms += 1_500;
        }
        assert!(now_ms > 3 * FLOOD_MS_MAX);
    }
}
