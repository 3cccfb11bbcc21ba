//! The header `Retry-After`: seconds, or an HTTP date.

use std::time::Duration;

use jiff::Timestamp;

use crate::device::clock;

/// Reads the header's value. A date counts from the collector's own `Date`, so that this PC's clock does not matter;
/// one that is over is no wait, and text that is neither is no header.
pub(crate) fn read(value: &str, date: Option<&str>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let now = date.and_then(http_date).unwrap_or_else(clock::now);
    Some(Duration::try_from(http_date(value)?.duration_since(now)).unwrap_or_default())
}

fn http_date(text: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_and_nothing_else() {
        let date = Some("Sat, 21 Nov 2026 08:00:00 GMT");
        let seconds = |n| Some(Duration::from_secs(n));
        for (value, wait) in [
            ("120", seconds(120)),
            (" 0 ", seconds(0)),
            ("Sat, 21 Nov 2026 08:02:00 GMT", seconds(120)),
            ("Sat, 21 Nov 2026 07:00:00 GMT", seconds(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(read(value, date), wait, "{value:?}");
        }
    }
}
