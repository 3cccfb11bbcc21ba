//! Messages, recipients and attachments of a PST file ([MS-PST] 2.4.5, 2.4.6).

use std::cell::RefCell;
use std::io::{Cursor, Read};

use encoding_rs::Encoding;

use super::data::{Data, Stream};
use super::heap::{Cell, Heap};
use super::store::{Node, Store};
use super::{KIND, take_lock};
use crate::found::{Found, Inside};
use crate::inside::{examine_inside, within};
use crate::kind;
use crate::mail::record::{Record, encoding};
use crate::mail::{mapi, take_head};
use crate::office::legacy;
use crate::source::{Source, Stop, u32_at};
use crate::text::Gap;

/// The table of a message's recipients.
const RECIPIENTS: u32 = 0x692;
/// What a node below a message is.
const ATTACHMENT: u32 = 0x05;
/// How a message is attached, not a file or an object.
const EMBEDDED_MESSAGE: u32 = 5;
/// Recipients of one message that are read.
const MAX_RECIPIENTS: usize = 5000;

/// Fills in what a message says.
pub(super) fn message(store: Store, source: &mut Source<'_>, node: Node, found: &mut Found) -> Result<(), Stop> {
    let heap = Heap::open(store, source, node)?;
    let cells = heap.properties(source)?;
    let message = Item {
        encoding: encoding(|id| number(&cells, id)),
        heap: &heap,
        cells,
    };
    let author = message.person(source, &[mapi::SENDER_NAME, mapi::SENDER_SMTP, mapi::SENDER_ADDRESS])?;
    let mut others = Vec::new();
    for id in [mapi::DISPLAY_TO, mapi::DISPLAY_CC, mapi::DISPLAY_BCC] {
        others.push(message.text(source, id)?);
    }
    let nodes = store.below(source, node.below);
    let nodes = found.tolerate(nodes)?.unwrap_or_default();
    if let Some(table) = nodes.iter().find(|node| node.id == RECIPIENTS) {
        let result = message.recipients(source, *table, &mut others);
        found.tolerate(result)?;
    }
    take_head(
        without_mark(&message.text(source, mapi::SUBJECT)?),
        &author,
        &others,
        found,
    )?;
    let result = message.body(source, found);
    found.tolerate(result)?;
    let result = message.contact(source, found);
    found.tolerate(result)?;
    for node in nodes.into_iter().filter(|node| node.id & KIND == ATTACHMENT) {
        found.text.gap(Gap::Page);
        let result = message.attached(source, node, found);
        if let Some(inside) = found.tolerate(result)?.flatten() {
            take_lock(&inside, found);
        }
    }
    Ok(())
}

/// A subject begins with a mark and the length of its prefix, where it has one ([MS-PST] 2.5.3.1.1.1).
fn without_mark(subject: &str) -> &str {
    match subject.strip_prefix('\u{1}') {
        Some(rest) => {
            let mut chars = rest.chars();
            chars.next();
            chars.as_str()
        }
        None => subject,
    }
}

/// A list of properties in a heap.
struct Item<'h> {
    heap: &'h Heap,
    cells: Vec<Cell>,
    encoding: &'static Encoding,
}

impl Item<'_> {
    fn recipients(&self, source: &mut Source<'_>, table: Node, others: &mut Vec<String>) -> Result<(), Stop> {
        let heap = Heap::open(self.heap.store, source, table)?;
        for cells in heap.rows(source, MAX_RECIPIENTS)? {
            let recipient = Item {
                heap: &heap,
                cells,
                encoding: self.encoding,
            };
            others.push(recipient.person(source, &[mapi::NAME, mapi::SMTP, mapi::ADDRESS])?);
        }
        Ok(())
    }

    /// Takes what a contact has in its fields.
    fn contact(&self, source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
        if !self.text(source, mapi::MESSAGE_CLASS)?.starts_with("IPM.Contact") {
            return Ok(());
        }
        for cell in &self.cells {
            if matches!(cell.id, mapi::CONTACT_FIRST..=mapi::CONTACT_LAST | mapi::NAMED..) {
                let text = self.text(source, cell.id)?;
                if !text.is_empty() {
                    found.text.push(&text)?;
                    found.text.gap(Gap::Paragraph);
                }
            }
        }
        Ok(())
    }

    /// Examines what is attached: a file, or a message.
    fn attached(&self, source: &mut Source<'_>, node: Node, found: &mut Found) -> Result<Option<Inside>, Stop> {
        let (store, budget) = (self.heap.store, source.budget());
        let heap = Heap::open(store, source, node)?;
        let attachment = Item {
            cells: heap.properties(source)?,
            heap: &heap,
            encoding: self.encoding,
        };
        let mut name = attachment.text(source, mapi::LONG_FILE_NAME)?;
        if name.is_empty() {
            name = attachment.text(source, mapi::FILE_NAME)?;
        }
        found.attached(&name)?;
        if let Some(cell) = attachment.cell(mapi::ATTACHED, mapi::BINARY) {
            if cell.is_in_heap() {
                let bytes = heap.item(source, cell.value)?;
                return examine_inside(&mut Source::of_memory(&bytes, budget), &name, found).map(Some);
            }
            let data = attachment.data(source, cell)?;
            let len = data.len();
            let stream = RefCell::new(Stream::new(data, source));
            return examine_inside(&mut Source::of_part(&stream, len, budget), &name, found).map(Some);
        }
        let Some(cell) = attachment.cell(mapi::ATTACHED, mapi::OBJECT) else {
            return Ok(None);
        };
        let place = heap.item(source, cell.value)?;
        let Some(inner) = heap.below(source, u32_at(&place, 0)?)? else {
            return Ok(None);
        };
        budget.spend_entry()?;
        let is_message = number(&attachment.cells, mapi::ATTACH_METHOD) == Some(EMBEDDED_MESSAGE);
        let inside = within(budget, found, |found| {
            if !is_message {
                return object(store, source, inner, found);
            }
            found.kind = kind::MSG;
            message(store, source, inner, found)
        })?;
        Ok(Some(inside))
    }

    fn cell(&self, id: u16, kind: u16) -> Option<Cell> {
        let mut cells = self.cells.iter().copied();
        cells.find(|cell| (cell.id, cell.kind) == (id, kind) && cell.value != 0)
    }

    /// A value in a node of its own.
    fn data(&self, source: &mut Source<'_>, cell: Cell) -> Result<Data, Stop> {
        let node = self.heap.below(source, cell.value)?.ok_or(Stop::Damaged)?;
        Data::open(self.heap.store, source, node.data)
    }
}

/// Examines an object of another program: a compound file.
fn object(store: Store, source: &mut Source<'_>, node: Node, found: &mut Found) -> Result<(), Stop> {
    let budget = source.budget();
    let data = Data::open(store, source, node.data)?;
    let len = data.len();
    let stream = RefCell::new(Stream::new(data, source));
    legacy::examine(&mut Source::of_part(&stream, len, budget), found)
}

impl Record for Item<'_> {
    fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    fn has(&self, id: u16, kind: u16) -> bool {
        self.cell(id, kind).is_some()
    }

    fn open<'s>(&'s self, source: &'s mut Source<'_>, id: u16, kind: u16) -> Result<Box<dyn Read + 's>, Stop> {
        let cell = self.cell(id, kind).ok_or(Stop::Damaged)?;
        if cell.is_in_heap() {
            return Ok(Box::new(Cursor::new(self.heap.item(source, cell.value)?)));
        }
        let data = self.data(source, cell)?;
        Ok(Box::new(Stream::new(data, source)))
    }
}

/// A whole number among properties.
fn number(cells: &[Cell], id: u16) -> Option<u32> {
    let cell = cells.iter().find(|cell| (cell.id, cell.kind) == (id, mapi::NUMBER))?;
    Some(cell.value)
}
