//! Hangul's documents before hwpx (HWP 5.0): compressed sections of records, in a storage of their own.

use std::io::{BufReader, Read};

use fileward_protocol::vocabulary::EncryptionState;
use flate2::read::DeflateDecoder;

use crate::container::compound::Storage;
use crate::found::Found;
use crate::pen::Pen;
use crate::source::{Source, Stop, Unpacking, u32_at};
use crate::text::{Gap, Part, Text};

/// The largest paragraph that is read.
const MAX_PARAGRAPH: usize = 4 << 20;
/// Records of text, and of what stands in the text by a mark.
const TEXT: u32 = 67;
const CONTROL: u32 = 71;

/// Fills in what a document says.
pub(super) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    const COMPRESSED: u32 = 1;
    const LOCKED: u32 = 2;
    const FOR_READING_ONLY: u32 = 4;
    let header = storage.open_named(source, "FileHeader")?.exact(36, 4)?;
    let flags = u32_at(&header, 0)?;
    if flags & LOCKED != 0 {
        found.encryption.state = EncryptionState::Encrypted;
        return Ok(());
    }
    // Such documents are scrambled; their text is not read.
    if flags & FOR_READING_ONLY != 0 {
        return Ok(());
    }
    let body = storage.storage("BodyText").ok_or(Stop::Damaged)?;
    found.text.part(Part::Body);
    for index in 0.. {
        let Some(section) = body.stream(&format!("Section{index}")) else {
            break;
        };
        let budget = source.budget();
        let stream = BufReader::new(body.open(source, section));
        let result = if flags & COMPRESSED == 0 {
            read_section(stream, &mut found.text)
        } else {
            let unpacked = Unpacking::new(DeflateDecoder::new(stream), budget);
            read_section(BufReader::new(unpacked), &mut found.text)
        };
        found.tolerate(result)?;
    }
    Ok(())
}

fn read_section(mut records: impl Read, text: &mut Text) -> Result<(), Stop> {
    let mut pen = Pen::default();
    // The part that a control began, until a record stands as high as it.
    let mut control: Option<(u32, Part)> = None;
    while let Some(head) = word(&mut records)? {
        let (tag, level) = (head & 0x3FF, head >> 10 & 0x3FF);
        let len = match head >> 20 {
            0xFFF => word(&mut records)?.ok_or(Stop::Damaged)?,
            len => len,
        };
        if control.is_some_and(|(own, _)| level <= own) {
            control = None;
        }
        let len = usize::try_from(len).map_err(|_| Stop::Damaged)?;
        if !matches!(tag, TEXT | CONTROL) {
            std::io::copy(&mut records.by_ref().take(len as u64), &mut std::io::sink())?;
            continue;
        }
        if len > MAX_PARAGRAPH {
            return Err(Stop::TooLarge);
        }
        let mut body = Vec::new();
        records.by_ref().take(len as u64).read_to_end(&mut body)?;
        if tag == TEXT {
            pen.part(control.map_or(Part::Body, |(_, part)| part), text)?;
            paragraph(&body, &mut pen, text)?;
        } else if control.is_none() {
            control = part_of(&body).map(|part| (level, part));
        }
    }
    pen.gap(Gap::Page, text)
}

/// What a control holds when it is not the body: its letters are written backwards.
fn part_of(control: &[u8]) -> Option<Part> {
    match control.get(..4)? {
        b"daeh" | b"toof" => Some(Part::Margin),
        b"  nf" | b"  ne" | b"tmct" => Some(Part::Aside),
        _ => None,
    }
}

/// The characters of a paragraph. A mark is one character, or eight of which the rest is its description.
fn paragraph(body: &[u8], pen: &mut Pen, text: &mut Text) -> Result<(), Stop> {
    const DESCRIPTION: usize = 7;
    let mut units = body.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let mut high = None;
    while let Some(unit) = units.next() {
        match unit {
            9 => pen.put('\t', text)?,
            10 => pen.gap(Gap::Line, text)?,
            24 => pen.put('-', text)?,
            30 | 31 => pen.put(' ', text)?,
            0..32 => {}
            0xD800..=0xDBFF => high = Some(unit),
            unit => {
                for c in char::decode_utf16(high.take().into_iter().chain([unit])).flatten() {
                    pen.put(c, text)?;
                }
            }
        }
        if matches!(unit, 1..=9 | 11 | 12 | 14..=23) {
            units.by_ref().take(DESCRIPTION).for_each(drop);
        }
    }
    pen.gap(Gap::Paragraph, text)
}

/// The next number; `None` at the end.
fn word(reader: &mut impl Read) -> Result<Option<u32>, Stop> {
    let mut bytes = [0; 4];
    if reader.read(&mut bytes[..1])? == 0 {
        return Ok(None);
    }
    reader.read_exact(&mut bytes[1..])?;
    Ok(Some(u32::from_le_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;
    use crate::examined::examined;

    fn record(tag: u32, level: u32, body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len()).unwrap();
        [&(tag | level << 10 | len << 20).to_le_bytes()[..], body].concat()
    }

    fn text(level: u32, text: &str) -> Vec<u8> {
        let body: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        record(TEXT, level, &body)
    }

    fn document(flags: u32, section: &[u8]) -> Found {
        let mut header = b"HWP Document File".to_vec();
        header.resize(36, 0);
        header.extend(flags.to_le_bytes());
        header.resize(256, 0);
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream("FileHeader").unwrap().write_all(&header).unwrap();
        file.create_storage("BodyText").unwrap();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(section).unwrap();
        let packed = encoder.finish().unwrap();
        file.create_stream("BodyText/Section0")
            .unwrap()
            .write_all(&packed)
            .unwrap();
        examined(&file.into_inner().into_inner())
    }

    #[test]
    fn paragraphs_are_read_without_their_marks() {
        let section = [
            text(0, "\u{2}abcdef\u{2}본문 示例😀\u{9}hijklm\u{9}x\r"),
            record(CONTROL, 1, b"daeh"),
            text(2, "머리말\r"),
            text(0, "끝\r"),
        ]
        .concat();
        let found = document(1, &section);
        assert_eq!(found.stopped, None);
        assert_eq!(found.text.captured, "본문 示例😀\tx\n\u{C}머리말\n\u{C}끝\n\u{C}");
    }

    #[test]
    fn a_locked_document_is_encrypted() {
        let found = document(3, b"");
        assert_eq!(found.encryption.state, EncryptionState::Encrypted);
    }
}
