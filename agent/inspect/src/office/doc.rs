//! Word's format before docx ([MS-DOC]), which WPS Writer uses too, and that of Word 6 and 95.
//!
//! A table of pieces says where in the main stream the text lies, in the order of reading: the document itself, then
//! its footnotes, headers, comments, endnotes and text boxes. Tracked deletions are still part of it.

use std::io::Read;

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};
use fileward_protocol::vocabulary::EncryptionMethod;

use crate::codepage;
use crate::container::compound::{Storage, Stream};
use crate::found::Found;
use crate::pen::Pen;
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::text::{Gap, Part, Text};

/// Bytes of the header that are looked at.
const HEADER: usize = 0x1AA;
/// The first version with the header and the table stream of Word 97.
const WORD_97: u16 = 0xC1;
/// Word 95, whose East Asian edition is the first with Unicode.
const WORD_95: u16 = 103;
/// The largest table of pieces that is read.
const MAX_TABLE: usize = 8 << 20;
/// The largest table of fonts that is read.
const MAX_FONTS: usize = 64 << 10;
/// Fields within each other that are followed.
const MAX_FIELDS: usize = 256;

/// The parts of the text, in their order, after the document itself.
const STORIES: [Part; 8] = [
    Part::Body,
    // Footnotes, headers, macros, comments, endnotes, text boxes, text boxes of headers.
    Part::Aside,
    Part::Margin,
    Part::Aside,
    Part::Aside,
    Part::Aside,
    Part::Body,
    Part::Margin,
];

/// Fills in what a Word document says.
pub(super) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    let mut main = storage.open_named(source, "WordDocument")?;
    let mut header = Vec::new();
    main.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
    let header = Header(header);
    if let Some(method) = header.lock()? {
        found.encrypted(method);
        return Ok(());
    }
    found.text.part(Part::Body);
    let pieces = pieces(source, storage, &header)?;
    let mut main = storage.open_named(source, "WordDocument")?;
    let mut reader = Reader::new(header.story_lengths()?, &mut found.text)?;
    for piece in pieces {
        if !reader.take_piece(&mut main, &piece?)? {
            break;
        }
    }
    reader.pen.flush(reader.text)
}

/// The file information block: versions, flags, and where things lie.
struct Header(Vec<u8>);

impl Header {
    fn flags(&self) -> Result<u16, Stop> {
        u16_at(&self.0, 0x0A)
    }

    fn lock(&self) -> Result<Option<EncryptionMethod>, Stop> {
        const ENCRYPTED: u16 = 0x0100;
        const OBFUSCATED: u16 = 0x8000;
        let flags = self.flags()?;
        Ok(match (flags & ENCRYPTED, flags & OBFUSCATED) {
            (0, _) => None,
            (_, 0) => Some(EncryptionMethod::CfbRc4),
            _ => Some(EncryptionMethod::CfbXor),
        })
    }

    fn version(&self) -> Result<u16, Stop> {
        u16_at(&self.0, 2)
    }

    fn is_97(&self) -> Result<bool, Stop> {
        Ok(self.version()? >= WORD_97)
    }

    /// The encoding of the text in versions before Word 97: by the document's language, or by a font that is not Western.
    fn old_encoding(&self, main: &mut Stream<'_, '_>) -> Result<&'static Encoding, Stop> {
        const EAST_ASIAN: u16 = 0x4000;
        const MACINTOSH: u16 = 0x100;
        if self.version()? >= WORD_95 && self.flags()? & EAST_ASIAN != 0 {
            return Ok(UTF_16LE);
        }
        if u16_at(&self.0, 0x14)? == MACINTOSH {
            return Ok(encoding_rs::MACINTOSH);
        }
        let own = codepage::by_language(u16_at(&self.0, 6)?);
        if own != WINDOWS_1252 {
            return Ok(own);
        }
        let (offset, len) = (u32_at(&self.0, 0xD0)?, u32_at(&self.0, 0xD4)?);
        let fonts = main.exact(
            offset.into(),
            usize::try_from(len).map_or(MAX_FONTS, |len| len.min(MAX_FONTS)),
        );
        Ok(fonts.ok().and_then(|fonts| foreign(&fonts)).unwrap_or(own))
    }

    /// Characters of each story.
    fn story_lengths(&self) -> Result<[u64; 8], Stop> {
        let start = if self.is_97()? { 0x4C } else { 0x34 };
        let mut lengths = [0; 8];
        for (index, length) in lengths.iter_mut().enumerate() {
            *length = u32_at(&self.0, start + index * 4)?.into();
        }
        Ok(lengths)
    }

    /// Where the table of pieces lies: its stream, offset and length.
    fn table(&self) -> Result<(&'static str, u64, usize), Stop> {
        const TABLE_1: u16 = 0x0200;
        let (name, at) = match (self.is_97()?, self.flags()? & TABLE_1) {
            (false, _) => ("WordDocument", 0x160),
            (true, 0) => ("0Table", 0x1A2),
            (true, _) => ("1Table", 0x1A2),
        };
        let len = usize::try_from(u32_at(&self.0, at + 4)?).map_err(|_| Stop::Damaged)?;
        Ok((name, u32_at(&self.0, at)?.into(), len))
    }
}

/// The first encoding of a table of fonts that is not Western.
fn foreign(fonts: &[u8]) -> Option<&'static Encoding> {
    let mut rest = fonts.get(2..)?;
    while let Some((len, font)) = rest.split_first() {
        let encoding = codepage::by_charset(i32::from(*font.get(3)?));
        match encoding {
            Some(encoding) if encoding != WINDOWS_1252 && encoding != encoding_rs::MACINTOSH => return Some(encoding),
            _ => rest = font.get(usize::from(*len)..)?,
        }
    }
    None
}

/// A run of text in the main stream.
struct Piece {
    offset: u64,
    chars: u64,
    encoding: &'static Encoding,
}

impl Piece {
    fn width(&self) -> u64 {
        if self.encoding == UTF_16LE { 2 } else { 1 }
    }
}

fn pieces(
    source: &mut Source<'_>,
    storage: Storage<'_>,
    header: &Header,
) -> Result<Box<dyn Iterator<Item = Result<Piece, Stop>>>, Stop> {
    const COMPLEX: u16 = 0x0004;
    let encoding = if header.is_97()? {
        WINDOWS_1252
    } else {
        header.old_encoding(&mut storage.open_named(source, "WordDocument")?)?
    };
    let (name, offset, len) = header.table()?;
    if len == 0 || !header.is_97()? && header.flags()? & COMPLEX == 0 {
        let (start, end) = (u32_at(&header.0, 0x18)?, u32_at(&header.0, 0x1C)?);
        let mut piece = Piece {
            offset: start.into(),
            chars: end.saturating_sub(start).into(),
            encoding,
        };
        piece.chars /= piece.width();
        return Ok(Box::new(std::iter::once(Ok(piece))));
    }
    if len > MAX_TABLE {
        return Err(Stop::TooLarge);
    }
    let table = storage.open_named(source, name)?.exact(offset, len)?;
    let old = (!header.is_97()?).then_some(encoding);
    let table = piece_table(&table).ok_or(Stop::Damaged)?.to_vec();
    let count = table.len().saturating_sub(4) / 12;
    Ok(Box::new((0..count).map(move |index| piece(&table, count, index, old))))
}

/// The table within its wrapping, where descriptions of formatting come first (`Clx`).
fn piece_table(mut wrapped: &[u8]) -> Option<&[u8]> {
    const FORMATTING: u8 = 1;
    const PIECES: u8 = 2;
    loop {
        let (kind, rest) = wrapped.split_first()?;
        match *kind {
            FORMATTING => {
                let len = usize::from(u16_at(rest, 0).ok()?);
                wrapped = rest.get(2 + len..)?;
            }
            PIECES => {
                let len = usize::try_from(u32_at(rest, 0).ok()?).ok()?;
                return rest.get(4..len.checked_add(4)?);
            }
            _ => return None,
        }
    }
}

/// The piece of that index: positions come first in the table, then descriptions.
fn piece(table: &[u8], count: usize, index: usize, old: Option<&'static Encoding>) -> Result<Piece, Stop> {
    const COMPRESSED: u32 = 1 << 30;
    let (start, end) = (u32_at(table, index * 4)?, u32_at(table, index * 4 + 4)?);
    let chars = end.checked_sub(start).ok_or(Stop::Damaged)?.into();
    let place = u32_at(table, (count + 1) * 4 + index * 8 + 2)?;
    let (offset, encoding) = match old {
        Some(encoding) => (place, encoding),
        None if place & COMPRESSED == 0 => (place & (COMPRESSED - 1), UTF_16LE),
        None => ((place & (COMPRESSED - 1)) / 2, WINDOWS_1252),
    };
    Ok(Piece {
        offset: offset.into(),
        chars,
        encoding,
    })
}

/// Follows the stories, and tells text from marks.
struct Reader<'t> {
    text: &'t mut Text,
    pen: Pen,
    lengths: [u64; 8],
    story: usize,
    /// For each open field, whether what comes is its code, which is not shown.
    fields: Vec<bool>,
    last: char,
}

impl<'t> Reader<'t> {
    fn new(mut lengths: [u64; 8], text: &'t mut Text) -> Result<Self, Stop> {
        if lengths[0] == 0 {
            lengths[0] = u64::MAX;
        }
        let mut reader = Self {
            text,
            pen: Pen::default(),
            lengths,
            story: 0,
            fields: Vec::new(),
            last: '\r',
        };
        reader.pen.part(Part::Body, reader.text)?;
        Ok(reader)
    }

    /// Reads a piece, which may reach over several stories; false when all of them are read.
    fn take_piece(&mut self, main: &mut Stream<'_, '_>, piece: &Piece) -> Result<bool, Stop> {
        let mut offset = piece.offset;
        let mut left = piece.chars;
        while left > 0 {
            if self.lengths[self.story] == 0 {
                if self.story + 1 == STORIES.len() {
                    return Ok(false);
                }
                self.story += 1;
                self.fields.clear();
                continue;
            }
            let chars = left.min(self.lengths[self.story]);
            let bytes = chars * piece.width();
            self.pen.part(STORIES[self.story], self.text)?;
            main.seek(offset);
            let budget = main.budget();
            codepage::decode(main.by_ref().take(bytes), piece.encoding, budget, |text| {
                text.chars().try_for_each(|c| self.take(c))
            })?;
            offset += bytes;
            left -= chars;
            self.lengths[self.story] -= chars;
        }
        Ok(true)
    }

    fn take(&mut self, c: char) -> Result<(), Stop> {
        let before = std::mem::replace(&mut self.last, c);
        match c {
            '\x13' if self.fields.len() < MAX_FIELDS => self.fields.push(true),
            '\x14' => self.fields.last_mut().into_iter().for_each(|is_code| *is_code = false),
            '\x15' => _ = self.fields.pop(),
            _ if self.fields.contains(&true) => {}
            // A row ends with a mark of its own after that of its last cell.
            '\x07' if before == '\x07' => return self.gap(Gap::Paragraph),
            '\x07' => return self.gap(Gap::Cell),
            '\r' | '\x0E' => return self.gap(Gap::Paragraph),
            '\x0B' | '\n' => return self.gap(Gap::Line),
            '\x0C' => return self.gap(Gap::Page),
            '\t' => return self.pen.put('\t', self.text),
            '\x1E' => return self.pen.put('-', self.text),
            // Pictures, notes, drawings, optional hyphens.
            '\0'..='\x1F' => {}
            c => return self.pen.put(c, self.text),
        }
        Ok(())
    }

    fn gap(&mut self, gap: Gap) -> Result<(), Stop> {
        self.pen.gap(gap, self.text)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::foreign;
    use crate::examined::{assert_in_order, examined};
    use crate::found::Found;

    /// A document of Word 6 or 95 with this text.
    fn old(version: u16, flags: u16, language: u16, text: &[u8]) -> Found {
        let mut stream = vec![0; 0x300];
        let end = u32::try_from(0x300 + text.len()).unwrap();
        stream[..2].copy_from_slice(&[0xDC, 0xA5]);
        stream[2..4].copy_from_slice(&version.to_le_bytes());
        stream[6..8].copy_from_slice(&language.to_le_bytes());
        stream[0x0A..0x0C].copy_from_slice(&flags.to_le_bytes());
        stream[0x18..0x1C].copy_from_slice(&0x300_u32.to_le_bytes());
        stream[0x1C..0x20].copy_from_slice(&end.to_le_bytes());
        stream.extend(text);
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream("WordDocument").unwrap().write_all(&stream).unwrap();
        examined(&file.into_inner().into_inner())
    }

    #[test]
    fn every_story_of_a_document_is_read() {
        let found = examined(include_bytes!("../../tests/files/fixtures/rich.doc"));
        assert_eq!(found.stopped, None);
        assert_in_order(
            &found,
            &[
                "正文第一段 13800138000 end",
                "被删除的文字",
                "Link 显示的链接 after\nnext line\ttabbed\n",
                "姓名\t电话\t备注\t\n甲\t13900139000\t无\t\n",
                "Emoji 😀 and “quotes” – dash é\n最后一段",
                "脚注内容",
                "\u{C}页眉绝密★一年\n",
                "页脚示例科技有限公司",
                "批注内容",
                "尾注内容",
                "\u{C}文本框内容",
            ],
        );
        assert!(!found.text.captured.contains("hidden.example.com"));
    }

    #[test]
    fn documents_older_than_unicode_are_read_by_their_language() {
        let chinese = encoding_rs::GBK.encode("示例\r第二段").0;
        assert_eq!(old(101, 0, 0x0804, &chinese).text.captured, "示例\n第二段");
        let wide: Vec<u8> = "示例\x07".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(old(104, 0x4000, 0x0804, &wide).text.captured, "示例\t");
        assert_eq!(old(101, 0, 0x0407, b"Stra\xDFe").text.captured, "Straße");
    }

    #[test]
    fn a_font_tells_what_the_language_does_not() {
        let fonts = b"\x0C\0\x06\0\x90\x01\0\0A\0\x06\0\x90\x01\x86\0B\0";
        assert_eq!(foreign(fonts), Some(encoding_rs::GBK));
        assert_eq!(foreign(&fonts[..9]), None);
    }
}
