//! Microsoft Publisher's publications (2000 and later): the text of all boxes, which stands together in a stream of its own.
//!
//! Their format is not published; this follows what the authors of libmspub found.

use std::io::Read;

use crate::codepage;
use crate::container::compound::{Storage, Stream};
use crate::found::Found;
use crate::pen::Pen;
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::text::{Gap, Part};

/// Where the first list of chunks stands, and the end of the last one.
const FIRST: u32 = 0x18;
const NONE: u32 = u32::MAX;
/// A list: two bytes, how many chunks it has, and where the next list stands.
const HEAD: usize = 8;
/// A chunk: its name, then where it lies and how long it is.
const CHUNK: usize = 24;
/// Lists of one publication.
const MAX_LISTS: usize = 1024;

/// Fills in what a publication says.
pub(super) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    let inner = storage.storage("Quill").and_then(|quill| quill.storage("QuillSub"));
    let inner = inner.ok_or(Stop::Damaged)?;
    found.text.part(Part::Body);
    let mut contents = inner.open_named(source, "CONTENTS")?;
    let mut next = FIRST;
    for _ in 0..MAX_LISTS {
        contents.budget().check_time()?;
        if next == NONE {
            return Ok(());
        }
        let at = u64::from(next);
        let head = contents.exact(at, HEAD)?;
        let chunks = contents.exact(at + HEAD as u64, CHUNK * usize::from(u16_at(&head, 2)?))?;
        for chunk in chunks
            .chunks_exact(CHUNK)
            .filter(|chunk| chunk[2..].starts_with(b"TEXT"))
        {
            take(&mut contents, u32_at(chunk, 16)?, u32_at(chunk, 20)?, found)?;
        }
        next = u32_at(&head, 4)?;
    }
    Err(Stop::Damaged)
}

fn take(contents: &mut Stream<'_, '_>, at: u32, len: u32, found: &mut Found) -> Result<(), Stop> {
    let budget = contents.budget();
    contents.seek(at.into());
    let mut pen = Pen::default();
    let text = &mut found.text;
    codepage::decode(contents.take(len.into()), encoding_rs::UTF_16LE, budget, |piece| {
        for c in piece.chars() {
            match c {
                '\r' => pen.gap(Gap::Paragraph, text)?,
                '\n' | '\u{B}' => pen.gap(Gap::Line, text)?,
                '\u{C}' => pen.gap(Gap::Page, text)?,
                c if c.is_control() && c != '\t' => {}
                c => pen.put(c, text)?,
            }
        }
        Ok(())
    })?;
    pen.gap(Gap::Page, text)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use fileward_policy::facts::TextState;

    use crate::examined::examined;
    use crate::found::Found;
    use crate::kind;

    /// A publication with two lists of chunks, of which the second one leads on to `next`.
    fn publication(next: u32) -> Found {
        let chunk = |name: &[u8; 4], at: u32, len: u32| {
            [
                &[0x18, 0][..],
                name,
                &[0; 2],
                &[1, 0, 0, 0],
                name,
                &at.to_le_bytes(),
                &len.to_le_bytes(),
            ]
            .concat()
        };
        let text: Vec<u8> = "示例科技\u{B}第二行\r尾\r"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let len = u32::try_from(text.len()).unwrap();
        let contents = [
            &[0; 0x18][..],
            &[0, 0, 1, 0],
            &0x38_u32.to_le_bytes(),
            &chunk(b"FONT", 0, 8),
            &[0, 0, 1, 0],
            &next.to_le_bytes(),
            &chunk(b"TEXT", 0x58, len),
            &text,
        ]
        .concat();
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_storage_all("Quill/QuillSub").unwrap();
        let mut stream = file.create_stream("Quill/QuillSub/CONTENTS").unwrap();
        stream.write_all(&contents).unwrap();
        drop(stream);
        examined(&file.into_inner().into_inner())
    }

    #[test]
    fn the_text_of_all_boxes_is_read() {
        let found = publication(u32::MAX);
        assert_eq!((found.kind, found.stopped), (kind::PUB, None));
        assert_eq!(found.text.captured, "示例科技\n第二行\n尾\n\u{C}");
    }

    #[test]
    fn lists_that_lead_in_circles_end() {
        let found = publication(0x18);
        assert_eq!(found.stopped, Some(TextState::Malformed));
        assert!(found.text.captured.contains("第二行"));
    }
}
