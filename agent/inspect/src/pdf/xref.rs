//! Where a PDF's objects are: by its cross-reference tables and streams, or, where they are broken, by looking for them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use crate::pdf::filter;
use crate::pdf::object::{Dictionary, Failure, Indirect, Object, Parser, Syntax, is_blank};
use crate::pdf::security::Key;
use crate::source::{self, Source, Stop};

/// Sizes at which an object is tried to be read; nearly all fit the first.
const OBJECT_SIZES: [usize; 3] = [2 << 10, 32 << 10, 256 << 10];
/// The end of a file, in which the place of the last table is looked for.
const TAIL: usize = 2048;
/// Tables of earlier versions that are followed.
const MAX_TABLES: usize = 1024;
/// Objects remembered when they have to be looked for.
const MAX_REBUILT: usize = 200_000;
/// References that lead to references.
const MAX_DEPTH: u32 = 5;
/// A row of a cross-reference table.
const ROW: u64 = 20;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    At(u64),
    /// Within the object stream of this number.
    In(u32),
}

/// Rows of one table for the objects from `first` on.
#[derive(Clone, Debug)]
struct Section {
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

/// A PDF's objects, by number.
#[derive(Debug)]
pub(super) struct Objects {
    /// Bytes before the header: offsets do not count them.
    base: u64,
    sections: Vec<Section>,
    rebuilt: HashMap<u32, u64>,
    is_rebuilt: bool,
    /// Entries of all trailers, the newest first.
    trailer: Dictionary,
    /// The object stream unpacked last.
    unpacked: Option<(u32, Rc<[u8]>)>,
    pub(super) key: Option<Key>,
}

impl Objects {
    /// Finds the objects.
    pub(super) fn open(source: &mut Source<'_>) -> Result<Self, Stop> {
        let head = source.bytes(0, 1024)?;
        let base = memchr::memmem::find(&head, b"%PDF-").unwrap_or_default() as u64;
        let mut objects = Self {
            base,
            sections: Vec::new(),
            rebuilt: HashMap::new(),
            is_rebuilt: false,
            trailer: Dictionary::default(),
            unpacked: None,
            key: None,
        };
        match objects.follow_tables(source) {
            Ok(()) if objects.has_root(source)? => {}
            Ok(()) | Err(Stop::Damaged) => objects.rebuild(source)?,
            Err(stop) => return Err(stop),
        }
        Ok(objects)
    }

    /// Whether the tables were broken.
    pub(super) fn is_rebuilt(&self) -> bool {
        self.is_rebuilt
    }

    pub(super) fn trailer(&self) -> &Dictionary {
        &self.trailer
    }

    /// The object itself, or the one it refers to.
    pub(super) fn resolve(&mut self, source: &mut Source<'_>, object: &Object) -> Result<Object, Stop> {
        self.resolve_within(source, object, MAX_DEPTH)
    }

    /// The stream of the object of this number, unpacked.
    pub(super) fn stream(&mut self, source: &mut Source<'_>, number: u32) -> Result<Vec<u8>, Stop> {
        let (indirect, offset) = self.load_within(source, number, MAX_DEPTH)?;
        self.unpack(source, &indirect, offset, MAX_DEPTH)
    }

    fn resolve_within(&mut self, source: &mut Source<'_>, object: &Object, depth: u32) -> Result<Object, Stop> {
        let mut object = object.clone();
        for _ in 0..depth {
            let Object::Reference(number) = object else {
                return Ok(object);
            };
            object = self.load_within(source, number, depth - 1)?.0.object;
        }
        Err(Stop::Damaged)
    }

    fn load_within(&mut self, source: &mut Source<'_>, number: u32, depth: u32) -> Result<(Indirect, u64), Stop> {
        let depth = depth.checked_sub(1).ok_or(Stop::Damaged)?;
        source.budget().check_time()?;
        match self.locate(source, number)?.ok_or(Stop::Damaged)? {
            Place::At(offset) => {
                let mut indirect = self.read_at(source, offset)?;
                if indirect.number != number {
                    return Err(Stop::Damaged);
                }
                if let Some(key) = &self.key {
                    key.decrypt_strings(&mut indirect);
                }
                Ok((indirect, offset))
            }
            Place::In(container) => {
                let bytes = self.object_stream(source, container, depth)?;
                let object = object_within(&bytes, number).ok_or(Stop::Damaged)?;
                let indirect = Indirect {
                    number,
                    generation: 0,
                    object,
                    stream: None,
                };
                Ok((indirect, 0))
            }
        }
    }

    fn read_at(&self, source: &mut Source<'_>, offset: u64) -> Result<Indirect, Stop> {
        let at = offset.checked_add(self.base).ok_or(Stop::Damaged)?;
        parse(source, at)
    }

    fn locate(&self, source: &mut Source<'_>, number: u32) -> Result<Option<Place>, Stop> {
        if self.is_rebuilt {
            return Ok(self.rebuilt.get(&number).map(|offset| Place::At(*offset)));
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
                    let row: [u8; 20] = source.array(offset + index * ROW)?;
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

    /// An object stream, with the two numbers from its dictionary put before it.
    fn object_stream(&mut self, source: &mut Source<'_>, number: u32, depth: u32) -> Result<Rc<[u8]>, Stop> {
        if let Some((own, bytes)) = &self.unpacked
            && *own == number
        {
            return Ok(Rc::clone(bytes));
        }
        // An object stream within another would lead in circles.
        if !matches!(self.locate(source, number)?, Some(Place::At(_))) {
            return Err(Stop::Damaged);
        }
        let (indirect, offset) = self.load_within(source, number, depth)?;
        let Object::Dictionary(dictionary) = &indirect.object else {
            return Err(Stop::Damaged);
        };
        let head = dictionary.number::<u32>("N").zip(dictionary.number::<u32>("First"));
        let (count, first) = head.ok_or(Stop::Damaged)?;
        let mut bytes = [count.to_le_bytes(), first.to_le_bytes()].concat();
        bytes.extend(self.unpack(source, &indirect, offset, depth)?);
        let bytes: Rc<[u8]> = bytes.into();
        self.unpacked = Some((number, Rc::clone(&bytes)));
        Ok(bytes)
    }

    fn unpack(
        &mut self,
        source: &mut Source<'_>,
        indirect: &Indirect,
        offset: u64,
        depth: u32,
    ) -> Result<Vec<u8>, Stop> {
        let (Object::Dictionary(dictionary), Some(start)) = (&indirect.object, indirect.stream) else {
            return Err(Stop::Damaged);
        };
        let length = match dictionary.get("Length") {
            Some(Object::Integer(length)) => u64::try_from(*length).ok(),
            Some(reference) => match self.resolve_within(source, reference, depth)? {
                Object::Integer(length) => u64::try_from(length).ok(),
                _ => None,
            },
            None => None,
        };
        let data = self.base + offset + start as u64;
        let length = length.unwrap_or(u64::MAX).min(source.len().saturating_sub(data));
        let is_table = dictionary.name("Type") == Some(b"XRef");
        match &self.key {
            Some(key) if !is_table => {
                let len = usize::try_from(length).unwrap_or(usize::MAX).min(filter::MAX_STREAM);
                let sealed = source.bytes(data, len)?;
                let plain = key.decrypt_stream(indirect, &sealed);
                filter::undo(dictionary, plain.as_slice(), source.budget())
            }
            _ => {
                let budget = source.budget();
                filter::undo(dictionary, source.section(data, length), budget)
            }
        }
    }

    fn has_root(&mut self, source: &mut Source<'_>) -> Result<bool, Stop> {
        let Some(Object::Reference(number)) = self.trailer.get("Root") else {
            return Ok(false);
        };
        // With an encrypted file the root may be unreadable as yet; its place is enough.
        Ok(match self.locate(source, *number)? {
            Some(Place::At(offset)) => self.read_at(source, offset).is_ok_and(|root| root.number == *number),
            Some(Place::In(_)) => true,
            None => false,
        })
    }

    fn follow_tables(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
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

    fn merge(&mut self, trailer: Dictionary) {
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
        let bytes: Rc<[u8]> = self.unpack(source, &indirect, offset, 1)?.into();
        let size = dictionary.number::<u64>("Size").unwrap_or_default();
        let index = dictionary.array("Index").map_or_else(|| vec![0, size], integers);
        let mut start = 0;
        for pair in index.chunks_exact(2) {
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

    /// Looks through the whole file for objects and trailers.
    fn rebuild(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        const CHUNK: usize = 64 << 10;
        const OVERLAP: usize = 32;
        self.is_rebuilt = true;
        self.base = 0;
        self.sections.clear();
        let mut trailers = VecDeque::new();
        let mut last_object = 0;
        let mut at = 0;
        while at < source.len() {
            let chunk = source.bytes(at, CHUNK + OVERLAP)?;
            for found in memchr::memmem::find_iter(&chunk, b"obj").take_while(|found| *found < CHUNK) {
                if let Some((number, start)) = object_header(&chunk[..found])
                    && (self.rebuilt.len() < MAX_REBUILT || self.rebuilt.contains_key(&number))
                {
                    last_object = at + start as u64;
                    self.rebuilt.insert(number, last_object);
                }
            }
            for found in memchr::memmem::find_iter(&chunk, b"trailer").take_while(|found| *found < CHUNK) {
                trailers.push_back(Trailer::Plain(at + (found + b"trailer".len()) as u64));
            }
            if memchr::memmem::find(&chunk, b"/XRef").is_some() {
                trailers.push_back(Trailer::Object(last_object));
            }
            // The last ones count.
            trailers.drain(..trailers.len().saturating_sub(MAX_TABLES));
            at += CHUNK as u64;
        }
        for trailer in trailers.iter().rev() {
            let read = match trailer {
                Trailer::Plain(at) => parse::<Object>(source, *at),
                Trailer::Object(at) => self.read_at(source, *at).map(|indirect| indirect.object),
            };
            match read {
                Ok(object) => self.merge(object.into_dictionary().unwrap_or_default()),
                Err(Stop::Damaged) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }
}

impl Object {
    fn into_dictionary(self) -> Option<Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }
}

/// Where a trailer was seen.
enum Trailer {
    Plain(u64),
    /// The dictionary of a cross-reference stream.
    Object(u64),
}

/// Reads something at an offset, with more bytes when it does not fit.
fn parse<T: Syntax>(source: &mut Source<'_>, at: u64) -> Result<T, Stop> {
    for size in OBJECT_SIZES {
        let bytes = source.bytes(at, size)?;
        match T::read(&mut Parser::new(&bytes)) {
            Ok(value) => return Ok(value),
            Err(Failure::Cut) if bytes.len() == size => {}
            Err(Failure::Cut | Failure::Wrong) => return Err(Stop::Damaged),
        }
    }
    Err(Stop::Damaged)
}

/// The number and start of the object whose header ends here: `12 0 `.
fn object_header(before: &[u8]) -> Option<(u32, usize)> {
    let part = &before[before.len().saturating_sub(24)..];
    let mut words = part.rsplit(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    let is_number = |word: &&[u8]| word.len() <= 10 && word.iter().all(u8::is_ascii_digit);
    words.next().filter(is_number)?;
    let number = words.next()?;
    // What stands before may touch the number, such as the end of a comment.
    let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = &number[number.len() - digits..];
    let start = digits.as_ptr().addr() - before.as_ptr().addr();
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, start))
}

/// The object of this number in an unpacked object stream.
fn object_within(bytes: &[u8], number: u32) -> Option<Object> {
    let (head, content) = bytes.split_at_checked(8)?;
    let count = source::u32_at(head, 0).ok()?;
    let first = usize::try_from(source::u32_at(head, 4).ok()?).ok()?;
    let mut numbers = Parser::new(content);
    for _ in 0..count {
        let own = numbers.unsigned::<u32>().ok()?;
        let offset = numbers.unsigned::<usize>().ok()?;
        if own == number {
            // A last number ends with the stream; a blank behind it shows that it is whole.
            let object = [content.get(first.checked_add(offset)?..)?, b" "].concat();
            return Object::read(&mut Parser::new(&object)).ok();
        }
    }
    None
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
