//! What has been judged: each file as it was then, by folder.
//!
//! The tables live in the ledger's database and come with its schema. The pipeline writes it within the transaction that records the verdict; this
//! stage only reads it, over a connection of its own.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use super::names::{bytes, name};
use super::sighting::{FileId, Stat};

/// Records that this version of the file there has been judged by the policy of `epoch`.
pub(crate) fn record(tx: &Connection, (folder, name): (i64, &[u8]), stat: &Stat, epoch: u64) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO baseline (folder, name, device, inode, born, size, modified, epoch)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        folder,
        name,
        stat.id.device.cast_signed(),
        stat.id.inode.cast_signed(),
        stat.id.born,
        stat.size.cast_signed(),
        stat.modified,
        epoch.cast_signed(),
    ])?;
    Ok(())
}

/// A path as tables have it: the number of its folder, which gets one if it has none, and its name there.
pub(crate) fn spot<'a>(tx: &Connection, path: &'a Path) -> rusqlite::Result<(i64, &'a [u8])> {
    let (folder, name) = split(path)?;
    let known = tx
        .prepare_cached("SELECT id FROM baseline_folder WHERE path = ?1")?
        .query_row([folder], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok((number, name));
    }
    tx.prepare_cached("INSERT INTO baseline_folder (path) VALUES (?1)")?
        .execute([folder])?;
    Ok((tx.last_insert_rowid(), name))
}

/// A path from two columns in a row: its folder's path, and its name there.
pub(crate) fn read_path(row: &Row<'_>, first: usize) -> rusqlite::Result<PathBuf> {
    Ok(PathBuf::from(name(row.get(first)?)).join(name(row.get(first + 1)?)))
}

/// Forgets the file at `path`. Its folder keeps its number while the ledger knows anything in it.
pub(crate) fn forget(tx: &Connection, path: &Path) -> rusqlite::Result<()> {
    let (folder, file) = split(path)?;
    tx.prepare_cached(
        "DELETE FROM baseline WHERE folder = (SELECT id FROM baseline_folder WHERE path = ?1) AND name = ?2",
    )?
    .execute([folder, file])?;
    tx.prepare_cached(
        "DELETE FROM baseline_folder
         WHERE path = ?1 AND NOT EXISTS (SELECT 1 FROM baseline WHERE folder = baseline_folder.id)
         AND NOT EXISTS (SELECT 1 FROM facts WHERE folder = baseline_folder.id)
         AND NOT EXISTS (SELECT 1 FROM other_names WHERE folder = baseline_folder.id)",
    )?
    .execute([folder])?;
    Ok(())
}

/// A judged file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    /// The file as it was.
    pub(crate) stat: Stat,
    /// The policy that judged it.
    pub(crate) epoch: u64,
}

/// The reading side.
pub(crate) struct Baseline {
    connection: Connection,
}

impl Baseline {
    /// Opens the ledger's database for reading.
    pub(crate) fn open(database: &Path) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(database, flags)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        // A folder's rows are read once and together; a large cache would only cost memory.
        connection.pragma_update(None, "cache_size", -256)?;
        Ok(Self { connection })
    }

    /// Reads within `work` as of one moment: to begin and to end costs more than most questions.
    pub(crate) fn together<T>(&self, work: impl FnOnce() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let _moment = self.connection.unchecked_transaction()?;
        work()
    }

    /// The file at `path`, when it has been judged.
    pub(crate) fn file(&self, path: &Path) -> rusqlite::Result<Option<Judged>> {
        let (folder, file) = split(path)?;
        self.connection
            .prepare_cached(
                "SELECT device, inode, born, size, modified, epoch FROM baseline
                 WHERE folder = (SELECT id FROM baseline_folder WHERE path = ?1) AND name = ?2",
            )?
            .query_row([folder, file], |row| judged(row, 0))
            .optional()
    }

    /// The judged files directly in `folder`.
    pub(crate) fn folder(&self, folder: &Path) -> rusqlite::Result<HashMap<OsString, Judged>> {
        self.connection
            .prepare_cached(
                "SELECT name, device, inode, born, size, modified, epoch FROM baseline
                 WHERE folder = (SELECT id FROM baseline_folder WHERE path = ?1)",
            )?
            .query_map([bytes(folder.as_os_str())], |row| {
                Ok((name(row.get(0)?), judged(row, 1)?))
            })?
            .collect()
    }

    /// The folders with judged files, wherever they are.
    pub(crate) fn every_folder(&self) -> rusqlite::Result<Vec<PathBuf>> {
        self.connection
            .prepare_cached("SELECT path FROM baseline_folder")?
            .query_map([], |row| Ok(PathBuf::from(name(row.get(0)?))))?
            .collect()
    }

    /// The folders with judged files in `folder` and below it, itself included.
    pub(crate) fn folders(&self, folder: &Path) -> rusqlite::Result<Vec<PathBuf>> {
        let itself = bytes(folder.as_os_str());
        let mut from = itself.to_vec();
        if !itself.ends_with(&[SEPARATOR]) {
            from.push(SEPARATOR);
        }
        let mut to = from.clone();
        if let Some(last) = to.last_mut() {
            *last += 1;
        }
        self.connection
            .prepare_cached("SELECT path FROM baseline_folder WHERE path = ?1 OR (path >= ?2 AND path < ?3)")?
            .query_map(params![itself, from, to], |row| Ok(PathBuf::from(name(row.get(0)?))))?
            .collect()
    }
}

/// Between the components of a path.
const SEPARATOR: u8 = MAIN_SEPARATOR as u8;

fn judged(row: &Row<'_>, from: usize) -> rusqlite::Result<Judged> {
    let unsigned = |at: usize| row.get::<_, i64>(from + at).map(i64::cast_unsigned);
    Ok(Judged {
        stat: Stat {
            id: FileId {
                device: unsigned(0)?,
                inode: unsigned(1)?,
                born: row.get(from + 2)?,
            },
            size: unsigned(3)?,
            modified: row.get(from + 4)?,
        },
        epoch: unsigned(5)?,
    })
}

/// The bytes of a path's folder, and of its name there.
pub(crate) fn split(path: &Path) -> rusqlite::Result<(&[u8], &[u8])> {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(file)) => Ok((bytes(folder.as_os_str()), bytes(file))),
        _ => Err(rusqlite::Error::InvalidPath(path.to_path_buf())),
    }
}

#[cfg(test)]
mod tests {
    use std::path::MAIN_SEPARATOR_STR;

    use super::*;

    fn stat(inode: u64) -> Stat {
        Stat {
            id: FileId {
                device: u64::MAX,
                inode,
                born: -1,
            },
            size: 7,
            modified: 8,
        }
    }

    fn record(tx: &Connection, path: &Path, stat: &Stat, epoch: u64) -> rusqlite::Result<()> {
        super::record(tx, spot(tx, path)?, stat, epoch)
    }

    fn open() -> (tempfile::TempDir, Connection, Baseline) {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("agent.db");
        let writer = crate::ledger::testing::database(&database);
        let baseline = Baseline::open(&database).unwrap();
        (folder, writer, baseline)
    }

    #[test]
    fn a_recorded_file_is_found_by_path_and_by_folder_until_it_is_forgotten() {
        let (_folder, writer, baseline) = open();
        let path = Path::new("/home/li/桌面").join("合同.docx");
        record(&writer, &path, &stat(1), 1).unwrap();
        record(&writer, &path, &stat(2), 3).unwrap();
        let judged = Judged {
            stat: stat(2),
            epoch: 3,
        };
        assert_eq!(baseline.file(&path).unwrap(), Some(judged));
        let listed = baseline.folder(path.parent().unwrap()).unwrap();
        assert_eq!(
            listed,
            HashMap::from([(path.file_name().unwrap().to_os_string(), judged)])
        );
        forget(&writer, &path).unwrap();
        assert_eq!(baseline.file(&path).unwrap(), None);
        assert_eq!(baseline.every_folder().unwrap(), Vec::<PathBuf>::new());
    }

    #[test]
    fn the_folders_below_a_folder_do_not_include_its_namesakes() {
        let (_folder, writer, baseline) = open();
        let at = |path: &str| PathBuf::from(path.replace('/', MAIN_SEPARATOR_STR));
        for path in ["/a/b/1", "/a/b/c/1", "/a/b.c/1", "/a/bb/1", "/a/1", "/a/b0/1"] {
            record(&writer, &at(path), &stat(1), 1).unwrap();
        }
        let mut found = baseline.folders(&at("/a/b")).unwrap();
        found.sort();
        assert_eq!(found, [at("/a/b"), at("/a/b/c")]);
        assert_eq!(baseline.folders(&at("/")).unwrap().len(), 6);
        assert_eq!(baseline.every_folder().unwrap().len(), 6);
    }

    #[test]
    fn what_is_not_committed_is_not_seen() {
        let (_folder, writer, baseline) = open();
        let path = Path::new("/a/1");
        let transaction = writer.unchecked_transaction().unwrap();
        record(&transaction, path, &stat(1), 1).unwrap();
        assert_eq!(baseline.file(path).unwrap(), None);
        transaction.commit().unwrap();
        assert!(baseline.file(path).unwrap().is_some());
    }
}
