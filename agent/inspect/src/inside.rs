//! Files within files: entries of archives, attachments, embedded objects.
//!
//! What lies in the file as it is, is read where it lies. What has to be unpacked is held in memory up to a bound; text and
//! what is packed once more are read while they are unpacked, however large they are.

use std::io::{BufReader, Read};

use crate::container::{cpio, packed, tar};
use crate::found::{Found, Inside};
use crate::kind;
use crate::recognise::{self, Format};
use crate::source::{Budget, Source, Stop};
use crate::text::Gap;
use crate::{Hint, examine, plain_text, reader_of};

/// Bytes of one unpacked file that are held.
const MAX_HELD: usize = 16 << 20;
/// Bytes that are unpacked at once.
const CHUNK: usize = 64 << 10;

/// Examines a file that lies within the one being examined, by the name it has there. Its text counts for the whole; what it
/// is, and whether it is encrypted, is told. Damage of it is not damage of the whole.
///
/// # Errors
/// When nothing else can be read either: the time is over, or the disk fails.
pub(crate) fn examine_inside(source: &mut Source<'_>, name: &str, found: &mut Found) -> Result<Inside, Stop> {
    source.budget().spend_entry()?;
    examine_entry(source, name, found)
}

/// As [`examine_inside`], of an entry that is paid for.
pub(crate) fn examine_entry(source: &mut Source<'_>, name: &str, found: &mut Found) -> Result<Inside, Stop> {
    within(source.budget(), found, |found| {
        examine(source, &Hint::of_name(name), found)
    })
}

/// As [`examine_entry`], of one that is unpacked while it is read.
pub(crate) fn examine_stream(
    stream: &mut dyn Read,
    name: &str,
    budget: &Budget,
    found: &mut Found,
) -> Result<Inside, Stop> {
    within(budget, found, |found| {
        unpacked(stream, &Hint::of_name(name), budget, found)
    })
}

/// As [`examine_entry`], of something that `examine` reads in a way of its own.
pub(crate) fn within(
    budget: &Budget,
    found: &mut Found,
    examine: impl FnOnce(&mut Found) -> Result<(), Stop>,
) -> Result<Inside, Stop> {
    let Some(_deeper) = budget.descend() else {
        return Err(Stop::TooLarge);
    };
    let outer = found.set_aside();
    found.text.gap(Gap::File);
    let result = examine(found);
    found.text.gap(Gap::File);
    if let Err(stop @ (Stop::TooLarge | Stop::Timeout)) = &result {
        found.stopped(stop);
    }
    let inside = found.resume(outer);
    match result {
        Err(stop @ (Stop::Timeout | Stop::Unreadable(_))) => Err(stop),
        Ok(()) | Err(Stop::Damaged | Stop::TooLarge) => Ok(inside),
    }
}

fn unpacked(stream: &mut dyn Read, hint: &Hint, budget: &Budget, found: &mut Found) -> Result<(), Stop> {
    let mut held = budget.hold(0)?;
    let mut bytes = Vec::new();
    let mut is_known = true;
    let mut has_more = fill(stream, &mut bytes, recognise::HEAD, &mut |count| held.grow(count))?;
    if has_more {
        let format = recognise::recognise_start(&bytes, hint);
        let mut whole = bytes.as_slice().chain(&mut *stream);
        match format {
            Format::Text(kind, encoding) if kind != kind::DXF => {
                found.kind = kind;
                let mut whole = BufReader::with_capacity(plain_text::CHUNK, whole);
                return plain_text::read(&mut whole, kind, encoding, budget, found);
            }
            Format::Tar => return tar::examine_stream(&mut whole, budget, found),
            Format::Cpio => return cpio::examine(&mut whole, budget, found),
            Format::Packed(packing) => return packed::examine_stream(&mut whole, packing, hint, budget, found),
            // Nothing more is to be found in it, however long it is.
            Format::Flat(kind) if kind != kind::UNKNOWN && reader_of(kind).is_none() => {
                found.kind = kind;
                return Ok(());
            }
            Format::Flat(kind::UNKNOWN) => is_known = false,
            _ => {}
        }
        has_more = fill(stream, &mut bytes, MAX_HELD, &mut |count| held.grow(count))?;
    }
    if has_more && !is_known {
        return Ok(());
    }
    if has_more {
        found.stopped(&Stop::TooLarge);
    }
    examine(&mut Source::of_memory(&bytes, budget), hint, found)
}

/// Reads until `bytes` are `max`; whether there may be more. What came before a stream broke is kept.
fn fill(
    stream: &mut dyn Read,
    bytes: &mut Vec<u8>,
    max: usize,
    pay: &mut dyn FnMut(u64) -> Result<(), Stop>,
) -> Result<bool, Stop> {
    while bytes.len() < max {
        let before = bytes.len();
        let room = CHUNK.min(max - before);
        if bytes.capacity() < before + room {
            let more = before.max(CHUNK).min(max - before);
            pay(more as u64)?;
            bytes.reserve_exact(more);
        }
        let result = Read::take(&mut *stream, room as u64).read_to_end(bytes);
        match result.map_err(Stop::from) {
            Ok(0) => return Ok(false),
            Ok(_) => {}
            Err(Stop::Damaged) if !bytes.is_empty() => return Ok(false),
            Err(Stop::TooLarge) if !bytes.is_empty() => return Ok(true),
            Err(stop) => return Err(stop),
        }
    }
    Ok(true)
}
