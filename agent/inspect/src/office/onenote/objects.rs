//! The objects of a page: which data each has in the last revision, and the way from the root to all of them.

use std::collections::{HashMap, HashSet};

use super::properties::Object;
use super::store::{self, Kind, Node, Reference};
use crate::flow::Flow;
use crate::source::{Source, Stop, u32_at};
use crate::text::Gap;

/// Objects of one page, and rows of all its tables.
const MAX_OBJECTS: usize = 200_000;
const MAX_ROWS: usize = 400_000;
/// The largest object that is read.
const MAX_OBJECT: usize = 4 << 20;
/// The root of what a page shows; others tell about the page.
const CONTENT: u32 = 1;
/// What an object is: the row of a table, and a cell.
const ROW: u32 = 0x0006_0023;
const CELL: u32 = 0x0006_0024;

/// A number that is the same throughout the file.
pub(super) type Id = ([u8; 16], u32);
/// Long numbers by short ones.
type Table = HashMap<u32, [u8; 16]>;

/// How the short numbers in an object's data are read: by a table, or by a list in their order.
#[derive(Clone, Debug)]
pub(super) enum Numbers {
    Table(usize),
    Listed(Vec<Id>),
}

/// Where an object's data lies, what it is, and how its numbers are read.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) data: Reference,
    pub(super) kind: u32,
    pub(super) numbers: Numbers,
}

/// What comes next on the way.
enum Step {
    Object(Id),
    End(Gap),
}

/// The objects of a page.
#[derive(Debug, Default)]
pub(super) struct Space {
    pub(super) objects: HashMap<Id, Place>,
    tables: Vec<Table>,
    rows: usize,
    pub(super) roots: Vec<Id>,
    pub(super) is_encrypted: bool,
}

impl Space {
    /// Reads which objects there are. Of several lists of revisions the last one counts.
    pub(super) fn read(&mut self, source: &mut Source<'_>, list: Reference) -> Result<(), Stop> {
        let mut revisions = None;
        let result = store::for_each(source, list, &mut |_, node| {
            if node.kind == Kind::REVISIONS {
                revisions = node.reference;
            }
            Ok(())
        });
        let Some(revisions) = revisions else {
            return result;
        };
        // What is not in the page's own context is one of its earlier versions.
        let mut is_past = false;
        store::for_each(source, revisions, &mut |source, node| {
            match node.kind {
                Kind::REVISION | Kind::REVISION_WITH_ROLE => is_past = false,
                Kind::REVISION_IN_CONTEXT => is_past = !is_own_context(node.data),
                _ if is_past => {}
                Kind::GROUP => {
                    if let Some(group) = node.reference {
                        self.tables.push(Table::new());
                        store::for_each(source, group, &mut |_, node| self.take(node))?;
                    }
                }
                _ => self.take(node)?,
            }
            Ok(())
        })
    }

    fn take(&mut self, node: Node<'_>) -> Result<(), Stop> {
        match node.kind {
            Kind::KEY => self.is_encrypted = true,
            Kind::TABLE | Kind::OLD_TABLE => self.tables.push(Table::new()),
            Kind::TABLE_ROW => {
                self.rows += 1;
                let (index, id) = (u32_at(node.data, 0)?, guid(node.data, 4)?);
                if self.rows > MAX_ROWS {
                    return Err(Stop::TooLarge);
                }
                if let Some(table) = self.tables.last_mut() {
                    table.insert(index, id);
                }
            }
            Kind::ROOT => {
                let id = (guid(node.data, 0)?, u32_at(node.data, 16)?);
                self.root(u32_at(node.data, 20)?, Some(id));
            }
            Kind::OLD_ROOT => {
                let id = self
                    .tables
                    .len()
                    .checked_sub(1)
                    .and_then(|table| self.id(table, u32_at(node.data, 0).ok()?));
                self.root(u32_at(node.data, 4)?, id);
            }
            kind if kind.is_object() => self.object(node)?,
            _ => {}
        }
        Ok(())
    }

    fn root(&mut self, role: u32, id: Option<Id>) {
        if let Some(id) = id.filter(|_| role == CONTENT) {
            self.roots.clear();
            self.roots.push(id);
        }
    }

    fn object(&mut self, node: Node<'_>) -> Result<(), Stop> {
        let table = self.tables.len().checked_sub(1).ok_or(Stop::Damaged)?;
        let id = self.id(table, u32_at(node.data, 0)?);
        let (Some(data), Some(id)) = (node.reference, id) else {
            return Ok(());
        };
        let kind = u32_at(node.data, 4).unwrap_or_default();
        if self.objects.len() >= MAX_OBJECTS {
            return Err(Stop::TooLarge);
        }
        let numbers = Numbers::Table(table);
        self.objects.insert(id, Place { data, kind, numbers });
        Ok(())
    }

    /// The number that a short one stands for.
    fn id(&self, table: usize, short: u32) -> Option<Id> {
        let long = self.tables.get(table)?.get(&(short >> 8))?;
        Some((*long, short & 0xFF))
    }

    /// Takes the texts of all objects that a page shows, in its order.
    pub(super) fn walk(&self, source: &mut Source<'_>, flow: &mut Flow<'_>) -> Result<(), Stop> {
        let mut seen = HashSet::new();
        let mut open: Vec<Step> = self.roots.iter().map(|id| Step::Object(*id)).collect();
        let mut whole = Ok(());
        while let Some(step) = open.pop() {
            source.budget().check_time()?;
            let id = match step {
                Step::Object(id) => id,
                Step::End(gap) => {
                    flow.end(gap);
                    continue;
                }
            };
            let Some(place) = self.objects.get(&id).filter(|_| seen.insert(id)) else {
                continue;
            };
            match place.kind {
                ROW => open.push(Step::End(Gap::Paragraph)),
                CELL => open.push(Step::End(Gap::Cell)),
                _ => {}
            }
            match self.object_at(source, place, flow) {
                Ok(others) => open.extend(others.into_iter().rev()),
                Err(Stop::Damaged) => whole = Err(Stop::Damaged),
                Err(stop) => return Err(stop),
            }
        }
        whole
    }

    /// Takes the texts of an object; gives those that it refers to.
    fn object_at(&self, source: &mut Source<'_>, place: &Place, flow: &mut Flow<'_>) -> Result<Vec<Step>, Stop> {
        let len = usize::try_from(place.data.len).map_or(MAX_OBJECT, |len| len.min(MAX_OBJECT));
        let bytes = source.exact(place.data.offset, len)?;
        let object = Object::read(&bytes)?;
        for text in object.texts {
            for line in text.split(['\r', '\n', '\u{B}']) {
                flow.push(line)?;
                flow.end(Gap::Line);
            }
            flow.end(Gap::Paragraph);
        }
        Ok(match &place.numbers {
            Numbers::Listed(others) => others.iter().copied().map(Step::Object).collect(),
            Numbers::Table(table) => {
                let ids = object.others.iter().filter_map(|short| self.id(*table, *short));
                ids.map(Step::Object).collect()
            }
        })
    }
}

/// Whether a revision is no version of a page that was: its context, the last of its numbers, is none.
fn is_own_context(revision: &[u8]) -> bool {
    let context = revision.len().checked_sub(20).and_then(|at| revision.get(at..));
    context.is_some_and(|context| context.iter().all(|byte| *byte == 0))
}

fn guid(bytes: &[u8], offset: usize) -> Result<[u8; 16], Stop> {
    let bytes = bytes.get(offset..).and_then(<[u8]>::first_chunk);
    bytes.copied().ok_or(Stop::Damaged)
}
