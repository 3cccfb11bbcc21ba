//! The lowest layer of a PST file ([MS-PST] 2.2): a tree of nodes, a tree of blocks, and where in the file blocks lie.

use flate2::read::ZlibDecoder;

use super::cipher::Cipher;
use crate::source::{Source, Stop, Unpacking, gather, u16_at, u32_at, u64_at};

/// Levels of a tree: even with two entries a page, more would not fit in a file.
const MAX_LEVEL: u8 = 16;
/// Kinds of pages.
const BLOCK_PAGE: u8 = 0x80;
const NODE_PAGE: u8 = 0x81;
/// The numbers of blocks have two flags: the lowest is nobody's, the other says that a block is no user's data.
const UNUSED: u64 = 1;
const INTERNAL: u64 = 2;

/// How wide numbers and pages are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Outlook 97 to 2002.
    Ansi,
    /// Outlook 2003 and later.
    Unicode,
    /// Caches of Outlook 2013 and later: pages are larger, and blocks may be compressed.
    Large,
}

/// An opened file: where its trees begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Store {
    pub(super) form: Form,
    cipher: Cipher,
    nodes: u64,
    blocks: u64,
}

/// What a message, a folder or a part of them consists of: its data, and the nodes below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) id: u32,
    pub(super) data: u64,
    pub(super) below: u64,
}

/// Where a block lies.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: u64,
    stored: usize,
    size: usize,
}

impl Store {
    /// Reads the header; `None` when blocks are encrypted.
    pub(super) fn open(source: &mut Source<'_>) -> Result<Option<Self>, Stop> {
        let header: [u8; 0x210] = source.array(0)?;
        let form = match u16_at(&header, 10)? {
            14 | 15 => Form::Ansi,
            36.. => Form::Large,
            20.. => Form::Unicode,
            _ => return Err(Stop::Damaged),
        };
        let (nodes, blocks, cipher) = match form {
            Form::Ansi => (u32_at(&header, 188)?.into(), u32_at(&header, 196)?.into(), header[461]),
            Form::Unicode | Form::Large => (u64_at(&header, 224)?, u64_at(&header, 240)?, header[513]),
        };
        Ok(Cipher::of(cipher).map(|cipher| Self {
            form,
            cipher,
            nodes,
            blocks,
        }))
    }

    /// All nodes, in order.
    pub(super) fn nodes(self, source: &Source<'_>) -> Nodes {
        Nodes {
            store: self,
            pages: vec![(self.nodes, None)],
            pages_left: source.len() / self.form.page_size() as u64,
            found: Vec::new(),
        }
    }

    /// The size of a block as it is read.
    pub(super) fn size(self, source: &mut Source<'_>, block: u64) -> Result<usize, Stop> {
        Ok(self.place(source, block)?.size)
    }

    /// What a block holds.
    pub(super) fn content(self, source: &mut Source<'_>, block: u64) -> Result<Vec<u8>, Stop> {
        let place = self.place(source, block)?;
        let mut bytes = source.exact(place.offset, place.stored)?;
        if place.stored != place.size {
            let unpacked = Unpacking::new(ZlibDecoder::new(bytes.as_slice()), source.budget());
            bytes = gather(unpacked, place.size)?.0;
        }
        if !is_internal(block) {
            self.cipher.decode(&mut bytes, block);
        }
        Ok(bytes)
    }

    /// The nodes below another.
    pub(super) fn below(self, source: &mut Source<'_>, block: u64) -> Result<Vec<Node>, Stop> {
        /// Nodes below one that are looked at: attachments and long values.
        const MAX_NODES: usize = 16 << 10;
        let mut nodes = Vec::new();
        let mut open = vec![(block, true)];
        while let Some((block, may_list_others)) = open.pop() {
            source.budget().check_time()?;
            if block == 0 || nodes.len() >= MAX_NODES {
                continue;
            }
            let bytes = self.content(source, block)?;
            let [kind, level, ..] = bytes[..] else {
                return Err(Stop::Damaged);
            };
            let count = usize::from(u16_at(&bytes, 2)?);
            let width = self.form.number();
            let entries = bytes
                .get(if self.form == Form::Ansi { 4 } else { 8 }..)
                .unwrap_or_default();
            match (kind, level) {
                (2, 0) => {
                    for entry in entries.chunks_exact(3 * width).take(count) {
                        nodes.push(self.node(entry)?);
                    }
                }
                (2, 1) if may_list_others => {
                    let mut others = Vec::new();
                    for entry in entries.chunks_exact(2 * width).take(count) {
                        others.push((self.form.read(entry, width)?, false));
                    }
                    open.extend(others.into_iter().rev());
                }
                _ => return Err(Stop::Damaged),
            }
        }
        Ok(nodes)
    }

    /// The node that an entry of the tree or of a list describes.
    fn node(self, entry: &[u8]) -> Result<Node, Stop> {
        let width = self.form.number();
        Ok(Node {
            id: u32_at(entry, 0)?,
            data: self.form.read(entry, width)?,
            below: self.form.read(entry, 2 * width)?,
        })
    }

    fn place(self, source: &mut Source<'_>, block: u64) -> Result<Place, Stop> {
        let wanted = block & !UNUSED;
        let mut at = self.blocks;
        let mut level = None;
        loop {
            let page = Page::read(source, self.form, at, BLOCK_PAGE, level)?;
            let keys = page.entries().map(|entry| Ok(self.form.read(entry, 0)? & !UNUSED));
            let keys: Vec<u64> = keys.collect::<Result<_, Stop>>()?;
            let index = keys.partition_point(|key| *key <= wanted);
            let entry = index.checked_sub(1).and_then(|index| page.entries().nth(index));
            let entry = entry.ok_or(Stop::Damaged)?;
            let width = self.form.number();
            if page.level > 0 {
                at = self.form.read(entry, 2 * width)?;
                level = Some(page.level);
                continue;
            }
            if keys.get(index - 1) != Some(&wanted) {
                return Err(Stop::Damaged);
            }
            let stored = usize::from(u16_at(entry, 2 * width)?);
            return Ok(Place {
                offset: self.form.read(entry, width)?,
                stored,
                size: match self.form {
                    Form::Large => u16_at(entry, 2 * width + 2)?.into(),
                    Form::Ansi | Form::Unicode => stored,
                },
            });
        }
    }
}

/// Whether a block lists others, instead of holding data.
pub(super) fn is_internal(block: u64) -> bool {
    block & INTERNAL != 0
}

impl Form {
    /// Bytes of the numbers that tell blocks and places.
    pub(super) fn number(self) -> usize {
        if self == Self::Ansi { 4 } else { 8 }
    }

    /// The number at an offset.
    pub(super) fn read(self, bytes: &[u8], offset: usize) -> Result<u64, Stop> {
        match self {
            Self::Ansi => Ok(u32_at(bytes, offset)?.into()),
            Self::Unicode | Self::Large => u64_at(bytes, offset),
        }
    }

    fn page_size(self) -> usize {
        if self == Self::Large { 4096 } else { 512 }
    }
}

/// A page of a tree.
struct Page {
    bytes: Vec<u8>,
    count: usize,
    entry_size: usize,
    level: u8,
}

impl Page {
    /// Reads a page of that kind, one level below `above`: so a way down always ends.
    fn read(source: &mut Source<'_>, form: Form, at: u64, kind: u8, above: Option<u8>) -> Result<Self, Stop> {
        source.budget().check_time()?;
        let mut bytes = source.exact(at, form.page_size())?;
        let (room, trailer) = match form {
            Form::Ansi => (496, 500),
            Form::Unicode => (488, 496),
            Form::Large => (4056, 4072),
        };
        let (count, entry_size, level) = match form {
            Form::Large => (u16_at(&bytes, room)?.into(), bytes[room + 4], bytes[room + 5]),
            Form::Ansi | Form::Unicode => (bytes[room].into(), bytes[room + 2], bytes[room + 3]),
        };
        let entry_size = usize::from(entry_size);
        let fits = match above {
            Some(above) => level.checked_add(1) == Some(above),
            None => level <= MAX_LEVEL,
        };
        let least = match kind {
            NODE_PAGE if level == 0 => 4 * form.number(),
            _ => 3 * form.number(),
        };
        if bytes[trailer] != kind || !fits || entry_size < least || count * entry_size > room {
            return Err(Stop::Damaged);
        }
        bytes.truncate(count * entry_size);
        Ok(Self {
            bytes,
            count,
            entry_size,
            level,
        })
    }

    fn entries(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.bytes.chunks_exact(self.entry_size).take(self.count)
    }
}

/// Walks over all nodes of a file.
#[derive(Debug)]
pub(super) struct Nodes {
    store: Store,
    /// Pages to be read, with the level above them.
    pages: Vec<(u64, Option<u8>)>,
    pages_left: u64,
    /// The nodes of the page at hand, the next one last.
    found: Vec<Node>,
}

impl Nodes {
    /// The next node. After damage it goes on with the next page.
    pub(super) fn next(&mut self, source: &mut Source<'_>) -> Result<Option<Node>, Stop> {
        while self.found.is_empty() {
            let Some((at, above)) = self.pages.pop() else {
                return Ok(None);
            };
            // More pages than are in the file would be a loop.
            self.pages_left = self.pages_left.checked_sub(1).ok_or(Stop::Damaged)?;
            let form = self.store.form;
            let page = Page::read(source, form, at, NODE_PAGE, above)?;
            for entry in page.entries().rev() {
                if page.level == 0 {
                    self.found.push(self.store.node(entry)?);
                } else {
                    self.pages
                        .push((form.read(entry, 2 * form.number())?, Some(page.level)));
                }
            }
        }
        Ok(self.found.pop())
    }
}
