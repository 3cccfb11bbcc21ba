//! Sections as servers hand them out ([MS-ONESTORE] 2.8, [MS-FSSHTTPB] 2.2): elements that name each other by long numbers.
//!
//! Elements lie one after another, each as a start, its own bytes, what is within it, and an end.

use std::collections::{HashMap, HashSet};

use super::objects::{Id, Numbers, Place, Space};
use super::store::Reference;
use crate::source::{Budget, Source, Stop};

/// Where the first element begins.
const START: u64 = 68;
/// Things of one section: objects, references, revisions.
const MAX_THINGS: usize = 200_000;
/// What the pages have that are no earlier versions of one: the context of their cell.
const CONTEXT: Id = (
    [
        0xB9, 0xFA, 0xDE, 0x84, 0xA3, 0xAA, 0x0D, 0x4A, 0xA3, 0xA8, 0x52, 0x0C, 0x77, 0xAC, 0x70, 0x73,
    ],
    1,
);
/// The roots of what a page shows, and of the key of one that is locked.
const CONTENT: u32 = 1;
const KEY: u32 = 3;
/// The parts of an object: its properties, and what it is.
const PROPERTIES: u64 = 1;
const KIND: u64 = 4;

/// Kinds of elements.
mod kind {
    pub(super) const ELEMENT: u32 = 0x01;
    pub(super) const FILE: u32 = 0x02;
    pub(super) const EXCLUDED: u32 = 0x03;
    pub(super) const FILE_DECLARATION: u32 = 0x05;
    pub(super) const ROOT: u32 = 0x0A;
    pub(super) const CURRENT: u32 = 0x0B;
    pub(super) const REVISION_PLACE: u32 = 0x0D;
    pub(super) const CELL: u32 = 0x0E;
    pub(super) const ALL: u32 = 0x15;
    pub(super) const OBJECT: u32 = 0x16;
    pub(super) const DECLARATION: u32 = 0x18;
    pub(super) const GROUP: u32 = 0x19;
    pub(super) const REVISION: u32 = 0x1A;
    pub(super) const FILE_REFERENCE: u32 = 0x1C;
}

#[derive(Debug, Default)]
struct Revision {
    base: Id,
    roots: Vec<(Id, Id)>,
    groups: Vec<Id>,
}

/// The properties of an object, and the objects that they refer to.
#[derive(Debug)]
struct Object {
    data: Reference,
    others: Vec<Id>,
}

#[derive(Debug, Default)]
struct Group {
    /// Objects and which part of each, in the order in which their bytes follow.
    declared: Vec<(Id, u64)>,
    next: usize,
    objects: HashMap<Id, Object>,
    kinds: HashMap<Id, u32>,
}

/// All elements of a section.
#[derive(Debug, Default)]
pub(super) struct Package {
    /// The elements that tell the current revision of each page.
    cells: Vec<Id>,
    current: HashMap<Id, Id>,
    places: HashMap<Id, Id>,
    revisions: HashMap<Id, Revision>,
    groups: HashMap<Id, Group>,
    pub(super) files: Vec<Reference>,
    things: usize,
    /// The element that what follows is within.
    element: Id,
}

impl Package {
    /// Reads all elements, as far as they are whole.
    pub(super) fn read(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        let mut at = Position { source, at: START };
        while at.at < at.source.len() {
            at.source.budget().check_time()?;
            let (kind, len) = match at.header()? {
                Header::Start(kind, len) => (kind, len),
                Header::End(kind::ALL) => return Ok(()),
                Header::End(_) => continue,
            };
            let end = at.at.checked_add(len).filter(|end| *end <= at.source.len());
            let end = end.ok_or(Stop::Damaged)?;
            self.take(kind, &mut at)?;
            at.at = end;
        }
        Ok(())
    }

    fn take(&mut self, kind: u32, at: &mut Position<'_, '_>) -> Result<(), Stop> {
        self.things += 1;
        if self.things > MAX_THINGS {
            return Err(Stop::TooLarge);
        }
        let element = self.element;
        match kind {
            kind::ELEMENT => self.element = at.id()?,
            kind::FILE => {
                let len = at.number()?;
                self.files.push(Reference { offset: at.at, len });
            }
            kind::CELL => {
                let context = at.id()?;
                at.id()?;
                let cell = at.id()?;
                if context == CONTEXT {
                    self.cells.push(cell);
                }
            }
            kind::CURRENT => drop(self.current.insert(element, at.id()?)),
            kind::REVISION_PLACE => {
                let revision = at.id()?;
                self.places.insert(revision, at.id()?);
            }
            kind::REVISION => {
                at.id()?;
                self.revisions.entry(element).or_default().base = at.id()?;
            }
            kind::ROOT => {
                let root = (at.id()?, at.id()?);
                self.revisions.entry(element).or_default().roots.push(root);
            }
            kind::GROUP => self.revisions.entry(element).or_default().groups.push(at.id()?),
            kind::DECLARATION => {
                let declared = (at.id()?, at.number()?);
                self.groups.entry(element).or_default().declared.push(declared);
            }
            kind::FILE_DECLARATION => {
                let id = at.id()?;
                self.groups.entry(element).or_default().declared.push((id, 0));
            }
            kind::OBJECT => self.object(at)?,
            kind::EXCLUDED | kind::FILE_REFERENCE => self.groups.entry(element).or_default().next += 1,
            _ => {}
        }
        Ok(())
    }

    /// Takes the bytes of the object that was declared next.
    fn object(&mut self, at: &mut Position<'_, '_>) -> Result<(), Stop> {
        let group = self.groups.entry(self.element).or_default();
        let (id, part) = *group.declared.get(group.next).ok_or(Stop::Damaged)?;
        group.next += 1;
        let mut others = Vec::new();
        for _ in 0..at.number()? {
            self.things += 1;
            if self.things > MAX_THINGS {
                return Err(Stop::TooLarge);
            }
            others.push(at.id()?);
        }
        for _ in 0..at.number()? {
            at.source.budget().check_time()?;
            at.id()?;
            at.id()?;
        }
        let len = at.number()?;
        let data = Reference { offset: at.at, len };
        match part {
            PROPERTIES => drop(group.objects.insert(id, Object { data, others })),
            KIND => drop(group.kinds.insert(id, u32::from_le_bytes(at.source.array(at.at)?))),
            _ => {}
        }
        Ok(())
    }

    /// The pages, by the elements that tell their current revisions.
    pub(super) fn pages(&self) -> impl Iterator<Item = Id> {
        let mut seen = HashSet::new();
        self.cells.iter().copied().filter(move |cell| seen.insert(*cell))
    }

    /// A page as its current revision and those that it is based on have it.
    pub(super) fn page(&self, page: Id, budget: &Budget) -> Result<Space, Stop> {
        let mut space = Space::default();
        let mut revision = self.current.get(&page).copied();
        for _ in 0..self.revisions.len() {
            budget.check_time()?;
            let place = revision.and_then(|revision| self.places.get(&revision));
            let Some(current) = place.and_then(|place| self.revisions.get(place)) else {
                break;
            };
            self.add(current, &mut space);
            revision = Some(current.base);
        }
        Ok(space)
    }

    /// Adds what a revision has and later ones do not.
    fn add(&self, revision: &Revision, space: &mut Space) {
        for (root, object) in &revision.roots {
            match root.1 {
                CONTENT if space.roots.is_empty() => space.roots.push(*object),
                KEY => space.is_encrypted = true,
                _ => {}
            }
        }
        for group in revision.groups.iter().filter_map(|group| self.groups.get(group)) {
            for (id, object) in &group.objects {
                space.objects.entry(*id).or_insert_with(|| Place {
                    data: object.data,
                    kind: group.kinds.get(id).copied().unwrap_or_default(),
                    numbers: Numbers::Listed(object.others.clone()),
                });
            }
        }
    }
}

/// Where an element starts, with its kind and the length of its own bytes, or ends.
enum Header {
    Start(u32, u64),
    End(u32),
}

/// A place in the file, where numbers of any width are read one after another.
struct Position<'s, 'a> {
    source: &'s mut Source<'a>,
    at: u64,
}

impl Position<'_, '_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let bytes = self.source.array(self.at)?;
        self.at += N as u64;
        Ok(bytes)
    }

    /// As many bytes as fit in a number, lowest first.
    fn bytes(&mut self, count: u64) -> Result<u64, Stop> {
        let mut number = [0; 8];
        for byte in number.iter_mut().take(usize::try_from(count).unwrap_or(8)) {
            [*byte] = self.array()?;
        }
        Ok(u64::from_le_bytes(number))
    }

    fn header(&mut self) -> Result<Header, Stop> {
        const LONG: u32 = 0x7FFF;
        let [first] = self.source.array::<1>(self.at)?;
        match first & 3 {
            0 => {
                let head = u32::from(u16::from_le_bytes(self.array()?));
                Ok(Header::Start(head >> 3 & 0x3F, u64::from(head >> 9)))
            }
            2 => {
                let head = u32::from_le_bytes(self.array()?);
                let len = match head >> 17 {
                    LONG => self.number()?,
                    len => len.into(),
                };
                Ok(Header::Start(head >> 3 & 0x3FFF, len))
            }
            1 => {
                self.at += 1;
                Ok(Header::End(u32::from(first >> 2)))
            }
            _ => Ok(Header::End(u32::from(u16::from_le_bytes(self.array()?)) >> 2)),
        }
    }

    /// A number whose first byte tells by its lowest set bit how many bytes it has ([MS-FSSHTTPB] 2.2.1.1).
    fn number(&mut self) -> Result<u64, Stop> {
        let [first] = self.source.array::<1>(self.at)?;
        match first.trailing_zeros() {
            8.. => {
                self.at += 1;
                Ok(0)
            }
            7 => {
                self.at += 1;
                self.bytes(8)
            }
            zeros => Ok(self.bytes(u64::from(zeros) + 1)? >> (zeros + 1)),
        }
    }

    /// A long number with another behind it ([MS-FSSHTTPB] 2.2.1.7).
    fn id(&mut self) -> Result<Id, Stop> {
        let [first] = self.array::<1>()?;
        let value = match first {
            0 => return Ok(Id::default()),
            0x80 => self.bytes(4)?,
            _ if first & 0x7 == 0x4 => u64::from(first >> 3),
            _ if first & 0x3F == 0x20 => self.bytes(1)? << 2 | u64::from(first >> 6),
            _ if first & 0x7F == 0x40 => self.bytes(2)? << 1 | u64::from(first >> 7),
            _ => return Err(Stop::Damaged),
        };
        Ok((self.array()?, u32::try_from(value).map_err(|_| Stop::Damaged)?))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::Limits;

    #[test]
    fn numbers_have_the_width_that_their_first_byte_tells() {
        for (bytes, expected) in [
            (&[0][..], 0),
            (&[0x0B], 5),
            (&[0xD2, 0xD1], 0x3474),
            (&[0x04, 0, 0x80], 0x10_0000),
            (&[0x80, 1, 0, 0, 0, 0, 0, 0, 0x40], 0x4000_0000_0000_0001),
        ] {
            let budget = Budget::new(&Limits::default(), Instant::now());
            let mut source = Source::of_memory(bytes, &budget);
            let mut position = Position {
                source: &mut source,
                at: 0,
            };
            assert_eq!(position.number(), Ok(expected), "{bytes:?}");
            assert_eq!(position.at, bytes.len() as u64);
        }
    }
}
