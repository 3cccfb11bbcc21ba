//! XML: a stream of events for parts of any size, and a walk over elements for small ones.

use std::io::Read;

use crate::flow::Flow;
use crate::found::Found;
use crate::markup::{Dialect, Lexer, Tag};
use crate::source::Stop;
use crate::text::{Gap, Part};

/// Elements within each other; deeper documents are not read further.
const MAX_DEPTH: usize = 256;
/// Text kept of one element.
const TEXT_BYTES: usize = 16 << 10;

/// What comes next in a document. Empty elements are closed too.
pub(crate) use crate::markup::Token as Event;

/// Reads a document event by event.
pub(crate) struct Reader<R> {
    lexer: Lexer<R>,
    depth: usize,
}

impl<R: Read> Reader<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self {
            lexer: Lexer::new(reader, Dialect::Xml, None),
            depth: 0,
        }
    }

    /// The next event; `None` at the end.
    ///
    /// # Errors
    /// When reading stops, elements are too deep within each other, or the document ends within one.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Event<'_>>, Stop> {
        let event = self.lexer.next()?;
        match &event {
            Some(Event::Open(_)) if self.depth == MAX_DEPTH => return Err(Stop::TooLarge),
            Some(Event::Open(_)) => self.depth += 1,
            Some(Event::Close(_)) => self.depth = self.depth.checked_sub(1).ok_or(Stop::Damaged)?,
            None if self.depth > 0 => return Err(Stop::Damaged),
            Some(Event::Text(_)) | None => {}
        }
        Ok(event)
    }

    /// Passes over the rest of the element that was opened last.
    pub(crate) fn skip(&mut self) -> Result<(), Stop> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    /// Adds the text of the element that was opened last, and of those within it, up to `max` bytes.
    pub(crate) fn text_into(&mut self, text: &mut String, max: usize) -> Result<(), Stop> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            match self.next()? {
                Some(Event::Text(piece)) if text.len() + piece.len() <= max => text.push_str(piece),
                Some(_) => {}
                None => break,
            }
        }
        Ok(())
    }
}

/// What of a document's data is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Elements,
    ElementsAndAttributes,
}

/// Reads a file that is nothing but XML.
pub(crate) fn read_file(file: impl Read, found: &mut Found) -> Result<(), Stop> {
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let result = read_any(file, Data::ElementsAndAttributes, &mut flow);
    flow.finish().and(result)
}

/// Reads a document of any kind: what stands between its tags, and in them.
pub(crate) fn read_any(document: impl Read, data: Data, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(document);
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) if NO_TEXT.contains(&tag.name) => reader.skip()?,
            Event::Open(tag) => {
                flow.end(Gap::Line);
                if data == Data::Elements {
                    continue;
                }
                for (name, value) in tag.unescaped() {
                    if !NO_VALUES.contains(&name) && !is_namespace(&value) {
                        flow.push(&value)?;
                        flow.end(Gap::Cell);
                    }
                }
            }
            Event::Text(piece) if piece.trim_ascii().is_empty() => {}
            Event::Text(piece) => flow.push(piece)?,
            Event::Close(_) => flow.end(Gap::Line),
        }
    }
    Ok(())
}

/// Elements whose content is bytes or drawing, in documents of Office and in pictures.
const NO_TEXT: &[&str] = &["binData", "binaryData", "binary-data", "style", "script", "image"];
/// Attributes that say how something is drawn.
const NO_VALUES: &[&str] = &["d", "points", "transform", "style", "class", "viewBox"];

/// Whether a value is the name of a vocabulary.
fn is_namespace(value: &str) -> bool {
    value.starts_with("http://") || value.starts_with("urn:")
}

/// One element without elements inside: its name and attributes without prefixes, and its text.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    fn new(tag: &Tag<'_>) -> Self {
        Self {
            name: tag.name.to_owned(),
            attributes: tag
                .unescaped()
                .map(|(name, value)| (name.to_owned(), value.into_owned()))
                .collect(),
            text: String::new(),
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Walks over a document: `opened` is called for each element when it begins, without its text, and `closed` for
/// each element that holds none, with its text and with the elements around it, outermost first.
pub(crate) fn walk(
    document: &[u8],
    mut opened: impl FnMut(&Element),
    mut closed: impl FnMut(&Element, &[Element]),
) -> Result<(), Stop> {
    let mut reader = Reader::new(document);
    let mut around: Vec<Element> = Vec::new();
    let mut innermost = true;
    loop {
        let event = match reader.next() {
            Ok(Some(event)) => event,
            // Some are given in pieces, whose elements end elsewhere.
            Ok(None) | Err(Stop::Damaged) => return Ok(()),
            Err(stop) => return Err(stop),
        };
        match event {
            Event::Open(tag) => {
                let element = Element::new(&tag);
                opened(&element);
                around.push(element);
                innermost = true;
            }
            Event::Close(_) => {
                if let Some(element) = around.pop().filter(|_| innermost) {
                    closed(&element, &around);
                }
                innermost = false;
            }
            Event::Text(piece) => {
                if let Some(element) = around.last_mut().filter(|element| element.text.len() < TEXT_BYTES) {
                    element.text.push_str(piece);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(document: &[u8]) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        let result = walk(
            document,
            |_| {},
            |element, _| texts.push((element.name.clone(), element.text.clone())),
        );
        result.unwrap();
        texts
    }

    #[test]
    fn text_is_joined_across_references_and_sections() {
        let document = b"<a><x:b>R&amp;D &#x4E00;<![CDATA[ <x>]]></x:b><c/></a>";
        assert_eq!(
            texts(document),
            [("b".into(), "R&D 一 <x>".into()), ("c".into(), String::new())]
        );
    }

    #[test]
    fn entities_of_the_document_are_not_expanded() {
        let bomb = br#"<!DOCTYPE x [<!ENTITY a "AAAA"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>"#;
        assert_eq!(texts(bomb), [("x".into(), String::new())]);
    }

    #[test]
    fn elements_too_deep_within_each_other_end_the_reading_after_what_came_before() {
        let deep = [b"<a>before".to_vec(), b"<b>".repeat(100_000)].concat();
        let mut reader = Reader::new(&deep[..]);
        let mut text = String::new();
        let stop = loop {
            match reader.next() {
                Ok(Some(Event::Text(piece))) => text.push_str(piece),
                Ok(Some(_)) => {}
                Ok(None) => panic!("it ends"),
                Err(stop) => break stop,
            }
        };
        assert_eq!((text.as_str(), stop), ("before", Stop::TooLarge));
    }

    #[test]
    fn a_document_that_ends_within_an_element_is_damaged() {
        for document in ["<a><b>text</b>", "<a/></b>"] {
            let mut reader = Reader::new(document.as_bytes());
            let stop = loop {
                match reader.next() {
                    Ok(event) => assert!(event.is_some(), "{document} ends"),
                    Err(stop) => break stop,
                }
            };
            assert_eq!(stop, Stop::Damaged);
        }
    }

    #[test]
    fn an_element_is_passed_over_with_all_that_it_holds() {
        let long = "x".repeat(5000);
        for inside in [
            "",
            "1",
            "<c d='1'/><bb>1</bb>",
            "<b>1</b><c/>",
            "<b/>1",
            "<e><b f=''>1</b>1</e>",
            "<!-- </b> -->1",
            "<![CDATA[</b>]]>1",
            "<?p </b>?>1",
            &long,
        ] {
            for (start, end) in [("<b>", "</b>"), ("<b c='<'>", "</b >")] {
                let document = format!("<a>0{start}{inside}{end}<d>2</d><b/>3</a>");
                assert_eq!(text_outside_b(&document), "023", "{document}");
            }
        }
    }

    /// The text that stands in no `b`.
    fn text_outside_b(document: &str) -> String {
        let mut reader = Reader::new(document.as_bytes());
        let mut text = String::new();
        while let Some(event) = reader.next().unwrap() {
            match event {
                Event::Open(tag) if tag.name == "b" => reader.skip().unwrap(),
                Event::Text(piece) => text.push_str(piece),
                _ => {}
            }
        }
        text
    }
}
