//! Bank cards, ISO/IEC 7812-1: an issuer's range with the length it has, and a last digit by Luhn.

use super::super::context::Topic;
use super::super::number::{Number, Spot};
use super::{Day, Hit, value};

/// How sure an issuer's range makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// Its number alone.
    Sure,
    /// Only beside a label of cards or accounts.
    Labelled,
    /// Only beside a label of cards.
    Named,
}

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    let first = *spot.run().as_bytes().first()?;
    if !(b'1'..=b'9').contains(&first) {
        return None;
    }
    let number = (13..=19).rev().find_map(|length| {
        let number = spot.number(length)?;
        is_card(spot, &number).then_some(number)
    })?;
    Some(Hit {
        end: number.end,
        value: number.chars.to_vec(),
    })
}

fn is_card(spot: &Spot<'_>, number: &Number<'_>) -> bool {
    if !luhn(number.chars) {
        return false;
    }
    let Some(range) = range(number.chars) else { return false };
    let labelled = match spot.topic() {
        Some(Topic::Card) => true,
        Some(Topic::Account) => range != Range::Named,
        _ => false,
    };
    // The tax numbers and identity numbers of old have fifteen digits as well.
    let usual = number.chars.len() != 15 || !number.is_whole();
    let sure =
        range == Range::Sure && usual && is_set_as_card(number) && !spot.is_in_row(number.end) && !is_assigned(spot);
    (labelled || sure && spot.topic() != Some(Topic::Other))
        && spot.starts_number()
        && spot.ends_number(number.end)
        && !is_part_of_row(spot, number)
}

/// Whether a group of four stands before its own, as ISO 13616 prints account numbers, or a shorter one after them:
/// `DE98 6207 0024 0652 8962 25`.
fn is_part_of_row(spot: &Spot<'_>, number: &Number<'_>) -> bool {
    let head = &spot.text.as_bytes()[..spot.start];
    let group = head.strip_suffix(b" ").and_then(|head| head.last_chunk::<4>());
    let in_row = |group: &[u8; 4]| group.iter().all(u8::is_ascii_alphanumeric) && group[3].is_ascii_digit();
    let rest = spot.after(number.end).strip_prefix(' ').unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let tail = (1..4).contains(&digits) && !rest[digits..].starts_with(|c: char| c == '/' || c.is_alphabetic());
    !number.is_whole() && !number.is_spelled() && (group.is_some_and(in_row) || tail)
}

/// Whether it is the value of a name that says nothing of a card, or the host of an address.
fn is_assigned(spot: &Spot<'_>) -> bool {
    matches!(spot.before(), Some('=' | '@')) && spot.topic().is_none()
}

/// The issuer's range and whether the length is one it has.
fn range(digits: &[u8]) -> Option<Range> {
    let head = |count: usize| digits.get(..count).and_then(value);
    let (two, four) = (head(2)?, head(4)?);
    let range = match (two, digits.len()) {
        // UnionPay.
        (62, 16 | 19)
        // Visa; Mastercard.
        | (40..=49 | 51..=55, 16)
        // American Express.
        | (34 | 37, 15) => Range::Sure,
        // JCB; debit cards of Chinese banks from before UnionPay.
        (35, 16) if (3528..=3589).contains(&four) => Range::Sure,
        (95 | 43, 19) if matches!(four, 9558 | 4367) => Range::Sure,
        (45 | 43 | 42, 19) if matches!(four, 4563 | 4340 | 4270) => Range::Labelled,
        // Rarer lengths, Diners Club, Discover, former JCB, UnionPay abroad, domestic ranges.
        (40..=49, 13)
        | (22..=27 | 81, 16)
        | (30 | 36 | 38 | 39, 14)
        | (18 | 21, 15)
        | (50..=69 | 84 | 87 | 90..=99, 16..=19) => Range::Labelled,
        // Visa, the Agricultural Bank of China; the accounts of companies begin likewise.
        (40..=49, 19) => Range::Named,
        (10, 19) if four / 10 == 103 => Range::Named,
        _ => return None,
    };
    Some(range)
}

/// Whether its groups are those on a card, or it is one run.
fn is_set_as_card(number: &Number<'_>) -> bool {
    let fours = [4, 4, 4, 4, 4];
    let (whole, rest) = (number.chars.len() / 4, number.chars.len() % 4);
    let mut groups = fours;
    groups[whole.min(4)] = rest;
    let groups = &groups[..whole.min(4) + usize::from(rest > 0)];
    number.is_whole()
        || number.is_spelled() && number.is_uniform()
        || number.is_grouped(groups)
        || number.is_grouped(&[6, 13])
        || number.is_grouped(&[6, 10])
        || number.is_grouped(&[4, 6, 5])
        || number.groups() == 2 && number.is_broken()
}

/// ISO/IEC 7812-1 annex B.
fn luhn(digits: &[u8]) -> bool {
    let sum = digits.iter().rev().enumerate().try_fold(0_u32, |sum, (index, digit)| {
        let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
        let doubled = if index % 2 == 1 { digit * 2 } else { digit };
        Some(sum + doubled / 10 + doubled % 10)
    });
    sum.is_some_and(|sum| sum % 10 == 0 && digits.iter().any(|digit| *digit != b'0'))
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    fn cards(text: &str) -> Vec<String> {
        found(Detector::BankCard, text)
    }

    /// A number that is right, from all its digits but the last.
    fn card(head: &str) -> String {
        let right = |last: &char| super::luhn(format!("{head}{last}").as_bytes());
        format!("{head}{}", ('0'..='9').find(right).unwrap())
    }

    #[test]
    fn issuers_are_known_with_their_lengths() {
        for head in [
            "622202020000000000",
            "622588020000000",
            "400000123456789",
            "510000123456789",
            "352800123456789",
            "955880123456789012",
        ] {
            let card = card(head);
            assert_eq!(cards(&format!("付至 {card}。")), [card.as_str()], "{card}");
            let (start, last) = card.split_at(card.len() - 1);
            let other = if last == "9" { "8" } else { "9" };
            assert!(cards(&format!("{start}{other}")).is_empty(), "{card}");
        }
        for head in [
            "62220202000000000",
            "40000012345678",
            "100000000000000",
            "620000123456",
            "222100123456789",
        ] {
            assert!(cards(&card(head)).is_empty(), "{head}");
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_set() {
        let card = card("622202020000000000");
        let spelled: String = card.chars().flat_map(|c| [c, '\t']).collect();
        let fours = |joint: &str| {
            let groups: Vec<_> = card
                .as_bytes()
                .chunks(4)
                .map(|group| std::str::from_utf8(group).unwrap())
                .collect();
            groups.join(joint)
        };
        for text in [
            spelled,
            fours(" "),
            fours("-"),
            format!("{} {}", &card[..6], &card[6..]),
        ] {
            assert_eq!(cards(&text), [card.as_str()], "{text}");
        }
        assert!(cards(&format!("{} {}", &card[..9], &card[9..])).is_empty());
        assert_eq!(cards(&format!("卡号：{} {}", &card[..9], &card[9..])).len(), 1);
    }

    #[test]
    fn fifteen_digits_are_one_as_a_card_shows_them() {
        let card = card("34000012345678");
        let set = format!("{} {} {}", &card[..4], &card[4..10], &card[10..]);
        assert_eq!(cards(&set), [card.as_str()]);
        assert_eq!(cards(&format!("信用卡 {card}")), [card.as_str()]);
        assert!(cards(&format!("见 {card}")).is_empty());
    }

    #[test]
    fn an_account_number_of_europe_is_none() {
        let (right, four) = (card("620700240652896"), card("400000123456789"));
        for number in [right, four] {
            let groups: Vec<_> = (0..4).map(|at| &number[at * 4..at * 4 + 4]).collect();
            let groups = groups.join(" ");
            assert_eq!(cards(&format!("卡号 {groups}")).len(), 1, "{groups}");
            assert_eq!(cards(&format!("{groups} 08/29")).len(), 1, "{groups}");
            assert!(cards(&format!("{groups} 898。")).is_empty(), "{groups}");
            assert_eq!(cards(&format!("{groups} 2张")).len(), 1, "{groups}");
            assert!(cards(&format!("收款账号：DE98 {groups} 25")).is_empty(), "{groups}");
            assert!(cards(&format!("收款账号：ES61 0227 {groups}")).is_empty(), "{groups}");
        }
    }

    #[test]
    fn a_row_of_numbers_and_the_value_of_any_name_are_none() {
        let card = card("622202020000000");
        let groups: Vec<_> = (0..4).map(|at| &card[at * 4..at * 4 + 4]).collect();
        let spaced = groups.join(" ");
        for text in [
            format!("1234 {spaced}"),
            format!("{spaced} 1234"),
            format!("trace={card}"),
            format!("dev@{card}.example.com"),
        ] {
            assert!(cards(&text).is_empty(), "{text}");
        }
        for text in [
            format!("付至 {spaced}，2026"),
            format!("付至 {card} 2026"),
            format!("卡号 {spaced} 2026"),
            format!("card={card}"),
        ] {
            assert_eq!(cards(&text), [card.as_str()], "{text}");
        }
    }

    #[test]
    fn a_label_allows_rare_ranges_and_forbids_orders() {
        let rare = card("940000000000000");
        assert_eq!(cards(&format!("卡号：{rare}")), [rare.as_str()]);
        assert!(cards(&format!("见 {rare}")).is_empty());
        let farmers = card("103326116661862821");
        assert_eq!(cards(&format!("银行卡号：{farmers}")), [farmers.as_str()]);
        assert!(cards(&format!("账号：{farmers}")).is_empty());
        let usual = card("622202020000000000");
        for text in [
            format!("订单号：{usual}"),
            format!("流水号 {usual}"),
            format!("{usual}元"),
            format!("{usual}.5"),
            format!("水表号 {usual}"),
        ] {
            assert!(cards(&text).is_empty(), "{text}");
        }
    }
}
