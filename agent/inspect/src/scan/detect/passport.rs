//! Passports: of China (E with eight digits or with a letter and seven, G; D, S, P for those on duty; K, H, M of Hong Kong and Macao),
//! as the National Immigration Administration numbers them. They have no check in the text of a document, so that a label must stand beside them.

use super::super::context::Topic;
use super::super::number::Spot;
use super::{Day, Hit};

pub(super) fn find(spot: &Spot<'_>, _: &Day) -> Option<Hit> {
    let number = code(spot)?;
    let first = *number.first()?;
    let own = match spot.topic() {
        Some(Topic::Passport) => {
            b"EGDSPHKM".contains(&first) || number.len() == 9 && matches!(number.get(..2), Some(b"14" | b"15"))
        }
        Some(Topic::Document) => b"EGDSP".contains(&first),
        _ => false,
    };
    own.then_some(Hit {
        end: spot.end,
        value: number,
    })
}

/// A letter, perhaps another one, and digits: nine characters in all; eight for those of duty. Or nine digits of the former kind.
fn code(spot: &Spot<'_>) -> Option<Vec<u8>> {
    let run = spot.run().to_ascii_uppercase().into_bytes();
    let letters = run.iter().take_while(|c| c.is_ascii_uppercase()).count();
    let digits = run.iter().skip(letters).all(u8::is_ascii_digit);
    let second = run.get(1).is_some_and(|c| !b"IO".contains(c));
    let shaped = match (letters, run.len()) {
        (0 | 1, 9) => true,
        (2, 9) => second,
        (1, 8) => run.first().is_some_and(|c| b"DSP".contains(c)),
        _ => false,
    };
    (digits && shaped && !matches!(spot.before(), Some('-' | '_' | '/')) && spot.ends_number(spot.end)).then_some(run)
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
        ] {
            assert_eq!(found(Detector::Passport, text).len(), 1, "{text}");
        }
        for text in [
            "E12345678",
            "型号：E12345678",
            "护照 EI1234567",
            "护照 E1234567",
            "护照 E123456789",
            "护照号：X12345678",
        ] {
            assert!(found(Detector::Passport, text).is_empty(), "{text}");
        }
    }
}
