//! Access databases (Jet 3 and 4, ACE): the rows of all tables that are not the program's own.
//!
//! Their format is not published; this follows what the authors of mdbtools and Jackcess found. Pages of rows name their table,
//! so that they are found in one pass, whatever became of the maps that the program keeps of them.

mod attachment;
mod definition;
mod pages;
mod row;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;

use fileward_protocol::vocabulary::EncryptionState;

use self::definition::Table;
use self::pages::{Pages, Row};
use crate::found::Found;
use crate::source::{Source, Stop};
use crate::text::{Gap, Part};

/// The table of all tables and other objects.
const CATALOGUE: u32 = 2;
/// Tables of one database.
const MAX_TABLES: usize = 8192;
/// What a row of the catalogue describes, and the flags of what belongs to the program.
const TABLE: i64 = 1;
const HIDDEN: i64 = 0x8000_0002;

/// Pages of rows by the table that they belong to, in order.
type Index = Vec<(u32, u32)>;
/// The names of tables, by the page of their definition.
type Tables = BTreeMap<u32, String>;

/// Reads the values of all rows.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let Some(pages) = Pages::open(source)? else {
        found.encryption.state = EncryptionState::Encrypted;
        return Ok(());
    };
    found.text.part(Part::Body);
    let index = pages.index(source)?;
    let mut tables = BTreeMap::new();
    let result = list(pages, source, &index, &mut tables);
    found.tolerate(result)?;
    if tables.is_empty() && found.stopped.is_some() {
        // Without the catalogue all that has rows is read.
        tables.extend(index.iter().map(|(table, _)| (*table, String::new())).take(MAX_TABLES));
    }
    for (table, name) in tables {
        let result = read_table(pages, source, table, &name, &index, found);
        found.tolerate(result)?;
    }
    Ok(())
}

/// Lists the tables that people made, with their names.
fn list(pages: Pages, source: &mut Source<'_>, index: &Index, tables: &mut Tables) -> Result<(), Stop> {
    let catalogue = Table::read(pages, source, CATALOGUE)?;
    let column = |name| {
        let mut columns = catalogue.columns.iter();
        columns.find(|column| column.name == name).ok_or(Stop::Damaged)
    };
    let (id, kind, flags, name) = (column("Id")?, column("Type")?, column("Flags")?, column("Name")?);
    for_each_row(pages, source, CATALOGUE, index, |_, row| {
        let row = catalogue.row(row)?;
        let whole = |column| row.bytes(column).and_then(value::whole).unwrap_or_default();
        let name = row.bytes(name).map(|bytes| pages.text(bytes)).unwrap_or_default();
        let is_seen = whole(flags) & HIDDEN == 0 || holds_values(&name);
        if whole(kind) == TABLE && is_seen && tables.len() < MAX_TABLES {
            // The upper byte is no part of the page's number.
            tables.insert(u32::try_from(whole(id) & 0xFF_FFFF).unwrap_or_default(), name);
        }
        Ok(())
    })
}

/// Whether a hidden table holds what does not fit into the rows of another: several values of one, or files. Its name is a long
/// number and that of the column.
fn holds_values(name: &str) -> bool {
    let number = name.strip_prefix("f_").and_then(|rest| rest.split('_').next());
    number.is_some_and(|number| number.len() == 32 && number.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Takes a table: its name, the names of its columns, its rows.
fn read_table(
    pages: Pages,
    source: &mut Source<'_>,
    table: u32,
    name: &str,
    index: &Index,
    found: &mut Found,
) -> Result<(), Stop> {
    source.budget().spend_entry()?;
    let definition = Table::read(pages, source, table)?;
    // Every database has the theme of its own forms among its files.
    if definition.columns.iter().any(|column| column.name.starts_with("MSys")) {
        return Ok(());
    }
    found.text.push(name)?;
    found.text.gap(Gap::Paragraph);
    for column in &definition.columns {
        found.text.push(&column.name)?;
        found.text.gap(Gap::Cell);
    }
    found.text.gap(Gap::Paragraph);
    let files = attachment::Columns::of(&definition);
    for_each_row(pages, source, table, index, |source, row| {
        let result = definition.push(pages, source, row, found);
        found.tolerate(result)?;
        if let Some(files) = files {
            let result = files.examine(pages, source, &definition, row, found);
            found.tolerate(result)?;
        }
        Ok(())
    })?;
    found.text.gap(Gap::Page);
    Ok(())
}

/// Goes through the rows of a table, past those that are damaged.
fn for_each_row(
    pages: Pages,
    source: &mut Source<'_>,
    table: u32,
    index: &Index,
    mut take: impl FnMut(&mut Source<'_>, &[u8]) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let start = index.partition_point(|(own, _)| *own < table);
    let mut whole = Ok(());
    for (_, number) in index.iter().skip(start).take_while(|(own, _)| *own == table) {
        let page = pages.page(source, *number)?;
        for row in 0..pages.count(&page)? {
            let result = match pages.row_on(&page, row) {
                Ok(Row::Here(row)) => take(source, row),
                Ok(Row::Elsewhere(place)) => pages.row(source, place).and_then(|row| take(source, &row)),
                Ok(Row::Deleted) => Ok(()),
                Err(stop) => Err(stop),
            };
            match result {
                Err(Stop::Damaged) => whole = result,
                result => result?,
            }
        }
    }
    whole
}
