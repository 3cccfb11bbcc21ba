//! Packages of programs of design, of which little is text: mind maps of `MindManager`, stories of `InDesign`, reports of Power BI.

use std::io::{BufReader, Read};

use crate::container::zip::Archive;
use crate::encoding::Encoding;
use crate::flow::Flow;
use crate::found::Found;
use crate::kind;
use crate::plain_text;
use crate::source::{Source, Stop};
use crate::text::{Gap, Part};
use crate::xml::{self, Data, Event, Reader};

const MAP: &str = "Document.xml";

/// Whether an archive is a mind map: its one document begins as such.
pub(super) fn is_mind_map(source: &mut Source<'_>, archive: &Archive) -> Result<bool, Stop> {
    match archive.read(source, MAP, 1024) {
        Ok(start) => Ok(memchr::memmem::find(&start.unwrap_or_default(), b"<ap:Map").is_some()),
        Err(Stop::Damaged) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// Reads the texts of topics, which are attributes, and their notes.
pub(super) fn examine_mind_map(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    let part = archive.stream(source, MAP);
    let Some(part) = found.tolerate(part)?.flatten() else {
        return Ok(());
    };
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let result = topics(part, &mut flow);
    let result = flow.finish().and(result);
    found.tolerate(result)?;
    Ok(())
}

fn topics(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) => {
                flow.end(Gap::Line);
                if let Some(text) = tag.attribute("PlainText") {
                    flow.paragraph(&text)?;
                }
            }
            Event::Text(piece) if piece.trim_ascii().is_empty() => {}
            Event::Text(piece) => flow.push(piece)?,
            Event::Close(_) => flow.end(Gap::Line),
        }
    }
    Ok(())
}

/// Reads stories, one a part.
pub(super) fn examine_stories(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    for entry in archive
        .entries
        .iter()
        .filter(|entry| entry.name.starts_with("Stories/"))
    {
        let part = archive.stream(source, &entry.name);
        if let Some(part) = found.tolerate(part)?.flatten() {
            let mut flow = Flow::new(&mut found.text, Part::Body);
            let result = xml::read_any(part, Data::Elements, &mut flow);
            let result = flow.finish().and(result);
            found.tolerate(result)?;
        }
    }
    Ok(())
}

/// Reads how a report is laid out: the names of its pages, tables and columns. Its rows are packed in a way of its own.
pub(super) fn examine_report(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    let budget = source.budget();
    let part = archive.stream(source, "Report/Layout");
    if let Some(part) = found.tolerate(part)?.flatten() {
        let result = plain_text::read(&mut BufReader::new(part), kind::JSON, Encoding::Utf16Le, budget, found);
        found.tolerate(result)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};
    use std::time::Instant;

    use super::*;
    use crate::kind::Kind;
    use crate::source::Budget;
    use crate::{Limits, container::zip};

    fn found(parts: &[(&str, &[u8])]) -> (Kind, String) {
        let mut archive = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            archive
                .start_file(*name, ::zip::write::SimpleFileOptions::default())
                .unwrap();
            archive.write_all(content).unwrap();
        }
        let bytes = archive.finish().unwrap().into_inner();
        let budget = Budget::new(&Limits::default(), Instant::now());
        let mut found = Found::for_tests();
        zip::examine(&mut Source::of_memory(&bytes, &budget), &mut found).unwrap();
        (found.kind, found.text.captured.trim().to_owned())
    }

    #[test]
    fn topics_of_a_mind_map_are_read() {
        let map = br#"<ap:Map xmlns:ap="x"><ap:OneTopic><ap:Topic OId="1"><ap:Text PlainText="Budget &amp; plan"><ap:Font Color="ff"/></ap:Text></ap:Topic></ap:OneTopic></ap:Map>"#;
        assert_eq!(
            found(&[("Document.xml", map)]),
            (kind::MIND_MANAGER, "Budget & plan".to_owned())
        );
    }

    #[test]
    fn stories_are_read() {
        let story = b"<idPkg:Story><Story Self=\"u1\"><Content>first line</Content></Story></idPkg:Story>";
        assert_eq!(
            found(&[("designmap.xml", b"<Document/>"), ("Stories/Story_u1.xml", story)]),
            (kind::IDML, "first line".to_owned())
        );
    }

    #[test]
    fn the_layout_of_a_report_is_read() {
        let layout: Vec<u8> = "{\"displayName\":\"Sales\"}"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let (kind, text) = found(&[("Version", b"1"), ("Settings", b"{}"), ("Report/Layout", &layout)]);
        assert_eq!((kind, text.contains("Sales")), (kind::PBIX, true));
    }
}
