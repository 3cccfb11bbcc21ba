//! Ends as people write them: a day lasts to its end, in the collector's time zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The end of a day.
pub(crate) fn end_of_day(day: &str) -> Option<Timestamp> {
    let day: Date = day.parse().ok()?;
    let end = day.at(23, 59, 59, 0).to_zoned(TimeZone::system());
    end.ok().map(|end| end.timestamp())
}

/// Reads an end: a day, or a moment.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    end_of_day(text).or_else(|| text.parse().ok())
}

/// Writes an end so that it is read as the same.
pub(crate) fn write(at: Timestamp) -> String {
    let day = at.to_zoned(TimeZone::system()).strftime("%F").to_string();
    if end_of_day(&day) == Some(at) {
        day
    } else {
        at.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lasts_to_its_end() {
        let end = end_of_day("2026-12-31").unwrap().to_zoned(TimeZone::system());
        assert_eq!(end.strftime("%F %T").to_string(), "2026-12-31 23:59:59");
        for bad in ["2026-02-30", "tomorrow", "", "-9999-01-01x"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for text in ["2026-12-31", "2026-12-31T10:00:00Z"] {
            let at = read(text).unwrap();
            assert_eq!(write(at), text);
        }
    }
}
