//! Unpacks what is packed. The crate wants archives of its own: it gets the archive's header with one file behind it.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use fileward_protocol::vocabulary::EncryptionMethod;
use rars::{ArchiveMember, ArchiveReadOptions, ArchiveReader, ErrorKind, ExtractionDecision};

use super::headers::{Archive, Member};
use crate::container::contents::Contents;
use crate::source::{Budget, Source, Stop};

/// Bytes of an archive that are held.
const MAX_ARCHIVE: u64 = 20 << 20;
/// What unpacking may take: the usual dictionary is 32 MiB.
const WORKSPACE: u64 = 40 << 20;
/// Bytes of one unpacked file that are held.
const MAX_FILE: usize = 16 << 20;

/// Unpacks and examines one file that does not depend on others.
pub(super) fn one(
    source: &mut Source<'_>,
    archive: &Archive,
    member: &Member,
    contents: &mut Contents<'_>,
) -> Result<(), Stop> {
    let len = member.block.end - member.block.start;
    if archive.start + len > MAX_ARCHIVE {
        return contents.unread(Stop::TooLarge);
    }
    let start = source.exact(0, usize::try_from(archive.start).unwrap_or(usize::MAX));
    let block = source.exact(member.block.start, usize::try_from(len).unwrap_or(usize::MAX));
    match start.and_then(|start| Ok([start, block?].concat())) {
        Ok(bytes) => unpack(bytes, &[member], source.budget(), contents),
        Err(stop) => contents.unread(stop),
    }
}

/// Unpacks and examines all files of an archive in which each depends on those before it.
pub(super) fn solid(source: &mut Source<'_>, archive: &Archive, contents: &mut Contents<'_>) -> Result<(), Stop> {
    let members: Vec<&Member> = archive.members.iter().collect();
    if source.len() > MAX_ARCHIVE {
        return leave(&members, &Stop::TooLarge, contents);
    }
    let bytes = source.exact(0, usize::try_from(source.len()).unwrap_or(usize::MAX))?;
    unpack(bytes, &members, source.budget(), contents)
}

/// Takes files that cannot be unpacked.
fn leave(members: &[&Member], stop: &Stop, contents: &mut Contents<'_>) -> Result<(), Stop> {
    for member in members.iter().filter(|member| !member.is_empty()) {
        if member.is_encrypted {
            contents.locked(Some(EncryptionMethod::Rar));
        } else {
            contents.unread(stop.clone())?;
        }
    }
    Ok(())
}

/// Unpacks an archive that holds `members`, and examines each.
fn unpack(bytes: Vec<u8>, members: &[&Member], budget: &Budget, contents: &mut Contents<'_>) -> Result<(), Stop> {
    let held = budget.hold(bytes.len() as u64 + WORKSPACE);
    if let Err(stop) = &held {
        return leave(members, stop, contents);
    }
    let options = ArchiveReadOptions::new()
        .with_max_reader_workspace_bytes(WORKSPACE)
        .with_rar50_buffered_decode_limit(MAX_FILE as u64)
        .with_rar50_dictionary_size_limit(WORKSPACE)
        .with_max_total_output_bytes(budget.unpacked_left());
    let output = Rc::new(RefCell::new(Output {
        deadline: budget.deadline(),
        ..Output::default()
    }));
    let mut unpacking = Unpacking {
        members,
        begun: 0,
        output: Rc::clone(&output),
        budget,
        contents,
        stopped: None,
    };
    let result = ArchiveReader::read_owned_with_options(bytes, options)
        .and_then(|archive| archive.extract_with_control(options, |member| unpacking.next(member)));
    unpacking.finish(result.err().map(|error| stop_of(error.kind())))
}

fn stop_of(kind: ErrorKind) -> Stop {
    match kind {
        ErrorKind::ResourceLimit => Stop::TooLarge,
        _ => Stop::Damaged,
    }
}

/// Goes from file to file: what was unpacked is examined when the next one begins.
struct Unpacking<'a, 'f> {
    members: &'a [&'a Member],
    /// How many of them were begun.
    begun: usize,
    output: Rc<RefCell<Output>>,
    budget: &'a Budget,
    contents: &'a mut Contents<'f>,
    stopped: Option<Stop>,
}

impl Unpacking<'_, '_> {
    fn next(&mut self, member: &ArchiveMember) -> rars::Result<ExtractionDecision> {
        if let Err(stop) = self.examine_last() {
            self.stopped = Some(stop);
            return Ok(ExtractionDecision::Stop);
        }
        self.begun += 1;
        if member.meta.is_directory || member.meta.is_redirection {
            return Ok(ExtractionDecision::Skip);
        }
        self.output.borrow_mut().is_open = true;
        Ok(ExtractionDecision::Extract(Box::new(Sink(Rc::clone(&self.output)))))
    }

    /// Examines the file that was unpacked last, if there is one.
    fn examine_last(&mut self) -> Result<(), Stop> {
        let mut output = self.output.borrow_mut();
        if !std::mem::take(&mut output.is_open) {
            return Ok(());
        }
        self.budget.spend_unpacked(output.bytes.len())?;
        let bytes = std::mem::take(&mut output.bytes);
        let was_cut = std::mem::take(&mut output.was_cut);
        drop(output);
        if was_cut {
            self.contents.stopped(&Stop::TooLarge);
        }
        let _held = self.budget.hold(bytes.len() as u64)?;
        let name = self.begun.checked_sub(1).and_then(|index| self.members.get(index));
        let name = name.map_or("", |member| &member.name);
        self.contents.file(&mut Source::of_memory(&bytes, self.budget), name)
    }

    /// Examines the last file, of which there may be only a part, and takes what could not be unpacked after it.
    fn finish(mut self, stop: Option<Stop>) -> Result<(), Stop> {
        self.budget.check_time()?;
        if let Some(stop) = self.stopped.take() {
            return Err(stop);
        }
        if let Some(stop) = &stop {
            self.contents.stopped(stop);
        }
        self.examine_last()?;
        let rest = self.members.get(self.begun..).unwrap_or_default();
        stop.map_or(Ok(()), |stop| leave(rest, &stop, self.contents))
    }
}

#[derive(Debug, Default)]
struct Output {
    bytes: Vec<u8>,
    /// Whether a file goes into it.
    is_open: bool,
    was_cut: bool,
    deadline: Option<Instant>,
}

/// Takes the start of a file, and passes over the rest.
struct Sink(Rc<RefCell<Output>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut output = self.0.borrow_mut();
        if output.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(io::Error::other(Stop::Timeout));
        }
        let room = MAX_FILE - output.bytes.len();
        output.was_cut |= bytes.len() > room;
        output.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
