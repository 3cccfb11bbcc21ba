//! Values of settings that are named a secret, a token or a key: `AZURE_CLIENT_SECRET=…`, `"accessKeySecret": "…"`, `AppSecret：…`. The value must
//! look random, for programs give such names to words, too.

use std::ops::Range;

use super::super::super::normal::{CELL, LINE};
use super::length;

/// How the name of a setting ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Secret,
    Token,
    Key,
}

/// Bytes of a name before its mark.
const HEAD: usize = 48;
/// Bytes of a row in which the value stands below its name.
const ROW: usize = 400;
/// Characters of the shortest value, and those of one that are looked at.
const SHORTEST: usize = 16;
const LONGEST: usize = 256;

/// What may follow `secret` in a name.
const AFTER_SECRET: [&str; 12] = [
    "_access_key",
    "-access-key",
    " access key",
    "accesskey",
    "_key_base",
    "_key",
    "-key",
    " key",
    ".key",
    "key",
    "_value",
    "",
];
/// What such keys are of. Others are of rows, caches or maps, or public.
const KEYS: [&str; 16] = [
    "api",
    "v3",
    "secret",
    "private",
    "auth",
    "mch",
    "pay",
    "aes",
    "encrypt",
    "encryption",
    "sign",
    "signing",
    "account",
    "sharedaccess",
    "master",
    "subscription",
];
/// What tokens are of that last as long as a page is shown, or go on with a list.
const FLEETING: [&str; 17] = [
    "change",
    "workunit",
    "lock",
    "csrf",
    "xsrf",
    "page",
    "next",
    "continuation",
    "cancel",
    "cancellation",
    "sync",
    "client",
    "task",
    "forgery",
    "verification",
    "starting",
    "request",
];
/// What stands in place of a value.
const EXAMPLES: [&str; 8] = [
    "your",
    "xxxx",
    "changeme",
    "change_me",
    "placeholder",
    "dummy",
    "abcdef",
    "12345678",
];

/// The value of the setting whose name has this mark.
pub(super) fn value(text: &str, mark: &Range<usize>, name: Name) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let end = name_end(text, mark, name)?;
    let head = head(text, mark.start);
    let named = match name {
        Name::Secret => true,
        // The first letter of `Token` is not part of its mark.
        Name::Token => {
            let head = head.strip_suffix('t').unwrap_or(&head);
            !FLEETING.iter().any(|own| head.ends_with(own))
        }
        Name::Key => KEYS.iter().any(|own| head.ends_with(own)),
    };
    if !named || is_type(text, mark.start) {
        return None;
    }
    let skip = length(bytes, end, |byte| b" \t\"'=:>\\,)".contains(&byte), 8);
    let from = match bytes.get(end) {
        Some(&LINE) => below(text, end + 1)?,
        Some(b'(' | b'[') | None => return None,
        _ => end + skip,
    };
    let part = |byte| is_part(byte) || byte == b':' && name == Name::Token;
    let length = rest_of(bytes, from).take_while(|byte| part(**byte)).count();
    let own = text.get(from..from + length)?.trim_end_matches(['.', '-', '=']);
    let after = bytes.get(from + length);
    let called = matches!(after, Some(b'(' | b'[' | b'{' | b'$' | b'@' | b':'));
    // A value without quotes ends its line; a name of a program does not.
    let quoted = matches!(bytes.get(from.wrapping_sub(1)), Some(b'"' | b'\''));
    let listed = || matches!(after, Some(b',' | b')')) || bytes[end..end + skip].contains(&b',');
    let called = called || !quoted && listed();
    // A token of the web is known by itself.
    let called = called || own.starts_with("eyJ");
    (from > end && !called && is_random(own) && !is_example(own)).then_some(from..from + own.len())
}

/// Where the name ends that has this mark, if it is one.
fn name_end(text: &str, mark: &Range<usize>, name: Name) -> Option<usize> {
    // The mark may hold what follows the name.
    let own = text[mark.clone()].trim_end_matches(['=', ':', '"']);
    if own.len() < mark.len() {
        return Some(mark.start + own.len());
    }
    let rest = text.as_bytes().get(mark.end..)?;
    let fits = |own: &&&str| {
        let head = rest.get(..own.len());
        let last = rest.get(own.len());
        let ends = !last.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        ends && head.is_some_and(|head| head.eq_ignore_ascii_case(own.as_bytes()))
    };
    let all: &[&str] = if name == Name::Secret { &AFTER_SECRET } else { &[""] };
    all.iter().find(fits).map(|own| mark.end + own.len())
}

/// The name before its mark in small letters, without what joins its words.
fn head(text: &str, end: usize) -> String {
    let from = text.floor_char_boundary(end.saturating_sub(HEAD));
    let own = text[from..end]
        .rsplit(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c))
        .next();
    let joined = own.unwrap_or_default().bytes().filter(u8::is_ascii_alphanumeric);
    joined.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// Whether the name is that of a type, after those it lies in: `AWS::SecretsManager::Secret`.
fn is_type(text: &str, end: usize) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text[..end].trim_end_matches(name).ends_with("::")
}

/// The last cell of the row at `from`, below a head of which the name is the last one: the files in which clouds give their keys.
fn below(text: &str, from: usize) -> Option<usize> {
    let row = text.get(from..text.floor_char_boundary((from + ROW).min(text.len())))?;
    let row = row.split(char::from(LINE)).next()?;
    let at = row.rfind([',', char::from(CELL)])?;
    let quotes = row[at + 1..].len() - row[at + 1..].trim_start_matches('"').len();
    Some(from + at + 1 + quotes)
}

fn rest_of(bytes: &[u8], from: usize) -> impl Iterator<Item = &u8> {
    bytes.get(from..).unwrap_or_default().iter().take(LONGEST)
}

const fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~')
}

/// Whether letters and digits, or small letters and capitals, change as often as by chance. In words and numbers they do not.
fn is_random(value: &str) -> bool {
    let class = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        _ => 2,
    };
    let (mut counts, mut changes, mut last) = ([0_usize; 3], 0, None);
    for byte in value.bytes().filter(u8::is_ascii_alphanumeric) {
        let own = class(byte);
        counts[own] += 1;
        changes += usize::from(last.is_some_and(|last| last != own));
        last = Some(own);
    }
    let [digits, capitals, small] = counts;
    let all = digits + capitals + small;
    let often = |of_hundred: usize| changes * 100 >= all * of_hundred;
    let is_hex =
        all == value.len() && matches!(all, 32 | 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let chance = if digits < 2 {
        all >= 20 && capitals * 10 >= all * 3 && small * 10 >= all * 3 && often(33)
    } else if is_hex {
        often(15)
    } else {
        often(match (capitals > 0 && small > 0, all) {
            (true, ..24) => 40,
            (true, _) => 28,
            _ => 25,
        })
    };
    all >= SHORTEST && chance
}

fn is_example(value: &str) -> bool {
    let small = value.to_ascii_lowercase();
    EXAMPLES.iter().any(|own| small.contains(own))
}
