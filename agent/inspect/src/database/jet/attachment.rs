//! Files attached to rows. Access keeps them in tables of its own, each behind a head with its type, and mostly packed.

use std::io::{Cursor, Read};

use flate2::read::ZlibDecoder;

use super::definition::{Column, Table};
use super::pages::Pages;
use super::value;
use crate::found::Found;
use crate::inside::examine_stream;
use crate::source::{Source, Stop, Unpacking, u32_at};

/// Bytes of one file, as it is stored, that are held.
const MAX_FILE: usize = 16 << 20;
/// Whether a file is packed, and its length.
const WRAPPER: usize = 8;
const PACKED: u32 = 1;
/// The longest head within: its own length, and the file's type.
const MAX_HEAD: u32 = 4096;

/// Where a table has files and their names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns<'t> {
    file: &'t Column,
    name: Option<&'t Column>,
}

impl<'t> Columns<'t> {
    /// The columns of a table that holds what is attached to the rows of another.
    pub(super) fn of(table: &'t Table) -> Option<Self> {
        let column = |name| table.columns.iter().find(|column| column.name == name);
        Some(Self {
            file: column("FileData").filter(|column| column.kind == value::kind::OBJECT)?,
            name: column("FileName"),
        })
    }

    /// Examines the file of a row.
    pub(super) fn examine(
        self,
        pages: Pages,
        source: &mut Source<'_>,
        table: &Table,
        row: &[u8],
        found: &mut Found,
    ) -> Result<(), Stop> {
        let row = table.row(row)?;
        let Some(stored) = row.bytes(self.file) else {
            return Ok(());
        };
        let budget = source.budget();
        budget.spend_entry()?;
        let name = self.name.and_then(|name| row.bytes(name)).map(|name| pages.text(name));
        let mut held = budget.hold(0)?;
        let file = value::long(pages, source, stored, MAX_FILE)?;
        held.grow(file.len() as u64)?;
        let content = Cursor::new(file.get(WRAPPER..).unwrap_or_default());
        let mut content: Box<dyn Read + '_> = if u32_at(&file, 0)? == PACKED {
            Box::new(Unpacking::new(ZlibDecoder::new(content), budget))
        } else {
            Box::new(content)
        };
        let mut length = [0; 4];
        content.read_exact(&mut length)?;
        let rest = u32::from_le_bytes(length).checked_sub(4).filter(|len| *len <= MAX_HEAD);
        let rest = rest.ok_or(Stop::Damaged)?;
        std::io::copy(&mut content.by_ref().take(rest.into()), &mut std::io::sink())?;
        examine_stream(&mut content, &name.unwrap_or_default(), budget, found).map(|_| ())
    }
}
