//! The time of day as a lounge shows it: `4:41 pm`, in the zone the operator chose.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The zone of that name; without one, the machine's, or UTC where it has none.
///
/// # Errors
/// What the name must be, as the end of a sentence.
pub(super) fn zone(name: Option<&str>) -> Result<TimeZone, String> {
    match name {
        None => Ok(TimeZone::try_system().unwrap_or(TimeZone::UTC)),
        Some(name) => TimeZone::get(name).map_err(|_| {
            "the name of a time zone that this machine knows, as in Asia/Seoul or UTC".into()
        }),
    }
}

/// Whether a zone of that name is known.
///
/// # Errors
/// See [`zone`].
pub(super) fn check(name: &str) -> Result<(), String> {
    zone(Some(name)).map(drop)
}

/// `4:41 pm`, for milliseconds since 1970.
pub(super) fn time_of_day(ms: u64, zone: &TimeZone) -> String {
    let moment = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    moment.unwrap_or_default().to_zoned(zone.clone()).strftime("%-I:%M %P").to_string()
}

#[cfg(test)]
mod tests {
    use super::{check, time_of_day, zone};

    const AFTERNOON_MS: u64 = 1_709_164_860_000; // 2024-02-29T00:01:00Z

    #[test]
    fn the_hour_has_no_zero_before_it_and_the_zone_counts() {
        let at = |ms, name| time_of_day(ms, &zone(Some(name)).unwrap());
        assert_eq!(at(AFTERNOON_MS, "UTC"), "12:01 am");
        assert_eq!(at(AFTERNOON_MS, "Asia/Seoul"), "9:01 am");
        assert_eq!(at(AFTERNOON_MS, "America/New_York"), "7:01 pm");
        assert_eq!(at(AFTERNOON_MS + 12 * 3_600_000, "UTC"), "12:01 pm");
        assert_eq!(at(AFTERNOON_MS + 16 * 3_600_000 + 40 * 60_000, "UTC"), "4:41 pm");
        assert_eq!(at(u64::MAX, "UTC"), "12:00 am");
    }

    #[test]
    fn a_wrong_name_is_refused_with_the_end_of_a_sentence() {
        assert_eq!(check("Asia/Seoul"), Ok(()));
        for wrong in ["Mars/Olympus", "../../etc/passwd", " ", "9"] {
            assert!(check(wrong).unwrap_err().starts_with("the name of a time zone"), "{wrong}");
        }
    }
}
