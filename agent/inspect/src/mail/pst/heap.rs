//! Lists of properties and tables in a node ([MS-PST] 2.3): a heap of small items, and a tree of records among them.

use super::data::Data;
use super::store::{Form, Node, Store};
use crate::source::{Source, Stop, u16_at, u32_at};

/// Blocks of one heap.
const MAX_BLOCKS: usize = 4096;
/// Levels of a tree in a heap.
const MAX_LEVEL: u8 = 8;
/// Properties of one list that are looked at.
const MAX_PROPERTIES: usize = 10_000;
/// Columns of a table have one byte for their number.
const COLUMN: usize = 8;

/// What a heap's first item is: a list of properties, or a table.
const PROPERTIES: u8 = 0xBC;
const TABLE: u8 = 0x7C;
const TREE: u8 = 0xB5;

/// A property: its number and type, and its value, or where in the heap or below the node that is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) id: u16,
    pub(super) kind: u16,
    pub(super) value: u32,
}

impl Cell {
    /// Whether the value, unless it is a number, is an item of the heap; else it is a node below.
    pub(super) fn is_in_heap(self) -> bool {
        is_in_heap(self.value)
    }
}

fn is_in_heap(id: u32) -> bool {
    const KIND: u32 = 0x1F;
    id & KIND == 0
}

/// The small items of a node.
#[derive(Debug)]
pub(super) struct Heap {
    pub(super) store: Store,
    pub(super) node: Node,
    blocks: Vec<u64>,
    /// What it is, and its first item.
    kind: u8,
    root: u32,
}

impl Heap {
    pub(super) fn open(store: Store, source: &mut Source<'_>, node: Node) -> Result<Self, Stop> {
        const SIGNATURE: u8 = 0xEC;
        let mut data = Data::open(store, source, node.data)?;
        let head = data.block(source, 0)?.ok_or(Stop::Damaged)?;
        let Some(&[SIGNATURE, kind]) = head.get(2..4) else {
            return Err(Stop::Damaged);
        };
        let root = u32_at(head, 4)?;
        Ok(Self {
            store,
            node,
            blocks: data.blocks(source, MAX_BLOCKS)?,
            kind,
            root,
        })
    }

    /// An item; one without a number is empty.
    pub(super) fn item(&self, source: &mut Source<'_>, id: u32) -> Result<Vec<u8>, Stop> {
        if id == 0 {
            return Ok(Vec::new());
        }
        let (block, index) = match self.store.form {
            Form::Large => (id >> 19, id >> 5 & 0x3FFF),
            Form::Ansi | Form::Unicode => (id >> 16, id >> 5 & 0x7FF),
        };
        let place = usize::try_from(block).map_err(|_| Stop::Damaged)?;
        let block = self.blocks.get(place).ok_or(Stop::Damaged)?;
        let bytes = self.store.content(source, *block)?;
        let map = usize::from(u16_at(&bytes, 0)?);
        // Items are counted from one; behind the last offset stands where the last item ends.
        let index = usize::try_from(index).map_err(|_| Stop::Damaged)?;
        if index == 0 || index > usize::from(u16_at(&bytes, map)?) {
            return Err(Stop::Damaged);
        }
        let start = usize::from(u16_at(&bytes, map + 2 + 2 * index)?);
        let end = usize::from(u16_at(&bytes, map + 4 + 2 * index)?);
        bytes.get(start..end).map(<[u8]>::to_vec).ok_or(Stop::Damaged)
    }

    /// The properties of a list.
    pub(super) fn properties(&self, source: &mut Source<'_>) -> Result<Vec<Cell>, Stop> {
        if self.kind != PROPERTIES {
            return Err(Stop::Damaged);
        }
        let head = self.item(source, self.root)?;
        let [TREE, 2, 6, levels, ..] = head[..] else {
            return Err(Stop::Damaged);
        };
        let mut open = vec![(u32_at(&head, 4)?, levels.min(MAX_LEVEL))];
        let mut cells = Vec::new();
        let mut items_left = MAX_PROPERTIES;
        while let Some((id, level)) = open.pop() {
            source.budget().check_time()?;
            items_left = items_left.checked_sub(1).ok_or(Stop::Damaged)?;
            let item = self.item(source, id)?;
            if level > 0 {
                for entry in item.chunks_exact(6).rev() {
                    open.push((u32_at(entry, 2)?, level - 1));
                }
                continue;
            }
            for entry in item.chunks_exact(8) {
                cells.push(Cell {
                    id: u16_at(entry, 0)?,
                    kind: u16_at(entry, 2)?,
                    value: u32_at(entry, 4)?,
                });
            }
            if cells.len() > MAX_PROPERTIES {
                return Err(Stop::TooLarge);
            }
        }
        Ok(cells)
    }

    /// The rows of a table, `max` at most.
    pub(super) fn rows(&self, source: &mut Source<'_>, max: usize) -> Result<Vec<Vec<Cell>>, Stop> {
        if self.kind != TABLE {
            return Err(Stop::Damaged);
        }
        let head = self.item(source, self.root)?;
        let table = Table::of(&head)?;
        let mut rows = Vec::new();
        if is_in_heap(table.rows) {
            table.take(&self.item(source, table.rows)?, max, &mut rows)?;
            return Ok(rows);
        }
        let Some(node) = self.below(source, table.rows)? else {
            return Ok(rows);
        };
        let mut data = Data::open(self.store, source, node.data)?;
        let mut place = 0;
        while let Some(block) = data.block(source, place)?
            && rows.len() < max
        {
            table.take(block, max, &mut rows)?;
            place += 1;
        }
        Ok(rows)
    }

    /// The node of that number below this one.
    pub(super) fn below(&self, source: &mut Source<'_>, id: u32) -> Result<Option<Node>, Stop> {
        let nodes = self.store.below(source, self.node.below)?;
        Ok(nodes.into_iter().find(|node| node.id == id))
    }
}

/// How a table's rows are laid out ([MS-PST] 2.3.4).
struct Table<'h> {
    columns: &'h [u8],
    rows: u32,
    row_size: usize,
    /// Where in a row stands which cells it has.
    has: usize,
}

impl<'h> Table<'h> {
    fn of(head: &'h [u8]) -> Result<Self, Stop> {
        let [TABLE, columns, ..] = *head else {
            return Err(Stop::Damaged);
        };
        let table = Self {
            columns: head.get(22..22 + COLUMN * usize::from(columns)).ok_or(Stop::Damaged)?,
            rows: u32_at(head, 14)?,
            row_size: u16_at(head, 8)?.into(),
            has: u16_at(head, 6)?.into(),
        };
        if table.row_size == 0 {
            return Err(Stop::Damaged);
        }
        Ok(table)
    }

    /// Takes the rows of one block: its end may be too short for one.
    fn take(&self, block: &[u8], max: usize, rows: &mut Vec<Vec<Cell>>) -> Result<(), Stop> {
        for row in block.chunks_exact(self.row_size) {
            if rows.len() == max {
                break;
            }
            let mut cells = Vec::new();
            for column in self.columns.chunks_exact(COLUMN) {
                let [kind_low, kind_high, id_low, id_high, at_low, at_high, size, bit] = *column else {
                    continue;
                };
                let has = row.get(self.has + usize::from(bit / 8)).ok_or(Stop::Damaged)?;
                if size == 4 && has << (bit % 8) & 0x80 != 0 {
                    cells.push(Cell {
                        id: u16::from_le_bytes([id_low, id_high]),
                        kind: u16::from_le_bytes([kind_low, kind_high]),
                        value: u32_at(row, usize::from(u16::from_le_bytes([at_low, at_high])))?,
                    });
                }
            }
            rows.push(cells);
        }
        Ok(())
    }
}
