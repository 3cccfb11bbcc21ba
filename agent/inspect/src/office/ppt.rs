//! The format of presentations before pptx ([MS-PPT]), which WPS Presentation uses too.
//!
//! Saving appends to the stream; a directory says which objects are the valid ones. The document names its slides in
//! order, with the text of their outlines; other text stands in each slide.

mod directory;
mod records;

use std::io::Read;

use fileward_protocol::vocabulary::EncryptionMethod;
use flate2::read::ZlibDecoder;

use self::directory::Directory;
use self::records::{Record, atom};
use crate::codepage;
use crate::container::compound::{Entry, Storage, Stream};
use crate::found::Found;
use crate::inside::examine_stream;
use crate::pen::Pen;
use crate::source::{Source, Stop, Unpacking, u16_at, u32_at};
use crate::text::{Gap, Part, Text};

/// Bytes looked at to tell the encoding of a text that does not say.
const HEAD: usize = 4 << 10;
/// The largest record that is read whole: those of persist references and flags.
const MAX_ATOM: u64 = 4096;
/// Records within each other; those deeper are read as if they stood beside each other.
const MAX_NESTED: usize = 64;

/// Numbers of records.
mod id {
    pub(super) const DOCUMENT: u16 = 0x03E8;
    pub(super) const SLIDE_INFO: u16 = 0x03F9;
    pub(super) const LIST: u16 = 0x0FF0;
    pub(super) const LISTED: u16 = 0x03F3;
    pub(super) const WIDE_TEXT: u16 = 0x0FA0;
    pub(super) const NARROW_TEXT: u16 = 0x0FA8;
    pub(super) const STRING: u16 = 0x0FBA;
    pub(super) const MARGINS: u16 = 0x0FD9;
    pub(super) const COMMENT: u16 = 0x2EE0;
    pub(super) const EXTENSION: u16 = 0x138B;
    pub(super) const OBJECT: u16 = 0x1011;
}

/// Fills in what a presentation says.
pub(super) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    const ENCRYPTED_TOKEN: u32 = 0xF3D1_C4DF;
    // A file for PowerPoint 95 too has the newer form in a storage of its own.
    let storage = storage.storage("PP97_DUALSTORAGE").unwrap_or(storage);
    if let Some(text) = storage.stream("Text_Content") {
        return old_text(source, storage, text, found);
    }
    let user = storage.stream("Current User").ok_or(Stop::Damaged)?;
    let user = storage.read(source, user, 32)?;
    if u32_at(&user, 12)? == ENCRYPTED_TOKEN || storage.stream("EncryptedSummary").is_some() {
        found.encrypted(EncryptionMethod::CfbRc4);
        return Ok(());
    }
    found.text.part(Part::Body);
    let mut stream = storage.open_named(source, "PowerPoint Document")?;
    let directory = Directory::read(&mut stream, u32_at(&user, 16)?.into());
    let directory = found.tolerate(directory)?;
    let mut reader = Reader {
        stream: &mut stream,
        pen: Pen::default(),
        text: &mut found.text,
    };
    let result = match &directory {
        Some(directory) => reader.presentation(directory),
        // Without a directory, everything that was ever saved is taken.
        None => reader.texts(0, u64::MAX, Part::Body),
    };
    reader.pen.flush(reader.text)?;
    found.tolerate(result)?;
    directory.map_or(Ok(()), |directory| examine_objects(&mut stream, &directory, found))
}

/// The program of 1995 wrote down all text by itself, in the codepage of its time.
fn old_text(source: &mut Source<'_>, storage: Storage<'_>, text: &Entry, found: &mut Found) -> Result<(), Stop> {
    found.text.part(Part::Body);
    let budget = source.budget();
    let encoding = codepage::detect(&storage.read(source, text, HEAD)?);
    let mut pen = Pen::default();
    let out = &mut found.text;
    codepage::decode(storage.open(source, text), encoding, budget, |piece| {
        piece.chars().try_for_each(|c| line(c, &mut pen, out))
    })?;
    pen.flush(out)
}

/// Takes a character; some end a line or a paragraph.
fn line(c: char, pen: &mut Pen, text: &mut Text) -> Result<(), Stop> {
    match c {
        '\r' | '\n' => pen.gap(Gap::Paragraph, text),
        '\x0B' => pen.gap(Gap::Line, text),
        c => pen.put(c, text),
    }
}

/// Reads text out of records.
struct Reader<'r, 's, 'a> {
    stream: &'r mut Stream<'s, 'a>,
    pen: Pen,
    text: &'r mut Text,
}

impl Reader<'_, '_, '_> {
    /// Reads the document, and each slide, note and master where the document lists it.
    fn presentation(&mut self, directory: &Directory) -> Result<(), Stop> {
        let document = Record::read(self.stream, directory.document)?.ok_or(Stop::Damaged)?;
        if document.id != id::DOCUMENT {
            return Err(Stop::Damaged);
        }
        let mut at = document.start;
        while let Some(record) = Record::read_within(self.stream, at, document.end)? {
            let part = match record.instance {
                1 => Part::Margin,
                2 => Part::Aside,
                _ => Part::Body,
            };
            match record.id {
                id::LIST => self.list(&record, part, directory)?,
                id::MARGINS => self.texts(record.begin, record.end, Part::Margin)?,
                _ => {}
            }
            at = record.end;
        }
        Ok(())
    }

    /// Reads a list of slides: after each reference stand the texts of its outline.
    fn list(&mut self, list: &Record, part: Part, directory: &Directory) -> Result<(), Stop> {
        let mut at = list.start;
        let mut current: Option<(u64, Part)> = None;
        loop {
            let record = Record::read_within(self.stream, at, list.end)?;
            match &record {
                Some(record) if record.id != id::LISTED => {
                    let part = current.map_or(part, |(_, part)| part);
                    self.atom(record, part)?;
                }
                _ => {
                    if let Some((slide, part)) = current.take() {
                        self.slide(slide, part)?;
                    }
                }
            }
            let Some(record) = record else {
                return Ok(());
            };
            if record.id == id::LISTED {
                let reference = u32_at(&atom(self.stream, &record)?, 0)?;
                current = match directory.offset(reference) {
                    Some(slide) => Some((slide, self.part_of(slide, part)?)),
                    None => None,
                };
            }
            at = record.end;
        }
    }

    /// A hidden slide is aside.
    fn part_of(&mut self, slide: u64, part: Part) -> Result<Part, Stop> {
        const HIDDEN: u16 = 4;
        /// The record stands among the first.
        const RECORDS: usize = 8;
        let Some(slide) = Record::read(self.stream, slide)? else {
            return Ok(part);
        };
        let mut at = slide.start;
        for _ in 0..RECORDS {
            let Some(record) = Record::read_within(self.stream, at, slide.end)? else {
                break;
            };
            if record.id == id::SLIDE_INFO && part == Part::Body {
                let flags = u16_at(&atom(self.stream, &record)?, 10)?;
                return Ok(if flags & HIDDEN == 0 { part } else { Part::Aside });
            }
            at = record.end;
        }
        Ok(part)
    }

    fn slide(&mut self, slide: u64, part: Part) -> Result<(), Stop> {
        if let Some(record) = Record::read(self.stream, slide)? {
            self.texts(record.start, record.end, part)?;
        }
        self.pen.gap(Gap::Page, self.text)
    }

    /// Reads all text between two places, whatever it stands in.
    fn texts(&mut self, start: u64, end: u64, part: Part) -> Result<(), Stop> {
        let mut at = start;
        // Where the containers end that are open. A record that reaches over its container says nothing of what follows.
        let mut ends = vec![end];
        // The innermost container whose strings are text, and its end.
        let mut strings = (0, 0);
        while let Some(end) = ends.last().copied() {
            let Some(record) = Record::read_within(self.stream, at, end)? else {
                at = end;
                ends.pop();
                continue;
            };
            at = record.end;
            if matches!(record.id, id::MARGINS | id::COMMENT) {
                strings = (record.id, record.end);
            }
            match record.id {
                // The last looks like one record, but may hold comments.
                id::MARGINS | id::COMMENT | id::EXTENSION => at = record.start,
                _ if record.is_container => at = record.start,
                id::STRING if record.begin < strings.1 => self.string(&record, strings.0)?,
                _ => self.atom(&record, part)?,
            }
            if at < record.end && ends.len() < MAX_NESTED {
                ends.push(record.end);
            }
        }
        Ok(())
    }

    /// Strings name many things; headers, footers and comments are text.
    fn string(&mut self, record: &Record, container: u16) -> Result<(), Stop> {
        let part = match (container, record.instance) {
            (id::COMMENT, 0 | 1) => Part::Aside,
            (id::MARGINS, _) => Part::Margin,
            _ => return Ok(()),
        };
        self.push(record, encoding_rs::UTF_16LE, part)
    }

    fn atom(&mut self, record: &Record, part: Part) -> Result<(), Stop> {
        match record.id {
            id::WIDE_TEXT => self.push(record, encoding_rs::UTF_16LE, part),
            id::NARROW_TEXT => self.push(record, encoding_rs::WINDOWS_1252, part),
            _ => Ok(()),
        }
    }

    fn push(&mut self, record: &Record, encoding: &'static encoding_rs::Encoding, part: Part) -> Result<(), Stop> {
        self.pen.part(part, self.text)?;
        self.stream.seek(record.start);
        let budget = self.stream.budget();
        let bytes = self.stream.by_ref().take(record.end - record.start);
        let (pen, text) = (&mut self.pen, &mut *self.text);
        codepage::decode(bytes, encoding, budget, |piece| {
            piece.chars().try_for_each(|c| line(c, pen, text))
        })?;
        self.pen.gap(Gap::Paragraph, self.text)
    }
}

/// Examines the documents that lie in this one.
fn examine_objects(stream: &mut Stream<'_, '_>, directory: &Directory, found: &mut Found) -> Result<(), Stop> {
    const COMPRESSED: u16 = 1;
    for offset in directory.offsets() {
        let Ok(Some(record)) = Record::read(stream, offset) else {
            continue;
        };
        if record.id != id::OBJECT {
            continue;
        }
        let is_compressed = record.instance == COMPRESSED;
        let start = if is_compressed { record.start + 4 } else { record.start };
        stream.seek(start);
        let budget = stream.budget();
        let sealed = stream.by_ref().take(record.end.saturating_sub(start));
        budget.spend_entry()?;
        let mut object: Box<dyn Read + '_> = if is_compressed {
            Box::new(Unpacking::new(ZlibDecoder::new(sealed), budget))
        } else {
            Box::new(sealed)
        };
        let result = examine_stream(&mut object, "", budget, found);
        found.tolerate(result)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use crate::examined::{assert_in_order, examined};

    fn record(version: u16, id: u16, body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len()).unwrap();
        [&version.to_le_bytes()[..], &id.to_le_bytes(), &len.to_le_bytes(), body].concat()
    }

    #[test]
    fn a_record_that_reaches_over_its_container_hides_nothing_behind_it() {
        // As POI writes the kind of a placeholder: one byte, said to be eight.
        let mut placeholder = record(0, 0x0420, &[0; 8]);
        placeholder.truncate(9);
        let data = record(0xF, 0xF011, &placeholder);
        let title = record(0xF, 0xF00D, &record(0, 0x0FA0, b"t\0"));
        let shape = record(0xF, 0xF004, &[data, title].concat());
        let slide = record(0xF, 0x03EE, &[shape, record(0, 0x0FA0, b"e\0")].concat());
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (name, content) in [("Current User", &[0; 32][..]), ("PowerPoint Document", &slide)] {
            file.create_stream(name).unwrap().write_all(content).unwrap();
        }
        let found = examined(&file.into_inner().into_inner());
        assert_in_order(&found, &["t", "e"]);
    }

    #[test]
    fn slides_notes_comments_and_masters_are_read() {
        let found = examined(include_bytes!("../../tests/files/fixtures/slides.ppt"));
        assert_eq!(found.stopped, None);
        assert_in_order(
            &found,
            &[
                "Click to edit the title text format",
                "\u{C}第一张标题\n",
                "正文 13800138000\nSecond line\n",
                "幻灯片批注",
                "隐藏正文\n",
                "演讲者备注\n",
            ],
        );
    }
}
