//! XML parts of packages, as a walk over elements. Entities of the document's own are never expanded.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::encoding::{self, Encoding};
use crate::source::Stop;

/// Elements within each other; deeper documents are not read.
const MAX_DEPTH: usize = 256;
/// Text kept of one element.
const TEXT_BYTES: usize = 16 << 10;

/// One element without elements inside: its name and attributes without prefixes, and its text.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
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
    let document = decode(document);
    let mut reader = Reader::from_str(&document);
    let mut around: Vec<Element> = Vec::new();
    let mut innermost = true;
    loop {
        match reader.read_event().map_err(|_| Stop::Damaged)? {
            Event::Start(start) => {
                if around.len() == MAX_DEPTH {
                    return Err(Stop::Damaged);
                }
                let element = element(&start);
                opened(&element);
                around.push(element);
                innermost = true;
            }
            Event::Empty(start) => {
                let element = element(&start);
                opened(&element);
                closed(&element, &around);
                innermost = false;
            }
            Event::End(_) => {
                if let Some(element) = around.pop().filter(|_| innermost) {
                    closed(&element, &around);
                }
                innermost = false;
            }
            Event::Text(piece) => add(&mut around, &piece.decode().map_err(|_| Stop::Damaged)?),
            Event::CData(piece) => add(&mut around, &piece.decode().map_err(|_| Stop::Damaged)?),
            Event::GeneralRef(reference) => add(&mut around, &character(&reference)),
            Event::Eof => return Ok(()),
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

fn add(around: &mut [Element], piece: &str) {
    if let Some(element) = around.last_mut().filter(|element| element.text.len() < TEXT_BYTES) {
        element.text.push_str(piece);
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false).flatten() {
        let value = attribute
            .unescape_value()
            .map_or_else(|_| text(&attribute.value), Cow::into_owned);
        attributes.push((text(attribute.key.local_name().as_ref()), value));
    }
    Element {
        name: text(start.local_name().as_ref()),
        attributes,
        text: String::new(),
    }
}

/// The character that a reference such as `&amp;` or `&#x4E00;` stands for; nothing for others.
pub(crate) fn character(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return c.to_string();
    }
    let name = reference.decode().unwrap_or_default();
    quick_xml::escape::resolve_xml_entity(&name)
        .unwrap_or_default()
        .to_owned()
}

fn decode(document: &[u8]) -> Cow<'_, str> {
    match document {
        [0xFF, 0xFE, ..] => encoding::decode(document, Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => encoding::decode(document, Encoding::Utf16Be),
        _ => encoding::decode(document, Encoding::Utf8),
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
}
