//! E-mail addresses, RFC 5322 as far as mail providers allow: a local part without quotes, a domain that ends with a top-level
//! domain that exists, not with the name of a kind of file.

use super::Hit;

/// RFC 5321, 4.5.3.1: the longest local part and domain.
const LOCAL: usize = 64;
const DOMAIN: usize = 253;

/// Top-level domains with more than two letters that addresses have; those with two are countries.
const TOP: &[&str] = &[
    "academy",
    "agency",
    "app",
    "asia",
    "bank",
    "biz",
    "center",
    "chat",
    "city",
    "cloud",
    "club",
    "com",
    "company",
    "coop",
    "design",
    "dev",
    "digital",
    "edu",
    "email",
    "expert",
    "finance",
    "fund",
    "fun",
    "global",
    "gov",
    "group",
    "health",
    "host",
    "icu",
    "inc",
    "info",
    "ink",
    "int",
    "jobs",
    "law",
    "life",
    "link",
    "live",
    "llc",
    "love",
    "ltd",
    "luxe",
    "market",
    "media",
    "mil",
    "mobi",
    "mom",
    "museum",
    "name",
    "net",
    "network",
    "news",
    "one",
    "online",
    "org",
    "plus",
    "post",
    "press",
    "pro",
    "red",
    "ren",
    "run",
    "school",
    "sci",
    "services",
    "shop",
    "site",
    "social",
    "software",
    "solutions",
    "space",
    "store",
    "studio",
    "support",
    "systems",
    "team",
    "tech",
    "technology",
    "tel",
    "test",
    "today",
    "top",
    "travel",
    "university",
    "video",
    "vip",
    "wang",
    "website",
    "wiki",
    "work",
    "works",
    "world",
    "xin",
    "xyz",
    "zone",
    "example",
    "local",
    "corp",
    "lan",
    "internal",
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
    let local = local.trim_start_matches(['.', '-', '+', '\'', '%', '=', '&']);
    let start = at - local.len();
    let named = local.contains(|c: char| c.is_ascii_alphanumeric()) && !local.ends_with('.') && !local.contains("..");
    let after = &text[at + 1..];
    let domain = domain(after)?;
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

fn is_top(top: &str) -> bool {
    let top = top.to_ascii_lowercase();
    let country = top.len() == 2 && top.bytes().all(|byte| byte.is_ascii_lowercase());
    country && !FILES.contains(&top.as_str()) || TOP.contains(&top.as_str())
}

/// Whether the local part is the password in an address of the web.
fn is_credential(text: &str, start: usize) -> bool {
    let from = text.floor_char_boundary(start.saturating_sub(80));
    let head = &text[from..start];
    let word = head
        .rsplit(|c: char| c.is_whitespace() || !c.is_ascii())
        .next()
        .unwrap_or(head);
    word.contains("://")
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
            ("13800138000@example.net", "13800138000@example.net"),
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
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }
}
