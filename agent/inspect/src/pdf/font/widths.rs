//! How wide glyphs are.

use crate::pdf::object::{Dictionary, Object};
use crate::pdf::objects::Objects;
use crate::source::{Source, Stop};

/// Runs of widths that are kept of one font.
const MAX_RUNS: usize = 20_000;

/// The widths of the glyphs of a composite font, in thousandths.
#[derive(Debug)]
pub(super) struct Widths {
    /// First and last glyph of a run of equal width, in order.
    runs: Vec<(u32, u32, f32)>,
    pub(super) usual: f32,
}

impl Widths {
    /// Reads the array `W` of a font (ISO 32000, 9.7.4.3): a glyph with the widths from it on, or a first and a last one with
    /// the width of all.
    pub(super) fn read(source: &mut Source<'_>, objects: &mut Objects, font: &Dictionary) -> Result<Self, Stop> {
        let usual = objects.entry(source, font, "DW")?.number().unwrap_or(1000.0);
        let array = objects.entry(source, font, "W")?.into_array();
        let mut runs: Vec<(u32, u32, f32)> = Vec::new();
        let mut items = array.into_iter();
        while let Some(Object::Integer(first)) = items.next() {
            let Ok(first) = u32::try_from(first) else { break };
            if runs.len() > MAX_RUNS {
                break;
            }
            let next = items.next().unwrap_or(Object::Null);
            match objects.value(source, &next)? {
                Object::Array(widths) => {
                    let numbers = widths.iter().map(|width| width.number().unwrap_or(usual));
                    for (glyph, width) in (first..).zip(numbers) {
                        match runs.last_mut() {
                            Some((_, last, own)) if last.checked_add(1) == Some(glyph) && same(*own, width) => {
                                *last = glyph;
                            }
                            _ => runs.push((glyph, glyph, width)),
                        }
                    }
                }
                last => {
                    let last = match last {
                        Object::Integer(last) => u32::try_from(last).unwrap_or(first),
                        _ => first,
                    };
                    let width = items.next().and_then(|width| width.number());
                    runs.push((first, last, width.unwrap_or(usual)));
                }
            }
        }
        runs.sort_by_key(|(first, ..)| *first);
        Ok(Self { runs, usual })
    }

    /// Bytes that they take, roughly.
    pub(super) fn weight(&self) -> usize {
        self.runs.len() * size_of::<(u32, u32, f32)>()
    }

    /// The width of a glyph, if it is not the usual one.
    pub(super) fn own(&self, glyph: u32) -> Option<f32> {
        let behind = self.runs.partition_point(|(first, ..)| *first <= glyph);
        let (_, last, width) = self.runs.get(behind.checked_sub(1)?)?;
        (glyph <= *last).then_some(*width)
    }

    pub(super) fn of(&self, glyph: u32) -> f32 {
        self.own(glyph).unwrap_or(self.usual)
    }
}

fn same(a: f32, b: f32) -> bool {
    (a - b).abs() < 0.5
}

/// The widths of ASCII from the blank on in Helvetica, in thousandths (Adobe Core 14 font metrics).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];
/// The same in Times.
const TIMES: [u16; 95] = [
    250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500, 500, 500, 500,
    500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889,
    722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333, 278, 333, 469, 500, 333, 444, 500, 444, 500,
    444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500, 500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480,
    200, 480, 541,
];

/// The width of a code in a font that every reader has, in thousandths; bold letters are hardly wider.
pub(super) fn standard(name: &[u8], code: u8) -> f32 {
    let has = |part: &[u8]| memchr::memmem::find(name, part).is_some();
    let table = match () {
        () if has(b"Courier") => return 600.0,
        () if has(b"Times") => &TIMES,
        () => &HELVETICA,
    };
    let index = usize::from(code).checked_sub(0x20);
    index
        .and_then(|index| table.get(index))
        .map_or(500.0, |width| f32::from(*width))
}
