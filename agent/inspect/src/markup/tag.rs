//! A tag and its attributes.

use std::borrow::Cow;

use super::reference;
use crate::bytes::{first, is};

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
        let (inside, is_empty) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
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
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest
                .bytes()
                .skip(1)
                .position(|byte| byte == b'=' || byte.is_ascii_whitespace());
            let (name, behind) = split(rest, end.map(|end| end + 1));
            let Some(value) = behind.trim_ascii_start().strip_prefix('=') else {
                rest = behind;
                return Some((name, ""));
            };
            let value = value.trim_ascii_start();
            let quote = value.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''));
            let (value, behind) = match quote {
                Some(quote) => {
                    let (value, behind) = split(&value[1..], find(quote, &value.as_bytes()[1..]));
                    (value, behind.get(1..).unwrap_or_default())
                }
                None => split(value, value.bytes().position(|byte| byte.is_ascii_whitespace())),
            };
            rest = behind;
            Some((name, value))
        })
    }
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
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from
            + first(&bytes[from..], |bytes| {
                is(bytes, b'>') | is(bytes, b'"') | is(bytes, b'\'')
            })?;
        match bytes[at] {
            b'>' => return Some(at),
            // Quotation marks elsewhere than behind an equals sign are part of a value without any.
            quote if bytes[..at].trim_ascii_end().ends_with(b"=") => {
                let inside = &bytes[at + 1..];
                from = at + 2 + first(inside, |bytes| is(bytes, quote))?;
            }
            _ => from = at + 1,
        }
    }
}

/// Where a byte is that is near.
fn find(wanted: u8, bytes: &[u8]) -> Option<usize> {
    first(bytes, |bytes| is(bytes, wanted))
}
