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
    /// A key of a service of language models, after a mark that begins with a border.
    Model,
    Pem,
    /// The lines of a key follow.
    Body,
    Jwt,
    /// At least so many of these characters, as the rest of an address or the value of a setting.
    Value(fn(u8) -> bool, usize),
    /// `user:password@host`
    Url,
    /// `Password=…` beside a server's name.
    Connection,
    /// The value of a setting with such a name.
    Named,
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

const fn slashed(byte: u8) -> bool {
    word(byte) || byte == b'/'
}

const fn base64(byte: u8) -> bool {
    plain(byte) || byte == b'+' || byte == b'/'
}

/// At most 64 of them, and none shorter than four bytes: otherwise the searcher is much slower.
const MARKS: &[(&str, Form)] = &[
    ("-----BEGIN ", Form::Pem),
    // RFC 4716, and the files of PuTTY.
    ("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY", Form::Body),
    ("Private-Lines: ", Form::Body),
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
    ("glrt-", Form::Token(word, 20, 64)),
    ("gldt-", Form::Token(word, 20, 64)),
    ("xoxb-", Form::Token(word, 20, 120)),
    ("xoxp-", Form::Token(word, 20, 120)),
    ("xoxa-", Form::Token(word, 20, 120)),
    ("xoxr-", Form::Token(word, 20, 120)),
    ("xoxs-", Form::Token(word, 20, 120)),
    ("xoxe-", Form::Token(word, 20, 200)),
    ("xapp-", Form::Token(word, 40, 140)),
    ("AIza", Form::Token(word, 35, 35)),
    ("GOCSPX-", Form::Token(word, 28, 28)),
    ("ya29.", Form::Token(word, 50, 400)),
    ("sk_live_", Form::Token(plain, 24, 120)),
    ("rk_live_", Form::Token(plain, 24, 120)),
    // Of OpenAI, Anthropic, DeepSeek, Moonshot and Alibaba's models.
    (" sk-", Form::Model),
    ("\nsk-", Form::Model),
    ("\tsk-", Form::Model),
    ("\"sk-", Form::Model),
    ("'sk-", Form::Model),
    ("`sk-", Form::Model),
    ("=sk-", Form::Model),
    (":sk-", Form::Model),
    ("，sk-", Form::Model),
    ("。sk-", Form::Model),
    ("npm_", Form::Token(plain, 36, 36)),
    ("pypi-AgE", Form::Token(word, 50, 300)),
    ("dckr_pat_", Form::Token(word, 24, 40)),
    ("eyJ0", Form::Jwt),
    ("eyJ4", Form::Jwt),
    ("eyJh", Form::Jwt),
    ("eyJr", Form::Jwt),
    // The robots of Slack, DingTalk, WeCom and Feishu.
    ("hooks.slack.com/services/", Form::Value(slashed, 40)),
    ("oapi.dingtalk.com/robot/send?access_token=", Form::Value(plain, 64)),
    ("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", Form::Value(word, 36)),
    ("open.feishu.cn/open-apis/bot/v2/hook/", Form::Value(word, 36)),
    ("AccountKey=", Form::Value(base64, 86)),
    ("SharedAccessKey=", Form::Value(base64, 43)),
    ("sql://", Form::Url),
    ("gres://", Form::Url),
    ("mongodb://", Form::Url),
    ("+srv://", Form::Url),
    ("redis://", Form::Url),
    ("amqp://", Form::Url),
    ("ftp://", Form::Url),
    ("assword=", Form::Connection),
    ("Pwd=", Form::Connection),
    ("pwd=", Form::Connection),
    ("PWD=", Form::Connection),
    ("ecret", Form::Named),
    ("ECRET", Form::Named),
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
        let hit = SEARCHER.as_ref()?.find(aho_corasick::Input::new(text).range(from..));
        // A text may begin with one, without the border before it.
        if from == 0 && text.starts_with("sk-") && hit.is_none_or(|hit| hit.start() > 0) {
            return Some((0, 3, MARKS.iter().position(|(mark, _)| *mark == " sk-")?));
        }
        hit.map(|hit| (hit.start(), hit.end(), hit.pattern().as_usize()))
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
            let length = length(bytes, end, of, most + 1);
            (least..=most).contains(&length).then(|| start..end + length)
        }
        Form::Value(of, least) => {
            let length = length(bytes, end, of, 400);
            (length >= least).then(|| start..end + length)
        }
        Form::Model => model(text, end),
        Form::Pem => private_key(text, end),
        Form::Body => lines(text, end),
        Form::Jwt if !cut => web_token(text, start),
        Form::Url => credential(text, end),
        Form::Connection => connection(text, start, end),
        Form::Named => named(bytes, end),
        _ => None,
    }?;
    let value = value.start..text.floor_char_boundary(value.end);
    is_real(text.get(value.clone())?).then(|| Hit {
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
    lines(text, end + at)
}

/// The first of the base64 that follows soon.
fn lines(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let near = &text.as_bytes()[from..text.floor_char_boundary((from + 400).min(text.len()))];
    let start = near.windows(24).position(|run| run.iter().copied().all(base64))?;
    Some(from + start..from + start + 24)
}

/// How many of these characters follow, `most` at most.
fn length(bytes: &[u8], from: usize, of: fn(u8) -> bool, most: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take(most).take_while(|byte| of(**byte)).count()
}

/// What follows `sk-`: letters and digits, or the kind of the key and more.
fn model(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let named = ["ant-", "proj-", "svcacct-", "admin-"]
        .iter()
        .any(|kind| bytes[from..].starts_with(kind.as_bytes()));
    let (of, allowed): (fn(u8) -> bool, _) = if named { (word, 40..=220) } else { (plain, 32..=64) };
    let length = length(bytes, from, of, 221);
    allowed.contains(&length).then_some(from..from + length)
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

/// The lengths of secrets that clouds give: of Alibaba, of Tencent and Baidu and of WeChat's applications, of Amazon and Huawei.
const SECRETS: [usize; 3] = [30, 32, 40];

/// The value of a setting such as `aws_secret_access_key`, `AccessKeySecret`, `app_secret`, `SecretKey`; `end` is after `secret`.
fn named(bytes: &[u8], end: usize) -> Option<std::ops::Range<usize>> {
    let name = length(
        bytes,
        end,
        |byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'-',
        16,
    );
    let name_ends = end + name;
    let known = ["", "access_key", "accesskey", "key"].iter().any(|own| {
        let rest = bytes.get(end..name_ends).unwrap_or_default();
        let rest = rest
            .strip_prefix(b"_")
            .or_else(|| rest.strip_prefix(b"-"))
            .unwrap_or(rest);
        rest.eq_ignore_ascii_case(own.as_bytes())
    });
    let skip = length(bytes, name_ends, |byte| b" \t\"'=:>".contains(&byte), 8);
    let from = name_ends + skip;
    let own = length(bytes, from, base64, 41);
    let value = bytes.get(from..from + own)?;
    let random = value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic);
    (known && skip > 0 && random && SECRETS.contains(&own)).then_some(from..from + own)
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
        let hex = "5364a0e3cd38b0dafc84064dfeafe106";
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
            format!("secretAccessKey: \"{}\"", noise(40)),
            format!("{{\"AccessKeySecret\": \"{}\"}}", noise(30)),
            format!("access-key-secret: {}", noise(30)),
            format!("ALIBABA_CLOUD_ACCESS_KEY_SECRET={}", noise(30)),
            format!("TENCENTCLOUD_SECRET_KEY={}", noise(32)),
            format!("appsecret={hex}"),
            format!("key: sk-{hex}"),
            format!("sk-{hex}"),
            format!("一行\nsk-{hex}"),
            format!("\"sk-{}T3BlbkFJ{}", noise(20), noise(20)),
            format!("sk-svcacct-{}", noise(80)),
            format!("xoxb-123456789012-{}", noise(24)),
            format!("xapp-1-A{}", noise(80)),
            format!(
                "https://hooks.slack.com/services/T{}/B{}/{}",
                noise(8),
                noise(8),
                noise(24)
            ),
            format!("GOCSPX-{}", noise(28)),
            format!("glrt-{}", noise(20)),
            format!("AccountName=a;AccountKey={}==;EndpointSuffix=b", noise(86)),
            format!("SharedAccessKeyName=a;SharedAccessKey={}=", noise(43)),
            format!("pypi-AgEI{}", noise(150)),
            format!("https://oapi.dingtalk.com/robot/send?access_token={hex}{hex}"),
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=8f57d0f5-d1dd-7366-1584-9e335a0602bc".to_owned(),
            format!("Private-Lines: 1\n{}=", noise(43)),
            format!(
                "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nComment: \"a\"\n{}",
                noise(70)
            ),
        ] {
            assert_eq!(keys(&text), 1, "{text}");
        }
        assert!(MARKS.len() <= 64 && MARKS.iter().all(|(mark, _)| mark.len() > 3));
        for text in [
            pem("PUBLIC KEY"),
            pem("CERTIFICATE"),
            "AKIAIOSFODNN".to_owned(),
            format!("xAKIA{}", noise(16).to_uppercase()),
            "eyJhbGciOiJIUzI1NiJ9 alone".to_owned(),
            format!("eyJub3RoaW5nIjoxfQ.{}.{}", noise(40), noise(40)),
            "mysql://root:<password>@db/x".to_owned(),
            "password=Zx9kLq!".to_owned(),
            format!("a desk-{hex}"),
            format!("PREPWD=1; keyword={hex}"),
            "class=\"sk-folding-cube-animation-wrapper-large\"".to_owned(),
            format!("sign={hex}"),
            format!("secretary {hex}"),
            "client_secret = YOUR_SECRET_GOES_HERE".to_owned(),
            "AccountKey=${AZURE_KEY};SharedAccessKey=<key>".to_owned(),
            format!("secret: {}", "a".repeat(32)),
            "-----BEGIN RSA PRIVATE KEY-----".to_owned(),
            noise(40),
        ] {
            assert_eq!(keys(&text), 0, "{text}");
        }
    }
}
