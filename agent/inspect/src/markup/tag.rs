//! A tag and its attributes.

use std::borrow::Cow;

use super::reference;

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
    pub(super) fn new(inside: &'a str) -> Self {
        let (inside, is_empty) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
        let end = inside
            .bytes()
            .position(|byte| byte.is_ascii_whitespace() || byte == b'/');
        let (full_name, attributes) = inside.split_at(end.unwrap_or(inside.len()));
        Self {
            name: local_name(full_name),
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

/// Splits at a place that begins a character; the whole when there is none.
fn split(text: &str, at: Option<usize>) -> (&str, &str) {
    at.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

pub(super) fn local_name(name: &str) -> &str {
    match memchr::memchr(b':', name.as_bytes()) {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

/// Where the tag at the beginning ends; a `>` within quotation marks does not end it.
pub(super) fn end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr::memchr3(b'>', b'"', b'\'', &bytes[from..])?;
        let quote = bytes[at];
        if quote == b'>' {
            return Some(at);
        }
        // Elsewhere than behind an equals sign it is part of a value without quotation marks.
        from = at + 1;
        if bytes[..at].trim_ascii_end().ends_with(b"=") {
            from += memchr::memchr(quote, &bytes[from..])? + 1;
        }
    }
}
