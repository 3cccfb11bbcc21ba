//! Diagrams of draw.io: XML, in which each page may be packed: deflated, in base64, with characters written as the web does.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::DeflateDecoder;

use crate::escapes::unescaped;
use crate::flow::Flow;
use crate::found::Found;
use crate::source::{self, Budget, Source, Stop, Unpacking};
use crate::text::{Gap, Part};
use crate::xml::{self, Data, Event, Reader};

/// The longest page, as it is written.
const MAX_PAGE: usize = 4 << 20;

/// Reads a diagram, and then each packed page.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let (budget, len) = (source.budget(), source.len());
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let plain = xml::read_any(source.section(0, len), Data::ElementsAndAttributes, &mut flow);
    let packed = read_pages(source.section(0, len), budget, &mut flow);
    flow.finish().and(plain).and(packed)
}

fn read_pages(document: impl Read, budget: &Budget, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(document);
    let mut written = String::new();
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(_) => written.clear(),
            Event::Text(piece) if written.len() < MAX_PAGE => written.push_str(piece.trim_ascii()),
            Event::Text(_) => {}
            Event::Close(_) => {
                read_page(&std::mem::take(&mut written), budget, flow)?;
            }
        }
    }
    Ok(())
}

/// Reads a page, if it is packed.
fn read_page(written: &str, budget: &Budget, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let Ok(packed) = STANDARD.decode(written) else {
        return Ok(());
    };
    let decoder = Unpacking::new(DeflateDecoder::new(packed.as_slice()), budget);
    let page = match source::gather(decoder, MAX_PAGE) {
        Ok((page, _)) => unescaped(&page, b'%'),
        Err(Stop::Damaged) => return Ok(()),
        Err(stop) => return Err(stop),
    };
    flow.end(Gap::Page);
    xml::read_any(page.as_slice(), Data::ElementsAndAttributes, flow)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Instant;

    use super::*;
    use crate::Limits;

    #[test]
    fn a_packed_page_is_read_like_a_plain_one() {
        let page = "%3CmxGraphModel%3E%3CmxCell value=\"%E5%90%88%E5%90%8C 12\"/%3E%3C/mxGraphModel%3E";
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(page.as_bytes()).unwrap();
        let packed = STANDARD.encode(encoder.finish().unwrap());
        let plain = "<mxGraphModel><mxCell value=\"合同 12\"/></mxGraphModel>";
        for page in [&packed, plain] {
            let file = format!("<mxfile><diagram name=\"first\">{page}</diagram></mxfile>");
            let budget = Budget::new(&Limits::default(), Instant::now());
            let mut found = Found::for_tests();
            examine(&mut Source::of_memory(file.as_bytes(), &budget), &mut found).unwrap();
            for text in ["first", "合同 12"] {
                assert!(found.text.captured.contains(text), "{}", found.text.captured);
            }
        }
    }
}
