//! Passports: of China (E with eight digits or with a letter and seven, G; D, S, P for those on duty; K, H, M of Hong Kong and Macao),
//! as the National Immigration Administration numbers them, and of other countries. They have no check in the text of a document, so that a label must
//! stand beside them; only the lines for machines (ICAO Doc 9303, part 4) have check digits.

use super::super::context::Topic;
use super::super::number::Spot;
use super::{Day, Hit};

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    if let Some(number) = machine_readable(spot.run().as_bytes()) {
        return Some(Hit {
            end: spot.end,
            value: number.to_vec(),
        });
    }
    let (start, number) = code(spot)?;
    let first = *number.first()?;
    let own = match spot.topic_before(start) {
        Some(Topic::Passport) => true,
        Some(Topic::Document) => b"EGDSP".contains(&first) && is_usual(&number),
        _ => false,
    };
    own.then_some(Hit {
        end: spot.end,
        value: number,
    })
}

/// The number in the second line for machines: nine characters, a country, the days of birth and of expiry, each with its check.
fn machine_readable(run: &[u8]) -> Option<&[u8]> {
    let line: &[u8; 28] = run.first_chunk()?;
    let checked = |part: &[u8], check: u8| check_digit(part) == Some(check);
    let shaped = line[10..13].iter().all(u8::is_ascii_uppercase) && b"MFX".contains(&line[20]);
    let own =
        shaped && checked(&line[..9], line[9]) && checked(&line[13..19], line[19]) && checked(&line[21..27], line[27]);
    own.then(|| &run[..9])
}

/// ICAO Doc 9303, part 3, 4.9: weights 7, 3, 1; letters are worth 10 and up.
fn check_digit(part: &[u8]) -> Option<u8> {
    let weights = [7, 3, 1].iter().cycle();
    let sum = part.iter().zip(weights).try_fold(0_u32, |sum, (c, weight)| {
        char::from(*c).to_digit(36).map(|worth| sum + worth * weight)
    })?;
    u8::try_from(sum % 10).ok().map(|digit| b'0' + digit)
}

/// The number and where it starts: its letters may be set apart.
fn code(spot: &Spot<'_>) -> Option<(usize, Vec<u8>)> {
    let length = spot.run().len();
    let starts = !matches!(spot.before(), Some('-' | '_' | '/')) && !spot.is_fraction();
    if !(6..=9).contains(&length) || !starts || !spot.ends_number(spot.end) {
        return None;
    }
    let run = spot.run().to_ascii_uppercase().into_bytes();
    if is_usual(&run) || is_mixed(&run) {
        return Some((spot.start, run));
    }
    let head = spot.text[..spot.start].strip_suffix(' ')?.as_bytes();
    let letters = head.iter().rev().take(3).take_while(|c| c.is_ascii_uppercase()).count();
    let start = spot.start - 1 - letters;
    let apart = !start.checked_sub(1).is_some_and(|at| head[at].is_ascii_alphanumeric());
    let whole = [&head[start..], &run].concat();
    (letters > 0 && apart && is_usual(&whole)).then_some((start, whole))
}

/// Of China a letter, perhaps another one, and digits, nine characters in all; eight of those on duty. Of others likewise, or
/// nine digits.
fn is_usual(run: &[u8]) -> bool {
    let letters = run.iter().take_while(|c| c.is_ascii_uppercase()).count();
    let digits = run.iter().skip(letters).all(u8::is_ascii_digit);
    let chinese = run.first().is_some_and(|c| b"EG".contains(c));
    let shaped = match (letters, run.len()) {
        (0 | 1, 9) => true,
        (2, 9) => run.get(1).is_some_and(|c| !b"IO".contains(c)),
        (1 | 2, 8) => !chinese,
        _ => false,
    };
    digits && shaped
}

/// Of some countries letters among nine characters, a letter first and mostly digits.
fn is_mixed(run: &[u8]) -> bool {
    let letter = run
        .first()
        .is_some_and(|c| c.is_ascii_uppercase() && !b"EG".contains(c));
    letter && run.len() == 9 && run.iter().filter(|c| c.is_ascii_digit()).count() >= 5
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    #[test]
    fn a_passport_needs_its_label() {
        for text in [
            "护照号：E12345678",
            "Passport No. EA1234567",
            "护照\tG12345678",
            "证件号码 e12345678",
            "护照号码\nE12345678",
            "护照号 E 12345678",
            "护照号 EA 1234567",
            "护照：M085A5350",
            "证件类型：普通护照 证件号码：K12345678",
            "{\"passportNo\": \"E12345678\"}",
            // The specimen of ICAO Doc 9303 with the country of another.
            "P<CHNZHANG<<SAN<<<<\nL898902C36CHN7408122F1204159ZE184226B<<<<<10",
        ] {
            assert_eq!(found(Detector::Passport, text).len(), 1, "{text}");
        }
        for text in [
            "E12345678",
            "型号：E12345678",
            "护照 EI1234567",
            "护照 E1234567",
            "护照 E123456789",
            "护照有效期 20301231",
            "护照 E12A45678",
            "护照业务 CA 1234",
            "护照 13.900677652",
            "L898902C37CHN7408122F1204159",
        ] {
            assert!(found(Detector::Passport, text).is_empty(), "{text}");
        }
    }
}
