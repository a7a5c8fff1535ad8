//! Token buckets, for whatever may be done only so often.
//!
//! A bucket is kept as one number, the moment by which it will be full again: taking a token
//! moves that moment on by the time a token takes to come. Time is an argument. Spoken to by the
//! network (events, requests, connections) and by those who check passwords.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::{Mutex, PoisonError};

use crate::limits::RATED_KEYS_MAX;

const NS_PER_MS: u64 = 1_000_000;
/// A table that is full is searched for buckets to drop at most this often, in milliseconds.
const SWEEP_MS: u64 = 1_000;

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// A token comes this often.
    interval_ns: u64,
    /// An empty bucket is full after this long.
    burst_ns: u64,
}

impl Rate {
    /// So many per second, in bursts of twice as many; `None` for 0, which means any number.
    #[must_use]
    pub const fn per_second(count: u64) -> Option<Rate> {
        match 1_000 * NS_PER_MS {
            _ if count == 0 => None,
            second_ns => Some(Rate { interval_ns: second_ns / count, burst_ns: 2 * second_ns }),
        }
    }

    /// So many per minute, all of them at once if need be.
    ///
    /// # Panics
    /// When `count` is 0.
    #[must_use]
    pub const fn per_minute(count: u64) -> Rate {
        let minute_ns = 60_000 * NS_PER_MS;
        Rate { interval_ns: minute_ns / count, burst_ns: minute_ns }
    }
}

/// A bucket of tokens; a new one is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    full_at_ns: u64,
}

impl Bucket {
    /// Takes a token, which may be one that has not come yet: then the bucket is in debt.
    pub fn spend(&mut self, rate: Rate, now_ms: u64) {
        let now_ns = now_ms.saturating_mul(NS_PER_MS);
        self.full_at_ns = self.full_at_ns.max(now_ns).saturating_add(rate.interval_ns);
    }

    /// Takes a token that is there.
    ///
    /// # Errors
    /// The milliseconds until one is; none was taken.
    pub fn take(&mut self, rate: Rate, now_ms: u64) -> Result<(), u64> {
        let before = *self;
        self.spend(rate, now_ms);
        match self.debt_ms(rate, now_ms) {
            0 => Ok(()),
            wait_ms => {
                *self = before;
                Err(wait_ms)
            }
        }
    }

    /// Puts a token back.
    pub fn put_back(&mut self, rate: Rate) {
        self.full_at_ns = self.full_at_ns.saturating_sub(rate.interval_ns);
    }

    /// The milliseconds until the bucket is out of debt; 0: it is in none.
    #[must_use]
    pub fn debt_ms(&self, rate: Rate, now_ms: u64) -> u64 {
        let empty_ns = now_ms.saturating_mul(NS_PER_MS).saturating_add(rate.burst_ns);
        self.full_at_ns.saturating_sub(empty_ns).div_ceil(NS_PER_MS)
    }

    /// The milliseconds it took for the tokens that are there to come.
    #[must_use]
    pub fn credit_ms(&self, rate: Rate, now_ms: u64) -> u64 {
        let empty_ns = now_ms.saturating_mul(NS_PER_MS).saturating_add(rate.burst_ns);
        empty_ns.saturating_sub(self.full_at_ns).min(rate.burst_ns) / NS_PER_MS
    }

    /// Leaves no more tokens in it than come in so many milliseconds.
    pub fn keep_at_most(&mut self, credit_ms: u64, rate: Rate, now_ms: u64) {
        let kept_ns = credit_ms.saturating_mul(NS_PER_MS).min(rate.burst_ns);
        let now_ns = now_ms.saturating_mul(NS_PER_MS);
        self.full_at_ns = self.full_at_ns.max(now_ns.saturating_add(rate.burst_ns - kept_ns));
    }

    fn is_full(&self, now_ms: u64) -> bool {
        self.full_at_ns <= now_ms.saturating_mul(NS_PER_MS)
    }
}

/// A bucket for each of many keys.
///
/// **Invariant:** it never holds more than [`RATED_KEYS_MAX`] buckets, each of fixed size. Where
/// that many are in use, newcomers share one more: a crowd of strangers slows down strangers.
pub struct Buckets {
    rate: Rate,
    hasher: RandomState,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    by_hash: HashMap<u64, Bucket>,
    shared: Bucket,
    swept_ms: u64,
}

impl Buckets {
    /// Full buckets of one rate.
    #[must_use]
    pub fn new(rate: Rate) -> Buckets {
        Buckets { rate, hasher: RandomState::new(), table: Mutex::default() }
    }

    /// Takes a token from a key's bucket.
    ///
    /// # Errors
    /// The milliseconds until there is one.
    pub fn take(&self, key: &(impl Hash + ?Sized), now_ms: u64) -> Result<(), u64> {
        self.of(key, now_ms, |bucket| bucket.take(self.rate, now_ms))
    }

    /// Puts back a token that was taken for nothing.
    pub fn put_back(&self, key: &(impl Hash + ?Sized), now_ms: u64) {
        self.of(key, now_ms, |bucket| bucket.put_back(self.rate));
    }

    fn of<T>(
        &self,
        key: &(impl Hash + ?Sized),
        now_ms: u64,
        change: impl FnOnce(&mut Bucket) -> T,
    ) -> T {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        change(table.bucket(self.hasher.hash_one(key), now_ms))
    }
}

impl Table {
    fn bucket(&mut self, hash: u64, now_ms: u64) -> &mut Bucket {
        if self.by_hash.len() >= RATED_KEYS_MAX && !self.by_hash.contains_key(&hash) {
            if now_ms.saturating_sub(self.swept_ms) >= SWEEP_MS {
                self.swept_ms = now_ms;
                // A full bucket is as good as none.
                self.by_hash.retain(|_, bucket| !bucket.is_full(now_ms));
            }
            if self.by_hash.len() >= RATED_KEYS_MAX {
                return &mut self.shared;
            }
        }
        self.by_hash.entry(hash).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, Buckets, RATED_KEYS_MAX, Rate};

    const TEN: Rate = match Rate::per_second(10) {
        Some(rate) => rate,
        None => panic!("10 is a rate"),
    };

    #[test]
    fn a_burst_is_twice_the_rate_and_then_the_rate_holds() {
        let mut bucket = Bucket::default();
        let taken = (0..100).filter(|_| bucket.take(TEN, 5_000).is_ok()).count();
        assert_eq!(taken, 20);
        assert_eq!(bucket.take(TEN, 5_000), Err(100), "a token comes every 100 ms");
        assert_eq!(bucket.take(TEN, 5_099), Err(1));
        let taken = (5_100..7_100).filter(|now_ms| bucket.take(TEN, *now_ms).is_ok()).count();
        assert_eq!(taken, 20, "two seconds' worth");
        assert!(Rate::per_second(0).is_none(), "0 is no rate");
    }

    #[test]
    fn what_is_spent_on_credit_is_paid_off_in_time() {
        let mut bucket = Bucket::default();
        (0..30).for_each(|_| bucket.spend(TEN, 0));
        assert_eq!(bucket.debt_ms(TEN, 0), 1_000, "ten tokens too many");
        assert_eq!(bucket.debt_ms(TEN, 999), 1);
        assert_eq!((bucket.debt_ms(TEN, 1_000), bucket.credit_ms(TEN, 1_000)), (0, 0));
        assert_eq!(bucket.credit_ms(TEN, 1_500), 500);
        bucket.keep_at_most(200, TEN, 1_500);
        assert_eq!(bucket.credit_ms(TEN, 1_500), 200);
        assert_eq!(bucket.credit_ms(TEN, 60_000), 2_000, "never more than full");
    }

    #[test]
    fn a_token_put_back_can_be_taken_again() {
        let rate = Rate::per_minute(2);
        let buckets = Buckets::new(rate);
        assert_eq!((buckets.take("a", 0), buckets.take("a", 0)), (Ok(()), Ok(())));
        assert_eq!(buckets.take("a", 0), Err(30_000));
        assert_eq!(buckets.take("b", 0), Ok(()), "each key has its own");
        buckets.put_back("a", 0);
        assert_eq!(buckets.take("a", 0), Ok(()));
    }

    #[test]
    fn a_full_table_lets_newcomers_share_and_forgets_whom_it_need_not_know() {
        let buckets = Buckets::new(Rate::per_minute(1));
        for key in 0..RATED_KEYS_MAX {
            assert!(buckets.take(&key, 0).is_ok());
        }
        let newcomers = RATED_KEYS_MAX..RATED_KEYS_MAX + 100;
        let taken = newcomers.clone().filter(|key| buckets.take(key, 10_000).is_ok()).count();
        assert_eq!(taken, 1, "they share one bucket");
        assert!(buckets.take(&0, 10_000).is_err(), "who was known still is");
        let held = || buckets.table.lock().unwrap().by_hash.len();
        assert_eq!(held(), RATED_KEYS_MAX);
        assert!(newcomers.clone().all(|key| buckets.take(&key, 60_000).is_ok()));
        assert_eq!(held(), newcomers.len());
    }
}
