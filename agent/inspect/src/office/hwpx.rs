//! Hangul's documents since 2010 (OWPML, KS X 6101): sections in XML, in a zip.

use std::io::Read;

use fileward_protocol::vocabulary::EncryptionState;

use super::odf;
use super::package::{self, has_extension};
use crate::container::zip::Archive;
use crate::flow::Flow;
use crate::found::{Found, Property};
use crate::source::{Source, Stop};
use crate::text::{Gap, Part};
use crate::xml::{self, Event, Reader};

/// The largest description that is read.
const MAX_PART: usize = 1 << 20;

/// Fills in encryption and properties, and reads the text.
pub(super) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    if odf::has_encrypted_part(source, archive, found)? {
        found.encryption.state = EncryptionState::Encrypted;
        return Ok(());
    }
    let description = archive.read(source, "Contents/content.hpf", MAX_PART);
    if let Some(description) = found.tolerate(description)?.flatten() {
        let result = read_properties(&description, found);
        found.tolerate(result)?;
    }
    found.text.part(Part::Body);
    for entry in &archive.entries {
        let part = match entry.name.strip_prefix("Contents/") {
            Some(name) if name.starts_with("section") => Part::Body,
            Some(name) if name.starts_with("masterpage") => Part::Margin,
            _ => {
                if has_extension(&entry.name, "ole") {
                    package::examine_entry(source, entry, found)?;
                }
                continue;
            }
        };
        let content = archive.stream(source, &entry.name);
        if let Some(content) = found.tolerate(content)?.flatten() {
            let mut flow = Flow::new(&mut found.text, part);
            let result = read_section(content, part, &mut flow);
            let result = flow.finish().and(result);
            found.tolerate(result)?;
        }
    }
    Ok(())
}

fn read_properties(description: &[u8], found: &mut Found) -> Result<(), Stop> {
    xml::walk(
        description,
        |_| {},
        |element, _| {
            let property = match (element.name.as_str(), element.attribute("name")) {
                ("title", _) => Property::Title,
                ("meta", Some("creator")) => Property::Author,
                ("meta", Some(name @ ("subject" | "description" | "keyword" | "lastsaveby"))) => Property::Other(name),
                _ => return,
            };
            found.property(property, &element.text);
        },
    )
}

/// Reads a section. Text stands in elements of its own; all others say how it looks.
fn read_section(content: impl Read, home: Part, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(content);
    let (mut texts, mut asides, mut cells) = (0_usize, 0_usize, 0_usize);
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) => match tag.name {
                "t" => texts += 1,
                "tab" if texts > 0 => push("\t", asides, flow)?,
                "nbSpace" | "fwSpace" if texts > 0 => push(" ", asides, flow)?,
                "hyphen" if texts > 0 => push("-", asides, flow)?,
                "lineBreak" if texts > 0 && asides == 0 => flow.end(Gap::Line),
                "footNote" | "endNote" | "hiddenComment" => asides += 1,
                "header" | "footer" => flow.turn_to(Part::Margin),
                "tc" => cells += 1,
                "tr" => flow.settle(),
                _ => {}
            },
            Event::Text(piece) if texts > 0 => push(piece, asides, flow)?,
            Event::Text(_) => {}
            Event::Close(name) => match name {
                "t" => texts = texts.saturating_sub(1),
                "footNote" | "endNote" | "hiddenComment" => {
                    asides = asides.saturating_sub(1);
                    flow.end_aside();
                }
                "header" | "footer" => {
                    flow.end(Gap::Paragraph);
                    flow.turn_to(home);
                }
                "p" if asides > 0 => flow.end_aside(),
                "p" if cells > 0 => flow.end(Gap::Line),
                "tc" => {
                    cells = cells.saturating_sub(1);
                    flow.end(Gap::Cell);
                }
                "p" | "tr" | "tbl" | "drawText" => flow.end(Gap::Paragraph),
                _ => {}
            },
        }
    }
    Ok(())
}

fn push(piece: &str, asides: usize, flow: &mut Flow<'_>) -> Result<(), Stop> {
    if asides > 0 {
        flow.aside(piece);
        return Ok(());
    }
    flow.push(piece)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::examined::examined;
    use crate::kind;

    fn document(parts: &[(&str, &str)]) -> Found {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default();
        for (name, content) in [&[("mimetype", "application/hwp+zip")], parts].concat() {
            writer.start_file(name, options).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        examined(&writer.finish().unwrap().into_inner())
    }

    const SECTION: &str = "<hs:sec xmlns:hs='s' xmlns:hp='p'><hp:p><hp:run><hp:ctrl><hp:header><hp:subList><hp:p><hp:run>\
        <hp:t>대외비</hp:t></hp:run></hp:p></hp:subList></hp:header></hp:ctrl><hp:t>본문 </hp:t></hp:run>\
        <hp:run><hp:t>示<hp:markpenBegin/>例<hp:tab/>끝</hp:t><hp:ctrl><hp:footNote><hp:subList><hp:p><hp:run><hp:t>각주</hp:t>\
        </hp:run></hp:p></hp:subList></hp:footNote></hp:ctrl><hp:t>.</hp:t></hp:run></hp:p>\
        <hp:p><hp:run><hp:tbl><hp:caption>skipped</hp:caption><hp:tr><hp:tc><hp:subList><hp:p><hp:run><hp:t>전화</hp:t></hp:run></hp:p></hp:subList></hp:tc>\
        <hp:tc><hp:subList><hp:p><hp:run><hp:t>이름</hp:t></hp:run></hp:p></hp:subList></hp:tc></hp:tr><hp:tr><hp:tc><hp:subList><hp:p>\
        <hp:run><hp:t>13800138000</hp:t></hp:run></hp:p></hp:subList></hp:tc><hp:tc><hp:subList><hp:p/></hp:subList></hp:tc></hp:tr>\
        </hp:tbl></hp:run></hp:p></hs:sec>";

    #[test]
    fn sections_are_read_with_their_tables_margins_and_notes() {
        let description = "<opf:package><opf:metadata><opf:title>제목</opf:title><opf:meta name='creator' content='text'>작성자</opf:meta>\
            </opf:metadata></opf:package>";
        let found = document(&[
            ("Contents/content.hpf", description),
            ("Contents/section0.xml", SECTION),
        ]);
        assert_eq!((found.kind, found.stopped), (kind::HWPX, None));
        assert_eq!(found.properties.title.as_deref(), Some("제목"));
        assert_eq!(found.properties.author.as_deref(), Some("작성자"));
        let of = |part| {
            let texts = found.text.parts();
            texts
                .into_iter()
                .filter(|(own, _)| *own == part)
                .map(|(_, text)| text)
                .collect::<Vec<_>>()
        };
        assert_eq!(of(Part::Margin), ["대외비"]);
        assert_eq!(of(Part::Aside), ["각주"]);
        assert!(
            found
                .text
                .captured
                .contains("본문 示例\t끝.\n전화\t이름\n13800138000\t"),
            "{}",
            found.text.captured
        );
    }

    #[test]
    fn a_locked_document_is_encrypted() {
        let manifest = "<odf:manifest><odf:file-entry><odf:encryption-data/></odf:file-entry></odf:manifest>";
        let found = document(&[("META-INF/manifest.xml", manifest), ("Contents/section0.xml", SECTION)]);
        assert_eq!(found.encryption.state, EncryptionState::Encrypted);
        assert_eq!(found.text.captured, "");
    }
}
