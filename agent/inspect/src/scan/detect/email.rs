//! E-mail addresses, RFC 5322 as far as mail providers allow: a local part without quotes, a domain that ends with a top-level
//! domain that exists, not with the name of a kind of file.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Hit;

/// RFC 5321, 4.5.3.1: the longest local part and domain.
const LOCAL: usize = 64;
const DOMAIN: usize = 253;

/// Top-level domains with more than two letters that addresses have; those with two are countries.
const TOP: &str = "\
    academy accountants aero agency app art asia associates auto bank beer bid bio biz boutique build builders \
    business cab cafe capital care careers cars cash center ceo chat church city clinic clothing cloud club coach \
    coffee com community company computer construction consulting contact contractors cool coop courses cpa credit \
    date deals delivery dental design dev digital direct directory doctor dog download earth edu education email \
    energy engineer engineering enterprises equipment estate events exchange expert express family farm fashion \
    film finance financial fish fit fitness foundation fun fund furniture gallery game games garden gift global gmbh \
    gold golf gov green group guide guru health healthcare help holdings holiday hospital host hotel house icu \
    immo inc industries info ink institute insurance insure int international investments jewelry jobs kaufen kim \
    kitchen land law lawyer legal life lighting limited limo link live llc loan loans lol love ltd luxe management \
    market marketing markets mba media medical memorial men mil mobi moda mom money museum music name net network \
    news ngo ninja one online org page partners parts party pet pharmacy photo photography photos pics pictures pink \
    pizza place plumbing plus post press pro productions promo properties property pub pw recipes red rehab ren \
    rent rental repair report restaurant review reviews rip rocks run sale salon school sci science services shoes \
    shop show singles site ski soccer social software solar solutions space sport store stream studio style supplies \
    supply support surgery systems tax team tech technology tel tennis test tickets tips today tools top tour town \
    toys trade trading training travel university vacations ventures vet video vin vip vision vodka vote voyage wang \
    watch webcam website wedding wiki win wine work works world wtf xin xyz yoga zone \
    example local corp lan internal";

static TOPS: LazyLock<HashSet<&str>> = LazyLock::new(|| TOP.split(' ').collect());
const CHINESE_TOP: [&str; 14] = [
    "中国",
    "中國",
    "公司",
    "网络",
    "網絡",
    "网址",
    "网店",
    "集团",
    "商城",
    "企业",
    "政务",
    "公益",
    "在线",
    "中文网",
];
/// Two letters that are no country but a kind of file.
const FILES: &[&str] = &["js", "ts", "go", "rb", "gz", "xz", "bz", "db", "so", "vb", "rc", "hs"];

/// The address around the `@` at `at`.
pub(in super::super) fn find(text: &str, at: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let before = bytes.get(at.saturating_sub(LOCAL + 1)..at)?;
    let length = before.iter().rev().take_while(|byte| is_local(**byte)).count();
    if length > LOCAL {
        return None;
    }
    let local = text.get(at - length..at)?;
    // The name of a setting may stand before it.
    let local = local.rsplit('=').next().unwrap_or(local);
    let local = local.trim_start_matches(['.', '-', '+', '\'', '%', '=', '&']);
    let start = at - local.len();
    let named = local.contains(|c: char| c.is_ascii_alphanumeric()) && !local.ends_with('.') && !local.contains("..");
    let after = &text[at + 1..];
    let domain = domain(after).or_else(|| chinese_domain(after))?;
    if !named || is_credential(text, start) || is_repository(local, &after[domain.len()..]) {
        return None;
    }
    Some(Hit {
        end: at + 1 + domain.len(),
        value: format!("{local}@{domain}").to_ascii_lowercase().into_bytes(),
    })
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-'&=!#".contains(&byte)
}

/// The domain at the start of a text.
fn domain(text: &str) -> Option<&str> {
    let length = text
        .bytes()
        .take(DOMAIN + 1)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        .count();
    let mut domain = text.get(..length.min(DOMAIN))?.trim_end_matches(['.', '-']);
    loop {
        let (rest, top) = domain.rsplit_once('.')?;
        let labels = rest
            .split('.')
            .all(|label| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-'));
        if labels && is_top(top) {
            return Some(domain);
        }
        // The next sentence may follow without a blank.
        if !top.starts_with(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        domain = rest;
    }
}

/// The domain at the start of a text whose top-level domain is Chinese.
fn chinese_domain(text: &str) -> Option<&str> {
    let length = text
        .chars()
        .take(DOMAIN / 4)
        .take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        .map(char::len_utf8)
        .sum();
    let own = text.get(..length)?;
    let ends = own.match_indices('.').filter_map(|(at, _)| {
        let top = CHINESE_TOP.iter().find(|top| own[at + 1..].starts_with(**top))?;
        Some((at, at + 1 + top.len()))
    });
    let (at, end) = ends.min()?;
    let labels = own[..at]
        .split('.')
        .all(|label| !label.is_empty() && !label.starts_with('-'));
    labels.then(|| &own[..end])
}

fn is_top(top: &str) -> bool {
    let top = top.to_ascii_lowercase();
    // Those of other scripts, RFC 5890.
    if top.strip_prefix("xn--").is_some_and(|own| own.len() >= 3) {
        return true;
    }
    let country = top.len() == 2 && top.bytes().all(|byte| byte.is_ascii_lowercase());
    country && !FILES.contains(&top.as_str()) || TOPS.contains(top.as_str())
}

/// Whether the local part is the password in an address of the web.
fn is_credential(text: &str, start: usize) -> bool {
    let from = text.floor_char_boundary(start.saturating_sub(80));
    let head = &text[from..start];
    let word = head
        .rsplit(|c: char| c.is_whitespace() || !c.is_ascii())
        .next()
        .unwrap_or(head);
    // That of a query is none.
    word.contains("://") && !word.ends_with('=')
}

/// `git@host:path`: where a repository lies.
fn is_repository(local: &str, after: &str) -> bool {
    local == "git" && after.starts_with([':', '/'])
}

#[cfg(test)]
mod tests {
    fn address(text: &str) -> Option<String> {
        let hit = super::find(text, text.rfind('@').unwrap())?;
        Some(String::from_utf8(hit.value).unwrap())
    }

    #[test]
    fn addresses_are_told_from_what_has_their_sign() {
        for (text, found) in [
            ("邮箱zhang.san@example.com。", "zhang.san@example.com"),
            ("<A_b+c@Mail.Example.CN>", "a_b+c@mail.example.cn"),
            ("x@example.com.Please", "x@example.com"),
            ("mailto:x@sub.example.co.uk.", "x@sub.example.co.uk"),
            ("sales@example.industries", "sales@example.industries"),
            ("13800138000@example.net", "13800138000@example.net"),
            ("mail.username=x@example.com", "x@example.com"),
            ("https://example.com/r?mail=x@example.com&y", "x@example.com"),
            ("邮箱x@示例.公司，", "x@示例.公司"),
            ("x@mail.示例.中国的", "x@mail.示例.中国"),
            ("x@xn--fsqu00a.xn--fiqs8s", "x@xn--fsqu00a.xn--fiqs8s"),
        ] {
            assert_eq!(address(text).as_deref(), Some(found), "{text}");
        }
        for text in [
            "image@2x.png",
            "@mention",
            "a@b",
            "user@host",
            "pkg@1.2.3",
            "@",
            "a..b@example.com",
            "a.@example.com",
            "git@example.com:a/b",
            "mysql://root:secret@example.com",
            "lib@main.js",
            "甲@example.com",
            "a@-b.com",
            "a@b.c1",
            "x@示例",
            "x@.公司",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
