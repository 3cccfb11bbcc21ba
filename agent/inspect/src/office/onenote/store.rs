//! Lists of nodes ([MS-ONESTORE] 2.4): each node is a number, a reference to data or to another list, and a few bytes.

use crate::source::{Source, Stop, u16_at, u32_at, u64_at};

/// The head of a fragment of a list, and its end: the place of the next one and a mark.
const HEAD: usize = 16;
const END: usize = 20;
const MARK: u64 = 0xA456_7AB1_F5F7_F4C4;
/// The largest fragment, and the fragments of one list.
const MAX_FRAGMENT: usize = 4 << 20;
const MAX_FRAGMENTS: usize = 1 << 16;

/// Kinds of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind(u32);

impl Kind {
    /// The list of a space of objects, such as a page, and of its revisions.
    pub(super) const SPACE: Self = Self(0x008);
    pub(super) const REVISIONS: Self = Self(0x010);
    pub(super) const REVISION: Self = Self(0x01B);
    pub(super) const REVISION_WITH_ROLE: Self = Self(0x01E);
    pub(super) const REVISION_IN_CONTEXT: Self = Self(0x01F);
    /// The table of long numbers for short ones.
    pub(super) const TABLE: Self = Self(0x022);
    pub(super) const OLD_TABLE: Self = Self(0x021);
    pub(super) const TABLE_ROW: Self = Self(0x024);
    pub(super) const ROOT: Self = Self(0x05A);
    pub(super) const OLD_ROOT: Self = Self(0x059);
    pub(super) const KEY: Self = Self(0x07C);
    pub(super) const GROUP: Self = Self(0x0B0);
    pub(super) const FILES: Self = Self(0x090);
    pub(super) const FILE: Self = Self(0x094);
    const END: Self = Self(0x0FF);

    /// Whether it declares or changes an object that has properties.
    pub(super) fn is_object(self) -> bool {
        matches!(self.0, 0x02D | 0x02E | 0x041 | 0x042 | 0x0A4 | 0x0A5 | 0x0C4 | 0x0C5)
    }
}

/// A stretch of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) offset: u64,
    pub(super) len: u64,
}

impl Reference {
    /// One in eight and four bytes.
    pub(super) fn wide(bytes: &[u8]) -> Result<Self, Stop> {
        Ok(Self {
            offset: u64_at(bytes, 0)?,
            len: u32_at(bytes, 8)?.into(),
        })
    }

    /// One of any width, and how many bytes it took.
    fn read(bytes: &[u8], offset_form: u32, len_form: u32) -> Result<(Self, usize), Stop> {
        let (offset, first) = match offset_form {
            0 => (u64_at(bytes, 0)?, 8),
            1 => (u32_at(bytes, 0)?.into(), 4),
            2 => (u64::from(u16_at(bytes, 0)?) * 8, 2),
            _ => (u64::from(u32_at(bytes, 0)?) * 8, 4),
        };
        let (len, second) = match len_form {
            0 => (u32_at(bytes, first)?.into(), 4),
            1 => (u64_at(bytes, first)?, 8),
            2 => (u64::from(*bytes.get(first).ok_or(Stop::Damaged)?) * 8, 1),
            _ => (u64::from(u16_at(bytes, first)?) * 8, 2),
        };
        Ok((Self { offset, len }, first + second))
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'b> {
    pub(super) kind: Kind,
    pub(super) reference: Option<Reference>,
    pub(super) data: &'b [u8],
}

/// Goes over the nodes of a list.
pub(super) fn for_each(
    source: &mut Source<'_>,
    list: Reference,
    take: &mut dyn FnMut(&mut Source<'_>, Node<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut next = list;
    for _ in 0..MAX_FRAGMENTS {
        source.budget().check_time()?;
        if next.len == 0 {
            return Ok(());
        }
        let len = usize::try_from(next.len).map_or(MAX_FRAGMENT, |len| len.min(MAX_FRAGMENT));
        let fragment = source.exact(next.offset, len)?;
        let end = len.checked_sub(END).ok_or(Stop::Damaged)?;
        if u64_at(&fragment, 0)? != MARK {
            return Err(Stop::Damaged);
        }
        let mut rest = fragment.get(HEAD..end).ok_or(Stop::Damaged)?;
        while let Some((node, behind)) = node(rest)? {
            take(source, node)?;
            rest = behind;
        }
        next = Reference::wide(&fragment[end..])?;
    }
    Err(Stop::TooLarge)
}

/// The first node, and what follows; `None` when there are no more.
fn node(bytes: &[u8]) -> Result<Option<(Node<'_>, &[u8])>, Stop> {
    const HEADER: usize = 4;
    let Ok(head) = u32_at(bytes, 0) else {
        return Ok(None);
    };
    let kind = Kind(head & 0x3FF);
    if kind == Kind(0) || kind == Kind::END {
        return Ok(None);
    }
    let size = usize::try_from(head >> 10 & 0x1FFF).map_err(|_| Stop::Damaged)?;
    let (node, behind) = bytes.split_at_checked(size).ok_or(Stop::Damaged)?;
    let mut data = node.get(HEADER..).ok_or(Stop::Damaged)?;
    let mut reference = None;
    if matches!(head >> 27 & 0xF, 1 | 2) {
        let (own, len) = Reference::read(data, head >> 23 & 3, head >> 25 & 3)?;
        reference = Some(own);
        data = &data[len..];
    }
    Ok(Some((Node { kind, reference, data }, behind)))
}
