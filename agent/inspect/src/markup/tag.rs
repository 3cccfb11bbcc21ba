//! A tag and its attributes.

use std::borrow::Cow;

use super::reference;
use crate::bytes::{is, places};

/// A start tag. Names are without their prefixes unless said otherwise.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) full_name: &'a str,
    /// Whether it ends the element too.
    pub(super) is_empty: bool,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// A tag by what stands between its angle brackets.
    #[inline]
    pub(super) fn new(inside: &'a str) -> Self {
        let is_empty = ends_element(inside);
        let inside = &inside[..inside.len() - usize::from(is_empty)];
        let mut end = inside.len();
        let mut local = 0;
        // Names are short: one simple loop is faster than looking for each separator.
        for (at, byte) in inside.bytes().enumerate() {
            match byte {
                b':' if local == 0 => local = at + 1,
                b' ' | b'\t' | b'\r' | b'\n' | b'/' => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let (full_name, attributes) = inside.split_at(end);
        Self {
            name: &full_name[local..],
            full_name,
            is_empty,
            attributes,
        }
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
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let blanks = rest
                .bytes()
                .take_while(|byte| byte.is_ascii_whitespace() || *byte == b'/');
            rest = &rest[blanks.count()..];
            if rest.is_empty() {
                return None;
            }
            let end = rest
                .bytes()
                .skip(1)
                .position(|byte| byte == b'=' || byte.is_ascii_whitespace());
            let (name, behind) = split(rest, end.map(|end| end + 1));
            let value = behind.trim_ascii_start();
            if value.as_bytes().first() != Some(&b'=') {
                rest = behind;
                return Some((name, ""));
            }
            let value = value[1..].trim_ascii_start();
            let quote = value.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''));
            let (value, behind) = match quote {
                Some(quote) => {
                    let (value, behind) = split(&value[1..], memchr::memchr(quote, &value.as_bytes()[1..]));
                    (value, behind.get(1..).unwrap_or_default())
                }
                None => split(value, value.bytes().position(|byte| byte.is_ascii_whitespace())),
            };
            rest = behind;
            Some((name, value))
        })
    }
}

/// Whether a tag of XML ends the element that it opens.
pub(super) fn ends_element(inside: &str) -> bool {
    inside.as_bytes().last() == Some(&b'/')
}

/// Splits at a place that begins a character; the whole when there is none.
fn split(text: &str, at: Option<usize>) -> (&str, &str) {
    at.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

pub(super) fn local_name(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

/// Where the tag at the beginning ends; a `>` within quotation marks does not end it.
#[inline]
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    let mut open = None;
    for at in places(bytes, |bytes| is(bytes, b'>') | is(bytes, b'"') | is(bytes, b'\'')) {
        match (open, bytes[at]) {
            (None, b'>') => return Some(at),
            // Quotation marks elsewhere than behind an equals sign are part of a value without any.
            (None, quote) if bytes[..at].trim_ascii_end().last() == Some(&b'=') => open = Some(quote),
            (Some(quote), byte) if byte == quote => open = None,
            _ => {}
        }
    }
    None
}
