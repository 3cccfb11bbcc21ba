//! Markup as a stream of tags and pieces of text: XML, and HTML as people write it.
//!
//! Documents of any size go through one window. Text comes in pieces as far as it is known, so that a text of a hundred
//! megabytes costs no more than a short one; a tag longer than [`MAX_WINDOW`] is cut. Entities that a document defines
//! itself are never expanded, and damage never ends the reading: what looks like no markup is text.

mod characters;
mod reference;
mod tag;

use std::io::Read;
use std::ops::Range;

use encoding_rs::Encoding;

use crate::bytes::{first, is};
use crate::source::Stop;
use characters::Characters;
use tag::Place;
pub(crate) use tag::Tag;

/// Bytes of text known at once.
const WINDOW: usize = 32 << 10;
/// The longest tag that is read whole: drawings have long ones.
const MAX_WINDOW: usize = 1 << 20;
/// The rules by which markup is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Xml,
    Html,
}

/// A piece of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    Open(Tag<'a>),
    /// The name of the element that ends, without a prefix.
    Close(&'a str),
    /// Characters that follow those before without a gap.
    Text(&'a str),
}

/// What comes before anything else is read.
#[derive(Debug, PartialEq, Eq)]
enum Pending {
    Nothing,
    /// The end of an element of XML that was closed where it was opened, by its name.
    Close(Range<usize>),
    /// The rest of a tag that was longer than what was given of it.
    CutTag,
    /// The rest of a CDATA section.
    Section,
}

/// Reads a document token by token.
pub(crate) struct Lexer<R> {
    input: Characters<R>,
    dialect: Dialect,
    window: String,
    at: usize,
    ended: bool,
    pending: Pending,
    character: [u8; 4],
}

impl<R: Read> Lexer<R> {
    /// `label` is what the surroundings say of the encoding, such as the header of a message.
    pub(crate) fn new(reader: R, dialect: Dialect, label: Option<&'static Encoding>) -> Self {
        Self {
            input: Characters::new(reader, dialect, label),
            dialect,
            window: String::with_capacity(WINDOW),
            at: 0,
            ended: false,
            pending: Pending::Nothing,
            character: [0; 4],
        }
    }

    /// The next piece; `None` at the end.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Token<'_>>, Stop> {
        loop {
            if self.pending != Pending::Nothing {
                match std::mem::replace(&mut self.pending, Pending::Nothing) {
                    Pending::Close(name) => return Ok(Some(Token::Close(&self.window[name]))),
                    Pending::CutTag if self.ends_with_cut_tag()? => return Ok(Some(Token::Close(""))),
                    Pending::Section => {
                        if let Some(len) = self.section()? {
                            return Ok(Some(Token::Text(self.take(len))));
                        }
                    }
                    Pending::CutTag | Pending::Nothing => {}
                }
            }
            match &self.window.as_bytes()[self.at..] {
                [b'<', byte, ..] if *byte == b'/' || tag::begins_name(*byte) => {
                    let is_end = *byte == b'/';
                    let start = 1 + usize::from(is_end);
                    let place = match tag::place(self.window.as_bytes(), self.at + start) {
                        Some(place) => place,
                        None => match self.long_tag(start)? {
                            Some(place) => place,
                            None => continue,
                        },
                    };
                    self.at = self.window.len().min(place.inside.end + 1);
                    if is_end {
                        return Ok(Some(Token::Close(&self.window[place.name])));
                    }
                    let is_closed = self.window.as_bytes()[place.inside.end - 1] == b'/';
                    if is_closed && self.dialect == Dialect::Xml && self.pending == Pending::Nothing {
                        self.pending = Pending::Close(place.name.clone());
                    }
                    return Ok(Some(Token::Open(Tag::new(&self.window, place))));
                }
                [b'<', b'!', ..] => self.declaration()?,
                [b'<', b'?', ..] => self.skip_past(if self.dialect == Dialect::Xml { "?>" } else { ">" })?,
                [] | [b'<'] if !self.ended => drop(self.more()?),
                [] => return Ok(None),
                [b'<', ..] => return Ok(Some(Token::Text(self.take(1)))),
                [b'&', ..] => {
                    if let Some(c) = self.reference()? {
                        return Ok(Some(Token::Text(c.encode_utf8(&mut self.character))));
                    }
                }
                rest => {
                    let end = first(rest, |bytes| is(bytes, b'<') | is(bytes, b'&'));
                    let len = end.unwrap_or(rest.len());
                    return Ok(Some(Token::Text(self.take(len))));
                }
            }
        }
    }

    /// Passes over everything before the end tag of `name`: scripts and styles are no markup.
    pub(crate) fn skip_raw(&mut self, name: &str) -> Result<(), Stop> {
        loop {
            self.skip_past("</")?;
            self.look_ahead(reference::LONGEST)?;
            let rest = &self.window.as_bytes()[self.at..];
            if rest.is_empty()
                || rest
                    .get(..name.len())
                    .is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
            {
                return self.skip_past(">");
            }
        }
    }

    /// Passes over what `<!` begins.
    fn declaration(&mut self) -> Result<(), Stop> {
        self.look_ahead("<![CDATA[".len())?;
        let rest = &self.window[self.at..];
        if rest.starts_with("<!--") {
            self.at += 4;
            return self.skip_past("-->");
        }
        if rest.starts_with("<![CDATA[") {
            self.at += 9;
            self.pending = Pending::Section;
            return Ok(());
        }
        self.skip_declaration()
    }

    /// The tag here, whose name begins behind so many bytes and whose end is not known; nothing when more of it was read.
    fn long_tag(&mut self, start: usize) -> Result<Option<Place>, Stop> {
        if self.window.len() - self.at < MAX_WINDOW && self.more()? {
            return Ok(None);
        }
        // Either it is cut, or a quotation mark has no partner.
        let place = tag::cut_place(self.window.as_bytes(), self.at + start);
        if place.inside.end == self.window.len() {
            self.pending = Pending::CutTag;
        }
        Ok(Some(place))
    }

    /// Passes over what was not given of a tag; whether it ends its element too.
    fn ends_with_cut_tag(&mut self) -> Result<bool, Stop> {
        self.skip_past(">")?;
        let before = self.at.checked_sub(2).and_then(|at| self.window.as_bytes().get(at));
        Ok(self.dialect == Dialect::Xml && before == Some(&b'/'))
    }

    /// The character that the `&` here stands for; nothing when it is passed over.
    fn reference(&mut self) -> Result<Option<char>, Stop> {
        self.look_ahead(reference::LONGEST)?;
        let rest = &self.window[self.at + 1..];
        let end = rest.bytes().take(reference::LONGEST).position(|byte| byte == b';');
        let name = end.and_then(|end| rest.get(..end)).unwrap_or_default();
        let len = name.len() + 2;
        match reference::resolve(name) {
            Some(c) => {
                self.at += len;
                Ok(Some(c))
            }
            None if self.dialect == Dialect::Xml && reference::is_name(name) => {
                self.at += len;
                Ok(None)
            }
            None => {
                self.at += 1;
                Ok(Some('&'))
            }
        }
    }

    /// How much text of a CDATA section comes here; nothing at its end.
    fn section(&mut self) -> Result<Option<usize>, Stop> {
        const END: &str = "]]>";
        self.look_ahead(END.len())?;
        let rest = &self.window[self.at..];
        if rest.is_empty() {
            return Ok(None);
        }
        if rest.starts_with(END) {
            self.at += END.len();
            return Ok(None);
        }
        self.pending = Pending::Section;
        let len = memchr::memmem::find(rest.as_bytes(), END.as_bytes()).unwrap_or_else(|| {
            // The end may begin here.
            let whole = rest.trim_end_matches(']').len();
            if self.ended || whole == 0 { rest.len() } else { whole }
        });
        Ok(Some(len))
    }

    /// Passes over a declaration, together with what it defines in brackets.
    fn skip_declaration(&mut self) -> Result<(), Stop> {
        self.at += 2;
        loop {
            let rest = &self.window.as_bytes()[self.at..];
            match memchr::memchr2(b'[', b'>', rest) {
                Some(at) if rest[at] == b'>' => {
                    self.at += at + 1;
                    return Ok(());
                }
                Some(at) => {
                    self.at += at;
                    break;
                }
                None => self.at = self.window.len(),
            }
            if !self.more()? {
                return Ok(());
            }
        }
        loop {
            self.skip_past("]")?;
            self.look_ahead(1)?;
            while self.window[self.at..].starts_with(|c: char| c.is_ascii_whitespace()) {
                self.at += 1;
                self.look_ahead(1)?;
            }
            match self.window.as_bytes().get(self.at) {
                Some(b'>') => self.at += 1,
                Some(_) => continue,
                None => {}
            }
            return Ok(());
        }
    }

    /// Passes over everything up to `end`, and over that.
    fn skip_past(&mut self, end: &str) -> Result<(), Stop> {
        loop {
            let rest = &self.window.as_bytes()[self.at..];
            if let Some(at) = memchr::memmem::find(rest, end.as_bytes()) {
                self.at += at + end.len();
                return Ok(());
            }
            let mut keep = self.window.len() - (end.len() - 1).min(rest.len());
            while !self.window.is_char_boundary(keep) {
                keep -= 1;
            }
            self.at = keep;
            if !self.more()? {
                self.at = self.window.len();
                return Ok(());
            }
        }
    }

    /// Sees to it that so many bytes are known, unless the document ends before.
    #[inline]
    fn look_ahead(&mut self, len: usize) -> Result<(), Stop> {
        while self.window.len() - self.at < len {
            if !self.more()? {
                break;
            }
        }
        Ok(())
    }

    /// Reads on; `false` when nothing follows.
    fn more(&mut self) -> Result<bool, Stop> {
        if self.ended {
            return Ok(false);
        }
        self.window.drain(..self.at);
        self.at = 0;
        if self.window.capacity() - self.window.len() < WINDOW / 2 {
            self.window.reserve(self.window.len().max(WINDOW));
        }
        let before = self.window.len();
        self.input.fill(&mut self.window)?;
        self.ended = self.window.len() == before;
        Ok(!self.ended)
    }

    fn take(&mut self, len: usize) -> &str {
        let start = self.at;
        self.at += len;
        &self.window[start..self.at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives a few bytes at a time.
    pub(super) struct Slowly<'a>(pub(super) &'a [u8], pub(super) usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    /// Every tag and text, texts joined.
    fn tokens(document: impl Read, dialect: Dialect) -> Vec<String> {
        let mut lexer = Lexer::new(document, dialect, None);
        let mut tokens: Vec<String> = Vec::new();
        while let Some(token) = lexer.next().unwrap() {
            match token {
                Token::Open(tag) => {
                    let attributes: Vec<_> = tag
                        .unescaped()
                        .map(|(name, value)| format!(" {name}={value}"))
                        .collect();
                    tokens.push(format!("<{}{}>", tag.name, attributes.concat()));
                }
                Token::Close(name) => tokens.push(format!("</{name}>")),
                Token::Text(piece) => match tokens.last_mut() {
                    Some(last) if !last.starts_with('<') => last.push_str(piece),
                    _ => tokens.push(piece.to_owned()),
                },
            }
        }
        tokens
    }

    #[test]
    fn markup_is_told_from_text() {
        let document = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e 'x>y'>]><x:a b='1>2' c = \"&lt;&#x4e00;\" d>t&amp;&e;<!-- <no> --><![CDATA[<]]]]><![CDATA[>]]></x:a><x:e/>";
        let expected = ["<a b=1>2 c=<一 d=>", "t&<]]>", "</a>", "<e>", "</e>"];
        assert_eq!(tokens(document.as_bytes(), Dialect::Xml), expected);
        let page = "<p class=x'y title='a>b'>1 < 2 & 3 &copy; &unknown; &#150;<br/>";
        let expected = ["<p class=x'y title=a>b>", "1 < 2 & 3 © &unknown; –", "<br>"];
        assert_eq!(tokens(page.as_bytes(), Dialect::Html), expected);
    }

    #[test]
    fn a_tag_longer_than_what_is_held_is_cut_and_the_rest_goes_on() {
        let document = format!(
            "<a b='{}'/><c d='{}'>text</c>",
            "/".repeat(3 << 20),
            "y".repeat(100_000)
        );
        let tokens = tokens(document.as_bytes(), Dialect::Xml);
        assert!(tokens[0].starts_with("<a b=///") && tokens[0].len() <= MAX_WINDOW + 10);
        assert_eq!(tokens[1], "</>");
        assert_eq!(tokens[2].len(), "<c d=>".len() + 100_000);
        assert_eq!(tokens[3..], ["text", "</c>"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

        #[test]
        fn it_does_not_matter_how_a_document_arrives(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "<a>", "</a>", "<b c='1' d=\"2\">", "<x:y/>", "text", "机密", "&amp;", "&#x4E00;", "<!-- - -- -->", "<![CDATA[ ]] ]> ]]>",
                "<!DOCTYPE a [ ] >", "<?pi ?>", "<", ">", "&", "\"", "'", "=", "-", "]", "!", "/", ";", "<!", "\n",
            ]), 0..60),
            step in 1..200_usize,
            fill in 0..2_usize,
        ) {
            // Long enough for the window's end to fall somewhere in it.
            let document = format!("{}{}", "文".repeat(fill * (WINDOW / 3 - 20)), pieces.concat());
            for dialect in [Dialect::Xml, Dialect::Html] {
                let whole = tokens(document.as_bytes(), dialect);
                prop_assert_eq!(&tokens(Slowly(document.as_bytes(), step), dialect), &whole);
            }
        }
    }
}
