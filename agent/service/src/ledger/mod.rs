//! What the agent remembers: findings and their life, questions, what was found out about files, and the queue of
//! reports, in one SQLite database.
//!
//! Everything that belongs together is one [`Entry`]: a finding's transition, its report, its notice and the baseline
//! row of its file are written together or not at all, so that a crash neither loses nor doubles anything.

mod columns;
mod company;
mod coverage;
mod decisions;
mod files;
mod findings;
mod journal;
mod meta;
mod outbox;
mod questions;
mod recall;
mod record;
mod recover;
mod schema;
mod told;
mod transition;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fileward_policy::effective::DuringGrace;
use fileward_protocol::ids::{CompanyKey, DeviceId, LedgerId};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

pub(crate) use columns::whole_milliseconds;
pub(crate) use company::CompanyAct;
pub(crate) use files::{Finder, KILLS};
pub(crate) use findings::Record;
pub(crate) use journal::Numbered;
#[cfg(test)]
pub(crate) use journal::Queue;
pub(crate) use questions::Asked;
pub(crate) use record::{Offence, Transition};
pub(crate) use told::Told;
pub(crate) use transition::Answer;

/// The database's name in the state folder.
pub(crate) const DATABASE: &str = "agent.db";

/// How long to wait for a database that another connection keeps to itself.
const BUSY: Duration = Duration::from_secs(5);

/// The most bytes that reports may wait in.
pub(crate) const QUEUE_LIMIT: u64 = 64 << 20;

/// Whose ledger it is. A ledger of another device or another company's key says nothing about this one.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// The enrolled device; without one nothing is queued for sending.
    pub(crate) device: Option<DeviceId>,
    /// The key of every keyed hash in it.
    pub(crate) key: CompanyKey,
}

/// What the policy says about reporting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reporting {
    pub(crate) during_grace: DuringGrace,
    pub(crate) send_file_name: bool,
    /// The most bytes that reports may wait in.
    pub(crate) queue_limit: u64,
}

impl Default for Reporting {
    fn default() -> Self {
        Self {
            during_grace: DuringGrace::Count,
            send_file_name: true,
            queue_limit: QUEUE_LIMIT,
        }
    }
}

/// The ledger.
pub(crate) struct Ledger {
    /// Reading does not wait for an entry that is being written. It is closed first, because SQLite tidies up when its
    /// last connection closes, and this one may not.
    reader: Mutex<Connection>,
    writer: Mutex<Connection>,
    path: PathBuf,
    id: LedgerId,
    owner: Owner,
    reporting: RwLock<Reporting>,
}

/// What is written together. It is kept when [`Ledger::enter`] returns `Ok`, and undone otherwise.
pub(crate) struct Entry<'a> {
    database: &'a Connection,
    owner: &'a Owner,
    reporting: Reporting,
    now: Timestamp,
    transitions: Vec<Transition>,
    /// The last folder that was asked for, and its number.
    folder: RefCell<(Vec<u8>, i64)>,
}

impl Ledger {
    /// Opens the ledger in `folder`, or makes a new one. A damaged one is set aside first.
    ///
    /// # Errors
    /// When the database cannot be opened for a reason that is not damage, such as missing rights.
    pub(crate) fn open(folder: &Path, owner: Owner, now: Timestamp) -> Result<Self> {
        let opened = recover::open(folder, &owner, whole_milliseconds(now))?;
        let reader = open_to_read(&opened.path).context("Failed to open the ledger for reading")?;
        Ok(Self {
            reader: Mutex::new(reader),
            writer: Mutex::new(opened.database),
            path: opened.path,
            id: opened.id,
            owner,
            reporting: RwLock::default(),
        })
    }

    /// The ledger's id.
    pub(crate) fn id(&self) -> LedgerId {
        self.id
    }

    /// The database file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whose it is.
    pub(crate) fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Sets what the policy says about reporting.
    pub(crate) fn set_reporting(&self, reporting: Reporting) {
        *self.reporting.write().unwrap_or_else(PoisonError::into_inner) = reporting;
    }

    /// Writes one entry, and gives back the transitions it made.
    ///
    /// # Errors
    /// What `work` fails with, or the commit; then nothing was written.
    pub(crate) fn enter<T>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Entry<'_>) -> Result<T>,
    ) -> Result<(T, Vec<Transition>)> {
        let reporting = *self.reporting.read().unwrap_or_else(PoisonError::into_inner);
        let mut database = lock(&self.writer);
        let transaction = database
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .context("Failed to begin an entry in the ledger")?;
        let mut entry = Entry {
            database: &transaction,
            owner: &self.owner,
            reporting,
            now: whole_milliseconds(now),
            transitions: Vec::new(),
            folder: RefCell::default(),
        };
        let value = work(&mut entry)?;
        let transitions = std::mem::take(&mut entry.transitions);
        transaction.commit().context("Failed to keep an entry in the ledger")?;
        Ok((value, transitions))
    }

    /// Reads what is written, as of one moment: every entry that has been kept, and nothing of one that is being written.
    ///
    /// # Errors
    /// What `work` fails with, or the database when it is not to be read.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        let database = lock(&self.reader);
        let moment = database
            .unchecked_transaction()
            .context("Failed to begin reading the ledger")?;
        work(&Reader { database: &moment })
    }

    /// Gives back what the database keeps in memory to be quick.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn give_back_memory(&self) -> Result<()> {
        [&self.writer, &self.reader]
            .into_iter()
            .try_for_each(|database| lock(database).execute_batch("PRAGMA shrink_memory"))
            .context("Failed to give back the ledger's memory")
    }
}

/// A panic while the lock was held has rolled its transaction back; the connection is sound.
fn lock(database: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    database.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let database =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    database.busy_timeout(BUSY)?;
    // What is read is small, and the OS keeps the file at hand.
    database.pragma_update(None, "cache_size", -256)?;
    recover::plan_once(&database)?;
    Ok(database)
}

impl Entry<'_> {
    /// The time of everything in this entry.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The key of every keyed hash.
    pub(crate) fn key(&self) -> &CompanyKey {
        &self.owner.key
    }

    /// Reads what is written so far.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader {
            database: self.database,
        }
    }
}

/// Reads from a ledger.
pub(crate) struct Reader<'a> {
    database: &'a Connection,
}

/// Opens the ledger of `folder` for reading, while no service runs.
///
/// # Errors
/// When there is none, it may not be read, or a newer version wrote it.
pub(crate) fn read_only<T>(folder: &Path, work: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
    let path = folder.join(DATABASE);
    if path.try_exists().is_ok_and(|exists| !exists) {
        bail!("no service runs here, and {} holds nothing yet", folder.display());
    }
    let database = open_to_read(&path).with_context(|| format!("Failed to open {}", path.display()))?;
    schema::version(&database).with_context(|| format!("Failed to read {}", path.display()))?;
    work(&Reader { database: &database })
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
