//! Volumes whose journals a test writes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use super::*;

/// Volumes that are mounted side by side.
#[derive(Debug)]
pub(in crate::watch) struct Disks(pub(in crate::watch) Vec<Disk>);

impl Volumes for Disks {
    fn of(&self, path: &Path) -> Option<PathBuf> {
        let points = self.0.iter().map(|disk| disk.lock().point.clone());
        points.into_iter().find(|point| path.starts_with(point))
    }

    fn open(&self, point: &Path) -> Result<Box<dyn Journal>, Unread> {
        let disk = self
            .0
            .iter()
            .find(|disk| disk.lock().point == point)
            .ok_or(Unread::None)?;
        Ok(Box::new(disk.clone()))
    }
}

/// A volume. A read of its journal gives one record.
#[derive(Clone, Debug)]
pub(in crate::watch) struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    point: PathBuf,
    extent: Extent,
    has_journal: bool,
    is_overtaken: bool,
    records: BTreeMap<i64, Vec<u8>>,
    /// By their number.
    folders: Vec<PathBuf>,
    reads: usize,
    resolved: usize,
}

impl Disk {
    pub(in crate::watch) fn new(point: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Mutex::new(State {
            point: point.into(),
            extent: Extent {
                journal: 7,
                first: 0,
                next: 1_000,
            },
            has_journal: true,
            is_overtaken: false,
            records: BTreeMap::new(),
            folders: Vec::new(),
            reads: 0,
            resolved: 0,
        })))
    }

    /// Something happened to the file `path`, and it was closed.
    pub(in crate::watch) fn record(&self, path: &Path) {
        self.write(path, 0x8000_0102, 0x20);
    }

    /// The folder `from` is `to`.
    pub(in crate::watch) fn move_folder(&self, from: &Path, to: &Path) {
        self.write(from, 0x1000, 0x10);
        self.write(to, 0x2000, 0x10);
        for folder in &mut self.lock().folders {
            if let Ok(below) = folder.strip_prefix(from) {
                *folder = to.join(below);
            }
        }
    }

    /// The journal is deleted, or made.
    pub(in crate::watch) fn has_journal(&self, has_journal: bool) {
        self.lock().has_journal = has_journal;
    }

    /// What was recorded and not read is overwritten.
    pub(in crate::watch) fn lose_records(&self) {
        let mut state = self.lock();
        state.extent.next += 1_000;
        state.extent.first = state.extent.next;
        state.records.clear();
    }

    /// Another journal is made in place of this one.
    pub(super) fn replace(&self) {
        self.lock().extent.journal += 1;
    }

    /// Whether records are overwritten just before they are read.
    pub(super) fn is_overtaken(&self, is_overtaken: bool) {
        self.lock().is_overtaken = is_overtaken;
    }

    /// How often records were read, and how often it was asked where a folder is.
    pub(super) fn asked(&self) -> (usize, usize) {
        let state = self.lock();
        (state.reads, state.resolved)
    }

    fn write(&self, path: &Path, reason: u32, attributes: u32) {
        let mut state = self.lock();
        let parent = path.parent().unwrap();
        let known = state.folders.iter().position(|folder| folder == parent);
        let number = known.unwrap_or_else(|| {
            state.folders.push(parent.into());
            state.folders.len() - 1
        });
        let name: Vec<u16> = path.file_name().unwrap().to_str().unwrap().encode_utf16().collect();
        let name: Vec<u8> = name.into_iter().flat_map(u16::to_le_bytes).collect();
        let mut record = vec![0; 60];
        record[0..4].copy_from_slice(&u32::try_from(60 + name.len()).unwrap().to_le_bytes());
        record[4] = 2;
        record[16..24].copy_from_slice(&u64::try_from(number).unwrap().to_le_bytes());
        record[40..44].copy_from_slice(&reason.to_le_bytes());
        record[52..56].copy_from_slice(&attributes.to_le_bytes());
        record[56..58].copy_from_slice(&u16::try_from(name.len()).unwrap().to_le_bytes());
        record[58] = 60;
        record.extend(name);
        let at = state.extent.next;
        state.records.insert(at, record);
        state.extent.next += 100;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl Journal for Disk {
    fn extent(&self) -> Result<Extent, Unread> {
        let state = self.lock();
        if state.has_journal {
            Ok(state.extent)
        } else {
            Err(Unread::None)
        }
    }

    fn read(&self, from: Position, buffer: &mut [u8]) -> Result<usize, Unread> {
        let mut state = self.lock();
        state.reads += 1;
        if state.is_overtaken {
            return Err(Unread::Gone);
        }
        let (at, record) = state.records.range(from.next..).next().unwrap();
        buffer[..8].copy_from_slice(&(at + 100).to_le_bytes());
        buffer[8..][..record.len()].copy_from_slice(record);
        Ok(8 + record.len())
    }

    fn path(&self, folder: Folder) -> Option<PathBuf> {
        let Folder::Short(number) = folder else { return None };
        let mut state = self.lock();
        state.resolved += 1;
        state.folders.get(usize::try_from(number).unwrap()).cloned()
    }
}
