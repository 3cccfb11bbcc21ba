//! EPUB: pages in XHTML, in the order of the package's spine (EPUB 3.3, 5).

use super::package;
use crate::container::zip::Archive;
use crate::escapes::unescaped;
use crate::found::{Found, Property};
use crate::html;
use crate::source::{Source, Stop};
use crate::xml::{self, Event, Reader};

/// The largest description that is read.
const MAX_PART: usize = 1 << 20;

/// Reads properties and pages.
pub(super) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    let container = archive.read(source, "META-INF/container.xml", MAX_PART);
    let container = found.tolerate(container)?.flatten().unwrap_or_default();
    let mut main = None;
    let _ = xml::walk(
        &container,
        |element| {
            if element.name == "rootfile" {
                main = main.take().or(element.attribute("full-path").map(str::to_owned));
            }
        },
        |_, _| {},
    );
    let main = main.unwrap_or_default();
    let description = archive.read(source, &main, MAX_PART);
    let description = found.tolerate(description)?.flatten().unwrap_or_default();
    read_properties(&description, found);
    let pages = spine(&description, &main);
    let pages = found.tolerate(pages)?.unwrap_or_default();
    for page in pages {
        let part = archive.stream(source, &page);
        if let Some(part) = found.tolerate(part)?.flatten() {
            let result = html::read(part, None, found);
            found.tolerate(result)?;
        }
    }
    Ok(())
}

fn read_properties(description: &[u8], found: &mut Found) {
    let _ = xml::walk(
        description,
        |_| {},
        |element, _| {
            let property = match element.name.as_str() {
                "title" => Property::Title,
                "creator" => Property::Author,
                name @ ("publisher" | "subject" | "description" | "rights") => Property::Other(name),
                _ => return,
            };
            found.property(property, &element.text);
        },
    );
}

/// The parts of the book in the order of reading.
fn spine(description: &[u8], main: &str) -> Result<Vec<String>, Stop> {
    let mut items: Vec<(String, String)> = Vec::new();
    let mut order = Vec::new();
    let mut reader = Reader::new(description);
    while let Some(event) = reader.next()? {
        let Event::Open(tag) = event else {
            continue;
        };
        match tag.name {
            "item" => {
                let value = |name| tag.attribute(name).unwrap_or_default();
                // A reference is one of the web, with other characters than ASCII's as escapes.
                let target = unescaped(value("href").as_bytes(), b'%');
                let target = package::resolve(main, &String::from_utf8_lossy(&target));
                items.push((value("id").into_owned(), target));
            }
            "itemref" => order.push(tag.attribute("idref").unwrap_or_default().into_owned()),
            _ => {}
        }
    }
    items.sort();
    let part = |id: &String| {
        let index = items.binary_search_by(|(own, _)| own.cmp(id)).ok()?;
        Some(items[index].1.clone())
    };
    Ok(order.iter().filter_map(part).collect())
}
