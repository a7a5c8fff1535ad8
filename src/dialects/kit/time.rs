//! Moments as documents print them.

use jiff::Timestamp;

/// `2024-01-01T12:00:00.000Z` for milliseconds since 1970.
#[must_use]
pub fn iso_utc(ms: u64) -> String {
    let moment = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    format!("{:.3}", moment.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::iso_utc;

    #[test]
    fn prints_moments_as_documents_do() {
        assert_eq!(iso_utc(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso_utc(1_709_164_799_999), "2024-02-28T23:59:59.999Z");
        assert_eq!(iso_utc(u64::MAX), "1970-01-01T00:00:00.000Z");
    }
}
