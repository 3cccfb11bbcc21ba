//! Exit-entry permits, as the National Immigration Administration numbers them: to Hong Kong and Macao (C, W), to Taiwan (L, T),
//! of residents of Hong Kong and Macao to the mainland (H, M, with the count of issues or without), of Taiwan (eight digits). A label must
//! stand beside them; eight digits alone need that of their own kind, for vehicles and building sites have permits too.

use super::super::context::Topic;
use super::super::number::Spot;
use super::{Day, Hit};

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    let length = spot.run().len();
    if !(8..=11).contains(&length) {
        return None;
    }
    let run = spot.run().to_ascii_uppercase().into_bytes();
    let letters = run.iter().take_while(|c| c.is_ascii_uppercase()).count();
    let first = *run.first()?;
    let lettered = match (letters, length) {
        (1, 9) => b"CWLTHM".contains(&first),
        (1, 11) => b"HM".contains(&first),
        (2, 9) => first == b'C' && run.get(1).is_some_and(|c| !b"IO".contains(c)),
        _ => false,
    };
    let plain = letters == 0 && length == 8 && !is_date(&run);
    let digits = run.iter().skip(letters).all(u8::is_ascii_digit);
    if !(lettered || plain) || !digits {
        return None;
    }
    let named = match spot.topic()? {
        Topic::TaiwanPermit => true,
        Topic::Permit | Topic::Document => lettered,
        _ => false,
    };
    (named && spot.before() != Some('-') && !spot.is_fraction() && spot.ends_number(spot.end)).then_some(Hit {
        end: spot.end,
        value: run,
    })
}

/// A day since 1900: the one a permit was issued on or ends with.
fn is_date(digits: &[u8]) -> bool {
    matches!(digits.get(..2), Some(b"19" | b"20"))
        && super::value(digits)
            .is_some_and(|date| (1..=12).contains(&(date / 100 % 100)) && (1..=31).contains(&(date % 100)))
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    #[test]
    fn a_permit_needs_its_label() {
        for text in [
            "港澳通行证：C12345678",
            "往来港澳通行证号 CA1234567",
            "回乡证H12345678",
            "回乡证 H1234567801",
            "台胞证：12345678",
            "证件号：M12345678",
            "台湾居民来往大陆通行证：12345678",
            "证件类型：台胞证 证件号码：12345678",
            "台胞證號碼：12345678",
        ] {
            assert_eq!(found(Detector::Permit, text).len(), 1, "{text}");
        }
        for text in [
            "C12345678",
            "通行证有效期至 20301231",
            "台胞证 1234567",
            "批次号：C12345678",
            "证件号：12345678",
            "车辆通行证：12345678",
            "Parking permit no. 12345678",
            "台胞证 3.12345678",
        ] {
            assert!(found(Detector::Permit, text).is_empty(), "{text}");
        }
    }
}
