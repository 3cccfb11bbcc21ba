//! Tables row by row: a table names its list of texts and its tiles of rows, which are objects of their own in other parts.

use std::collections::{HashMap, HashSet};

use super::archive::Objects;
use super::protobuf::Message;
use super::table;
use crate::container::zip::{self, Archive, Entry};
use crate::flow::Flow;
use crate::office::package::has_extension;
use crate::source::{Held, Source, Stop};
use crate::text::Gap;

/// The types of the objects that tables are made of.
const TABLE: u64 = 6001;
pub(super) const TILE: u64 = 6002;
pub(super) const LISTS: [u64; 3] = [6005, 6011, 6201];
/// Tables of one document, tiles of one table, and lists that a long list is divided into.
const MAX_TABLES: usize = 4096;
const MAX_TILES: usize = 16 << 10;
const MAX_SEGMENTS: usize = 4096;
/// Bytes that a text costs besides its characters.
const OVERHEAD: u64 = 64;

/// The texts of a list by their keys, and the lists that it goes on in.
#[derive(Debug, Default)]
struct List {
    texts: HashMap<u64, String>,
    segments: Vec<u64>,
}

#[derive(Debug)]
struct Table {
    name: String,
    texts: u64,
    tiles: Vec<u64>,
}

/// The tables of a document with their texts, which are held until their rows are read.
#[derive(Debug, Default)]
pub(super) struct Tables<'a> {
    all: Vec<Table>,
    lists: HashMap<u64, List>,
    /// The number of the part that each tile is in.
    places: HashMap<u64, usize>,
    /// Tiles and lists that are read with their table.
    own: HashSet<u64>,
    held: Option<Held<'a>>,
}

impl<'a> Tables<'a> {
    /// Looks for tables in all parts. There are none when their texts are too large to be held.
    pub(super) fn gather(source: &mut Source<'a>, archive: &Archive) -> Result<Self, Stop> {
        let budget = source.budget();
        let mut tables = Self {
            held: Some(budget.hold(0)?),
            ..Self::default()
        };
        if !archive.entries.iter().any(|entry| entry.name.contains("Tables/")) {
            return Ok(tables);
        }
        for (index, entry) in parts(archive) {
            match tables.gather_part(source, entry, index) {
                Err(Stop::TooLarge) if budget.unpacked_left() > 0 => return Ok(Self::default()),
                // Damage is told when the part is read.
                Ok(()) | Err(Stop::Damaged) => {}
                Err(stop) => return Err(stop),
            }
        }
        tables.settle();
        Ok(tables)
    }

    fn gather_part(&mut self, source: &mut Source<'a>, entry: &Entry, index: usize) -> Result<(), Stop> {
        let mut objects = Objects::new(zip::open_entry(source, entry)?);
        while let Some(object) = objects.next()? {
            match object.kind {
                TABLE if self.all.len() < MAX_TABLES => self.all.extend(Table::read(object.bytes)),
                TILE => {
                    self.hold(OVERHEAD)?;
                    self.places.insert(object.id, index);
                }
                kind if LISTS.contains(&kind) && table::is_texts(object.bytes) => self.list(object.id, object.bytes)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn list(&mut self, id: u64, object: &[u8]) -> Result<(), Stop> {
        let mut list = List::default();
        for entry in Message::new(object).parts(3) {
            let text = Message::new(entry).texts(3).next().unwrap_or_default();
            self.hold(OVERHEAD + text.len() as u64)?;
            list.texts
                .insert(Message::new(entry).number(1).unwrap_or_default(), text.to_owned());
        }
        let segments = Message::new(object).parts(4).filter_map(reference);
        list.segments.extend(segments.take(MAX_SEGMENTS));
        self.lists.insert(id, list);
        Ok(())
    }

    fn hold(&mut self, bytes: u64) -> Result<(), Stop> {
        self.held.as_mut().map_or(Ok(()), |held| held.grow(bytes))
    }

    /// Keeps the tables whose texts and tiles are there.
    fn settle(&mut self) {
        let (lists, places) = (&self.lists, &self.places);
        self.all.retain(|table| lists.contains_key(&table.texts));
        for table in &mut self.all {
            table.tiles.retain(|tile| places.contains_key(tile));
            self.own.extend(&table.tiles);
            self.own.insert(table.texts);
            let segments = lists.get(&table.texts).map(|list| &list.segments);
            self.own.extend(segments.into_iter().flatten());
        }
    }

    /// Whether a tile or a list is read with its table.
    pub(super) fn has(&self, id: u64) -> bool {
        self.own.contains(&id)
    }

    /// Takes the rows of all tables, past those that are damaged.
    pub(super) fn read(&self, source: &mut Source<'_>, archive: &Archive, flow: &mut Flow<'_>) -> Result<(), Stop> {
        let mut whole = Ok(());
        for table in &self.all {
            flow.paragraph(&table.name)?;
            for tile in &table.tiles {
                let place = self.places.get(tile).copied();
                let entry = place.and_then(|place| archive.entries.get(place));
                let result = entry.map_or(Ok(()), |entry| self.read_tile(source, entry, *tile, table, flow));
                match result {
                    Err(Stop::Damaged) => whole = Err(Stop::Damaged),
                    result => result?,
                }
            }
            flow.end(Gap::Page);
        }
        whole
    }

    fn read_tile(
        &self,
        source: &mut Source<'_>,
        entry: &Entry,
        tile: u64,
        table: &Table,
        flow: &mut Flow<'_>,
    ) -> Result<(), Stop> {
        let mut objects = Objects::new(zip::open_entry(source, entry)?);
        while let Some(object) = objects.next()? {
            if (object.kind, object.id) == (TILE, tile) {
                return table::read_tile(object.bytes, |key| self.text(table, key), flow);
            }
        }
        Ok(())
    }

    fn text(&self, table: &Table, key: u32) -> Option<&str> {
        let list = self.lists.get(&table.texts)?;
        let segments = list.segments.iter().filter_map(|segment| self.lists.get(segment));
        let mut lists = std::iter::once(list).chain(segments);
        lists.find_map(|list| list.texts.get(&u64::from(key)).map(String::as_str))
    }
}

impl Table {
    /// Its name, and in its store the list of texts and the tiles.
    fn read(object: &[u8]) -> Option<Self> {
        let store = Message::new(object).parts(4).next()?;
        let tiles = Message::new(store).parts(3).next()?;
        let mut tiles: Vec<(u64, u64)> = Message::new(tiles)
            .parts(1)
            .filter_map(|tile| {
                let place = Message::new(tile).parts(2).next().and_then(reference)?;
                Some((Message::new(tile).number(1).unwrap_or_default(), place))
            })
            .take(MAX_TILES)
            .collect();
        tiles.sort_unstable();
        Some(Self {
            name: Message::new(object).texts(8).next().unwrap_or_default().to_owned(),
            texts: Message::new(store).parts(4).next().and_then(reference)?,
            tiles: tiles.into_iter().map(|(_, tile)| tile).collect(),
        })
    }
}

/// The parts that hold objects, with their numbers.
pub(super) fn parts(archive: &Archive) -> impl Iterator<Item = (usize, &Entry)> {
    let parts = archive.entries.iter().enumerate();
    parts.filter(|(_, entry)| has_extension(&entry.name, "iwa"))
}

/// The object that a reference names.
fn reference(message: &[u8]) -> Option<u64> {
    Message::new(message).number(1)
}
