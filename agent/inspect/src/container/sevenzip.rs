//! 7z: a header at the end tells what is where. It is normally packed itself, and perhaps encrypted.

mod folder;
mod header;

use std::io::{self, Read};

use fileward_protocol::vocabulary::EncryptionMethod;

use crate::container::contents::Contents;
use crate::found::Found;
use crate::kind;
use crate::source::{self, Source, Stop, u64_at};
use folder::Folder;
use header::{Fields, Header, Streams, mark};

/// The header in front, which says where the true one is.
const START: usize = 32;
/// Bytes of a header that are read: what tells of encryption comes first, the names of the files last.
const MAX_HEADER: usize = 4 << 20;
/// Headers may be packed several times over; once is usual.
const MAX_PACKED: u32 = 4;

/// Fills in what a 7z archive is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::SEVEN_ZIP;
    let start: [u8; START] = source.array(0)?;
    let (offset, size) = (u64_at(&start, 12)?, u64_at(&start, 20)?);
    if size == 0 {
        // An archive without files.
        return Ok(());
    }
    let len = usize::try_from(size).map_or(MAX_HEADER, |size| size.min(MAX_HEADER));
    let mut header = source.exact(place(offset)?, len)?;
    for _ in 0..MAX_PACKED {
        let mut fields = Fields(&header);
        match fields.number()? {
            mark::HEADER => {
                let header = fields.header(source.budget())?;
                let mut contents = Contents::new(found);
                let result = go_through(source, &header, &mut contents);
                contents.finish();
                return header.stopped.map_or(result, Err);
            }
            mark::PACKED_HEADER => {
                let streams = fields.streams(source.budget())?;
                if streams.folders.iter().any(Folder::is_encrypted) {
                    found.encrypted(EncryptionMethod::SevenZipAes);
                    return Ok(());
                }
                header = unpack_header(source, &streams)?;
            }
            _ => return Err(Stop::Damaged),
        }
    }
    Err(Stop::Damaged)
}

/// Where something begins, whose offset counts from the end of the start header.
fn place(offset: u64) -> Result<u64, Stop> {
    offset.checked_add(START as u64).ok_or(Stop::Damaged)
}

fn unpack_header(source: &mut Source<'_>, streams: &Streams) -> Result<Vec<u8>, Stop> {
    let [folder] = streams.folders.as_slice() else {
        return Err(Stop::Damaged);
    };
    let stream = folder.open(source, streams.packed(folder)?)?;
    let (header, _) = source::gather(stream, MAX_HEADER)?;
    Ok(header)
}

/// The files with content lie in the order of their names in what each folder unpacks to.
fn go_through(source: &Source<'_>, header: &Header, contents: &mut Contents<'_>) -> Result<(), Stop> {
    for file in &header.files {
        contents.name(&file.name)?;
    }
    let mut names = header.files.iter().filter(|file| file.has_content);
    for (index, folder) in header.streams.folders.iter().enumerate() {
        let mut stream = header
            .streams
            .packed(folder)
            .and_then(|packed| folder.open(source, packed));
        for size in header.streams.sizes_in(index) {
            let name = names.next().map_or("", |file| &file.name);
            match &mut stream {
                _ if folder.is_encrypted() => contents.locked(Some(EncryptionMethod::SevenZipAes)),
                Ok(reader) => {
                    if let Err(stop) = examine_next(reader, *size, name, source, contents)? {
                        stream = Err(stop);
                    }
                }
                Err(stop) => contents.unread(stop.clone())?,
            }
        }
    }
    Ok(())
}

/// Examines the next file that a folder unpacks to. The inner result says why there can be no other after it.
fn examine_next(
    stream: &mut dyn Read,
    size: u64,
    name: &str,
    source: &Source<'_>,
    contents: &mut Contents<'_>,
) -> Result<Result<(), Stop>, Stop> {
    let mut file = stream.take(size);
    contents.stream(&mut file, name, source.budget())?;
    Ok(match io::copy(&mut file, &mut io::sink()) {
        Ok(_) if file.limit() == 0 => Ok(()),
        Ok(_) => Err(Stop::Damaged),
        Err(error) => Err(error.into()),
    })
}
