//! Licence plates, GA 36-2018: a province's character, a letter, and five characters with at most two letters, or six of a
//! vehicle of new energy; I and O are not used in them.

use super::super::context::Topic;
use super::super::number::Spot;
use super::{Day, Hit};

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// Provinces whose character often ends a word before a letter: 最新A, 阿里云A.
const COMMON: &str = "新云青宁吉";
/// Characters with which they make no word.
const BORDERS: &str = "车辆牌号乘坐驶停";
const PARTICLES: &str = "的为是将把由与和及";
/// What stands in place of the last character: trailers, learners, police, Hong Kong, Macao, consulates.
const LAST: &str = "挂学警港澳领";

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    let run = spot.run();
    let head = &spot.text[..spot.start];
    if !(4..=7).contains(&run.len()) {
        return None;
    }
    if let Some(hit) = embassy(spot) {
        return Some(hit);
    }
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
    let shaped = is_office(letter) && is_serial(serial, last.is_some()) && !goes_on(&spot.text[end..]);
    if !shaped {
        return None;
    }
    let topic = spot.topic_before(province.at);
    let labelled = topic == Some(Topic::Plate);
    let small = run.chars().chain([letter]).any(|c| c.is_ascii_lowercase());
    let valid = labelled || !small && province.alone && topic != Some(Topic::Other);
    let serial = serial.to_ascii_uppercase();
    let last = last.map(String::from).unwrap_or_default();
    valid.then(|| Hit {
        end,
        value: format!("{}{}{serial}{last}", province.character, letter.to_ascii_uppercase()).into_bytes(),
    })
}

/// Whether what follows is part of the same code.
fn goes_on(rest: &str) -> bool {
    let mut rest = rest.chars();
    match rest.next() {
        // A class in Roman numerals follows the numbers of certificates.
        Some('-' | '\u{2160}'..='\u{217f}') => true,
        Some('_') => rest.next().is_none_or(|c| c.is_ascii()),
        _ => false,
    }
}

/// Those of embassies have six digits.
fn embassy(spot: &Spot<'_>) -> Option<Hit> {
    let start = spot.text[..spot.start].strip_suffix('使')?.len();
    let digits = spot.run().len() == 6 && spot.run().bytes().all(|byte| byte.is_ascii_digit());
    (digits && spot.topic_before(start) == Some(Topic::Plate)).then(|| Hit {
        end: spot.end,
        value: spot.text[start..spot.end].into(),
    })
}

/// A province's character at the end of a text.
struct Province {
    character: char,
    at: usize,
    /// Whether it does not end a word.
    alone: bool,
}

fn province(head: &str) -> Option<Province> {
    if head.as_bytes().last().is_none_or(u8::is_ascii) {
        return None;
    }
    let mut chars = head.chars().rev();
    let character = chars.next().filter(|c| PROVINCES.contains(*c))?;
    let makes_word = |before: char| {
        before.is_alphabetic() && !BORDERS.contains(before) && (character == '新' || !PARTICLES.contains(before))
    };
    let word = chars.next().is_some_and(makes_word);
    Some(Province {
        character,
        at: head.len() - character.len_utf8(),
        alone: !(word && COMMON.contains(character)),
    })
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() && !matches!(c.to_ascii_uppercase(), 'I' | 'O')
}

/// After the province O stood for its police.
fn is_office(c: char) -> bool {
    is_letter(c) || c == 'O'
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
            ("某某的吉H6E26F", "吉H6E26F"),
            ("新能源车云AF03099", "云AF03099"),
            ("京A12345_行驶证.jpg", "京A12345"),
            ("车牌号：使014578", "使014578"),
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
            "京A12345_2",
            "粤AQ7399ⅡJ",
            "促使014578",
            "阿里云A12345",
            "换上的新A12345批次",
        ] {
            assert!(found(Detector::Plate, text).is_empty(), "{text}");
        }
    }
}
