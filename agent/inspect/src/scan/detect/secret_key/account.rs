//! Passwords beside what they open: in an address, in a string that connects with a database, among the settings of a server, in a message with an
//! account.

use std::ops::Range;

/// Bytes of a user's name or a password in an address, and around a password in which its server stands.
const PART: usize = 64;
const NEAR: usize = 200;
/// The longest password.
const LONGEST: usize = 100;

/// Words of examples, and those that a reader puts in place of a password.
const OPEN: [&str; 22] = [
    "password",
    "passwd",
    "passw",
    "pass",
    "pwd",
    "secret",
    "yourpassword",
    "changeme",
    "change_me",
    "example",
    "user",
    "username",
    "token",
    "xxxx",
    "test",
    "root",
    "guest",
    "admin",
    "foobar",
    "mypass",
    "mypassword",
    "postgres",
];

/// The password of the address that has its `@` at `at`: `https://user:password@host`, `thin:user/password@host`.
pub(in super::super::super) fn in_address(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = at - part(bytes.get(..at)?, b":/");
    let password = text.get(start..at)?;
    let joint = *bytes.get(start.checked_sub(1)?)?;
    if !is_password(password) || is_word(password) {
        return None;
    }
    let head = &bytes[..start - 1];
    let user = part(head, b":/@");
    let scheme = &head[..head.len() - user];
    let scheme = (joint == b':' && scheme.ends_with(b"://")) || (joint == b'/' && scheme.ends_with(b":thin:"));
    let host = bytes.get(at + 1)?;
    let host = host.is_ascii_alphanumeric() || matches!(host, b'[' | b'/' | b'(');
    let own = scheme && host && head[head.len() - user..] != *password.as_bytes();
    own.then_some(start..at)
}

/// How long the last part of an address is that ends a text, none of it one of `borders`.
fn part(text: &[u8], borders: &[u8]) -> usize {
    let own = |byte: &u8| byte.is_ascii_graphic() && !b"\"'<>`|\\".contains(byte) && !borders.contains(byte);
    text.iter().rev().take(PART).take_while(|byte| own(byte)).count()
}

/// The password in a string that also names a server and a user, or in the settings of a server.
pub(super) fn password(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let (from, quote) = assigned(text, start, end)?;
    let ends = |c: &char| match quote {
        Some(quote) => *c == quote,
        None => !c.is_ascii_graphic() || matches!(c, ';' | '"' | '\'' | '&' | ',' | '<'),
    };
    let length = text[from..]
        .chars()
        .take(LONGEST)
        .take_while(|c| !ends(c))
        .map(char::len_utf8)
        .sum::<usize>();
    let password = text.get(from..from + length)?;
    if !is_password(password) {
        return None;
    }
    let before = text.floor_char_boundary(start.saturating_sub(NEAR));
    let after = text.floor_char_boundary((from + length + NEAR).min(text.len()));
    let near = [&text[before..end], &text[from + length..after]]
        .concat()
        .to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| near.contains(word));
    let string =
        any(&["server=", "data source=", "host=", "jdbc:"]) && any(&["user id=", "uid=", "user=", "username="]);
    let server = any(&[
        "host",
        "url",
        "jdbc",
        "server",
        "endpoint",
        "smtp",
        "mysql",
        "postgres",
        "redis",
        "mongo",
        "oracle",
        "datasource",
        "db_",
        "database",
        "服务器",
        "主机",
        "数据库",
        "后台",
        "ssh",
        "vpn",
        "ip",
    ]);
    let own = string || server && is_strong(password) && !any(&["localhost", "127.0.0.1"]);
    own.then_some(from..from + length)
}

/// Where the value begins that follows a name, and the quote around it.
fn assigned(text: &str, start: usize, end: usize) -> Option<(usize, Option<char>)> {
    let rest = &text[end..];
    let quoted = |text: &str| text.chars().next().filter(|c| matches!(c, '"' | '\''));
    // `pwd=` has its sign already.
    let own = if text[..end].ends_with('=') {
        rest
    } else {
        // The settings of a list have numbers.
        let rest = rest
            .strip_prefix('.')
            .map_or(rest, |own| own.trim_start_matches(|c: char| c.is_ascii_digit()));
        let own = rest.trim_start_matches(['"', '\'', ']']).trim_start_matches(' ');
        // `define('DB_PASSWORD', '…')`
        let name = text[..start].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let defined = name.ends_with("('") || name.ends_with("(\"");
        let second = || {
            let own = own.strip_prefix(',').filter(|_| defined)?;
            quoted(own.trim_start_matches(' ')).map(|_| own)
        };
        own.strip_prefix("=>")
            .or_else(|| own.strip_prefix([':', '=', '>', '\t']))
            .or_else(second)?
    };
    let own = own.trim_start_matches(' ');
    let quote = quoted(own);
    let own = quote.map_or(own, |quote| own.strip_prefix(quote).unwrap_or(own));
    Some((text.len() - own.len(), quote))
}

fn is_password(password: &str) -> bool {
    let open = OPEN.contains(&password.to_ascii_lowercase().as_str());
    let graphic = password.bytes().all(|byte| byte.is_ascii_graphic());
    password.len() >= 4
        && graphic
        && !open
        && !password.contains("::")
        && !password.contains(['<', '{', '$', '*', '%', '[', '('])
}

/// Whether it is a word, as it stands in examples.
fn is_word(password: &str) -> bool {
    let letters = password.bytes().all(|byte| byte.is_ascii_lowercase());
    letters && (password.len() < 12 || password.contains("passw"))
}

/// Whether a person or a program has taken care that nobody guesses it: letters and digits or both cases, and no word for a password.
fn is_strong(password: &str) -> bool {
    let small = password.to_ascii_lowercase();
    let count = |of: fn(&u8) -> bool| password.bytes().filter(of).count();
    let told = [
        "password", "passwd", "example", "test", "demo", "changeme", "your", "xxx", "secret",
    ]
    .iter()
    .any(|word| small.contains(word));
    let digits = count(u8::is_ascii_digit) > 0 && count(u8::is_ascii_alphabetic) > 0;
    let third = |count: usize| password.len() >= 10 && !password.contains(':') && count * 10 >= password.len() * 3;
    let cases = third(count(u8::is_ascii_uppercase)) && third(count(u8::is_ascii_lowercase));
    (8..=64).contains(&password.len()) && (digits || cases) && !told
}
