//! What a node holds ([MS-PST] 2.2.2.8.3): one block, or a tree of blocks that follow each other.

use std::io::{self, Read};

use super::store::{Store, is_internal};
use crate::source::{ReadAt, Source, Stop, u16_at, u32_at};

/// Blocks of one value: 8 GiB.
const MAX_BLOCKS: usize = 1 << 20;
/// A block that lists blocks, and one that lists such lists: the kind of block and its level.
const LIST: [u8; 2] = [1, 1];
const LIST_OF_LISTS: [u8; 2] = [1, 2];

/// The blocks of a node. Where each begins is looked up as far as it is read.
#[derive(Debug)]
pub(super) struct Data {
    store: Store,
    /// Where in the value a block begins, and its number.
    known: Vec<(u64, u64)>,
    /// Where the first of those begins that wait.
    end: u64,
    /// The numbers of blocks that follow, the next one last.
    waiting: Vec<u64>,
    /// Blocks that list others, the next one last.
    lists: Vec<u64>,
    len: u64,
    /// The block that was read last, by its place in `known`.
    held: Option<(usize, Vec<u8>)>,
}

impl Data {
    pub(super) fn open(store: Store, source: &mut Source<'_>, block: u64) -> Result<Self, Stop> {
        let mut data = Self {
            store,
            known: Vec::new(),
            end: 0,
            waiting: Vec::new(),
            lists: Vec::new(),
            len: 0,
            held: None,
        };
        if block == 0 {
            return Ok(data);
        }
        if !is_internal(block) {
            data.waiting.push(block);
            data.grow(source)?;
            data.len = data.end;
            return Ok(data);
        }
        let list = store.content(source, block)?;
        data.len = u32_at(&list, 4)?.into();
        match list.first_chunk() {
            Some(&LIST) => data.lists.push(block),
            Some(&LIST_OF_LISTS) => data.lists = data.listed(&list)?,
            _ => return Err(Stop::Damaged),
        }
        Ok(data)
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The numbers of the blocks, of up to `max` of them.
    pub(super) fn blocks(mut self, source: &mut Source<'_>, max: usize) -> Result<Vec<u64>, Stop> {
        while self.known.len() < max && self.grow(source)? {}
        Ok(self.known.into_iter().map(|(_, block)| block).collect())
    }

    /// What the block of that place holds; `None` behind the last.
    pub(super) fn block(&mut self, source: &mut Source<'_>, place: usize) -> Result<Option<&[u8]>, Stop> {
        while self.known.len() <= place {
            if !self.grow(source)? {
                return Ok(None);
            }
        }
        if self.held.as_ref().is_none_or(|(held, _)| *held != place) {
            let content = self.store.content(source, self.known[place].1)?;
            self.held = Some((place, content));
        }
        Ok(self.held.as_ref().map(|(_, content)| content.as_slice()))
    }

    /// Looks up the next block; `false` when there is none.
    fn grow(&mut self, source: &mut Source<'_>) -> Result<bool, Stop> {
        source.budget().check_time()?;
        while self.waiting.is_empty() {
            let Some(list) = self.lists.pop() else {
                return Ok(false);
            };
            let list = self.store.content(source, list)?;
            if list.first_chunk() != Some(&LIST) {
                return Err(Stop::Damaged);
            }
            self.waiting = self.listed(&list)?;
        }
        if self.known.len() >= MAX_BLOCKS {
            return Err(Stop::TooLarge);
        }
        if let Some(block) = self.waiting.pop() {
            self.known.push((self.end, block));
            self.end += self.store.size(source, block)? as u64;
        }
        Ok(true)
    }

    /// The numbers in a list, the first one last.
    fn listed(&self, list: &[u8]) -> Result<Vec<u64>, Stop> {
        let form = self.store.form;
        let count = usize::from(u16_at(list, 2)?);
        let numbers = list.get(8..).unwrap_or_default().chunks_exact(form.number());
        let numbers: Result<Vec<_>, _> = numbers.take(count).map(|number| form.read(number, 0)).collect();
        let mut numbers = numbers?;
        numbers.reverse();
        Ok(numbers)
    }

    /// Reads what lies at `offset`, to the end of its block at most.
    fn read_in_block(&mut self, source: &mut Source<'_>, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        while self.end <= offset {
            if !self.grow(source)? {
                return Err(Stop::Damaged);
            }
        }
        let place = self.known.partition_point(|(start, _)| *start <= offset) - 1;
        let start = self.known[place].0;
        let content = self.block(source, place)?.unwrap_or_default();
        let within = usize::try_from(offset - start).map_err(|_| Stop::Damaged)?;
        let content = content.get(within..).unwrap_or_default();
        let count = content.len().min(buffer.len());
        buffer[..count].copy_from_slice(&content[..count]);
        if count == 0 { Err(Stop::Damaged) } else { Ok(count) }
    }
}

/// The value of a node, read at any position.
#[derive(Debug)]
pub(super) struct Stream<'s, 'a> {
    data: Data,
    source: &'s mut Source<'a>,
    position: u64,
}

impl<'s, 'a> Stream<'s, 'a> {
    pub(super) fn new(data: Data, source: &'s mut Source<'a>) -> Self {
        Self {
            data,
            source,
            position: 0,
        }
    }
}

impl ReadAt for Stream<'_, '_> {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Stop> {
        let mut done = 0;
        while done < buffer.len() {
            let position = offset.saturating_add(done as u64);
            let left = usize::try_from(self.data.len.saturating_sub(position)).unwrap_or(usize::MAX);
            let end = buffer.len().min(done.saturating_add(left));
            if end == done {
                break;
            }
            match self.data.read_in_block(self.source, position, &mut buffer[done..end]) {
                Ok(count) => done += count,
                Err(Stop::Damaged) if done > 0 => break,
                Err(stop) => return Err(stop),
            }
        }
        Ok(done)
    }
}

impl Read for Stream<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read_at(self.position, buffer).map_err(io::Error::other)?;
        self.position += count as u64;
        Ok(count)
    }
}
