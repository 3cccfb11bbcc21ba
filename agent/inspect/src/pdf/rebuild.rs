//! Looking for a PDF's objects where its tables are broken.

use std::collections::VecDeque;

use crate::pdf::object::Object;
use crate::pdf::objects::{Objects, Place, parse};
use crate::pdf::parser::is_blank;
use crate::pdf::xref::MAX_TABLES;
use crate::source::{Source, Stop};

/// Objects remembered when they have to be looked for.
const MAX_REBUILT: usize = 200_000;
/// Object streams that are looked into then.
const MAX_CONTAINERS: usize = 20_000;

/// Bytes looked at at once.
const CHUNK: usize = 64 << 10;
/// Bytes of the chunks before and behind that are looked at again: words lie across borders.
const OVERLAP: usize = 32;

/// Where a trailer was seen.
enum Trailer {
    Plain(u64),
    /// The dictionary of a cross-reference stream.
    Object(u64),
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    last: (u32, u64),
    trailers: VecDeque<Trailer>,
}

impl Objects {
    /// Looks through the whole file for objects and trailers.
    pub(super) fn rebuild(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        self.is_rebuilt = true;
        self.is_damaged = true;
        self.base = 0;
        self.sections.clear();
        let mut seen = Seen::default();
        let mut at = 0;
        while at < source.len() {
            let start = at.saturating_sub(OVERLAP as u64);
            let chunk = source.bytes(start, CHUNK + 2 * OVERLAP)?;
            let own = usize::try_from(at - start).unwrap_or_default();
            self.look_at(&chunk, start, own, &mut seen);
            at += CHUNK as u64;
        }
        for trailer in seen.trailers.iter().rev() {
            let read = match trailer {
                Trailer::Plain(at) => parse::<Object>(source, *at),
                Trailer::Object(at) => self.read_at(source, *at).map(|indirect| indirect.object),
            };
            match read {
                Ok(object) => self.merge(object.into_dictionary().unwrap_or_default()),
                Err(Stop::Damaged) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// The numbers of all objects that were seen, in order.
    pub(super) fn all_rebuilt(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.rebuilt.keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// Looks at what begins in a chunk from `own` on.
    fn look_at(&mut self, chunk: &[u8], start: u64, own: usize, seen: &mut Seen) {
        let words = |word: &'static [u8]| {
            let all = memchr::memmem::find_iter(chunk, word);
            all.filter(move |at| (own..own + CHUNK).contains(at))
        };
        let mut marks: Vec<(usize, &[u8])> = Vec::new();
        for word in [&b"obj"[..], b"trailer", b"/XRef", b"/ObjStm"] {
            marks.extend(words(word).map(|at| (at, word)));
        }
        marks.sort_unstable();
        for (at, word) in marks {
            match word {
                b"obj" => {
                    if let Some((number, header)) = object_header(&chunk[..at])
                        && (self.rebuilt.len() < MAX_REBUILT || self.rebuilt.contains_key(&number))
                    {
                        seen.last = (number, start + header as u64);
                        self.rebuilt.insert(number, Place::At(seen.last.1));
                    }
                }
                b"trailer" => seen
                    .trailers
                    .push_back(Trailer::Plain(start + (at + word.len()) as u64)),
                b"/XRef" => seen.trailers.push_back(Trailer::Object(seen.last.1)),
                _ if self.containers.len() < MAX_CONTAINERS => self.containers.push(seen.last.0),
                _ => {}
            }
        }
        // The last ones count.
        let surplus = seen.trailers.len().saturating_sub(MAX_TABLES);
        seen.trailers.drain(..surplus);
    }
}

/// The number and start of the object whose header ends here: `12 0 `.
fn object_header(before: &[u8]) -> Option<(u32, usize)> {
    let part = &before[before.len().saturating_sub(24)..];
    let mut words = part.rsplit(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    let is_number = |word: &&[u8]| word.len() <= 10 && word.iter().all(u8::is_ascii_digit);
    words.next().filter(is_number)?;
    let number = words.next()?;
    // What stands before may touch the number, such as the end of a comment.
    let digits = number.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = &number[number.len() - digits..];
    let start = digits.as_ptr().addr() - before.as_ptr().addr();
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, start))
}
