//! Apple's Pages, Numbers and Keynote: object archives since 2013, XML before.

mod archive;
mod old;
mod protobuf;
mod rows;
mod table;

use std::io::Read;

use fileward_protocol::report::Encryption;
use fileward_protocol::vocabulary::EncryptionState;

use super::package::has_extension;
use crate::container::zip::{self, Archive};
use crate::flow::Flow;
use crate::found::Found;
use crate::kind::{self, Kind};
use crate::source::{Source, Stop};
use crate::text::{Gap, Part};
use archive::Objects;
use protobuf::Message;
use rows::{LISTS, TILE, Tables};

/// The largest archive within the package that is held.
const MAX_INSIDE: usize = 16 << 20;

/// The types of the objects that are read.
const TEXT: u64 = 2001;
const COMMENT: u64 = 3056;
/// The type of a sheet of tables, in their program alone.
const SHEET: u64 = 2;
/// The type of the first object of a text document.
const PAGES_DOCUMENT: u64 = 10_000;

/// The kind of a package; `None` when it is none of Apple's.
pub(super) fn recognise(source: &mut Source<'_>, archive: &Archive) -> Result<Option<Kind>, Stop> {
    if let Some(kind) = old::recognise(source, archive)? {
        return Ok(Some(kind));
    }
    let begins = |start: &str| archive.entries.iter().any(|entry| entry.name.starts_with(start));
    let has = |name| archive.find(name).is_some();
    if has("Index.zip") && begins("Metadata/") {
        let inner = archive.read(source, "Index.zip", MAX_INSIDE)?.unwrap_or_default();
        let mut inner = Source::of_memory(&inner, source.budget());
        let objects = Archive::open(&mut inner)?;
        return kind_of(&mut inner, &objects).map(Some);
    }
    if has("Index/Document.iwa") {
        return kind_of(source, archive).map(Some);
    }
    Ok(None)
}

/// Which of the three it is: one has slides, one begins with a document of text.
fn kind_of(source: &mut Source<'_>, archive: &Archive) -> Result<Kind, Stop> {
    let has = |part: &str| archive.entries.iter().any(|entry| entry.name.contains(part));
    if has("Index/Slide") || has("Index/MasterSlide") || has("Index/TemplateSlide") {
        return Ok(kind::KEYNOTE);
    }
    let first = match archive.stream(source, "Index/Document.iwa") {
        Ok(Some(part)) => Objects::new(part).next_type(),
        Ok(None) => Ok(None),
        Err(stop) => Err(stop),
    };
    match first {
        Ok(Some(PAGES_DOCUMENT)) => Ok(kind::PAGES),
        Ok(Some(_)) => Ok(kind::NUMBERS),
        Ok(None) | Err(Stop::Damaged) if has("Index/Tables/") => Ok(kind::NUMBERS),
        Ok(None) | Err(Stop::Damaged) => Ok(kind::PAGES),
        Err(stop) => Err(stop),
    }
}

/// Fills in encryption and reads the text.
pub(super) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    // The verifier of a password, beside objects that are encrypted one by one.
    let is_verifier = |name: &str| has_extension(name, "iwpv2") || has_extension(name, "iwpv");
    if archive.entries.iter().any(|entry| is_verifier(&entry.name)) {
        found.encryption = Encryption {
            state: EncryptionState::Encrypted,
            method: None,
        };
        return Ok(());
    }
    if old::examine(source, archive, found)? {
        return Ok(());
    }
    read_objects(source, archive, found)?;
    let budget = source.budget();
    let inner = archive.read(source, "Index.zip", MAX_INSIDE);
    if let Some(inner) = found.tolerate(inner)?.flatten() {
        let mut inner = Source::of_memory(&inner, budget);
        let objects = Archive::open(&mut inner);
        if let Some(objects) = found.tolerate(objects)? {
            read_objects(&mut inner, &objects, found)?;
        }
    }
    Ok(())
}

fn read_objects(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    let tables = Tables::gather(source, archive);
    let tables = found.tolerate(tables)?.unwrap_or_default();
    for (_, entry) in rows::parts(archive) {
        let part = zip::open_entry(source, entry);
        let Some(part) = found.tolerate(part)? else {
            continue;
        };
        let is_margin = entry.name.contains("MasterSlide") || entry.name.contains("TemplateSlide");
        let place = if is_margin { Part::Margin } else { Part::Body };
        let mut flow = Flow::new(&mut found.text, place);
        let result = read_part(part, found.kind, place, &tables, &mut flow);
        let result = flow.finish().and(result);
        found.tolerate(result)?;
    }
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let result = tables.read(source, archive, &mut flow);
    let result = flow.finish().and(result);
    found.tolerate(result)?;
    Ok(())
}

fn read_part(part: impl Read, kind: Kind, place: Part, tables: &Tables<'_>, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut objects = Objects::new(part);
    while let Some(object) = objects.next()? {
        match object.kind {
            TEXT => read_text(object.bytes, place, flow)?,
            COMMENT => {
                for text in Message::new(object.bytes).texts(1) {
                    flow.aside(text);
                    flow.end_aside();
                }
            }
            SHEET if kind == kind::NUMBERS => {
                if let Some(name) = Message::new(object.bytes).texts(1).next() {
                    flow.paragraph(name)?;
                }
            }
            _ if tables.has(object.id) => {}
            TILE => table::read_tile(object.bytes, |_| None, flow)?,
            kind if LISTS.contains(&kind) => table::read_list(object.bytes, flow)?,
            _ => {}
        }
    }
    Ok(())
}

/// A text and where it stands: 1 is a header or footer, 2 a footnote, 4 a note.
fn read_text(object: &[u8], place: Part, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let own = match Message::new(object).number(1) {
        Some(1) => Part::Margin,
        Some(2 | 4) => Part::Aside,
        _ => place,
    };
    if own != place {
        flow.turn_to(own);
    }
    for text in Message::new(object).texts(3) {
        push_text(text, flow)?;
    }
    flow.end(Gap::Paragraph);
    if own != place {
        flow.turn_to(place);
    }
    Ok(())
}

/// Text with the characters that Apple's programs put between its parts.
fn push_text(text: &str, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut rest = text;
    while let Some(at) = rest.find([
        '\n', '\r', '\u{2028}', '\u{2029}', '\u{C}', '\u{4}', '\u{5}', '\u{E}', '\u{FFFC}',
    ]) {
        flow.push(&rest[..at])?;
        let mut behind = rest[at..].chars();
        match behind.next() {
            Some('\u{2028}') => flow.end(Gap::Line),
            Some('\u{FFFC}' | '\u{E}') | None => {}
            Some(_) => flow.end(Gap::Paragraph),
        }
        rest = behind.as_str();
    }
    flow.push(rest)
}
