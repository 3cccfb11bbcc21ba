//! Sizes as the policy writes them: 1 MB is 1,048,576 bytes.

const UNITS: [(&str, u64); 4] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)];

/// Reads a size.
pub(crate) fn read(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_uppercase();
    let (_, unit) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let number: u64 = number.parse().ok()?;
    number.checked_mul(*unit).filter(|bytes| *bytes > 0)
}

/// Writes a size so that it is read as the same.
pub(crate) fn write(bytes: u64) -> String {
    let exact = UNITS.iter().find(|(_, unit)| bytes.is_multiple_of(*unit));
    exact.map_or_else(|| bytes.to_string(), |(name, unit)| format!("{}{name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_need_a_unit() {
        assert_eq!(read("200MB"), Some(200 << 20));
        assert_eq!(read("2 gb"), Some(2 << 30));
        for bad in ["200", "0MB", "MB", "-1MB", "99999999999999999999GB", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(bytes in 1..=u64::MAX) {
            prop_assert_eq!(read(&write(bytes)), Some(bytes));
        }
    }
}
