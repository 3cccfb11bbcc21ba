//! Documents of iWork '09: one part in XML, packed once more or not.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::container::zip::Archive;
use crate::flow::Flow;
use crate::found::Found;
use crate::kind::{self, Kind};
use crate::markup::Tag;
use crate::office::number;
use crate::office::package::has_extension;
use crate::source::{Source, Stop, Unpacking};
use crate::text::{Gap, Part};
use crate::xml::{Event, Reader};

/// Bytes in which the first element stands.
const START: u64 = 4096;
/// Names of the part; the first element tells the kind.
const PARTS: &[&str] = &["index.apxl", "index.xml", "index.apxl.gz", "index.xml.gz"];
const KINDS: &[(&str, Kind)] = &[
    ("key:presentation", kind::KEYNOTE),
    ("ls:document", kind::NUMBERS),
    ("sl:document", kind::PAGES),
];

fn part(archive: &Archive) -> Option<&'static str> {
    PARTS.iter().copied().find(|part| archive.find(part).is_some())
}

/// The kind of a document, if it is one.
pub(super) fn recognise(source: &mut Source<'_>, archive: &Archive) -> Result<Option<Kind>, Stop> {
    let Some(part) = part(archive) else {
        return Ok(None);
    };
    let first = with_part(source, archive, part, |part| {
        let mut reader = Reader::new(part.take(START));
        while let Some(event) = reader.next()? {
            if let Event::Open(tag) = event {
                let row = KINDS.iter().find(|(name, _)| *name == tag.full_name());
                return Ok(row.map(|(_, kind)| *kind));
            }
        }
        Ok(None)
    });
    match first {
        Ok(kind) => Ok(kind),
        Err(Stop::Damaged) => Ok(None),
        Err(stop) => Err(stop),
    }
}

/// Reads the text, if it is such a document.
pub(super) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<bool, Stop> {
    let Some(part) = part(archive) else {
        return Ok(false);
    };
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let result = with_part(source, archive, part, |part| read(part, &mut flow));
    let result = flow.finish().and(result);
    found.tolerate(result)?;
    Ok(true)
}

fn with_part<T: Default>(
    source: &mut Source<'_>,
    archive: &Archive,
    name: &str,
    read: impl FnOnce(&mut dyn Read) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let budget = source.budget();
    match archive.stream(source, name)? {
        Some(part) if has_extension(name, "gz") => read(&mut Unpacking::new(GzDecoder::new(part), budget)),
        Some(mut part) => read(&mut part),
        None => Ok(T::default()),
    }
}

/// Paragraphs hold text; cells of tables hold theirs in attributes.
fn read(part: &mut dyn Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    let mut paragraphs = 0_usize;
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) => match tag.full_name() {
                "sf:p" => paragraphs += 1,
                "sf:tab" => flow.push("\t")?,
                "sf:br" | "sf:lnbr" | "sf:crbr" => flow.end(Gap::Line),
                "sf:header" | "sf:footer" => flow.turn_to(Part::Margin),
                "sf:ct" | "sf:n" => cell(&tag, flow)?,
                "sf:stylesheet" | "sf:anon-styles" => reader.skip()?,
                _ => {}
            },
            Event::Text(piece) if paragraphs > 0 => flow.push(piece)?,
            Event::Close("p") => {
                paragraphs = paragraphs.saturating_sub(1);
                flow.end(Gap::Paragraph);
            }
            Event::Close("header" | "footer") => flow.turn_to(Part::Body),
            Event::Close("grid-row") => flow.end(Gap::Paragraph),
            Event::Text(_) | Event::Close(_) => {}
        }
    }
    Ok(())
}

fn cell(tag: &Tag<'_>, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let value = tag.attribute("s").or(tag.attribute("v")).unwrap_or_default();
    flow.push(&number::digits(&value))?;
    flow.end(Gap::Cell);
    Ok(())
}
