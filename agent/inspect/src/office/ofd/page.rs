//! Pages and annotations: text codes in text objects, each placed by itself (GB/T 33190, 11).

use std::io::Read;

use crate::flow::Flow;
use crate::markup::Tag;
use crate::office::layout::{Layout, Place, width};
use crate::source::Stop;
use crate::text::Gap;
use crate::xml::{Event, Reader};

/// Bytes of one text code.
const MAX_CODE: usize = 256 << 10;

/// Where a text object puts its codes.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    x: f64,
    y: f64,
    size: f64,
    scale_x: f64,
    scale_y: f64,
}

/// Where in its object a code begins, and how far apart its characters are.
#[derive(Clone, Copy, Debug, Default)]
struct Code {
    x: f64,
    y: f64,
    /// From the beginning of the first character to that of the last.
    span: Option<f64>,
}

/// Reads a page in its order.
pub(super) fn read(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    let mut layout = Layout::default();
    let mut frame = Frame::default();
    let mut text = String::new();
    while let Some(event) = reader.next()? {
        let Event::Open(tag) = event else {
            continue;
        };
        match tag.name {
            "TextObject" => frame = Frame::of(&tag),
            "TextCode" => {
                // A code without a place of its own goes on where the one before it was.
                let code = Code::of(&tag);
                text.clear();
                reader.text_into(&mut text, MAX_CODE)?;
                layout.push(text.trim_matches(['\n', '\r']), frame.place(code, &text), flow)?;
            }
            "Remark" => {
                text.clear();
                reader.text_into(&mut text, MAX_CODE)?;
                flow.paragraph(&text)?;
            }
            "Layer" | "Annot" => flow.end(Gap::Paragraph),
            _ => {}
        }
    }
    Ok(())
}

impl Frame {
    fn of(tag: &Tag<'_>) -> Self {
        let numbers = |name| tag.attribute(name).map(|value| numbers(&value)).unwrap_or_default();
        let boundary = numbers("Boundary");
        let matrix = numbers("CTM");
        let at = |numbers: &[f64], index: usize, default| numbers.get(index).copied().unwrap_or(default);
        Self {
            x: at(&boundary, 0, 0.0) + at(&matrix, 4, 0.0),
            y: at(&boundary, 1, 0.0) + at(&matrix, 5, 0.0),
            size: at(&numbers("Size"), 0, 0.0),
            scale_x: at(&matrix, 0, 1.0),
            scale_y: at(&matrix, 3, 1.0),
        }
    }

    fn place(self, code: Code, text: &str) -> Place {
        let last = text
            .chars()
            .last()
            .map_or(0.0, |c| width(c.encode_utf8(&mut [0; 4]), self.size));
        Place {
            x: self.x + code.x * self.scale_x,
            y: self.y + code.y * self.scale_y,
            width: code.span.map(|span| (span + last) * self.scale_x),
            size: self.size * self.scale_y.abs(),
        }
    }
}

impl Code {
    fn of(tag: &Tag<'_>) -> Self {
        let number = |name| tag.attribute(name).and_then(|value| value.trim().parse().ok());
        Self {
            x: number("X").unwrap_or_default(),
            y: number("Y").unwrap_or_default(),
            span: tag.attribute("DeltaX").map(|deltas| span(&deltas)),
        }
    }
}

fn numbers(value: &str) -> Vec<f64> {
    value
        .split_ascii_whitespace()
        .take(6)
        .map_while(|number| number.parse().ok())
        .collect()
}

/// The sum of distances; `g 5 3.2` stands for five of the same.
fn span(deltas: &str) -> f64 {
    let mut sum = 0.0;
    let mut words = deltas.split_ascii_whitespace();
    while let Some(word) = words.next() {
        let number = |word: Option<&str>| word.and_then(|word| word.parse::<f64>().ok()).unwrap_or_default();
        sum += if word == "g" {
            number(words.next()) * number(words.next())
        } else {
            number(Some(word))
        };
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::found::Found;
    use crate::text::Part;

    #[test]
    fn what_stands_side_by_side_is_one_text() {
        let page = r#"<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer>
            <ofd:TextObject Boundary="20 20 40 4" Size="4"><ofd:TextCode X="0" Y="3.5" DeltaX="g 2 4">电话：</ofd:TextCode></ofd:TextObject>
            <ofd:TextObject Boundary="32 20 40 4" Size="4"><ofd:TextCode X="0" Y="3.5" DeltaX="2 2">138</ofd:TextCode></ofd:TextObject>
            <ofd:TextObject Boundary="38 20 40 4" Size="4"><ofd:TextCode X="0" Y="3.5">00138000</ofd:TextCode></ofd:TextObject>
            <ofd:TextObject Boundary="90 20 40 4" Size="4"><ofd:TextCode X="0" Y="3.5">远</ofd:TextCode></ofd:TextObject>
            <ofd:TextObject Boundary="20 30 40 4" Size="12" CTM="0.3528 0 0 0.3528 0 0"><ofd:TextCode X="0" Y="10">下</ofd:TextCode><ofd:TextCode X="12" Y="10">行</ofd:TextCode></ofd:TextObject>
            </ofd:Layer></ofd:Content></ofd:Page>"#;
        let mut found = Found::for_tests();
        let mut flow = Flow::new(&mut found.text, Part::Body);
        read(page.as_bytes(), &mut flow).unwrap();
        flow.finish().unwrap();
        assert_eq!(found.text.captured, "电话：13800138000\t远\n下行\u{C}");
    }
}
