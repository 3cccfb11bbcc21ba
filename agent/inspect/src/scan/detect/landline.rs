//! Landline numbers of China: an area code, and seven or eight digits of which the first is 2 to 8 (telecommunications network
//! numbering plan of the MIIT, 2017). Digits that run together, or lack the area code, count only where a label stands.

use super::super::context::Topic;
use super::super::number::Spot;
use super::{Day, Hit, region, value};

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    let (area, subscriber) = spaced(spot).or_else(|| run_together(spot)).or_else(|| local(spot))?;
    let end = extension(spot.text, subscriber.end);
    let is_part = spot.is_in_row(end) && !is_labelled(spot);
    let fits = spot.topic() != Some(Topic::Other)
        && !is_part
        && starts(spot)
        && (end > subscriber.end || spot.ends_number(end));
    fits.then(|| Hit {
        end,
        value: [area.as_slice(), subscriber.digits.as_slice()].concat(),
    })
}

/// The digits of a subscriber, and where they end.
struct Subscriber {
    digits: Vec<u8>,
    end: usize,
}

fn is_labelled(spot: &Spot<'_>) -> bool {
    matches!(spot.topic(), Some(Topic::Phone | Topic::Mobile))
}

/// A bracket may stand before an area code, a plus before a country's.
fn starts(spot: &Spot<'_>) -> bool {
    matches!(spot.before(), Some('(' | '+' | '/' | '[')) || spot.starts_number()
}

/// `010-8888 8888`, `(0571) 88888888`, `+86 10 88888888`.
fn spaced(spot: &Spot<'_>) -> Option<(Vec<u8>, Subscriber)> {
    let text = spot.text.as_bytes();
    let run = spot.run().as_bytes();
    let (area, end) = if let Some(area) = run.strip_prefix(b"0").filter(|area| (2..=3).contains(&area.len())) {
        (area, spot.end)
    } else if run == b"86" || run == b"0086" {
        let from = joint(text, spot.end)?;
        let from = if text.get(from) == Some(&b'0') { from + 1 } else { from };
        let length = digits(text, from);
        let area = text
            .get(from..from + length)
            .filter(|area| (2..=3).contains(&area.len()))?;
        (area, from + length)
    } else {
        return None;
    };
    let from = joint(text, end)?;
    let subscriber = subscriber(text, from)?;
    let shaped = has_length(area, &subscriber.digits);
    (value(area).is_some_and(region::is_area) && shaped).then(|| (area.to_vec(), subscriber))
}

/// `01088888888`, beside a label.
fn run_together(spot: &Spot<'_>) -> Option<(Vec<u8>, Subscriber)> {
    let run = spot.run().as_bytes().strip_prefix(b"0")?;
    if !(10..=11).contains(&run.len()) || !run.iter().all(u8::is_ascii_digit) {
        return None;
    }
    [2, 3].into_iter().find_map(|length| {
        let (area, digits) = run.split_at_checked(length)?;
        let valid = value(area).is_some_and(region::is_area)
            && has_length(area, digits)
            && digits.first().is_some_and(|first| (b'2'..=b'8').contains(first))
            && is_labelled(spot);
        valid.then(|| {
            let digits = digits.to_vec();
            (area.to_vec(), Subscriber { digits, end: spot.end })
        })
    })
}

/// `8888 8888` or `8888888`, right after its label.
fn local(spot: &Spot<'_>) -> Option<(Vec<u8>, Subscriber)> {
    let first = spot.run().as_bytes().first()?;
    if !(b'2'..=b'8').contains(first) || spot.run().len() > 8 {
        return None;
    }
    let subscriber = subscriber(spot.text.as_bytes(), spot.start)?;
    (spot.topic() == Some(Topic::Phone)).then(|| (Vec::new(), subscriber))
}

/// Eight digits after 10 and 2x, seven or eight after other areas.
fn has_length(area: &[u8], subscriber: &[u8]) -> bool {
    subscriber.len() == 8 || area.len() == 3 && subscriber.len() == 7
}

/// Seven or eight digits that begin at `from`, in one run or in two.
fn subscriber(text: &[u8], from: usize) -> Option<Subscriber> {
    let first = digits(text, from);
    if !matches!(first, 3 | 4 | 7 | 8) {
        return None;
    }
    let mut all = text.get(from..from + first)?.to_vec();
    let mut end = from + first;
    if matches!(first, 3 | 4) && matches!(text.get(end), Some(b' ' | b'-')) {
        let second = digits(text, end + 1);
        all.extend_from_slice(text.get(end + 1..end + 1 + second)?);
        end += 1 + second;
    }
    let own = matches!(all.len(), 7 | 8) && all.first().is_some_and(|first| (b'2'..=b'8').contains(first));
    let ends = !text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    (own && ends).then_some(Subscriber { digits: all, end })
}

/// What may stand between an area code and a number: brackets, and a blank or a hyphen.
fn joint(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let skip = rest.iter().take(3).take_while(|byte| b" -)(]/".contains(byte)).count();
    (1..=3).contains(&skip).then_some(at + skip)
}

fn digits(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().take(12).take_while(|byte| byte.is_ascii_digit()).count()
}

/// Where an extension ends that follows at `at`; `at` without one.
fn extension(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    for joint in ["-", "转", " 转", "#", " ext. ", " ext ", "ext", "*"] {
        let Some(own) = rest.strip_prefix(joint) else { continue };
        let count = digits(own.as_bytes(), 0);
        let ends = !own
            .as_bytes()
            .get(count)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        if (1..=6).contains(&count) && ends {
            return at + joint.len() + count;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    #[test]
    fn a_number_with_its_area_is_found_however_it_is_set() {
        for text in [
            "010-62345678",
            "(010)62345678",
            "(010) 6234 5678",
            "010-6234-5678",
            "010 62345678",
            "+86 10 62345678",
            "86-10-62345678",
            "+86-010-6234-5678",
            "010-62345678-801",
            "010-62345678转801",
            "电话01062345678",
            "Tel: 01062345678",
        ] {
            assert_eq!(found(Detector::Landline, text), ["1062345678"], "{text}");
        }
        assert_eq!(found(Detector::Landline, "0755-2345678, 0755-23456789").len(), 2);
        assert_eq!(found(Detector::Landline, "传真：62345678"), ["62345678"]);
        assert_eq!(found(Detector::Landline, "电话 010 6234 5678 801").len(), 1);
        assert_eq!(found(Detector::Landline, "010-62345678 2024年").len(), 1);
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "010-12345678",
            "010-6234567",
            "01062345678",
            "026-62345678",
            "0999999-62345678",
            "400-800-8888",
            "2024-05-06",
            "订单号：010-62345678",
            "010-62345678-20240101-5",
            "62345678",
            "ab010-62345678",
            "0571 6234 5678 9012",
            "1234 0571 6234 5678",
        ] {
            assert!(found(Detector::Landline, text).is_empty(), "{text}");
        }
    }
}
