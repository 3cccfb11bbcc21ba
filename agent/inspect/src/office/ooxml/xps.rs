//! XPS pages: text stands in the attributes of glyphs (ECMA-388, 12).

use std::io::Read;

use crate::flow::Flow;
use crate::office::layout::{Layout, Place};
use crate::source::Stop;
use crate::xml::{Event, Reader};

/// Reads a page.
pub(super) fn read_page(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    let mut layout = Layout::default();
    while let Some(event) = reader.next()? {
        let Event::Open(tag) = event else {
            continue;
        };
        if tag.name == "Glyphs"
            && let Some(text) = tag.attribute("UnicodeString")
        {
            let number = |name| tag.attribute(name).and_then(|value| value.parse::<f64>().ok());
            let place = Place {
                x: number("OriginX").unwrap_or_default(),
                y: number("OriginY").unwrap_or_default(),
                width: None,
                size: number("FontRenderingEmSize").unwrap_or_default(),
            };
            // An empty pair of braces lets a text begin with a brace.
            layout.push(text.strip_prefix("{}").unwrap_or(&text), place, flow)?;
        }
    }
    Ok(())
}
