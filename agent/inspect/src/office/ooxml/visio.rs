//! Visio: the text of shapes, and their data ([MS-VSDX] 2.2).

use std::io::Read;

use crate::flow::Flow;
use crate::source::Stop;
use crate::text::Gap;
use crate::xml::{Event, Reader};

/// Reads a page, a master shape or the comments.
pub(super) fn read(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    let mut in_text = false;
    let mut in_data = false;
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) => match tag.name {
                "Text" | "CommentEntry" => in_text = true,
                "Section" => in_data = tag.attribute("N").is_some_and(|name| name == "Property"),
                "Cell"
                    if in_data
                        && tag
                            .attribute("N")
                            .is_some_and(|name| matches!(&*name, "Value" | "Label")) =>
                {
                    flow.aside(&tag.attribute("V").unwrap_or_default());
                    flow.end_aside();
                }
                _ => {}
            },
            Event::Text(piece) if in_text => push_lines(piece, flow)?,
            Event::Close("Text" | "CommentEntry") => {
                in_text = false;
                flow.end(Gap::Paragraph);
            }
            Event::Close("Section") => in_data = false,
            Event::Text(_) | Event::Close(_) => {}
        }
    }
    Ok(())
}

fn push_lines(piece: &str, flow: &mut Flow<'_>) -> Result<(), Stop> {
    for (index, line) in piece.split('\n').enumerate() {
        if index > 0 {
            flow.end(Gap::Line);
        }
        flow.push(line)?;
    }
    Ok(())
}
