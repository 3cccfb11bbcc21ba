//! Where a PDF's objects are, by its cross-reference tables and streams.

use std::collections::HashSet;
use std::io::Read;
use std::rc::Rc;

use crate::pdf::object::{Dictionary, Object};
use crate::pdf::objects::{Objects, Place, parse};
use crate::pdf::parser::{Parser, is_blank};
use crate::source::{self, Source, Stop};

/// The end of a file, in which the place of the last table is looked for.
const TAIL: usize = 2048;
/// Tables of earlier versions that are followed.
pub(super) const MAX_TABLES: usize = 1024;
/// Parts of one table.
const MAX_SECTIONS: usize = 20_000;
/// A row of a cross-reference table.
const ROW: u64 = 20;

/// Rows of one table for the objects from `first` on.
#[derive(Clone, Debug)]
pub(super) struct Section {
    first: u64,
    count: u64,
    rows: Rows,
}

#[derive(Clone, Debug)]
enum Rows {
    Text {
        offset: u64,
    },
    Binary {
        bytes: Rc<[u8]>,
        start: usize,
        widths: [usize; 3],
    },
}

impl Objects {
    pub(super) fn locate(&self, source: &mut Source<'_>, number: u32) -> Result<Option<Place>, Stop> {
        if self.is_rebuilt {
            return Ok(self.rebuilt.get(&number).copied());
        }
        for section in &self.sections {
            let index = u64::from(number)
                .checked_sub(section.first)
                .filter(|index| *index < section.count);
            let Some(index) = index else {
                continue;
            };
            match &section.rows {
                Rows::Text { offset } => {
                    let row: [u8; 20] = source.array(offset.saturating_add(index * ROW))?;
                    if row[17] == b'n' {
                        let digits = std::str::from_utf8(&row[..10]).map_err(|_| Stop::Damaged)?;
                        return Ok(digits.parse().ok().map(Place::At));
                    }
                }
                Rows::Binary { bytes, start, widths } => {
                    if let Some(place) = binary_row(bytes, *start, *widths, index) {
                        return Ok(Some(place));
                    }
                }
            }
        }
        Ok(None)
    }

    pub(super) fn follow_tables(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        let tail_start = source.len().saturating_sub(TAIL as u64);
        let tail = source.bytes(tail_start, TAIL)?;
        let at = memchr::memmem::rfind(&tail, b"startxref").ok_or(Stop::Damaged)?;
        let after = &tail[at + b"startxref".len()..];
        let digits = after.trim_ascii_start().split(|byte| !byte.is_ascii_digit()).next();
        let start = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());

        let mut open = vec![start.ok_or(Stop::Damaged)?];
        let mut seen = HashSet::new();
        while let Some(offset) = open.pop() {
            if !seen.insert(offset) || seen.len() > MAX_TABLES {
                continue;
            }
            source.budget().check_time()?;
            let trailer = match self.read_table(source, offset) {
                // An earlier version that is broken takes nothing from what stands in later ones.
                Err(Stop::Damaged) if !self.sections.is_empty() => continue,
                result => result?,
            };
            open.extend(trailer.number::<u64>("Prev"));
            // Its rows come before those of earlier versions, so it is taken first.
            open.extend(trailer.number::<u64>("XRefStm"));
            self.merge(trailer);
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, trailer: Dictionary) {
        for (name, object) in trailer.0 {
            if ["Root", "Info", "ID", "Encrypt"]
                .iter()
                .any(|own| own.as_bytes() == name)
                && !self.trailer.0.iter().any(|(own, _)| *own == name)
            {
                self.trailer.0.push((name, object));
            }
        }
    }

    /// Reads a table, of either form, and gives its trailer.
    fn read_table(&mut self, source: &mut Source<'_>, offset: u64) -> Result<Dictionary, Stop> {
        let at = offset.checked_add(self.base).ok_or(Stop::Damaged)?;
        let start = source.bytes(at, 64)?;
        let text = start.trim_ascii_start();
        if text.starts_with(b"xref") {
            let skip = start.len() - text.len() + b"xref".len();
            self.read_text_table(source, at + skip as u64)
        } else {
            self.read_stream_table(source, offset)
        }
    }

    fn read_text_table(&mut self, source: &mut Source<'_>, mut at: u64) -> Result<Dictionary, Stop> {
        loop {
            source.budget().spend_entry()?;
            let head = source.bytes(at, 64)?;
            let mut parser = Parser::new(&head);
            if parser.keyword(b"trailer").is_ok() {
                return parse(source, at + parser.position() as u64);
            }
            let first = parser.unsigned::<u64>().map_err(|_| Stop::Damaged)?;
            let count = parser.unsigned::<u64>().map_err(|_| Stop::Damaged)?;
            let blanks = head[parser.position()..]
                .iter()
                .take_while(|byte| is_blank(**byte))
                .count();
            let rows = at + (parser.position() + blanks) as u64;
            let end = count.checked_mul(ROW).and_then(|len| rows.checked_add(len));
            let end = end.filter(|end| *end < source.len()).ok_or(Stop::Damaged)?;
            if count > 0 {
                let row: [u8; 20] = source.array(rows)?;
                if !matches!(row[17], b'n' | b'f') || !row[18..].iter().all(|byte| is_blank(*byte)) {
                    return Err(Stop::Damaged);
                }
                let rows = Rows::Text { offset: rows };
                self.sections.push(Section { first, count, rows });
            }
            at = end;
        }
    }

    fn read_stream_table(&mut self, source: &mut Source<'_>, offset: u64) -> Result<Dictionary, Stop> {
        let indirect = self.read_at(source, offset)?;
        let Object::Dictionary(dictionary) = &indirect.object else {
            return Err(Stop::Damaged);
        };
        if dictionary.name("Type") != Some(b"XRef") {
            return Err(Stop::Damaged);
        }
        let widths = integers(dictionary.array("W").ok_or(Stop::Damaged)?);
        let &[a, b, c] = widths.as_slice() else {
            return Err(Stop::Damaged);
        };
        let widths = [a, b, c].map(|width| usize::try_from(width).ok().filter(|width| *width <= 8));
        let [Some(a), Some(b), Some(c)] = widths else {
            return Err(Stop::Damaged);
        };
        let row = a + b + c;
        let room = self.table_room;
        let whole = |reader: Box<dyn Read + '_>| source::gather(reader, room);
        let bytes: Rc<[u8]> = self.unpack(source, &indirect, offset, 1, whole)?.0.into();
        self.table_room -= bytes.len();
        let size = dictionary.number::<u64>("Size").unwrap_or_default();
        let index = dictionary.array("Index").map_or_else(|| vec![0, size], integers);
        let mut start = 0;
        for pair in index.chunks_exact(2).take(MAX_SECTIONS) {
            let count = pair[1].min(((bytes.len() - start) / row.max(1)) as u64);
            self.sections.push(Section {
                first: pair[0],
                count,
                rows: Rows::Binary {
                    bytes: Rc::clone(&bytes),
                    start,
                    widths: [a, b, c],
                },
            });
            start += usize::try_from(count).map_err(|_| Stop::Damaged)? * row;
        }
        Ok(indirect.object.into_dictionary().unwrap_or_default())
    }
}

fn binary_row(bytes: &[u8], start: usize, widths: [usize; 3], index: u64) -> Option<Place> {
    let row = widths.iter().sum::<usize>();
    let at = start + usize::try_from(index).ok()? * row;
    let mut rest = bytes.get(at..at + row)?;
    let mut fields = [0_u64; 3];
    for (field, width) in fields.iter_mut().zip(widths) {
        let (own, after) = rest.split_at(width);
        *field = own.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        rest = after;
    }
    let kind = if widths[0] == 0 { 1 } else { fields[0] };
    match kind {
        1 => Some(Place::At(fields[1])),
        2 => u32::try_from(fields[1]).ok().map(Place::In),
        _ => None,
    }
}

fn integers(objects: &[Object]) -> Vec<u64> {
    let integer = |object: &Object| match object {
        Object::Integer(value) => u64::try_from(*value).ok(),
        _ => None,
    };
    objects.iter().map_while(integer).collect()
}
