//! Keys and tokens by the form their issuers document: private keys (RFC 7468), access keys of clouds, tokens of code hosts and
//! chats, JSON web tokens (RFC 7519), passwords in connection strings. Mere noise is none.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Hit;

/// How a key goes on after its mark.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// So many of these characters, at least and at most, and then none of them.
    Token(fn(u8) -> bool, usize, usize),
    Pem,
    Jwt,
    /// `user:password@host`
    Url,
    /// `Password=…` beside a server's name.
    Connection,
    /// The value after a name, of this length.
    Named(usize),
}

const fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

const fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

const fn word(byte: u8) -> bool {
    plain(byte) || byte == b'_' || byte == b'-'
}

const MARKS: &[(&str, Form)] = &[
    ("-----BEGIN ", Form::Pem),
    ("AKIA", Form::Token(capital, 16, 16)),
    ("ASIA", Form::Token(capital, 16, 16)),
    ("LTAI", Form::Token(plain, 12, 30)),
    ("AKID", Form::Token(plain, 32, 60)),
    ("ghp_", Form::Token(plain, 36, 36)),
    ("gho_", Form::Token(plain, 36, 36)),
    ("ghu_", Form::Token(plain, 36, 36)),
    ("ghs_", Form::Token(plain, 36, 36)),
    ("ghr_", Form::Token(plain, 36, 76)),
    ("github_pat_", Form::Token(word, 50, 100)),
    ("glpat-", Form::Token(word, 20, 64)),
    ("xoxb-", Form::Token(word, 20, 120)),
    ("xoxp-", Form::Token(word, 20, 120)),
    ("xoxa-", Form::Token(word, 20, 120)),
    ("xoxr-", Form::Token(word, 20, 120)),
    ("xoxs-", Form::Token(word, 20, 120)),
    ("AIza", Form::Token(word, 35, 35)),
    ("sk_live_", Form::Token(plain, 24, 99)),
    ("rk_live_", Form::Token(plain, 24, 99)),
    ("sk-ant-", Form::Token(word, 40, 150)),
    ("sk-proj-", Form::Token(word, 40, 200)),
    ("npm_", Form::Token(plain, 36, 36)),
    ("eyJ", Form::Jwt),
    ("mysql://", Form::Url),
    ("postgres://", Form::Url),
    ("postgresql://", Form::Url),
    ("mongodb://", Form::Url),
    ("mongodb+srv://", Form::Url),
    ("redis://", Form::Url),
    ("amqp://", Form::Url),
    ("ftp://", Form::Url),
    ("Password=", Form::Connection),
    ("password=", Form::Connection),
    ("Pwd=", Form::Connection),
    ("pwd=", Form::Connection),
    ("PWD=", Form::Connection),
    ("aws_secret_access_key", Form::Named(40)),
    ("AWS_SECRET_ACCESS_KEY", Form::Named(40)),
    ("SecretAccessKey", Form::Named(40)),
    ("AccessKeySecret", Form::Named(30)),
    ("accessKeySecret", Form::Named(30)),
    ("access_key_secret", Form::Named(30)),
];

static SEARCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(MARKS.iter().map(|(mark, _)| mark))
        .ok()
});

/// The marks of keys in a text.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct SecretKeys;

impl SecretKeys {
    /// The next mark in `text[from..]`: where it starts, where it ends, which it is.
    pub(in super::super) fn next(text: &str, from: usize) -> Option<(usize, usize, usize)> {
        let hit = SEARCHER.as_ref()?.find(aho_corasick::Input::new(text).range(from..))?;
        Some((hit.start(), hit.end(), hit.pattern().as_usize()))
    }
}

/// The key that has its mark at `start..end`.
pub(in super::super) fn find(text: &str, start: usize, end: usize, mark: usize) -> Option<Hit> {
    let bytes = text.as_bytes();
    let (_, form) = MARKS.get(mark)?;
    let cut = start
        .checked_sub(1)
        .and_then(|at| bytes.get(at))
        .is_some_and(|byte| plain(*byte));
    let value = match *form {
        Form::Token(of, least, most) if !cut && start.checked_sub(1).is_none_or(|at| bytes[at] != b'_') => {
            let length = bytes[end..].iter().take(most + 1).take_while(|byte| of(**byte)).count();
            (least..=most).contains(&length).then(|| start..end + length)
        }
        Form::Pem => private_key(text, end),
        Form::Jwt if !cut => web_token(text, start),
        Form::Url => credential(text, end),
        Form::Connection if !cut => connection(text, start, end),
        Form::Named(length) => named(bytes, end, length),
        _ => None,
    }?;
    let value = value.start..text.floor_char_boundary(value.end);
    is_real(&text[value.clone()]).then(|| Hit {
        end: value.end,
        value: bytes[value].to_vec(),
    })
}

/// Not an example made of one character, of stars or of the word itself.
fn is_real(value: &str) -> bool {
    let mut seen = [false; 256];
    value.bytes().for_each(|byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|seen| **seen).count() >= 5
}

/// The first of the base64 after `BEGIN … PRIVATE KEY`.
fn private_key(text: &str, end: usize) -> Option<std::ops::Range<usize>> {
    let head = &text[end..text.floor_char_boundary((end + 60).min(text.len()))];
    let at = head.find("PRIVATE KEY")?;
    if !head[..at].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ') {
        return None;
    }
    let from = end + at;
    let near = text[from..text.floor_char_boundary((from + 400).min(text.len()))].as_bytes();
    let base64 = |byte: &u8| plain(*byte) || matches!(byte, b'+' | b'/');
    let start = near.windows(24).position(|run| run.iter().all(base64))?;
    Some(from + start..from + start + 24)
}

/// Three parts of base64url, of which the first is an object with `alg`.
fn web_token(text: &str, start: usize) -> Option<std::ops::Range<usize>> {
    let bytes = &text.as_bytes()[start..];
    let part = |from: usize| {
        bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take(4096)
            .take_while(|byte| word(**byte))
            .count()
    };
    let header = part(0);
    let payload = part(header + 1);
    let signature = part(header + payload + 2);
    let dots = bytes.get(header) == Some(&b'.') && bytes.get(header + 1 + payload) == Some(&b'.');
    if !dots || payload < 4 || signature < 10 || header > 1024 {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(&bytes[..header]).ok()?;
    let own = header.first() == Some(&b'{') && memchr::memmem::find(&header, b"\"alg\"").is_some();
    let end = start + part(0) + payload + signature + 2;
    own.then_some(start..end)
}

/// `user:password@` after the scheme of an address.
fn credential(text: &str, end: usize) -> Option<std::ops::Range<usize>> {
    let rest = text[end..]
        .bytes()
        .take(200)
        .take_while(|byte| byte.is_ascii_graphic() && *byte != b'/')
        .count();
    let authority = text.get(end..end + rest)?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let from = end + user.len() - password.len();
    is_password(password).then_some(from.min(end)..end + user.len())
}

/// A password in a string that also names a server and a user.
fn connection(text: &str, start: usize, end: usize) -> Option<std::ops::Range<usize>> {
    let length = text[end..]
        .bytes()
        .take(100)
        .take_while(|byte| byte.is_ascii_graphic() && !b";\"'&,".contains(byte))
        .count();
    let password = text.get(end..end + length)?;
    let from = text.floor_char_boundary(start.saturating_sub(200));
    let near = text[from..text.floor_char_boundary((end + 200).min(text.len()))].to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| near.contains(word));
    let string =
        any(&["server=", "data source=", "host=", "jdbc:"]) && any(&["user id=", "uid=", "user=", "username="]);
    (string && is_password(password)).then_some(start..end + length)
}

fn is_password(password: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let open = [
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "yourpassword",
        "changeme",
        "example",
    ]
    .contains(&lower.as_str());
    password.len() >= 4 && !open && !password.contains(['<', '{', '$', '*', '%'])
}

/// A value of `length` characters after the name of a setting.
fn named(bytes: &[u8], end: usize, length: usize) -> Option<std::ops::Range<usize>> {
    let skip = bytes[end..]
        .iter()
        .take(8)
        .take_while(|byte| b" \t\"'=:>".contains(byte))
        .count();
    let from = end + skip;
    let of = |byte: &&u8| plain(**byte) || matches!(byte, b'+' | b'/');
    let own = bytes[from..].iter().take(length + 1).take_while(of).count();
    (skip > 0 && own == length).then_some(from..from + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> usize {
        let (mut from, mut count) = (0, 0);
        while let Some((start, end, mark)) = SecretKeys::next(text, from) {
            let hit = find(text, start, end, mark);
            count += usize::from(hit.is_some());
            from = hit.map_or(end, |hit| hit.end);
        }
        count
    }

    /// Noise of `length` letters and digits.
    fn noise(length: usize) -> String {
        (0..length)
            .map(|n| char::from(b"aB3dE5fG7hJ9kL2mN4pQ6rS8tU"[n * 7 % 26]))
            .collect()
    }

    #[test]
    fn keys_are_known_by_their_form() {
        let jwt = format!("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{}.{}", noise(40), noise(43));
        let pem = |kind: &str| format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----", noise(64));
        for text in [
            format!("AKIA{}", noise(16).to_uppercase()),
            format!("LTAI{}", noise(20)),
            format!("token ghp_{}", noise(36)),
            format!("\"AIza{}\"", noise(35)),
            pem("RSA PRIVATE KEY"),
            pem("OPENSSH PRIVATE KEY"),
            jwt,
            "mysql://root:Zx9kLq@db.example.com/x".to_owned(),
            "Server=db;User Id=sa;Password=Zx9kLq!;".to_owned(),
            format!("aws_secret_access_key = {}", noise(40)),
        ] {
            assert_eq!(keys(&text), 1, "{text}");
        }
        for text in [
            pem("PUBLIC KEY"),
            pem("CERTIFICATE"),
            "AKIAIOSFODNN".to_owned(),
            format!("xAKIA{}", noise(16).to_uppercase()),
            "eyJhbGciOiJIUzI1NiJ9 alone".to_owned(),
            format!("eyJub3RoaW5nIjoxfQ.{}.{}", noise(40), noise(40)),
            "mysql://root:<password>@db/x".to_owned(),
            "password=Zx9kLq!".to_owned(),
            "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
            noise(40),
        ] {
            assert_eq!(keys(&text), 0, "{text}");
        }
    }
}
