//! Opens the database; sets a damaged or foreign one aside, never deletes it, and begins a new one.
//!
//! A small file beside the database, `ledger-id`, remembers its id, so that the collector can be told which was lost.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use fileward_protocol::ids::{LedgerId, Purpose};
use fileward_protocol::report::Body;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode};

use super::{DATABASE, Owner, meta, outbox, schema};
use crate::device::private;

const ID_FILE: &str = "ledger-id";

pub(super) struct Opened {
    pub(super) database: Connection,
    pub(super) path: PathBuf,
    pub(super) id: LedgerId,
}

/// Why a database cannot be used.
enum Unusable {
    /// It is damaged, or no ledger at all.
    Damaged(String),
    /// It belongs to another device or another key.
    Foreign,
    /// Anything else: it stays where it is.
    Other(anyhow::Error),
}

pub(super) fn open(folder: &Path, owner: &Owner, now: Timestamp) -> Result<Opened> {
    let path = folder.join(DATABASE);
    let remembered = read_id(&folder.join(ID_FILE));
    let existed = path.exists();
    let (database, id) = match try_open(&path, owner) {
        Ok((database, Some(id))) => (database, id),
        Ok((database, None)) => begin(
            database,
            owner,
            now,
            remembered.filter(|_| !existed),
            !existed && remembered.is_some(),
        )?,
        Err(Unusable::Other(error)) => {
            return Err(error.context(format!("Failed to open the ledger {}", path.display())));
        }
        Err(Unusable::Foreign) => {
            let aside = set_aside(&path, "former", now)?;
            tracing::warn!(file = %file_name(&aside), "the ledger belongs to another enrolment and was set aside");
            begin(reopen(&path, owner)?, owner, now, None, false)?
        }
        Err(Unusable::Damaged(why)) => {
            let aside = set_aside(&path, "corrupt", now)?;
            tracing::error!(why, file = %file_name(&aside), "the ledger is damaged and was set aside; a new one is built from the folders");
            begin(reopen(&path, owner)?, owner, now, remembered, true)?
        }
    };
    if remembered != Some(id) {
        write_id(folder, id).context("Failed to write the ledger's id file")?;
    }
    Ok(Opened { database, path, id })
}

/// Lets a connection keep every statement that it has prepared.
pub(super) fn plan_once(database: &Connection) -> rusqlite::Result<()> {
    database.set_prepared_statement_cache_capacity(128);
    // Otherwise a statement with a parameter and an order is planned anew whenever it comes out of the cache.
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Opens, checks and migrates a database. A new, empty one has no id yet.
/// Pages of the write-ahead log after which it goes into the database: 16 MiB.
const CHECKPOINT_PAGES: u32 = 4096;

fn try_open(path: &Path, owner: &Owner) -> Result<(Connection, Option<LedgerId>), Unusable> {
    if !path.exists() {
        // SQLite would make it for everybody to read; what it makes beside it has the same rights.
        private::write(path, b"").map_err(|error| Unusable::Other(error.into()))?;
    }
    let mut database = Connection::open(path)?;
    database.busy_timeout(Duration::from_secs(10))?;
    let application: i32 = database.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: u32 = database.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != schema::APPLICATION_ID && !(application == 0 && tables == 0) {
        return Err(Unusable::Damaged("it is a database of another program".into()));
    }
    // Before anything is written: what a newer version keeps, and how, is its own affair.
    schema::version(&database).map_err(Unusable::from_any)?;
    let sound: String = database.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if sound != "ok" {
        return Err(Unusable::Damaged(sound));
    }
    database.pragma_update(None, "journal_mode", "wal")?;
    database.pragma_update(None, "synchronous", "full")?;
    database.pragma_update(None, "foreign_keys", true)?;
    // In a sweep most pages change again and again; each checkpoint writes those that did since the last.
    database.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    plan_once(&database)?;
    schema::migrate(&mut database).map_err(Unusable::from_any)?;
    let Some(id) = meta::get(&database, meta::key::LEDGER)? else {
        return Ok((database, None));
    };
    let id = id
        .parse()
        .map_err(|_| Unusable::Damaged("its id cannot be read".into()))?;
    let (device, check) = marks(owner);
    let same = meta::get(&database, meta::key::DEVICE)?.as_deref() == Some(&device)
        && meta::get(&database, meta::key::KEY_CHECK)?.as_deref() == Some(&check);
    if same {
        Ok((database, Some(id)))
    } else {
        Err(Unusable::Foreign)
    }
}

fn reopen(path: &Path, owner: &Owner) -> Result<Connection> {
    match try_open(path, owner) {
        Ok((database, _)) => Ok(database),
        Err(Unusable::Other(error)) => Err(error.context(format!("Failed to make a new ledger {}", path.display()))),
        Err(Unusable::Damaged(_) | Unusable::Foreign) => {
            anyhow::bail!(
                "Failed to make a new ledger {}: the old one is still there",
                path.display()
            )
        }
    }
}

fn begin(
    mut database: Connection,
    owner: &Owner,
    now: Timestamp,
    former: Option<LedgerId>,
    rebuilt: bool,
) -> Result<(Connection, LedgerId)> {
    let id = LedgerId::new();
    let (device, check) = marks(owner);
    let step = database.transaction()?;
    meta::set(&step, meta::key::LEDGER, &id.to_string())?;
    meta::set(&step, meta::key::DEVICE, &device)?;
    meta::set(&step, meta::key::KEY_CHECK, &check)?;
    if rebuilt && owner.device.is_some() {
        outbox::push(
            &step,
            now,
            outbox::KEPT,
            "ledger_rebuilt",
            &Body::LedgerRebuilt { former },
        )?;
    }
    step.commit().context("Failed to begin a new ledger")?;
    Ok((database, id))
}

fn marks(owner: &Owner) -> (String, String) {
    (
        owner.device.map(|device| device.to_string()).unwrap_or_default(),
        owner.key.hash(Purpose::Finding, b"ledger").to_string(),
    )
}

/// Moves the database and what SQLite keeps beside it out of the way.
fn set_aside(path: &Path, why: &str, now: Timestamp) -> Result<PathBuf> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    let mut aside = path.with_file_name(format!("{DATABASE}.{why}-{stamp}"));
    while aside.exists() {
        aside.as_mut_os_string().push("+");
    }
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (with_suffix(path, suffix), with_suffix(&aside, suffix));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("Failed to set {} aside", from.display()));
            }
            _ => {}
        }
    }
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn read_id(file: &Path) -> Option<LedgerId> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn write_id(folder: &Path, id: LedgerId) -> io::Result<()> {
    private::write(&folder.join(ID_FILE), format!("{id}\n").as_bytes())
}

impl Unusable {
    fn from_any(error: anyhow::Error) -> Self {
        match error.downcast::<rusqlite::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::Other(error),
        }
    }
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Other(error.into()),
        }
    }
}
