//! Landline numbers of China: an area code, and seven or eight digits of which the first is 2 to 8 (telecommunications network
//! numbering plan of the MIIT, 2017). Digits that run together, or lack the area code, count only where a label stands.

use super::super::context::{self, Topic};
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

/// Bytes before a number in which the word or number stands that it belongs to.
const WORD: usize = 48;

/// The digits of a subscriber, and where they end.
struct Subscriber {
    digits: Vec<u8>,
    end: usize,
}

fn is_labelled(spot: &Spot<'_>) -> bool {
    matches!(spot.topic(), Some(Topic::Phone | Topic::Mobile | Topic::Contact))
}

/// A bracket may stand before an area code, a plus before a country's.
fn starts(spot: &Spot<'_>) -> bool {
    let apart =
        matches!(spot.before(), Some('(' | '+' | '/' | '[')) || spot.before() == Some('.') && !spot.is_fraction();
    apart || spot.starts_number()
}

/// `010-8888 8888`, `(0571) 88888888`, `+86 10 88888888`, `+86 (0)10 88888888`.
fn spaced(spot: &Spot<'_>) -> Option<(Vec<u8>, Subscriber)> {
    let text = spot.text.as_bytes();
    let run = spot.run().as_bytes();
    let (area, end) = if run == b"86" || run == b"0086" {
        let from = joint(text, spot.end)?;
        let from = if text.get(from) == Some(&b'0') { from + 1 } else { from };
        let length = digits(text, from);
        let area = text
            .get(from..from + length)
            .filter(|area| (2..=3).contains(&area.len()))?;
        (area, from + length)
    } else if run == b"0" && text.get(spot.end) == Some(&b')') {
        let from = joint(text, spot.end)?;
        let length = digits(text, from);
        (text.get(from..from + length)?, from + length)
    } else {
        let area = run.strip_prefix(b"0").or_else(|| run.strip_prefix(b"86"));
        (area.filter(|area| (2..=3).contains(&area.len()))?, spot.end)
    };
    let from = joint(text, end)?;
    let subscriber = subscriber(text, from)?;
    let shaped = has_length(area, &subscriber.digits);
    (value(area).is_some_and(region::is_area) && shaped).then(|| (area.to_vec(), subscriber))
}

/// `01088888888`, beside a label.
fn run_together(spot: &Spot<'_>) -> Option<(Vec<u8>, Subscriber)> {
    let run = spot.run().as_bytes();
    let international = run.strip_prefix(b"86").filter(|_| spot.before() == Some('+'));
    let run = international
        .or_else(|| run.strip_prefix(b"0086"))
        .or_else(|| run.strip_prefix(b"0"))?;
    let run = run.strip_prefix(b"0").unwrap_or(run);
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
    let labelled = matches!(spot.topic(), Some(Topic::Phone | Topic::Contact)) && spot.before() != Some('+');
    let in_path = spot.text[..spot.start]
        .strip_suffix('/')
        .is_some_and(|head| head.ends_with(|c: char| c.is_ascii_alphabetic()));
    let alone = !in_path
        && !are_years(&spot.text[spot.start..subscriber.end])
        && !is_tail(spot)
        && !is_head(spot, subscriber.end)
        && !is_toll_free(spot, &subscriber);
    (labelled && alone).then(|| (Vec::new(), subscriber))
}

/// `2019-2026`
fn are_years(text: &str) -> bool {
    let is_year = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    text.split_once('-')
        .is_some_and(|(from, to)| is_year(from) && is_year(to))
}

/// Whether a few more digits follow, apart, or a group like its own, or what is masked: `4190 5911 08`, `62284889****3049`.
fn is_head(spot: &Spot<'_>, end: usize) -> bool {
    if spot.after(end).starts_with("**") {
        return true;
    }
    let rest = spot.after(end).strip_prefix(' ').unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let most = if spot.run().len() == 4 { 4 } else { 3 };
    (1..=most).contains(&digits) && !rest[digits..].starts_with(char::is_alphanumeric)
}

/// Whether it ends a longer number, of another country or of a service, or stands within a sentence: `+65 6881 2682`,
/// `(02)2558-8994`, `400-852-2819`, `电话称共88047145件`.
fn is_tail(spot: &Spot<'_>) -> bool {
    let from = spot.text.floor_char_boundary(spot.start.saturating_sub(WORD));
    let head = &spot.text[from..spot.start];
    let joint = |c: char| matches!(c, ' ' | '-' | '.' | ')' | ']');
    let word = head.trim_end_matches(joint);
    let joints = &head[word.len()..];
    if !word.ends_with(|c: char| c.is_ascii_digit()) {
        return joints.is_empty() && word.ends_with(char::is_alphanumeric) && !ends_with_label(word);
    }
    let lead = word.trim_end_matches(|c: char| joint(c) || c.is_ascii_digit());
    let coded = lead.ends_with(|c: char| c.is_ascii_alphabetic()) && !ends_with_label(lead);
    joints.contains(|c: char| c != ' ') || lead.ends_with(['+', '(']) || coded
}

fn ends_with_label(text: &str) -> bool {
    let text = text.trim_end_matches(['号', '码']);
    context::labels(text)
        .last()
        .is_some_and(|label| label.end == text.len())
}

/// Numbers of services, paid for by the one who is called: 400 or 800 and seven digits.
fn is_toll_free(spot: &Spot<'_>, subscriber: &Subscriber) -> bool {
    let extension = extension(spot.text, subscriber.end) - subscriber.end;
    [b"400", b"800"].iter().any(|code| subscriber.digits.starts_with(*code))
        && subscriber.digits.len() + extension.saturating_sub(1) == 10
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
            "0086-10-62345678",
            "8610-62345678",
            "(8610)62345678",
            "T.010-62345678",
            "010--62345678",
            "Tel: +861062345678",
            "+86 (0)10 6234 5678",
            "+86(0)10-62345678",
            "联系人：甲01062345678",
        ] {
            assert_eq!(found(Detector::Landline, text), ["1062345678"], "{text}");
        }
        assert_eq!(found(Detector::Landline, "0755-2345678, 0755-23456789").len(), 2);
        for text in [
            "传真：62345678",
            "办公电话62345678",
            "Tel 6234-5678",
            "电话 1 62345678",
            "电话：62345678-801",
        ] {
            assert_eq!(found(Detector::Landline, text), ["62345678"], "{text}");
        }
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
            "备件号 010-62345678",
            "客户电话反馈，共62345678件",
            "热线 400-852-2819",
            "contact: https://example.com/answer/3251242",
            "热线：4008-208-820",
            "电话：(852) 2345 6789",
            "Tel: +65 6234 5678",
            "Tel: +852-2345-6789",
            "Tel +49 30 62345678",
            "Phone: +1 (504) 487-4077",
            "電話：02-2345-6789",
            "以下电话的账号 DE83 6725 0020 5543 7345 61",
            "有电话 IBAN: NL59 YOUR 4190 5911 08",
            "以下为电话\n4951 1823 4084",
            "电话 2019-2026 年",
            "联系人已核对，62284889****3049",
            "3463 0420 4565 5205",
            "0571 6234 5678 9012",
            "1234 0571 6234 5678",
        ] {
            assert!(found(Detector::Landline, text).is_empty(), "{text}");
        }
    }
}
