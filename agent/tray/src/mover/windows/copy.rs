//! Across volumes: copy under a hidden name, read back and compare, name it, and only then delete the source.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{DELETE, FILE_ATTRIBUTE_HIDDEN, FILE_FLAG_OPEN_REPARSE_POINT};

use super::{MoveError, Source, Store, handle, store_error};

const BUFFER: usize = 256 * 1024;
const HIDDEN: &str = ".fileward-";
const PART: &str = ".part";

/// The stream that tells that a file came from the internet: Office then opens it protected. See MS-FSCC, 5.6.1.
const MARK_OF_THE_WEB: &str = ":Zone.Identifier";
/// The mark is some lines of text; more than this is something else.
const MARK_LIMIT: u64 = 64 * 1024;

/// Moves by copy and gives the name in the store.
pub(super) fn move_by_copy(source: &Source, store: &Store) -> Result<OsString, MoveError> {
    remove_leftovers(&store.path);
    let mut part = Part::create(store)?;
    let written = part.fill(source)?;
    if part.read_back()? != written {
        return Err(MoveError::BadCopy);
    }
    part.mark_like(source);
    handle::dress(&part.file, &source.facts).map_err(store_error)?;
    if !source.is_unchanged() {
        return Err(MoveError::Changed);
    }
    let name = store
        .place(&part.file, &source.name)
        .map_err(|error| store.error(error))?;
    // Without this the name could be lost with the power after the source was deleted.
    part.file.sync_all().map_err(|error| store.error(error))?;
    source.remove()?;
    part.keep = true;
    Ok(name)
}

/// A copy. Nobody else may open it while it is made, and it is removed when it is dropped before it is to be kept.
struct Part<'a> {
    store: &'a Store,
    path: PathBuf,
    file: File,
    keep: bool,
}

impl<'a> Part<'a> {
    fn create(store: &'a Store) -> Result<Self, MoveError> {
        let name = format!("{HIDDEN}{}{PART}", uuid::Uuid::new_v4().simple());
        let path = store.path.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .access_mode(GENERIC_READ | GENERIC_WRITE | DELETE)
            .share_mode(0)
            .attributes(FILE_ATTRIBUTE_HIDDEN)
            .open(&path)
            .map_err(store_error)?;
        Ok(Self {
            store,
            path,
            file,
            keep: false,
        })
    }

    /// Copies the source and makes it durable.
    fn fill(&mut self, source: &Source) -> Result<blake3::Hash, MoveError> {
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; BUFFER];
        let mut from = &source.file;
        loop {
            let length = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(MoveError::Failed(error)),
            };
            hasher.update(&buffer[..length]);
            let written = self.file.write_all(&buffer[..length]);
            written.map_err(|error| self.store.error(error))?;
        }
        self.file.sync_all().map_err(|error| self.store.error(error))?;
        Ok(hasher.finalize())
    }

    fn read_back(&mut self) -> Result<blake3::Hash, MoveError> {
        self.file.seek(SeekFrom::Start(0)).map_err(MoveError::Failed)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut self.file).map_err(MoveError::Failed)?;
        Ok(hasher.finalize())
    }

    /// Takes over the mark of the web. Other streams stay behind: programs keep nothing in them that people made, and
    /// a stream is a good place to hide something. A volume without streams cannot hold the mark.
    fn mark_like(&self, source: &Source) {
        let mut mark = Vec::new();
        let read = File::open(stream(&source.path)).and_then(|file| file.take(MARK_LIMIT).read_to_end(&mut mark));
        if read.is_ok()
            && let Err(error) = std::fs::write(stream(&self.path), mark)
        {
            tracing::debug!("the store holds no mark of the web: {error}");
        }
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if !self.keep
            && let Ok(facts) = handle::Facts::of(&self.file)
        {
            let _ = handle::remove(&self.file, &facts);
        }
    }
}

fn stream(path: &Path) -> OsString {
    let mut stream = path.as_os_str().to_owned();
    stream.push(MARK_OF_THE_WEB);
    stream
}

/// Removes copies that a crash left unfinished: those that nobody has open.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten().filter(|entry| is_part(&entry.file_name())) {
        let mut unshared = OpenOptions::new();
        unshared
            .access_mode(GENERIC_READ | DELETE)
            .share_mode(0)
            .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
        if let Ok(file) = unshared.open(entry.path())
            && let Ok(facts) = handle::Facts::of(&file)
        {
            let _ = handle::remove(&file, &facts);
        }
    }
}

fn is_part(name: &OsStr) -> bool {
    let middle = name
        .to_str()
        .and_then(|name| name.strip_prefix(HIDDEN)?.strip_suffix(PART));
    middle.is_some_and(|middle| middle.len() == 32 && middle.bytes().all(|b| b.is_ascii_hexdigit()))
}
