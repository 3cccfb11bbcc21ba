//! Keys and tokens by the form their issuers document: private keys (RFC 7468, RFC 7517), access keys of clouds, tokens of code hosts and
//! chats, JSON web tokens (RFC 7519), values of settings that are named a secret, passwords beside their servers. Mere noise is none.

mod account;
mod private;
mod setting;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(in super::super) use self::account::in_address;

/// How a key goes on after its mark.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// So many of these characters, at least and at most, and then none of them.
    Token(fn(u8) -> bool, usize, usize),
    /// A key of a service of payments, after the end of its kind.
    Live,
    /// A key of a service of language models, after a mark that begins with a border.
    Model,
    Pem,
    /// The lines of a key follow.
    Body,
    /// The kind of a key as JSON.
    Jwk,
    Jwt,
    /// At least so many of these characters, as the rest of an address.
    Address(fn(u8) -> bool, usize),
    /// The value of a setting whose name ends so.
    Setting(setting::Name),
    Password,
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

const fn escaped(byte: u8) -> bool {
    base64(byte) || byte == b'%'
}

const fn telegram(byte: u8) -> bool {
    word(byte) || byte == b':'
}

/// At most 64 of them, and none shorter than four bytes: otherwise the searcher is much slower.
const MARKS: &[(&str, Form)] = &[
    ("BEGIN ", Form::Pem),
    // The files of PuTTY.
    ("Private-Lines: ", Form::Body),
    ("\"kty\"", Form::Jwk),
    ("AKIA", Form::Token(capital, 16, 16)),
    ("ASIA", Form::Token(capital, 16, 16)),
    ("LTAI", Form::Token(plain, 12, 30)),
    ("AKID", Form::Token(plain, 32, 60)),
    ("AKLT", Form::Token(plain, 40, 48)),
    ("ghp_", Form::Token(plain, 36, 36)),
    ("gho_", Form::Token(plain, 36, 36)),
    ("ghu_", Form::Token(plain, 36, 36)),
    ("ghs_", Form::Token(plain, 36, 36)),
    ("github_pat_", Form::Token(word, 50, 100)),
    ("glpat-", Form::Token(word, 20, 64)),
    ("glrt-", Form::Token(word, 20, 64)),
    ("xoxb-", Form::Token(word, 20, 120)),
    ("xoxp-", Form::Token(word, 20, 120)),
    ("xoxe-", Form::Token(word, 20, 200)),
    ("xapp-", Form::Token(word, 40, 140)),
    ("AIza", Form::Token(word, 35, 35)),
    ("GOCSPX-", Form::Token(word, 28, 28)),
    ("_live_", Form::Live),
    (" hf_", Form::Token(plain, 34, 34)),
    ("dop_v1_", Form::Token(plain, 64, 64)),
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
    ("npm_", Form::Token(plain, 36, 36)),
    ("pypi-AgE", Form::Token(word, 50, 300)),
    ("dckr_pat_", Form::Token(word, 24, 40)),
    ("eyJ0", Form::Jwt),
    ("eyJh", Form::Jwt),
    ("eyJr", Form::Jwt),
    // The robots of Slack, DingTalk, WeCom, Feishu, Telegram and Discord; signatures for the storage of Azure.
    ("hooks.slack.com/services/", Form::Address(slashed, 40)),
    ("oapi.dingtalk.com/robot/send?access_token=", Form::Address(plain, 64)),
    ("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", Form::Address(word, 36)),
    ("open.feishu.cn/open-apis/bot/v2/hook/", Form::Address(word, 36)),
    ("api.telegram.org/bot", Form::Address(telegram, 43)),
    ("api/webhooks/", Form::Address(slashed, 80)),
    ("&sig=", Form::Address(escaped, 43)),
    ("ecret", Form::Setting(setting::Name::Secret)),
    ("ECRET", Form::Setting(setting::Name::Secret)),
    ("_SK=", Form::Setting(setting::Name::Secret)),
    ("\nsk=", Form::Setting(setting::Name::Secret)),
    ("密钥", Form::Setting(setting::Name::Secret)),
    ("oken", Form::Setting(setting::Name::Token)),
    ("OKEN", Form::Setting(setting::Name::Token)),
    ("_key", Form::Setting(setting::Name::Key)),
    ("_KEY", Form::Setting(setting::Name::Key)),
    ("-key", Form::Setting(setting::Name::Key)),
    ("Key=", Form::Setting(setting::Name::Key)),
    ("Key:", Form::Setting(setting::Name::Key)),
    ("Key\"", Form::Setting(setting::Name::Key)),
    ("assword", Form::Password),
    ("ASSWORD", Form::Password),
    ("Pwd=", Form::Password),
    ("pwd=", Form::Password),
    ("密码", Form::Password),
];

/// Bytes between a mark and its value on the same line, at most.
const JOINT: usize = 24;

static SEARCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(MARKS.iter().map(|(mark, _)| mark))
        .ok()
});

/// Gives the value of each key in `range` of a text to `found`. `reach` is how far into the range the last one before it goes, and then how
/// far the last one goes beyond it.
#[inline(never)]
pub(in super::super) fn each(text: &str, range: Range<usize>, reach: &mut usize, mut found: impl FnMut(&[u8])) {
    let mut from = range.start + std::mem::take(reach);
    while from < range.end
        && let Some((mark, form)) = next(text, from)
        && mark.start < range.end
    {
        let value = key(text, &mark, form).filter(|value| text.get(value.clone()).is_some_and(is_real));
        if let Some(value) = value.clone() {
            found(text[value].as_bytes());
        }
        // Other keys may stand between a name and its value in the row below.
        let next_to = value.filter(|value| value.start <= mark.end + JOINT);
        from = next_to.map_or(mark.end, |value| value.end.max(mark.end));
    }
    *reach = from.saturating_sub(range.end);
}

/// The next mark from `from` on.
fn next(text: &str, from: usize) -> Option<(Range<usize>, Form)> {
    let hit = SEARCHER.as_ref()?.find(Input::new(text).range(from..));
    // A text may begin with one, without the border before it.
    if from == 0 && text.starts_with("sk-") && hit.is_none_or(|hit| hit.start() > 0) {
        return Some((0..3, Form::Model));
    }
    let hit = hit?;
    let (_, form) = MARKS.get(hit.pattern().as_usize())?;
    Some((hit.range(), *form))
}

/// The key that has this mark.
fn key(text: &str, mark: &Range<usize>, form: Form) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (start, end) = (mark.start, mark.end);
    let before = start.checked_sub(1).and_then(|at| bytes.get(at)).copied();
    let bordered = bytes[start] == b' ' || !before.is_some_and(plain);
    let value = match form {
        Form::Token(of, least, most) if bordered && before != Some(b'_') => {
            let length = length(bytes, end, of, most + 1);
            (least..=most).contains(&length).then(|| start..end + length)
        }
        Form::Address(of, least) => {
            let length = length(bytes, end, of, 400);
            (length >= least).then(|| start..end + length)
        }
        Form::Live => live(bytes, start, end),
        Form::Model => model(text, end),
        Form::Pem => private::pem(text, start, end),
        Form::Body => private::lines(text, end),
        Form::Jwk => private::jwk(text, start),
        Form::Jwt if bordered => web_token(text, start),
        Form::Setting(name) => setting::value(text, mark, name),
        Form::Password => account::password(text, start, end),
        _ => None,
    }?;
    Some(value.start..text.floor_char_boundary(value.end))
}

/// Not an example made of one character, of stars or of the word itself.
fn is_real(value: &str) -> bool {
    let mut seen = [false; 256];
    value.bytes().for_each(|byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|seen| **seen).count() >= 5 && !value.contains("XXXXXXXX")
}

/// How many of these characters follow, `most` at most.
fn length(bytes: &[u8], from: usize, of: fn(u8) -> bool, most: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take(most).take_while(|byte| of(**byte)).count()
}

/// What follows `sk_live_` or `rk_live_`.
fn live(bytes: &[u8], start: usize, end: usize) -> Option<Range<usize>> {
    let head = start.checked_sub(2)?;
    let kind = matches!(bytes.get(head..start)?, b"sk" | b"rk");
    let bordered = !head.checked_sub(1).is_some_and(|at| plain(bytes[at]));
    let length = length(bytes, end, plain, 121);
    (kind && bordered && (24..=120).contains(&length)).then_some(head..end + length)
}

/// What follows `sk-`: letters and digits, or the kind of the key and more.
fn model(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let named = ["ant-", "proj-", "svcacct-", "admin-"]
        .iter()
        .any(|kind| bytes[from..].starts_with(kind.as_bytes()));
    let (of, allowed): (fn(u8) -> bool, _) = if named { (word, 40..=220) } else { (plain, 32..=64) };
    let length = length(bytes, from, of, 221);
    allowed.contains(&length).then_some(from..from + length)
}

/// Three parts of base64url, of which the first is an object with `alg`.
fn web_token(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = &text.as_bytes()[start..];
    let part = |from: usize| length(bytes, from, word, 4096);
    let header = part(0);
    let payload = part(header + 1);
    let signature = part(header + payload + 2);
    let dots = bytes.get(header) == Some(&b'.') && bytes.get(header + 1 + payload) == Some(&b'.');
    if !dots || payload < 4 || signature < 10 || header > 1024 {
        return None;
    }
    let decoded = URL_SAFE_NO_PAD.decode(&bytes[..header]).ok()?;
    let own = decoded.first() == Some(&b'{') && memchr::memmem::find(&decoded, b"\"alg\"").is_some();
    own.then_some(start..start + header + payload + signature + 2)
}
