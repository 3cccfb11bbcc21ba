//! Numbers of cells as people write them.

use std::borrow::Cow;

/// Digits that a floating-point number is sure of, and that programs show.
const SIGNIFICANT: usize = 15;
/// Digits of a number that may stand for something: a telephone number, a bank card.
const LONG: usize = 7;

/// A number as its cell would show it: `1.38E+10` is 13800000000, and what floating-point numbers cannot tell apart is rounded.
pub(super) fn digits(value: &str) -> Cow<'_, str> {
    let rounded = || {
        let has_fraction = value.len() > SIGNIFICANT && value.contains('.');
        let number = has_fraction.then(|| value.parse().ok()).flatten();
        number.map(shown).filter(|shown| !shown.is_empty())
    };
    match plain(value).or_else(rounded) {
        Some(shown) => shown.into(),
        None => value.into(),
    }
}

/// A floating-point number with the digits that it is sure of; nothing when it is too large to mean something.
pub(crate) fn shown(number: f64) -> String {
    if number == 0.0 || !(1e-9..1e31).contains(&number.abs()) {
        return String::new();
    }
    // What is an integer is exact, and may be a number of an account.
    let rounded = if number.fract() == 0.0 {
        Ok(number)
    } else {
        format!("{number:.*e}", SIGNIFICANT - 1).parse::<f64>()
    };
    rounded.map(|number| number.to_string()).unwrap_or_default()
}

/// Whether it has many digits before its point, and none behind it.
pub(super) fn is_long(value: &str) -> bool {
    let value = digits(value);
    value.len() >= LONG && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn plain(value: &str) -> Option<String> {
    let (mantissa, exponent) = value.split_once(['E', 'e'])?;
    let exponent = usize::try_from(exponent.trim_start_matches('+').parse::<i32>().ok()?).ok()?;
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
    if !is_number || exponent > 30 || whole.is_empty() || whole.starts_with('0') {
        return None;
    }
    Some(match fraction.split_at_checked(exponent) {
        Some((moved, "")) => format!("{sign}{whole}{moved}"),
        Some((moved, rest)) => format!("{sign}{whole}{moved}.{rest}"),
        None => format!("{sign}{whole}{fraction}{}", "0".repeat(exponent - fraction.len())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_exponents() {
        for (value, expected) in [
            ("1.3800138E+10", "13800138000"),
            ("6.2220212345678902E18", "6222021234567890200"),
            ("0.45484271718437805", "0.454842717184378"),
            ("0.30000000000000004", "0.3"),
            ("1.2345678901234567E-7", "0.000000123456789012346"),
            ("-1.5e1", "-15"),
            ("1.2345E2", "123.45"),
            ("13800138000", "13800138000"),
            ("1E-5", "1E-5"),
            ("1E400", "1E400"),
            ("0E5", "0E5"),
            ("E5", "E5"),
            ("text E5", "text E5"),
        ] {
            assert_eq!(digits(value), expected);
        }
    }

    #[test]
    fn a_long_number_is_a_whole_one() {
        assert!(is_long("13800138000") && is_long("1.3800138E10"));
        assert!(!is_long("123456") && !is_long("1380013.5") && !is_long("-13800138000"));
    }
}
