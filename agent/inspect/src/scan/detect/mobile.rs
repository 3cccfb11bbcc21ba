//! Mobile numbers of China: eleven digits by the numbering plan of the MIIT (telecommunications network numbering plan, 2017), of which the first
//! three are a network that exists; with or without the country's code 86 of ITU-T E.164.

use super::super::context::Topic;
use super::super::number::{Number, Spot};
use super::Day;
use super::Hit;

/// The third digit of networks, by the second.
const NETWORKS: [&[u8]; 10] = [
    b"",
    b"",
    b"",
    b"0123456789",
    b"56789",
    b"012356789",
    b"24567",
    b"012345678",
    b"0123456789",
    b"012356789",
];

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    let abroad = ["0086", "086", "86"].into_iter().find_map(|code| {
        let number = spot.number(11 + code.len())?;
        let own = number.chars.strip_prefix(code.as_bytes())?;
        let apart = spot.run() == code;
        (is_network(own) && (code.len() > 2 || apart || is_international(spot) || is_labelled(spot)))
            .then_some((number, own))
    });
    let at_home = || {
        let number = spot.number(11).filter(|number| is_network(number.chars))?;
        is_set_as_one(&number, spot).then_some((number, number.chars))
    };
    // As it was dialled from another city.
    let far = || {
        let number = spot
            .number(12)
            .filter(|number| number.is_whole() && is_labelled(spot))?;
        let own = number.chars.strip_prefix(b"0").filter(|own| is_network(own))?;
        Some((number, own))
    };
    if let Some(hit) = bracketed(spot) {
        return Some(hit);
    }
    let (number, own) = abroad.or_else(at_home).or_else(far)?;
    let fits = own.iter().all(u8::is_ascii_digit)
        && spot.topic() != Some(Topic::Other)
        && spot.starts_number()
        && (spot.ends_number(number.end) || is_labelled(spot) && is_whole_decimal(spot.after(number.end)));
    fits.then(|| Hit {
        end: number.end,
        value: own.to_vec(),
    })
}

/// `(138)0013-8000`, as forms of other countries have it.
fn bracketed(spot: &Spot<'_>) -> Option<Hit> {
    if spot.run().len() != 3 || spot.before() != Some('(') || !is_network(spot.run().as_bytes()) {
        return None;
    }
    let rest = spot.after(spot.end).strip_prefix(')')?;
    let rest = rest.strip_prefix([' ', '-']).unwrap_or(rest);
    let start = spot.text.len() - rest.len();
    let four = |text: &str| text.len() >= 4 && text.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let second = rest.get(4..).filter(|_| four(rest))?;
    let joint = usize::from(second.starts_with([' ', '-']));
    let end = start + 8 + joint;
    let ends = !spot.text.get(end..)?.starts_with(|c: char| c.is_ascii_alphanumeric());
    let fits = four(&second[joint..]) && ends && spot.ends_number(end) && spot.topic() != Some(Topic::Other);
    let digits = |from: usize| &spot.text[from..from + 4];
    fits.then(|| Hit {
        end,
        value: [spot.run(), digits(start), digits(end - 4)].concat().into_bytes(),
    })
}

fn is_network(digits: &[u8]) -> bool {
    let [b'1', second, third, ..] = digits else {
        return false;
    };
    let thirds = second
        .checked_sub(b'0')
        .and_then(|second| NETWORKS.get(usize::from(second)));
    thirds.is_some_and(|thirds| thirds.contains(third))
}

fn is_international(spot: &Spot<'_>) -> bool {
    spot.before() == Some('+')
}

fn is_labelled(spot: &Spot<'_>) -> bool {
    matches!(
        spot.topic(),
        Some(Topic::Mobile | Topic::Phone | Topic::Name | Topic::Contact)
    )
}

/// Whether `.0` follows and nothing else: a column of numbers that went through a program as decimals.
fn is_whole_decimal(rest: &str) -> bool {
    rest.strip_prefix(".0")
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.'))
}

/// Whether its groups are those a reader takes for one number.
fn is_set_as_one(number: &Number<'_>, spot: &Spot<'_>) -> bool {
    let usual = number.is_grouped(&[3, 4, 4]) || number.is_grouped(&[3, 8]) || number.is_spelled();
    // A single digit first is another country's: 1-800-555-0100.
    let labelled = || is_labelled(spot) && spot.run().len() > 1 && !number.is_pointed();
    number.is_whole() || usual && number.is_uniform() || labelled() || number.is_wrapped(spot)
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    fn mobiles(text: &str) -> Vec<String> {
        found(Detector::Mobile, text)
    }

    #[test]
    fn a_number_is_found_however_it_is_set() {
        for text in [
            "请联系13800138000。",
            "138 0013 8000",
            "138-0013-8000",
            "1 3 8 0 0 1 3 8 0 0 0",
            "1\t3\t8\t0\t0\t1\t3\t8\t0\t0\t0",
            "+8613800138000",
            "+86 138 0013 8000",
            "(+86)13800138000",
            "86-13800138000 是手机",
            "008613800138000",
            "手机：1380013 8000",
            "手机1380013\n8000",
            "序号1 13800138000",
            "Tel13800138000",
            "3,13800138000,5",
            "请拨13800\n138000找我",
            "Tel.13800138000",
            "086-13800138000",
            "手机 013800138000",
            "手机:13800138000QQ:123456789",
            "手机号,13800138000.0,甲",
            "张三_13800138000.docx",
            "13800138000_张三.docx",
            "联系电话 138\n0013 8000，",
            "联系电话 138 00\n13 8000，",
            "+86(138)0013-8000",
            "+86 (138) 0013 8000",
            "手机：(138)00138000",
        ] {
            assert_eq!(mobiles(text), ["13800138000"], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "订单号：13800138000",
            "运单号 15912345678",
            "12800138000",
            "16013801380",
            "113800138000",
            "138001380001",
            "13800138000.50",
            "13800138000元",
            "SF13800138000",
            "No.2024-13800138000",
            "https://example.com/item/13800138000",
            "13800138000@example.com",
            "图 img_13800138000",
            "13800\n138000",
            "138\n0013 8000",
            "1 3 8 0 0 1 3 8 0 0 0 5",
            "QQ：13800138000",
            "13800138000 字节",
            "total 13800138000 bytes",
            "产品编码 13800138000",
            "户号：13800138000",
            "成交 13800138000 股",
            "USD 13800138000",
            "号 013800138000",
            "Call 1-380-013-8000 toll free",
            "电话 1.3.8.0.0.1.3800.0",
            "13800138000.0",
            "传真号码 13.800138000",
            "img_13800138000",
            "(138)0013-80001",
            "订单号 (138)00138000",
            "(128)0013-8000",
        ] {
            assert!(mobiles(text).is_empty(), "{text}");
        }
    }
}
