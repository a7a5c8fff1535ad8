//! Guessing passwords: how often one may be wrong about one name.
//!
//! Spoken to by the routes that log somebody in. Names that exist and names that do not are
//! counted alike.

use super::rest::Response;
use crate::hub::clock;
use crate::limits::WRONG_PASSWORDS_PER_NAME_PER_MINUTE;
use crate::rate::{Buckets, Rate};

/// What is said to whoever guesses too often.
pub const TOO_OFTEN: &str = "Too many attempts, try again later";

/// The attempts at every name. See the module's head.
pub struct Attempts(Buckets);

impl Default for Attempts {
    fn default() -> Attempts {
        Attempts(Buckets::new(Rate::per_minute(WRONG_PASSWORDS_PER_NAME_PER_MINUTE)))
    }
}

impl Attempts {
    /// Begins an attempt at a name. It counts as a wrong one until [`Attempts::succeeded`]: many
    /// at once are no way around the rate.
    ///
    /// # Errors
    /// The 429 that `failure` words, with the time to come again.
    pub fn begin(&self, name: &str, failure: fn(u16, &str) -> Response) -> Result<(), Response> {
        let taken = self.0.take(&name.trim().to_lowercase(), clock::up_ms());
        taken.map_err(|wait_ms| {
            let retry_after_s = Some(wait_ms.div_ceil(1_000));
            Response { retry_after_s, ..failure(429, TOO_OFTEN) }
        })
    }

    /// The password was right.
    pub fn succeeded(&self, name: &str) {
        self.0.put_back(&name.trim().to_lowercase(), clock::up_ms());
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, Response};

    fn failure(status: u16, words: &str) -> Response {
        Response::json(status, &words)
    }

    #[test]
    fn a_name_is_wrong_ten_times_and_right_any_number() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            assert!(attempts.begin("ann", failure).is_ok());
            attempts.succeeded("ann");
        }
        let wrong = (0..100).filter(|_| attempts.begin(" Ann", failure).is_ok()).count();
        assert_eq!(wrong, 10);
        let refused = attempts.begin("ann", failure).expect_err("it is too often");
        assert_eq!((refused.status, refused.retry_after_s), (429, Some(6)));
        assert!(attempts.begin("ben", failure).is_ok(), "another name is not slowed");
    }
}
