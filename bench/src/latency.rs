//! Latency from the moment a message was *to be* sent. At a fixed rate a slow server delays the
//! generator, too: counting from the real send would leave out the wait it caused (coordinated
//! omission). In a closed loop both moments are one.
//! Pure: times are arguments, in ns since the run began.

use hdrhistogram::Histogram;

/// Latencies are recorded up to here; a longer one counts as this long.
pub const LATENCY_MAX_NS: u64 = 60_000_000_000;

const SIGNIFICANT_DIGITS: u8 = 3;
const NS_PER_US: f64 = 1_000.0;
const NS_PER_S: f64 = 1e9;

/// A histogram of latencies.
#[derive(Clone, Debug)]
pub struct Latency {
    histogram: Histogram<u64>,
}

/// The percentiles that are reported, in microseconds; zeros if nothing was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Percentiles {
    /// The median.
    pub p50_us: f64,
    /// 99 of 100 are no slower.
    pub p99_us: f64,
    /// 999 of 1000 are no slower.
    pub p999_us: f64,
    /// The slowest.
    pub max_us: f64,
    /// How many were recorded.
    pub count: u64,
}

impl Default for Latency {
    fn default() -> Self {
        let histogram = Histogram::new_with_bounds(1, LATENCY_MAX_NS, SIGNIFICANT_DIGITS);
        Self { histogram: histogram.expect("the bounds are in order, the digits at most five") }
    }
}

impl Latency {
    /// Records what happened at `now_ns` to a message that was to be sent at `intended_ns`.
    pub fn record(&mut self, intended_ns: u64, now_ns: u64) {
        self.histogram.saturating_record(now_ns.saturating_sub(intended_ns));
    }

    /// The percentiles of all that was recorded.
    pub fn percentiles(&self) -> Percentiles {
        if self.histogram.is_empty() {
            return Percentiles::default();
        }
        let at = |quantile| self.histogram.value_at_quantile(quantile) as f64 / NS_PER_US;
        Percentiles {
            p50_us: at(0.5),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: self.histogram.max() as f64 / NS_PER_US,
            count: self.histogram.len(),
        }
    }
}

/// A fixed rate: says when each message is to be sent, whatever became of those before it.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    start_ns: u64,
    per_second: f64,
}

impl Schedule {
    /// `per_second` messages (over 0) from `start_ns` on.
    pub fn new(start_ns: u64, per_second: f64) -> Self {
        Self { start_ns, per_second }
    }

    /// When message `number`, from 0, is to be sent.
    pub fn intended_ns(&self, number: u64) -> u64 {
        // From the number each time: adding intervals up would add their rounding up, too.
        self.start_ns + (number as f64 / self.per_second * NS_PER_S) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    #[test]
    fn nothing_recorded_is_zeros() {
        assert_eq!(Latency::default().percentiles(), Percentiles::default());
    }

    #[test]
    fn percentiles_are_right_to_three_digits() {
        let mut latency = Latency::default();
        for ms in 1..=1000 {
            latency.record(0, ms * MS);
        }
        let got = latency.percentiles();
        for (value, expected_ms) in
            [(got.p50_us, 500.0), (got.p99_us, 990.0), (got.p999_us, 999.0), (got.max_us, 1000.0)]
        {
            let off = (value / 1000.0 - expected_ms).abs() / expected_ms;
            assert!(off < 0.002, "{value} us for {expected_ms} ms");
        }
        assert_eq!(got.count, 1000);
    }

    #[test]
    fn a_latency_over_the_bound_is_kept_and_one_before_its_time_is_zero() {
        let mut latency = Latency::default();
        latency.record(0, LATENCY_MAX_NS * 2);
        latency.record(10, 5);
        let got = latency.percentiles();
        assert_eq!(got.count, 2);
        assert!(got.max_us >= 59_000_000.0);
    }

    #[test]
    fn a_schedule_does_not_drift() {
        let schedule = Schedule::new(5, 3.0);
        assert_eq!(schedule.intended_ns(0), 5);
        assert_eq!(schedule.intended_ns(3_000_000), 5 + 1_000_000 * 1_000_000_000);
    }

    /// A server stands still for 500 ms under 1000 messages/s. Only what the intended times say
    /// shows that half of one second's messages waited.
    #[test]
    fn a_stall_is_not_omitted() {
        let schedule = Schedule::new(0, 1000.0);
        let (mut intended, mut omitted) = (Latency::default(), Latency::default());
        let mut free_ns = 0;
        for number in 0..1000 {
            let due_ns = schedule.intended_ns(number);
            let sent_ns = due_ns.max(free_ns);
            let service_ns = if number == 100 { 500 * MS } else { MS / 100 };
            free_ns = sent_ns + service_ns;
            intended.record(due_ns, free_ns);
            omitted.record(sent_ns, free_ns);
        }
        assert!(omitted.percentiles().p99_us < 100.0);
        assert!(intended.percentiles().p99_us > 450_000.0);
        assert!(intended.percentiles().p50_us > 1_000.0);
    }
}
