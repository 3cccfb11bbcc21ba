//! A tag and its attributes.

use std::borrow::Cow;
use std::ops::Range;

use super::reference;
use crate::bytes::{is, places};

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag<'a> {
    /// The name without its prefix.
    pub(crate) name: &'a str,
    inside: &'a str,
    /// Bytes of the name with its prefix.
    full_name: usize,
}

/// Where a tag is.
#[derive(Debug)]
pub(super) struct Place {
    /// What stands between its angle brackets.
    pub(super) inside: Range<usize>,
    /// The name without its prefix.
    pub(super) name: Range<usize>,
}

impl<'a> Tag<'a> {
    #[inline]
    pub(super) fn new(window: &'a str, place: Place) -> Self {
        Self {
            full_name: place.name.end - place.inside.start,
            name: &window[place.name],
            inside: &window[place.inside],
        }
    }

    /// The name with its prefix.
    pub(crate) fn full_name(&self) -> &'a str {
        &self.inside[..self.full_name]
    }

    /// The value of the first attribute of this name.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let found = self.attributes().find(|(own, _)| local_name(own) == name);
        found.map(|(_, value)| reference::unescape(value))
    }

    /// The value of the first attribute that has this name behind a prefix, such as `r:id` beside `id`.
    pub(crate) fn prefixed_attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut attributes = self.attributes();
        let found = attributes.find(|(own, _)| own.split_once(':').is_some_and(|(_, own)| own == name));
        found.map(|(_, value)| reference::unescape(value))
    }

    /// All attributes without prefixes, and their values.
    pub(crate) fn unescaped(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        self.attributes()
            .map(|(name, value)| (local_name(name), reference::unescape(value)))
    }

    /// The names of all attributes as they are written, and their values with their references.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let is_closed = self.inside.as_bytes().last() == Some(&b'/');
        let mut rest = &self.inside[self.full_name..self.inside.len() - usize::from(is_closed)];
        std::iter::from_fn(move || {
            let is_between = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
            let start = rest.bytes().position(|byte| !is_between(&byte))?;
            let ends = |byte: &u8| *byte == b'=' || byte.is_ascii_whitespace();
            let end = rest.as_bytes()[start + 1..].iter().position(ends);
            let (name, behind) = split(&rest[start..], end.map(|end| end + 1));
            let value = behind.trim_ascii_start();
            if value.as_bytes().first() != Some(&b'=') {
                rest = behind;
                return Some((name, ""));
            }
            let value = value[1..].trim_ascii_start();
            let (value, behind) = match value.as_bytes() {
                [quote @ (b'"' | b'\''), inside @ ..] => {
                    let (value, behind) = split(&value[1..], find(inside, *quote));
                    (value, behind.get(1..).unwrap_or_default())
                }
                unquoted => split(value, unquoted.iter().position(u8::is_ascii_whitespace)),
            };
            rest = behind;
            Some((name, value))
        })
    }
}

/// Where a byte is that most often is near: looking at a few costs less than the call to what looks at many at once.
fn find(bytes: &[u8], byte: u8) -> Option<usize> {
    let near = bytes.iter().take(16).position(|own| *own == byte);
    near.or_else(|| memchr::memchr(byte, bytes))
}

/// Splits at a place that begins a character; the whole when there is none.
fn split(text: &str, at: Option<usize>) -> (&str, &str) {
    at.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

fn local_name(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

/// Whether a name can begin with this byte.
#[inline]
pub(super) fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || !byte.is_ascii()
}

/// Where the tag is that begins at `start`, behind its angle bracket.
#[expect(clippy::inline_always, reason = "it costs little more than the call")]
#[inline(always)]
pub(super) fn place(window: &[u8], start: usize) -> Option<Place> {
    let name = name(window, start)?;
    let behind = &window[name.end..];
    let more = if behind[0] == b'>' { 0 } else { end(behind)? };
    Some(Place {
        inside: start..name.end + more,
        name,
    })
}

/// As [`place`], of one that does not end as it should: up to the first `>` or all that there is.
pub(super) fn cut_place(window: &[u8], start: usize) -> Place {
    let end = memchr::memchr(b'>', &window[start..]).map_or(window.len(), |more| start + more);
    Place {
        inside: start..end,
        name: name(window, start).unwrap_or(start..end),
    }
}

/// Where a name is that begins at `start`, without its prefix. Names are short: one simple loop is faster than looking at
/// many bytes at once.
#[inline]
fn name(window: &[u8], start: usize) -> Option<Range<usize>> {
    let mut local = start;
    for (ahead, byte) in window[start..].iter().enumerate() {
        match byte {
            b':' if local == start => local += ahead + 1,
            0..=b' ' | b'/' | b'>' => return Some(local..start + ahead),
            _ => {}
        }
    }
    None
}

/// Where a tag ends of which this follows its name; a `>` within quotation marks does not end it.
fn end(bytes: &[u8]) -> Option<usize> {
    let mut open = None;
    for at in places(bytes, |bytes| is(bytes, b'>') | is(bytes, b'"') | is(bytes, b'\'')) {
        let byte = bytes[at];
        match open {
            Some(quote) if quote == byte => open = None,
            None if byte == b'>' => return Some(at),
            // Quotation marks elsewhere than behind an equals sign are part of a value without any.
            None if bytes[..at].trim_ascii_end().last() == Some(&b'=') => open = Some(byte),
            _ => {}
        }
    }
    None
}
