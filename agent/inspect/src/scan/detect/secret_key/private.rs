//! Private keys written out: in the text form of RFC 7468 or RFC 4716, in the files of `PuTTY`, as JSON (RFC 7517).

use std::ops::Range;

use super::{base64, length, word};

/// Bytes of an object before and after the name of its kind.
const BEFORE: usize = 1 << 10;
const AFTER: usize = 3 << 10;

/// The first of the base64 after `----BEGIN … PRIVATE KEY`.
pub(super) fn pem(text: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let dashes = text[..start].trim_end_matches(' ').ends_with("----");
    let head = &text[end..text.floor_char_boundary((end + 60).min(text.len()))];
    let at = head.find("PRIVATE KEY").filter(|_| dashes)?;
    let shaped = head[..at]
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ');
    shaped.then(|| lines(text, end + at)).flatten()
}

/// The first of the base64 that follows soon.
pub(super) fn lines(text: &str, from: usize) -> Option<Range<usize>> {
    let near = &text.as_bytes()[from..text.floor_char_boundary((from + 400).min(text.len()))];
    let start = near.windows(24).position(|run| run.iter().copied().all(base64))?;
    Some(from + start..from + start + 24)
}

/// The private part of the object that has its kind at `start`: `d`, or `k` of what both sides share.
pub(super) fn jwk(text: &str, start: usize) -> Option<Range<usize>> {
    let from = text.floor_char_boundary(start.saturating_sub(BEFORE));
    let to = text.floor_char_boundary((start + AFTER).min(text.len()));
    let open = from + text[from..start].rfind('{')?;
    let close = start + text[start..to].find('}')?;
    let object = &text[open..close];
    let name = if object.contains("\"oct\"") { "\"k\"" } else { "\"d\"" };
    let rest = object[object.find(name)? + name.len()..].trim_start();
    let value = rest.strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let at = close - value.len();
    let length = length(text.as_bytes(), at, word, AFTER);
    (length >= 20).then_some(at..at + length)
}
