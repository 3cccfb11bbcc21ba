//! IPv4 addresses, RFC 791. Versions and numbers of sections are written likewise: an address is one of a private network
//! (RFC 1918, RFC 6598), has a large octet, a port or a prefix, or stands beside a word for it.

use super::super::context::Topic;
use super::super::number::{Spot, is_line_end};
use super::{Day, Hit, value};

pub(super) fn find(spot: &Spot<'_>, _: Day) -> Option<Hit> {
    if spot.run().len() > 3 {
        return None;
    }
    let (octets, end) = octets(spot.text.as_bytes(), spot.start)?;
    let rest = spot.after(end);
    let starts = !matches!(spot.before(), Some('.' | '-' | '_' | '§')) || is_end_of_range(spot);
    let bounded = starts && !continues(rest);
    if !bounded || !is_host(octets) || is_version(spot) {
        return None;
    }
    let likely = !is_object(octets)
        && (is_private(octets) && !is_section(spot, octets, rest) || octets.iter().any(|octet| *octet >= 100));
    let sure = likely && !is_numbered(spot, rest)
        || has_port_or_prefix(rest)
        // The logs of web servers, in their common format, and of secure shells.
        || rest.starts_with(" - - [")
        || rest.starts_with(" port ");
    let labelled = matches!(spot.topic(), Some(Topic::Network | Topic::Address));
    (labelled || sure && spot.topic() != Some(Topic::Other)).then(|| Hit {
        end,
        value: spot.text[spot.start..end].into(),
    })
}

/// Four octets without leading zeros, and where they end.
fn octets(text: &[u8], start: usize) -> Option<([u8; 4], usize)> {
    let mut octets = [0; 4];
    let mut at = start;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            (text.get(at) == Some(&b'.')).then_some(())?;
            at += 1;
        }
        let length = text
            .get(at..)?
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let digits = text.get(at..at + length).filter(|digits| !digits.is_empty())?;
        if digits.len() > 1 && digits.first() == Some(&b'0') {
            return None;
        }
        *octet = u8::try_from(value(digits)?).ok()?;
        at += length;
    }
    Some((octets, at))
}

/// Whether another address stands before it and a hyphen: `10.0.0.1-10.0.0.9`.
fn is_end_of_range(spot: &Spot<'_>) -> bool {
    let Some(head) = spot.text[..spot.start].strip_suffix('-') else {
        return false;
    };
    let first = head.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    octets(head.as_bytes(), first.len()).is_some_and(|(_, end)| end == head.len())
}

fn continues(rest: &str) -> bool {
    let mut rest = rest.chars();
    match (rest.next(), rest.next()) {
        (Some('.'), Some(then)) => then.is_ascii_alphanumeric(),
        (Some(next), _) => next.is_ascii_alphanumeric() || next == '_',
        (None, _) => false,
    }
}

/// Not a mask, this host, a loopback, a broadcast.
fn is_host(octets: [u8; 4]) -> bool {
    !matches!(octets, [0 | 127 | 224..=255, ..] | [_, _, _, 255])
}

fn is_private(octets: [u8; 4]) -> bool {
    matches!(
        octets,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..]
    )
}

/// Whether a text ends with what is brought to another version: `update V8 to `.
fn is_update(head: &str) -> bool {
    let Some(head) = head.strip_suffix(" to ") else {
        return false;
    };
    let near = head[head.floor_char_boundary(head.len().saturating_sub(40))..].to_ascii_lowercase();
    ["update", "upgrade", "bump", "patch"]
        .iter()
        .any(|verb| near.contains(verb))
}

/// The first of an object identifier (ITU-T X.660): of signatures, of China, of certificates, of networks.
fn is_object(octets: [u8; 4]) -> bool {
    matches!(octets, [1, 2, 156, _] | [1, 3, 6 | 101, _] | [2, 5, 4 | 29, _])
}

/// Whether a word for a version stands right before it, or a product as programs name themselves to servers (RFC 9110, 5.6.2):
/// `Chrome/120.0.0.0`.
fn is_version(spot: &Spot<'_>) -> bool {
    let product = |head: &str| head.ends_with(|c: char| c.is_ascii_alphabetic());
    let rest = octets(spot.text.as_bytes(), spot.start).map_or("", |(_, end)| spot.after(end));
    let rest = rest.trim_start_matches(' ');
    if ["版", "升级", "更新到", "更新至"]
        .iter()
        .any(|word| rest.starts_with(word))
    {
        return true;
    }
    // The day of its release follows.
    let day = rest.strip_prefix('(').and_then(|rest| rest.get(..5));
    if day.is_some_and(|day| day.starts_with("20") && day.ends_with(['-', '/', '.'])) {
        return true;
    }
    let before = &spot.text[..spot.start];
    if before.strip_suffix('/').is_some_and(product) || before.strip_suffix(':').is_some_and(is_image) {
        return true;
    }
    if is_update(before) {
        return true;
    }
    let head = spot.text[..spot.start].trim_end_matches([' ', ':', '：', '=', '_', '"', '\'']);
    let from = head.floor_char_boundary(head.len().saturating_sub(12));
    let tail = head[from..].to_ascii_lowercase();
    [
        "版本",
        "版本号",
        "version",
        "ver",
        "ver.",
        "release",
        "build",
        "firmware",
        "固件",
        "升级到",
        "升级至",
        "更新到",
        "更新至",
        "驱动",
        "驱动程序",
        "微信",
        "sdk",
        "jdk",
        "oracle",
        "chrome",
        "firefox",
        "ios",
        "macos",
        "emui",
        "miui",
        "harmonyos",
    ]
    .iter()
    .any(|word| ends_with_word(&tail, word))
        || matches!(spot.before(), Some('v' | 'V'))
}

/// Whether a text ends with a word that no letter stands before.
fn ends_with_word(text: &str, word: &str) -> bool {
    let head = text.strip_suffix(word);
    head.is_some_and(|head| !head.ends_with(|c: char| c.is_ascii_alphabetic()) || !word.is_ascii())
}

/// Whether the image of a container ends a text, whose version follows a colon: `registry.example.com/app:`.
fn is_image(head: &str) -> bool {
    let from = head.floor_char_boundary(head.len().saturating_sub(80));
    let word = head[from..]
        .rsplit(|c: char| !c.is_ascii_graphic())
        .next()
        .unwrap_or_default();
    word.contains('/') && !word.contains("//")
}

/// Whether it is the number of a section: at the start of a line, with a title after it.
fn is_section(spot: &Spot<'_>, octets: [u8; 4], rest: &str) -> bool {
    let first = spot.before().is_none_or(is_line_end);
    let mut rest = rest.chars();
    let title = rest.next() == Some(' ') && rest.next().is_some_and(char::is_alphabetic);
    first && title && octets.iter().all(|octet| *octet < 30)
}

/// Whether it is the number of a paragraph, a table or a figure: 第10.1.2.3条, 表10.1.2.3.
fn is_numbered(spot: &Spot<'_>, rest: &str) -> bool {
    let head = spot.text[..spot.start].trim_end_matches(' ');
    let rest = rest.trim_start_matches(' ');
    let from = head.floor_char_boundary(head.len().saturating_sub(12));
    let small = head[from..].to_ascii_lowercase();
    [
        "第", "表", "图", "附录", "章节", "#", "规范", "标准", "规程", "条文", "section", "clause", "article", "table",
        "figure",
    ]
    .iter()
    .any(|word| small.ends_with(word))
        || ["条", "节", "款", "项", "章", "小节"]
            .iter()
            .any(|word| rest.starts_with(word))
}

fn has_port_or_prefix(rest: &str) -> bool {
    let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    rest.strip_prefix(':').is_some_and(digit) || rest.strip_prefix('/').is_some_and(digit)
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found};

    #[test]
    fn both_ends_of_a_range_are_found() {
        assert_eq!(found(Detector::Ipv4, "10.0.0.1-10.0.0.9").len(), 2);
        assert_eq!(found(Detector::Ipv4, "10.0.0.1~10.0.0.9").len(), 2);
    }

    #[test]
    fn an_address_is_told_from_a_version() {
        for text in [
            "192.168.1.10",
            "10.0.0.1:8080",
            "服务器 47.1.2.3",
            "114.114.114.114",
            "8.8.8.8/32",
            "ssh root@10.1.2.3",
            "IP：1.2.3.4",
            "IP 地址：1.2.3.4",
            "https://10.1.2.3/x",
            "50.7.94.61 - - [10/Oct/2026:13:55:36 +0800] \"GET /",
            "Failed password from 48.15.85.40 port 51234 ssh2",
            "{\"clientIp\": \"17.61.8.55\"}",
            "upstream { server 10.1.2.3:8080 weight=1; }",
            "server 47.1.2.3;",
        ] {
            assert_eq!(found(Detector::Ipv4, text).len(), 1, "{text}");
        }
        for text in [
            "1.2.3.4",
            "版本 10.0.0.1",
            "v10.2.3.4",
            "Chrome/156.0.0.0 Safari/537.36",
            "10.1.2.3 系统概述",
            "256.1.1.1",
            "1.2.3.4.5",
            "192.168.1.256",
            "192.168.01.1",
            "127.0.0.1",
            "255.255.255.0",
            "120.0.6099.109",
            "2024.01.02",
            "第 1.2.3.4 节",
            "按第10.5.4.7条执行",
            "应符合10.5.3.6条的规定",
            "如图 10.8.3.6 所示",
            "由10.0.1.241升级到10.0.2.151",
            "10.1.1.249版本",
            "Oracle 10.2.0.4",
            "驱动程序 31.0.101.110",
            "1-10.1.2.3",
            "image: registry.example.com/app:10.2.3.145",
            "## 10.1.9.202 - 2026-01-01",
            "1.2.156.194",
            "见本规范10.4.7.9和附录",
            "OS ver 10.2.3.145",
            "6.6.125.201 (2026-02-01)",
            "See Section 10.1.2.3 below",
            "deps: update V8 to 9.5.172.19 (a)",
        ] {
            assert!(found(Detector::Ipv4, text).is_empty(), "{text}");
        }
    }
}
