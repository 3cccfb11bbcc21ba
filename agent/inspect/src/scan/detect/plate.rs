//! Licence plates, GA 36-2018: a province's character, a letter, and five characters with at most two letters, or six of a
//! vehicle of new energy; I and O are not used.

use super::super::context::Topic;
use super::super::number::Spot;
use super::{Day, Hit};

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// Provinces whose character often ends a word before a letter: 最新A, 阿里云A.
const COMMON: &str = "新云青宁吉";
/// What stands in place of the last character: trailers, learners, police, Hong Kong, Macao, consulates.
const LAST: &str = "挂学警港澳领";

pub(super) fn find(spot: &Spot<'_>, _: &Day) -> Option<Hit> {
    let labelled = spot.topic() == Some(Topic::Plate);
    let run = spot.run();
    let head = &spot.text[..spot.start];
    let (province, letter, serial) = if let Some(province) = province(head) {
        let letter = run.chars().next()?;
        (province, letter, run.get(1..)?)
    } else {
        let head = head.strip_suffix(['·', '•', '・', '.', ' ', '-', '‧'])?;
        let letter = head.chars().next_back()?;
        (province(&head[..head.len() - letter.len_utf8()])?, letter, run)
    };
    let rest = spot.after(spot.end);
    let (last, end) = match rest.chars().next().filter(|c| LAST.contains(*c)) {
        Some(last) if serial.len() == 4 => (Some(last), spot.end + last.len_utf8()),
        _ => (None, spot.end),
    };
    let written = run.chars().chain([letter]).any(|c| c.is_ascii_lowercase());
    let valid = is_letter(letter)
        && is_serial(serial, last.is_some())
        && (!written || labelled)
        && (province.alone || labelled)
        && spot.topic() != Some(Topic::Other)
        && !matches!(spot.text[end..].chars().next(), Some('-' | '_'));
    let serial = serial.to_ascii_uppercase();
    let last = last.map(String::from).unwrap_or_default();
    valid.then(|| Hit {
        end,
        value: format!("{}{}{serial}{last}", province.character, letter.to_ascii_uppercase()).into_bytes(),
    })
}

/// A province's character at the end of a text.
struct Province {
    character: char,
    /// Whether it does not end a word.
    alone: bool,
}

fn province(head: &str) -> Option<Province> {
    let mut chars = head.chars().rev();
    let character = chars.next().filter(|c| PROVINCES.contains(*c))?;
    let word = chars.next().is_some_and(char::is_alphabetic);
    Some(Province {
        character,
        alone: !(word && COMMON.contains(character)),
    })
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() && !matches!(c.to_ascii_uppercase(), 'I' | 'O')
}

fn is_serial(serial: &str, has_last: bool) -> bool {
    let letters = serial.chars().filter(char::is_ascii_alphabetic).count();
    let usable = serial.chars().all(|c| c.is_ascii_digit() || is_letter(c));
    let new_energy = || {
        let bytes = serial.as_bytes();
        let digits =
            |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|own| own.iter().all(u8::is_ascii_digit));
        let at = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_alphabetic);
        at(0) && digits(2..6) || at(5) && digits(0..5)
    };
    usable
        && match serial.len() {
            4 => has_last && letters <= 2,
            5 => letters <= 2,
            6 => new_energy(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    #[test]
    fn plates_are_found_however_they_are_set() {
        for (text, plate) in [
            ("车京A12345停放", "京A12345"),
            ("京A·12345", "京A12345"),
            ("沪A 1B2C3", "沪A1B2C3"),
            ("粤BD12345", "粤BD12345"),
            ("粤B12345D", "粤B12345D"),
            ("粤Z1234港", "粤Z1234港"),
            ("车牌：新a12345", "新A12345"),
            ("Ａ 京C0X0X9", "京C0X0X9"),
        ] {
            assert_eq!(found(Detector::Plate, text), [plate], "{text}");
        }
        for text in [
            "京A1234",
            "京A123456",
            "京I12345",
            "京AABC12",
            "最新A12345",
            "型号：京A12345",
            "京A12345-2",
            "A12345",
            "京 12345",
        ] {
            assert!(found(Detector::Plate, text).is_empty(), "{text}");
        }
    }
}
