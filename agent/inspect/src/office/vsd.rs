//! Visio drawings before vsdx (Visio 2000 to 2010): streams of chunks within one stream of a compound file.
//!
//! Their format is not published; this follows what the authors of libvisio found.

mod chunks;
mod unpack;

use std::borrow::Cow;
use std::collections::HashSet;

use self::chunks::Chunks;
use crate::container::compound::{Storage, Stream};
use crate::flow::Flow;
use crate::found::Found;
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::text::{Gap, Part};
use crate::{codepage, encoding};

/// Where in the header stands the version, and what leads to all other streams.
const VERSION: usize = 0x1A;
const ROOT: usize = 0x24;
const POINTER: usize = 18;
/// Streams of one drawing, and pointers of one stream.
const MAX_STREAMS: usize = 1 << 18;
const MAX_POINTERS: usize = 1 << 16;
/// The largest stream that is read: those with text are short.
const MAX_STREAM: u32 = 4 << 20;

/// Kinds of streams, and of chunks: a text, and a value that a shape shows or has.
const PAGE: u32 = 0x15;
const STENCILS: u32 = 0x1D;
const COLOURS: u32 = 0x16;
const TEXT: u32 = 0x0E;
const NAME: u32 = 0x2D;
/// The number of a text and the like, which nobody reads.
const TEXT_HEAD: usize = 8;

/// The way a version writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    /// Visio 2000 and 2002.
    Narrow,
    /// Visio 2003 and later.
    Wide,
}

/// A stream: what it is, where it lies, and how it is written.
#[derive(Clone, Copy, Debug)]
struct Pointer {
    kind: u32,
    offset: u32,
    len: u32,
    format: u16,
    /// Where what it holds stands.
    part: Part,
}

/// Fills in what a drawing says.
pub(super) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    let mut stream = storage.open_named(source, "VisioDocument")?;
    let header = stream.exact(0, ROOT + POINTER)?;
    let version = match header[VERSION] {
        6 => Version::Narrow,
        11 => Version::Wide,
        // Older ones are laid out in another way.
        _ => return Ok(()),
    };
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let result = read(&header[ROOT..], version, &mut stream, &mut flow);
    flow.finish().and(result)
}

/// Reads all streams that the first one leads to, past those that are damaged.
fn read(root: &[u8], version: Version, stream: &mut Stream<'_, '_>, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let root = Pointer::read(root, Part::Body)?;
    let mut open = vec![root];
    let mut seen = HashSet::new();
    let mut whole = Ok(());
    while let Some(pointer) = open.pop() {
        stream.budget().check_time()?;
        if !seen.insert(pointer.offset) {
            continue;
        }
        if seen.len() > MAX_STREAMS {
            return Err(Stop::TooLarge);
        }
        if pointer.kind == PAGE {
            flow.end(Gap::Page);
        }
        match pointer.take(version, stream, &mut open, flow) {
            stopped @ Err(Stop::Damaged) => whole = stopped,
            result => result?,
        }
    }
    whole
}

impl Pointer {
    fn read(bytes: &[u8], part: Part) -> Result<Self, Stop> {
        Ok(Self {
            kind: u32_at(bytes, 0)?,
            offset: u32_at(bytes, 8)?,
            len: u32_at(bytes, 12)?,
            format: u16_at(bytes, 16)?,
            part,
        })
    }

    /// Takes the texts of a stream, or opens those that it leads to.
    fn take(
        self,
        version: Version,
        stream: &mut Stream<'_, '_>,
        open: &mut Vec<Self>,
        flow: &mut Flow<'_>,
    ) -> Result<(), Stop> {
        let leads_on = match self.format >> 4 {
            0x5 if self.kind != COLOURS => true,
            0x8 | 0xC | 0xD => false,
            // A value of its own, such as a picture.
            _ => return Ok(()),
        };
        let bytes = self.content(stream)?;
        if leads_on {
            return self.open(&bytes, open);
        }
        flow.turn_to(self.part);
        for chunk in Chunks::new(&bytes, version) {
            match chunk.kind {
                TEXT => {
                    let text = version.decode(chunk.bytes.get(TEXT_HEAD..).unwrap_or_default());
                    for line in lines(&text) {
                        flow.push(line)?;
                        flow.end(Gap::Line);
                    }
                    flow.end(Gap::Paragraph);
                }
                NAME => {
                    for line in lines(&version.decode_name(chunk.bytes)) {
                        flow.aside(line);
                        flow.end_aside();
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The bytes of a stream.
    fn content(self, stream: &mut Stream<'_, '_>) -> Result<Vec<u8>, Stop> {
        if self.len > MAX_STREAM {
            return Err(Stop::TooLarge);
        }
        let len = usize::try_from(self.len).map_err(|_| Stop::Damaged)?;
        let bytes = stream.exact(self.offset.into(), len)?;
        if self.is_packed() {
            unpack::unpack(&bytes, stream.budget())
        } else {
            Ok(bytes)
        }
    }

    fn is_packed(self) -> bool {
        self.format & 2 != 0
    }

    /// Opens the streams that a list leads to, so that the first one comes next.
    fn open(self, bytes: &[u8], open: &mut Vec<Self>) -> Result<(), Stop> {
        const BACKGROUND: u16 = 1;
        // A packed list begins with a number that is none of its own.
        let bytes = bytes.get(if self.is_packed() { 4 } else { 0 }..).unwrap_or_default();
        let place = |number: u32| usize::try_from(number).map_err(|_| Stop::Damaged);
        let list = place(u32_at(bytes, 0)?)?.checked_sub(4).ok_or(Stop::Damaged)?;
        let count = place(u32_at(bytes, list + 4)?)?.min(MAX_POINTERS);
        let order_len = place(u32_at(bytes, list)?)?;
        let rows = bytes.get(list + 12..).unwrap_or_default();
        let mut pointers = Vec::new();
        for row in rows.chunks_exact(POINTER).take(count) {
            let mut pointer = Self::read(row, self.part)?;
            pointer.part = match pointer.kind {
                STENCILS => Part::Aside,
                PAGE if pointer.format & BACKGROUND == 0 => Part::Margin,
                _ => self.part,
            };
            pointers.push(Some(pointer).filter(|pointer| pointer.kind != 0));
        }
        let order = rows.get(POINTER * pointers.len()..).unwrap_or_default();
        let order = order.chunks_exact(4).take(order_len).map(|row| u32_at(row, 0));
        let mut opened = Vec::new();
        for index in order {
            if let Some(pointer) = pointers.get_mut(place(index?)?) {
                opened.extend(pointer.take());
            }
        }
        opened.extend(pointers.into_iter().flatten());
        open.extend(opened.into_iter().rev());
        Ok(())
    }
}

impl Version {
    fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Wide => encoding::decode(bytes, encoding::Encoding::Utf16Le),
            Self::Narrow => narrow(bytes),
        }
    }

    /// What a shape has of values may be narrow in any version: then a zero ends an odd number of bytes or of characters.
    fn decode_name(self, bytes: &[u8]) -> Cow<'_, str> {
        match bytes {
            [.., 0, 0] => self.decode(bytes),
            _ => narrow(bytes),
        }
    }
}

fn narrow(bytes: &[u8]) -> Cow<'_, str> {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    codepage::detect(text).decode_without_bom_handling(text).0
}

/// The lines of a text. A mark stands where a field does.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.split(['\n', '\r', '\u{2028}', '\u{2029}', '\0']);
    lines
        .map(|line| line.trim_matches('\u{FFFC}'))
        .filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use crate::examined::examined;
    use crate::found::Found;
    use crate::kind;
    use crate::text::Part;

    fn pointer(kind: u32, offset: usize, len: usize, format: u16) -> Vec<u8> {
        let [offset, len] = [offset, len].map(|number| u32::try_from(number).unwrap().to_le_bytes());
        [&kind.to_le_bytes()[..], &[0; 4], &offset, &len, &format.to_le_bytes()].concat()
    }

    /// A list of pointers, in the order that `order` tells.
    fn list(pointers: &[Vec<u8>], order: &[u32]) -> Vec<u8> {
        let [count, order_len] = [pointers.len(), order.len()].map(|len| u32::try_from(len).unwrap().to_le_bytes());
        let order: Vec<u8> = order.iter().flat_map(|index| index.to_le_bytes()).collect();
        [
            &8_u32.to_le_bytes()[..],
            &order_len,
            &count,
            &[0; 4],
            &pointers.concat(),
            &order,
        ]
        .concat()
    }

    fn chunk(kind: u32, level: u16, bytes: &[u8]) -> Vec<u8> {
        let len = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [
            &kind.to_le_bytes()[..],
            &[1, 0, 0, 0],
            &[0; 4],
            &len,
            &level.to_le_bytes(),
            &[0x50],
            bytes,
        ]
        .concat()
    }

    /// Bytes as packed streams hold those that refer to none before.
    fn packed(bytes: &[u8]) -> Vec<u8> {
        bytes.chunks(8).flat_map(|part| [&[0xFF][..], part].concat()).collect()
    }

    fn drawing(version: u8, encode: fn(&str) -> Vec<u8>) -> Found {
        let text = |text: &str| chunk(0x0E, 2, &[&[0; 8][..], &encode(text), &[0, 0]].concat());
        let shape = |texts: &[&str]| packed(&texts.iter().flat_map(|own| text(own)).collect::<Vec<_>>());
        let streams = [
            shape(&["母版"]),
            [
                &text("流程\n第二行")[..],
                &chunk(0x2D, 2, &[&encode("资产编号"), &[0, 0][..]].concat()),
            ]
            .concat(),
            shape(&["第一页 \u{FFFC}", "后文"]),
        ];
        let mut bytes = vec![0; 54];
        let mut at = Vec::new();
        for stream in &streams {
            at.push((bytes.len(), stream.len()));
            bytes.extend(stream);
        }
        let page = packed(
            &[
                &[9; 4][..],
                &list(
                    &[
                        pointer(0x48, at[1].0, at[1].1, 0xD4),
                        pointer(0x48, at[2].0, at[2].1, 0xD6),
                    ],
                    &[1, 0],
                ),
            ]
            .concat(),
        );
        let pages = (bytes.len(), page.len());
        bytes.extend(page);
        let root = list(
            &[
                pointer(0x15, pages.0, pages.1, 0x57),
                pointer(0x1D, at[0].0, at[0].1, 0xD6),
            ],
            &[],
        );
        bytes[..21].copy_from_slice(b"Visio (TM) Drawing\r\n\0");
        bytes[0x1A] = version;
        let start = bytes.len();
        bytes[0x24..0x36].copy_from_slice(&pointer(0x14, start, root.len(), 0x50));
        bytes.extend(root);
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream("VisioDocument").unwrap().write_all(&bytes).unwrap();
        examined(&file.into_inner().into_inner())
    }

    #[test]
    fn texts_of_shapes_are_read_in_the_order_of_their_page() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let narrow = |text: &str| {
            encoding_rs::GB18030
                .encode(&text.replace('\u{FFFC}', ""))
                .0
                .into_owned()
        };
        for found in [drawing(11, wide), drawing(6, narrow)] {
            assert_eq!((found.kind, found.stopped), (kind::VSD, None));
            let parts = found.text.parts();
            let parts: Vec<_> = parts.iter().map(|(part, text)| (*part, text.as_str().trim())).collect();
            let body = ["第一页", "后文", "流程", "第二行"].map(|text| (Part::Body, text));
            assert_eq!(
                parts,
                [&body[..], &[(Part::Aside, "母版"), (Part::Aside, "资产编号")]].concat()
            );
        }
    }

    #[test]
    fn a_drawing_that_leads_back_to_itself_ends() {
        let mut bytes = vec![0; 54];
        bytes[0x1A] = 11;
        let root = list(&[pointer(0x27, 54, 30, 0x50)], &[]);
        bytes[0x24..0x36].copy_from_slice(&pointer(0x14, 54, root.len(), 0x50));
        bytes.extend(root);
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        file.create_stream("VisioDocument").unwrap().write_all(&bytes).unwrap();
        assert_eq!(examined(&file.into_inner().into_inner()).stopped, None);
    }
}
