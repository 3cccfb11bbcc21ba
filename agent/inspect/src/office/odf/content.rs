//! The text of OpenDocument: paragraphs wherever they stand (OASIS OpenDocument 1.3, part 3).

use std::io::Read;

use crate::flow::Flow;
use crate::markup::Tag;
use crate::office::number;
use crate::source::Stop;
use crate::text::{Gap, Part};
use crate::xml::{Event, Reader};

/// Elements that hold nothing to read: bytes, programs, who noted something and when, the sounds of characters.
const SKIPPED: &[&str] = &[
    "office:binary-data",
    "office:scripts",
    "office:meta",
    "dc:creator",
    "dc:date",
    "meta:creator-initials",
    "meta:date-string",
    "text:note-citation",
    "text:ruby-text",
];
/// Empty cells that count between two others: columns far off have no heading to be found by.
const MAX_EMPTY: usize = 64;
/// Spaces written as a number of them.
const MAX_SPACES: usize = 32;
/// Names of styles that hide what they are put on.
const MAX_HIDING: usize = 4096;
/// Bytes of a cell's shown text that are compared with its value.
const MAX_SHOWN: usize = 64;

struct Content<'f, 't> {
    flow: &'f mut Flow<'t>,
    /// Paragraphs around, and what stands aside around.
    paragraphs: usize,
    asides: usize,
    /// Cells around. Those that are empty have no end until one follows that is not.
    cells: usize,
    empty: usize,
    is_filled: bool,
    repeated: usize,
    value: String,
    shown: String,
    is_sheet: bool,
    style: String,
    hiding: Vec<String>,
    home: Part,
}

/// Reads a part in its order.
pub(super) fn read(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    let mut content = Content {
        flow,
        paragraphs: 0,
        asides: 0,
        cells: 0,
        empty: 0,
        is_filled: false,
        repeated: 1,
        value: String::new(),
        shown: String::new(),
        is_sheet: false,
        style: String::new(),
        hiding: Vec::new(),
        home: Part::Body,
    };
    while let Some(event) = reader.next()? {
        match event {
            Event::Text(piece) => content.take(piece)?,
            Event::Close(name) => content.close(name)?,
            Event::Open(tag) if SKIPPED.contains(&tag.full_name()) => reader.skip()?,
            Event::Open(tag) => content.open(&tag)?,
        }
    }
    Ok(())
}

impl Content<'_, '_> {
    /// Line ends and tabs within text are blanks (6.1.2).
    fn take(&mut self, piece: &str) -> Result<(), Stop> {
        if self.paragraphs == 0 && self.asides == 0 {
            return Ok(());
        }
        if memchr::memchr3(b'\n', b'\r', b'\t', piece.as_bytes()).is_none() {
            return self.push(piece);
        }
        for (index, line) in piece.split(['\n', '\r', '\t']).enumerate() {
            if index > 0 && !line.is_empty() {
                self.push(" ")?;
            }
            self.push(line.trim_start_matches(' '))?;
        }
        Ok(())
    }

    fn push(&mut self, piece: &str) -> Result<(), Stop> {
        if self.asides > 0 {
            self.flow.aside(piece);
            return Ok(());
        }
        if self.cells > 0 {
            for _ in 0..self.empty.min(MAX_EMPTY) {
                self.flow.end(Gap::Cell);
            }
            self.empty = 0;
            self.is_filled = true;
            if !self.value.is_empty() && self.shown.len() + piece.len() <= MAX_SHOWN {
                self.shown.push_str(piece);
            }
        }
        self.flow.push(piece)
    }

    fn open(&mut self, tag: &Tag<'_>) -> Result<(), Stop> {
        match tag.name {
            "p" | "h" => self.paragraphs += 1,
            "s" => {
                let count = tag.attribute("c").and_then(|count| count.parse().ok()).unwrap_or(1);
                self.push(&" ".repeat(MAX_SPACES.min(count)))?;
            }
            "tab" => self.push("\t")?,
            "line-break" => self.flow.end(Gap::Line),
            "annotation" | "note" | "tracked-changes" => self.asides += 1,
            "title" | "desc" if tag.full_name().starts_with("svg:") => {
                self.flow.end_aside();
                self.asides += 1;
            }
            "text-box" => self.flow.end(Gap::Paragraph),
            "table-row" => {
                self.flow.settle();
                self.empty = 0;
            }
            "table-cell" | "covered-table-cell" => self.begin_cell(tag),
            "spreadsheet" => self.is_sheet = true,
            "table" if self.is_sheet => self.begin_sheet(tag)?,
            "page" => {
                self.flow.end(Gap::Page);
                self.go_home(tag, "style-name");
            }
            "notes" => self.flow.turn_to(Part::Aside),
            "master-styles" => {
                self.home = Part::Margin;
                self.flow.turn_to(Part::Margin);
            }
            "style" => self.style = tag.attribute("name").unwrap_or_default().into_owned(),
            "table-properties" | "drawing-page-properties" => {
                let value = |name| tag.attribute(name);
                let hides = value("display").is_some_and(|display| display == "false")
                    || value("visibility").is_some_and(|visibility| visibility == "hidden");
                if hides && self.hiding.len() < MAX_HIDING {
                    self.hiding.push(std::mem::take(&mut self.style));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Stop> {
        match name {
            "p" | "h" => {
                self.paragraphs = self.paragraphs.saturating_sub(1);
                if self.asides > 0 {
                    self.flow.end_aside();
                } else if self.cells > 0 {
                    if self.is_filled {
                        self.flow.end(Gap::Line);
                    }
                } else {
                    self.flow.end(Gap::Paragraph);
                }
            }
            "annotation" | "note" | "tracked-changes" | "desc" => self.end_aside(),
            "title" if self.asides > 0 => self.end_aside(),
            "text-box" | "table-row" => self.flow.end(Gap::Paragraph),
            "table-cell" | "covered-table-cell" => self.end_cell()?,
            "table" if self.is_sheet => {
                self.flow.end(Gap::Page);
                self.flow.turn_to(self.home);
            }
            "notes" => self.flow.turn_to(self.home),
            "master-styles" => {
                self.home = Part::Body;
                self.flow.turn_to(Part::Body);
            }
            _ => {}
        }
        Ok(())
    }

    fn end_aside(&mut self) {
        self.asides = self.asides.saturating_sub(1);
        self.flow.end_aside();
    }

    fn begin_sheet(&mut self, tag: &Tag<'_>) -> Result<(), Stop> {
        self.go_home(tag, "style-name");
        self.flow.paragraph(&tag.attribute("name").unwrap_or_default())
    }

    /// Goes where a sheet or a slide of this style belongs.
    fn go_home(&mut self, tag: &Tag<'_>, attribute: &str) {
        if self.home == Part::Margin {
            return;
        }
        let style = tag.attribute(attribute).unwrap_or_default();
        let is_hidden = self.hiding.iter().any(|hiding| *hiding == style);
        self.flow.turn_to(if is_hidden { Part::Aside } else { Part::Body });
    }

    fn begin_cell(&mut self, tag: &Tag<'_>) {
        self.cells += 1;
        self.is_filled = false;
        self.shown.clear();
        self.value.clear();
        self.repeated = 1;
        for (name, value) in tag.unescaped() {
            match name {
                "number-columns-repeated" => self.repeated = value.parse().unwrap_or(1),
                "value" if number::is_long(&value) => self.value.push_str(&number::digits(&value)),
                _ => {}
            }
        }
    }

    /// A long number is given as it is, when its cell shows it shortened or is too narrow for it.
    fn end_cell(&mut self) -> Result<(), Stop> {
        let value = std::mem::take(&mut self.value);
        let differs = !self.shown.chars().filter(char::is_ascii_digit).eq(value.chars());
        if !value.is_empty() && differs {
            self.flow.end(Gap::Line);
            self.push(&value)?;
        }
        self.cells = self.cells.saturating_sub(1);
        if self.is_filled {
            self.flow.end(Gap::Cell);
            self.empty = self.repeated.saturating_sub(1);
        } else {
            self.empty = self.empty.saturating_add(self.repeated);
        }
        self.is_filled = self.cells > 0;
        self.repeated = 1;
        Ok(())
    }
}
