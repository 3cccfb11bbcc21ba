//! Unified social credit codes, GB 32100-2015: the registering department, the kind of body, six digits of a division, nine
//! characters of an organisation code, and a check character modulo 31.

use super::super::context::Topic;
use super::super::number::{Number, Spot};
use super::{Day, Hit, region, value};

/// The characters there are; each is worth its index.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    let number = spot.number(18)?;
    let labelled = || spot.topic() == Some(Topic::Company);
    // All its letters are small, where somebody has not cared.
    let mixed = number.chars.iter().any(u8::is_ascii_lowercase) && number.chars.iter().any(u8::is_ascii_uppercase);
    if mixed && !labelled() {
        return None;
    }
    let code = number.chars.to_ascii_uppercase();
    let department = code.first()?;
    let division = value(code.get(2..8)?)?;
    let valid = b"123456789ANY".contains(department)
        && (region::is_province(division / 10_000) || division / 1000 == 100)
        && check_character(code.get(..17)?) == code.last().copied();
    let shaped = is_set_as_one(&number) || labelled();
    // Eighteen digits alone can be an order's number as well.
    let shaped = shaped && (code.iter().any(u8::is_ascii_uppercase) || spot.topic() != Some(Topic::Other));
    // Law firms have a 3, unions an 8; eighteen digits that begin so are something else.
    let lettered = code.iter().skip(8).any(u8::is_ascii_uppercase);
    let usual = b"159NY".contains(department) && code.get(1).is_some_and(|kind| b"1239".contains(kind));
    let sure = usual || lettered && code.get(1).is_some_and(u8::is_ascii_digit);
    (valid && shaped && (sure || labelled()) && spot.starts_number() && spot.ends_number(number.end)).then(|| Hit {
        end: number.end,
        value: code.clone(),
    })
}

fn is_set_as_one(number: &Number<'_>) -> bool {
    number.is_whole()
        || number.is_spelled() && number.is_uniform()
        || number.is_grouped(&[4, 4, 4, 4, 2])
        || number.is_grouped(&[8, 10])
        || number.is_grouped(&[2, 6, 9, 1])
        || number.is_grouped(&[6, 6, 6])
        || number.groups() == 2 && number.is_broken()
}

/// GB 32100-2015, appendix A: weights are the powers of 3 modulo 31.
fn check_character(code: &[u8]) -> Option<u8> {
    let mut weight = 1;
    let sum = code.iter().try_fold(0, |sum, c| {
        let worth = ALPHABET.iter().position(|own| own == c)?;
        let sum = sum + worth * weight;
        weight = weight * 3 % 31;
        Some(sum)
    })?;
    ALPHABET.get((31 - sum % 31) % 31).copied()
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    /// A code that is right, from its first seventeen characters.
    fn code(head: &str) -> String {
        let check = super::check_character(head.as_bytes()).unwrap();
        format!("{head}{}", char::from(check))
    }

    #[test]
    fn the_check_character_decides() {
        // The example of the standard's own registry: the check of a well-known code.
        assert_eq!(code("91350100M000100Y4"), "91350100M000100Y43");
        let right = code("91110108MA0000000");
        for text in [
            format!("代码{right}。"),
            right[..8].to_owned() + " " + &right[8..],
            format!("税号:{}", right.to_lowercase()),
            format!("示例公司({})", right.to_lowercase()),
            right.chars().flat_map(|c| [c, '\t']).collect(),
            format!("示例_{right}.pdf"),
        ] {
            assert_eq!(found(Detector::Uscc, &text), [right.as_str()], "{text}");
        }
        let (head, last) = right.split_at(17);
        let other = if last == "0" { '1' } else { '0' };
        assert!(found(Detector::Uscc, &format!("{head}{other}")).is_empty());
        assert!(found(Detector::Uscc, &format!("A{right}")).is_empty());
        assert!(found(Detector::Uscc, &code("91170108MA0000000")).is_empty());
        assert!(found(Detector::Uscc, &code("14530296711035115")).is_empty());
        let letters = code("91650102MACQYRPPF");
        assert_eq!(
            found(Detector::Uscc, &format!("{} {}", &letters[..8], &letters[8..])),
            [letters]
        );
        let firm = code("31110000MD0123456");
        assert_eq!(found(Detector::Uscc, &firm), [firm.as_str()]);
        assert!(found(Detector::Uscc, &code("31110000012345678")).is_empty());
        let lettered = code("911101083E2D4YJNU");
        let fours: Vec<_> = lettered
            .as_bytes()
            .chunks(4)
            .map(|four| std::str::from_utf8(four).unwrap())
            .collect();
        assert_eq!(
            found(Detector::Uscc, &format!("代码 {}", fours.join(" "))),
            [lettered.as_str()]
        );
    }
}
