//! A PDF's objects: loaded by number, decrypted, unpacked.

use std::collections::{HashMap, VecDeque};
use std::io::Read;
use std::rc::Rc;

use crate::pdf::filter::{self, Filter};
use crate::pdf::object::{Dictionary, Indirect, Object};
use crate::pdf::parser::{Failure, Parser, Syntax, is_blank};
use crate::pdf::security::Key;
use crate::pdf::xref::Section;
use crate::source::{self, Source, Stop};

/// The largest stream that is unpacked.
pub(super) const MAX_STREAM: usize = 16 << 20;
/// Sizes at which an object is tried to be read; nearly all fit the first.
const OBJECT_SIZES: [usize; 4] = [1 << 10, 16 << 10, 128 << 10, 1 << 20];
/// References that lead to references.
const MAX_DEPTH: u32 = 5;
/// Object streams that stay unpacked, and their bytes together.
const KEPT_STREAMS: usize = 16;
const KEPT_BYTES: usize = 4 << 20;
/// The largest object stream.
const MAX_OBJECT_STREAM: usize = 6 << 20;
/// Objects read of one object stream.
const MAX_PACKED: usize = 1 << 16;
/// Bytes of cross-reference streams that are kept.
const TABLE_BYTES: usize = 4 << 20;
/// Bytes in which the end of a stream without a length is looked for at once.
const CHUNK: usize = 64 << 10;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    At(u64),
    /// Within the object stream of this number.
    In(u32),
}

/// A stream, unpacked.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) dictionary: Dictionary,
    pub(super) bytes: Vec<u8>,
    /// Whether it goes on behind the limit.
    pub(super) is_cut: bool,
}

/// An object stream: where in its bytes the objects of these numbers are.
#[derive(Debug)]
struct Packed {
    number: u32,
    places: Vec<(u32, usize)>,
    bytes: Vec<u8>,
}

/// A PDF's objects, by number.
#[derive(Debug)]
pub(super) struct Objects {
    /// Bytes before the header: offsets do not count them.
    pub(super) base: u64,
    pub(super) sections: Vec<Section>,
    pub(super) rebuilt: HashMap<u32, Place>,
    pub(super) is_rebuilt: bool,
    /// Object streams that were seen while looking for objects.
    pub(super) containers: Vec<u32>,
    /// Entries of all trailers, the newest first.
    pub(super) trailer: Dictionary,
    unpacked: VecDeque<Rc<Packed>>,
    /// Bytes that further tables may have.
    pub(super) table_room: usize,
    pub(super) key: Option<Key>,
    /// Whether something was not where it should be.
    pub(super) is_damaged: bool,
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
            containers: Vec::new(),
            trailer: Dictionary::default(),
            unpacked: VecDeque::new(),
            table_room: TABLE_BYTES,
            key: None,
            is_damaged: false,
        };
        match objects.follow_tables(source) {
            Ok(()) if objects.has_root(source)? => {}
            Ok(()) | Err(Stop::Damaged) => objects.rebuild(source)?,
            Err(stop) => return Err(stop),
        }
        Ok(objects)
    }

    pub(super) fn trailer(&self) -> &Dictionary {
        &self.trailer
    }

    /// The object itself, or the one it refers to.
    pub(super) fn resolve(&mut self, source: &mut Source<'_>, object: &Object) -> Result<Object, Stop> {
        self.resolve_within(source, object, MAX_DEPTH)
    }

    /// As [`Self::resolve`]; what cannot be read is null.
    pub(super) fn value(&mut self, source: &mut Source<'_>, object: &Object) -> Result<Object, Stop> {
        match self.resolve(source, object) {
            Err(Stop::Damaged) => {
                self.is_damaged = true;
                Ok(Object::Null)
            }
            result => result,
        }
    }

    /// The value of an entry, null when there is none.
    pub(super) fn entry(&mut self, source: &mut Source<'_>, of: &Dictionary, name: &str) -> Result<Object, Stop> {
        match of.get(name) {
            Some(object) => self.value(source, object),
            None => Ok(Object::Null),
        }
    }

    /// The dictionary of an entry, empty when there is none.
    pub(super) fn entries(&mut self, source: &mut Source<'_>, of: &Dictionary, name: &str) -> Result<Dictionary, Stop> {
        Ok(self.entry(source, of, name)?.into_dictionary().unwrap_or_default())
    }

    /// The stream of the object of this number, unpacked as far as `max`.
    pub(super) fn stream(&mut self, source: &mut Source<'_>, number: u32, max: usize) -> Result<Data, Stop> {
        let (indirect, offset) = self.load_within(source, number, MAX_DEPTH)?;
        let whole = |reader: Box<dyn Read + '_>| source::gather(reader, max);
        let (bytes, is_cut) = self.unpack(source, &indirect, offset, MAX_DEPTH, whole)?;
        Ok(Data {
            dictionary: indirect.object.into_dictionary().unwrap_or_default(),
            bytes,
            is_cut,
        })
    }

    /// Lets `take` read the stream of the object of this number while it is unpacked.
    pub(super) fn read_stream<T>(
        &mut self,
        source: &mut Source<'_>,
        number: u32,
        take: impl FnOnce(Box<dyn Read + '_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let (indirect, offset) = self.load_within(source, number, MAX_DEPTH)?;
        self.unpack(source, &indirect, offset, MAX_DEPTH, take)
    }

    /// Adds the objects within the object streams that were seen while looking for objects. Needs the key.
    pub(super) fn look_into_containers(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        for container in std::mem::take(&mut self.containers) {
            match self.object_stream(source, container, MAX_DEPTH) {
                Ok(packed) => {
                    for (number, _) in &packed.places {
                        self.rebuilt.entry(*number).or_insert(Place::In(container));
                    }
                }
                Err(Stop::Damaged) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
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
        let mut indirect = Indirect {
            number,
            generation: 0,
            object: Object::Null,
            stream: None,
        };
        let offset = match self.locate(source, number)? {
            // What is nowhere is null.
            None => 0,
            Some(Place::At(offset)) => {
                match self.read_at(source, offset) {
                    Ok(read) if read.number == number => indirect = read,
                    Ok(_) | Err(Stop::Damaged) if !self.is_rebuilt => {
                        self.rebuild(source)?;
                        self.look_into_containers(source)?;
                        return self.load_within(source, number, depth);
                    }
                    Ok(_) => return Err(Stop::Damaged),
                    Err(stop) => return Err(stop),
                }
                if let Some(key) = &self.key {
                    key.decrypt_strings(&mut indirect);
                }
                offset
            }
            Some(Place::In(container)) => {
                let packed = self.object_stream(source, container, depth)?;
                indirect.object = packed.object(number).ok_or(Stop::Damaged)?;
                0
            }
        };
        Ok((indirect, offset))
    }

    pub(super) fn read_at(&self, source: &mut Source<'_>, offset: u64) -> Result<Indirect, Stop> {
        let at = offset.checked_add(self.base).ok_or(Stop::Damaged)?;
        parse(source, at)
    }

    fn object_stream(&mut self, source: &mut Source<'_>, number: u32, depth: u32) -> Result<Rc<Packed>, Stop> {
        if let Some(packed) = self.unpacked.iter().find(|packed| packed.number == number) {
            return Ok(Rc::clone(packed));
        }
        // An object stream within another would lead in circles.
        if !matches!(self.locate(source, number)?, Some(Place::At(_))) {
            return Err(Stop::Damaged);
        }
        let (indirect, offset) = self.load_within(source, number, depth)?;
        let whole = |reader: Box<dyn Read + '_>| source::gather(reader, MAX_OBJECT_STREAM);
        let (bytes, _) = self.unpack(source, &indirect, offset, depth, whole)?;
        let dictionary = indirect.object.into_dictionary().unwrap_or_default();
        let packed = Rc::new(Packed::new(number, &dictionary, bytes).ok_or(Stop::Damaged)?);
        let bytes = |kept: &VecDeque<Rc<Packed>>| kept.iter().map(|packed| packed.bytes.len()).sum::<usize>();
        self.unpacked.push_back(Rc::clone(&packed));
        while self.unpacked.len() > KEPT_STREAMS || self.unpacked.len() > 1 && bytes(&self.unpacked) > KEPT_BYTES {
            self.unpacked.pop_front();
        }
        Ok(packed)
    }

    pub(super) fn unpack<T>(
        &mut self,
        source: &mut Source<'_>,
        indirect: &Indirect,
        offset: u64,
        depth: u32,
        take: impl FnOnce(Box<dyn Read + '_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let (Object::Dictionary(dictionary), Some(start)) = (&indirect.object, indirect.stream) else {
            return Err(Stop::Damaged);
        };
        let filters = self.filters(source, dictionary, depth)?;
        let length = match dictionary.get("Length") {
            Some(length) => match self.resolve_within(source, length, depth) {
                Ok(Object::Integer(length)) => u64::try_from(length).ok(),
                Ok(_) | Err(Stop::Damaged) => None,
                Err(stop) => return Err(stop),
            },
            None => None,
        };
        let data = self.base + offset + start as u64;
        let length = stream_len(source, data, length)?;
        let budget = source.budget();
        let is_table = dictionary.has_name("Type", b"XRef");
        if let Some(key) = self.key.as_ref().filter(|_| !is_table)
            && let Some(cipher) = key.cipher_of_stream(dictionary, &filters)
        {
            let len = usize::try_from(length).unwrap_or(usize::MAX).min(MAX_STREAM);
            let _held = budget.hold(2 * len as u64)?;
            let plain = key.decrypt_stream(cipher, indirect, source.bytes(data, len)?);
            return take(filter::undo(&filters, Box::new(plain.as_slice()), budget)?);
        }
        take(filter::undo(&filters, Box::new(source.section(data, length)), budget)?)
    }

    /// The filters of a stream, the outermost first.
    fn filters(&mut self, source: &mut Source<'_>, of: &Dictionary, depth: u32) -> Result<Vec<Filter>, Stop> {
        let mut list = |names: [&str; 2]| -> Result<Vec<Object>, Stop> {
            let object = names.iter().find_map(|name| of.get(name)).unwrap_or(&Object::Null);
            Ok(match self.resolve_within(source, object, depth)? {
                Object::Null => Vec::new(),
                Object::Array(items) => items
                    .iter()
                    .map(|item| self.resolve_within(source, item, depth))
                    .collect::<Result<_, _>>()?,
                one => vec![one],
            })
        };
        let (names, parameters) = (list(["Filter", "F"])?, list(["DecodeParms", "DP"])?);
        let mut parameters = parameters.into_iter();
        let mut filters = Vec::new();
        for name in names {
            let Object::Name(name) = name else {
                return Err(Stop::Damaged);
            };
            let parameters = parameters.next().and_then(Object::into_dictionary);
            filters.push(Filter {
                name,
                parameters: parameters.unwrap_or_default(),
            });
        }
        Ok(filters)
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
}

impl Packed {
    fn new(number: u32, dictionary: &Dictionary, mut bytes: Vec<u8>) -> Option<Self> {
        let count = dictionary.number::<usize>("N")?.min(MAX_PACKED);
        let first = dictionary.number::<usize>("First")?;
        // A last number ends with the stream; a blank behind it shows that it is whole.
        bytes.push(b' ');
        let mut places = Vec::new();
        let mut numbers = Parser::new(bytes.get(..first.min(bytes.len()))?);
        for _ in 0..count {
            let (Ok(own), Ok(offset)) = (numbers.unsigned::<u32>(), numbers.unsigned_at_end()) else {
                break;
            };
            places.push((own, first.saturating_add(offset)));
        }
        Some(Self { number, places, bytes })
    }

    fn object(&self, number: u32) -> Option<Object> {
        let (_, at) = self.places.iter().find(|(own, _)| *own == number)?;
        Object::read(&mut Parser::new(self.bytes.get(*at..)?)).ok()
    }
}

/// The length of the stream that begins here: what is declared if it ends there, or as far as the word that ends it.
fn stream_len(source: &mut Source<'_>, data: u64, declared: Option<u64>) -> Result<u64, Stop> {
    const END: &[u8] = b"endstream";
    let left = source.len().saturating_sub(data);
    if let Some(length) = declared.filter(|length| *length <= left) {
        let after = source.view(data + length, END.len() + 4)?;
        let blanks = after.iter().take_while(|byte| is_blank(**byte)).count();
        if after[blanks..].starts_with(END) {
            return Ok(length);
        }
    }
    let mut at = data;
    while at < source.len() {
        source.budget().check_time()?;
        let chunk = source.view(at, CHUNK + END.len())?;
        if let Some(found) = memchr::memmem::find(&chunk, END) {
            return Ok(at + found as u64 - data);
        }
        at += CHUNK as u64;
    }
    Ok(declared.unwrap_or(left).min(left))
}

/// Reads something at an offset, with more bytes when it does not fit.
pub(super) fn parse<T: Syntax>(source: &mut Source<'_>, at: u64) -> Result<T, Stop> {
    for size in OBJECT_SIZES {
        let bytes = source.view(at, size)?;
        match T::read(&mut Parser::new(&bytes)) {
            Ok(value) => return Ok(value),
            Err(Failure::Cut) if bytes.len() == size => {}
            Err(Failure::Cut | Failure::Wrong) => return Err(Stop::Damaged),
        }
    }
    Err(Stop::Damaged)
}
