//! Text of Word and of everything drawn: runs in paragraphs, in tables, in shapes, charts and diagrams (ECMA-376, part 1, 17 and 21).

use std::io::Read;

use crate::flow::Flow;
use crate::markup::Tag;
use crate::source::Stop;
use crate::text::{Gap, Part};
use crate::xml::{Event, Reader};

/// Where the text of the element that is open goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Nowhere,
    Flow,
    Aside,
}

struct Runs<'f, 't> {
    flow: &'f mut Flow<'t>,
    target: Target,
    cells: usize,
    moved: usize,
    /// Within a shape of a master that only says where text goes.
    is_placeholder: bool,
    /// For each alternative around, whether one of its branches was taken.
    taken: Vec<bool>,
}

/// Reads a part in its order.
pub(super) fn read(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    let mut runs = Runs {
        flow,
        target: Target::Nowhere,
        cells: 0,
        moved: 0,
        is_placeholder: false,
        taken: Vec::new(),
    };
    while let Some(event) = reader.next()? {
        match event {
            Event::Text(piece) => match runs.target {
                Target::Nowhere => {}
                Target::Flow => runs.flow.push(piece)?,
                Target::Aside => runs.flow.aside(piece),
            },
            Event::Close(name) => runs.close(name),
            Event::Open(tag) => {
                if runs.is_skipped(&tag) {
                    reader.skip()?;
                } else {
                    runs.open(&tag)?;
                }
            }
        }
    }
    Ok(())
}

impl Runs<'_, '_> {
    /// Whether it holds nothing to read. One branch of an alternative is read: the others say the same in other words.
    fn is_skipped(&mut self, tag: &Tag<'_>) -> bool {
        match tag.name {
            "Choice" | "Fallback" => match self.taken.last_mut() {
                Some(taken) => std::mem::replace(taken, true),
                None => false,
            },
            // Formats; the sounds of characters; formulas of charts, whose values follow.
            "pPr" | "rPr" | "tblPr" | "tblGrid" | "trPr" | "tcPr" | "sectPr" | "sdtPr" | "sdtEndPr" | "spPr"
            | "bodyPr" | "lstStyle" | "clrMapOvr" | "rt" | "f" | "formatCode" => true,
            _ => false,
        }
    }

    fn open(&mut self, tag: &Tag<'_>) -> Result<(), Stop> {
        match tag.name {
            "t" if self.is_placeholder => {}
            "t" | "text" | "v" if self.moved > 0 => self.target = Target::Aside,
            "t" | "text" | "v" => self.target = Target::Flow,
            "pt" if tag.full_name() == "cx:pt" => self.target = Target::Flow,
            "delText" | "instrText" | "delInstrText" => self.target = Target::Aside,
            "tab" | "ptab" => self.flow.push("\t")?,
            "br" | "cr" => {
                let is_page = tag.attribute("type").is_some_and(|kind| kind == "page");
                self.flow.end(if is_page { Gap::Page } else { Gap::Line });
            }
            "noBreakHyphen" => self.flow.push("-")?,
            "sym" => {
                if let Some(c) = symbol(tag) {
                    self.flow.push(c.encode_utf8(&mut [0; 4]))?;
                }
            }
            "fldChar" => self.flow.end_aside(),
            "tbl" | "txbxContent" => self.flow.end(Gap::Paragraph),
            "tr" => self.flow.settle(),
            "tc" => self.cells += 1,
            "moveFrom" => self.moved += 1,
            "AlternateContent" => self.taken.push(false),
            "textpath" => self.flow.paragraph(&tag.attribute("string").unwrap_or_default())?,
            "docPr" | "cNvPr" => self.describe(tag),
            "ph" if self.flow.part() == Part::Margin => {
                let kind = tag.attribute("type").unwrap_or_default();
                self.is_placeholder = !matches!(&*kind, "ftr" | "hdr");
            }
            "sld" if tag.attribute("show").is_some_and(|show| show == "0" || show == "false") => {
                self.flow.turn_to(Part::Aside);
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" | "delText" | "instrText" | "delInstrText" => self.target = Target::Nowhere,
            "v" | "pt" if self.target == Target::Flow => {
                self.target = Target::Nowhere;
                self.flow.end(Gap::Cell);
            }
            "text" => {
                self.target = Target::Nowhere;
                self.flow.end(Gap::Paragraph);
            }
            "p" => {
                self.flow.end(if self.cells > 0 { Gap::Line } else { Gap::Paragraph });
                self.flow.end_aside();
            }
            "tc" => {
                self.cells = self.cells.saturating_sub(1);
                self.flow.end(Gap::Cell);
            }
            "tr" | "txbxContent" | "strCache" | "numCache" | "lvl" => self.flow.end(Gap::Paragraph),
            "sp" => self.is_placeholder = false,
            "moveFrom" => self.moved = self.moved.saturating_sub(1),
            "AlternateContent" => {
                self.taken.pop();
            }
            _ => {}
        }
    }

    /// What is said of a picture for those who do not see it.
    fn describe(&mut self, tag: &Tag<'_>) {
        for name in ["title", "descr"] {
            if let Some(text) = tag.attribute(name).filter(|text| !text.is_empty()) {
                self.flow.end_aside();
                self.flow.aside(&text);
                self.flow.end_aside();
            }
        }
    }
}

/// The character of a symbol font, as far as Unicode has it: fonts of symbols have theirs at U+F000.
fn symbol(tag: &Tag<'_>) -> Option<char> {
    let code = u32::from_str_radix(&tag.attribute("char")?, 16).ok()?;
    let font = tag.attribute("font").unwrap_or_default();
    match code {
        0xF0AB if font == "Wingdings" => Some('★'),
        0xF020..=0xF07E if !font.starts_with("Wingdings") && font != "Webdings" => char::from_u32(code - 0xF000),
        0xE000..=0xF8FF => None,
        code => char::from_u32(code),
    }
}
