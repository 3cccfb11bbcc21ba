//! Resident ID numbers, GB 11643-1999: six digits of a division, eight of the date of birth, three of an order, and a
//! check character by ISO/IEC 7064 MOD 11-2. The former one of fifteen digits has no check: it counts only where its label stands.
//! Foreigners who live in China have a 9, a province and the code of their country (ISO 3166-1) in place of the division, as the National
//! Immigration Administration numbers the cards of permanent residence since 2023.

use jiff::civil::Date;

use super::super::context::Topic;
use super::super::number::{Number, Spot};
use super::{Day, Hit, region, value};

pub(super) fn find(spot: &Spot<'_>, today: Day) -> Option<Hit> {
    if let Some(number) = eighteen(spot, today).or_else(|| fifteen(spot)) {
        return Some(Hit {
            end: number.end,
            value: number.chars.to_ascii_uppercase(),
        });
    }
    let (chars, end) = torn(spot, today).or_else(|| crossed(spot, today))?;
    Some(Hit {
        end,
        value: chars.to_ascii_uppercase(),
    })
}

fn eighteen<'a>(spot: &'a Spot<'_>, today: Day) -> Option<Number<'a>> {
    let number = spot.number(18)?;
    let labelled = || matches!(spot.topic(), Some(Topic::ResidentId | Topic::Document));
    let joined = number.groups() <= 6 || number.is_spelled() && number.is_uniform() || labelled();
    let valid = is_valid(number.chars, today, labelled);
    let ends = spot.ends_number(number.end) || spot.after(number.end).starts_with('_');
    (valid && joined && ends && !spot.is_fraction()).then_some(number)
}

/// Its parts in cells beside each other, of which the first is at least the division.
fn torn(spot: &Spot<'_>, today: Day) -> Option<([u8; 18], usize)> {
    if !(6..18).contains(&spot.run().len()) {
        return None;
    }
    let (chars, end) = spot.over_cells()?;
    (is_valid(&chars, today, || false) && spot.starts_number() && spot.ends_number(end)).then_some((chars, end))
}

/// Whether eighteen characters are a division, a date of birth, an order, and the check of all these. Those of foreigners need a label.
fn is_valid(chars: &[u8], today: Day, labelled: impl Fn() -> bool) -> bool {
    let Some((digits, check)) = chars.split_at_checked(17) else {
        return false;
    };
    let county = value(&digits[..6]);
    let birth = value(&digits[6..10]).and_then(|year| date(year, &digits[10..14]));
    let foreign = |county| county / 100_000 == 9 && region::is_province(county / 1000 % 100) && labelled();
    county.is_some_and(|county| region::is_province(county / 10_000) || foreign(county))
        && birth.is_some_and(|birth| birth.year() >= 1900 && birth <= today.0)
        && check.first().map(u8::to_ascii_uppercase) == check_character(digits)
}

/// A sign for multiplication in place of the X that it looks like.
fn crossed(spot: &Spot<'_>, today: Day) -> Option<([u8; 18], usize)> {
    let digits = spot
        .run()
        .as_bytes()
        .first_chunk::<17>()
        .filter(|_| spot.run().len() == 17)?;
    let rest = spot.after(spot.end).strip_prefix('×')?;
    let mut chars = [b'X'; 18];
    chars[..17].copy_from_slice(digits);
    let own =
        is_valid(&chars, today, || false) && spot.starts_number() && !rest.starts_with(|c: char| c.is_alphanumeric());
    own.then_some((chars, spot.text.len() - rest.len()))
}

fn fifteen<'a>(spot: &'a Spot<'_>) -> Option<Number<'a>> {
    let number = spot.number(15).filter(Number::is_whole)?;
    let valid = value(number.chars.get(..2)?).is_some_and(region::is_province)
        && date(1900 + value(number.chars.get(6..8)?)?, number.chars.get(8..12)?).is_some()
        && number.chars.iter().all(u8::is_ascii_digit);
    (valid && spot.topic() == Some(Topic::ResidentId)).then_some(number)
}

fn date(year: u32, month_and_day: &[u8]) -> Option<Date> {
    let month_and_day = value(month_and_day)?;
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month_and_day / 100).ok()?,
        i8::try_from(month_and_day % 100).ok()?,
    )
    .ok()
}

/// ISO/IEC 7064 MOD 11-2 over seventeen digits.
fn check_character(digits: &[u8]) -> Option<u8> {
    let sum = digits.iter().try_fold(0_u32, |sum, digit| {
        digit.is_ascii_digit().then(|| (sum + u32::from(digit - b'0')) * 2 % 11)
    })?;
    b"10X98765432".get(usize::try_from(sum).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    fn ids(text: &str) -> Vec<String> {
        found(Detector::ResidentId, text)
    }

    #[test]
    fn a_number_counts_by_its_check_its_date_and_its_division() {
        assert_eq!(ids("号码110101199003070070。"), ["110101199003070070"]);
        for wrong in [
            "110101199003070071",
            "110101199002300010",
            "160101199003070078",
            "110101209003070012",
            "1101011990030700701",
            "0110101199003070070",
        ] {
            assert!(ids(wrong).is_empty(), "{wrong}");
        }
    }

    #[test]
    fn however_it_is_set_it_is_found() {
        let id = "11010119900307109X";
        for text in [
            "ID11010119900307109x",
            "110101 19900307 109X",
            "110101-19900307-109X",
            "1 1 0 1 0 1 1 9 9 0 0 3 0 7 1 0 9 X",
            "1\t1\t0\t1\t0\t1\t1\t9\t9\t0\t0\t3\t0\t7\t1\t0\t9\tX",
            "1101011990\n0307109X",
            "张三_11010119900307109X_正面.jpg",
            "scan_11010119900307109X_front.jpg",
            "No.11010119900307109X",
            "110101\t19900307\t109X",
            "姓名\t11010119900307\t109X\t2",
            "身份证号11010119900307109×，",
        ] {
            assert_eq!(ids(text), [id], "{text}");
        }
    }

    #[test]
    fn the_digits_of_a_decimal_are_none() {
        assert_eq!(ids("号 110101199003070070").len(), 1);
        assert!(ids("系数 0.110101199003070070").is_empty());
        assert!(ids("110101199003070070.25").is_empty());
    }

    #[test]
    fn those_of_hong_kong_and_of_foreigners_are_known() {
        assert_eq!(ids("港澳居民居住证 810000199408230021").len(), 1);
        // The specimen of the Administration.
        assert_eq!(ids("永久居留身份证：911124198108030024").len(), 1);
        assert!(ids("流水 911124198108030024").is_empty());
    }

    #[test]
    fn cells_that_give_no_number_together_are_none() {
        for text in [
            "110101\t19900307\t1090",
            "110101\t19900307\t109X1",
            "110101\t\t19900307109X",
            "110101\t1990\t0307\t109",
            "1.110101\t19900307\t109X",
        ] {
            assert!(ids(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_former_number_needs_its_label() {
        assert_eq!(ids("身份证号：110101900307123"), ["110101900307123"]);
        assert_eq!(ids("身份证号：110100900307123"), ["110100900307123"]);
        assert!(ids("身份证号：170101900307123").is_empty());
        assert!(ids("流水 110101900307123").is_empty());
        assert!(ids("身份证号：110101901307123").is_empty());
    }
}
