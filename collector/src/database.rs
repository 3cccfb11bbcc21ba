//! Which database keeps everything: SQLite in the data folder, or PostgreSQL wherever it runs.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::{fmt, io};

use anyhow::{Context, Result, bail};

use crate::collector::NotInThisBuild;
use crate::folder::Folder;
use crate::store::Store;
use crate::store::postgres::{Address, Postgres};
use crate::store::sqlite::Sqlite;

/// The database of SQLite, in the data folder.
const FILE: &str = "collector.db";

/// The password of PostgreSQL, in the data folder, where it is not in the environment.
const PASSWORD_FILE: &str = "keys/database.password";

/// The same in the environment, as PostgreSQL's own programs read it.
const PASSWORD: &str = "PGPASSWORD";

/// A database, by the word or the address that names it.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// A file in the data folder.
    Sqlite,
    /// A PostgreSQL server.
    Postgres(Box<Address>),
}

impl FromStr for Database {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        // The rest of such an address may hold a password.
        let scheme = text.split(':').next().unwrap_or_default();
        match scheme {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" | "postgresql" => text
                .parse()
                .map(|address| Self::Postgres(Box::new(address)))
                .context("The address of the database cannot be understood"),
            _ => Err(NotInThisBuild(format!("--database {scheme}")).into()),
        }
    }
}

impl fmt::Display for Database {
    /// Without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite => f.write_str("sqlite"),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

impl Database {
    /// The one that a command is given, else the one that the folder remembers.
    ///
    /// # Errors
    /// If it is another one than the collector of this folder is in, or if everybody on this machine could read its password.
    pub(crate) fn choose(folder: &Folder, remembered: &str, given: Option<&str>) -> Result<Self> {
        let remembered: Self = remembered
            .parse()
            .context("The remembered database cannot be understood")?;
        let Some(text) = given else {
            return Ok(remembered);
        };
        let given: Self = text.parse()?;
        match (&given, &remembered) {
            (Self::Postgres(_), Self::Sqlite) if folder.file(FILE).exists() => bail!(
                "This collector's database is {}; a collector in PostgreSQL begins with a data folder of its own",
                folder.file(FILE).display()
            ),
            (Self::Sqlite, Self::Postgres(address)) => {
                bail!("This collector's database is {address}; leave out --database")
            }
            _ => {}
        }
        given.must_not_tell_its_password(text)?;
        Ok(given)
    }

    /// Refuses an address with a password that stands on the command line.
    fn must_not_tell_its_password(&self, text: &str) -> Result<()> {
        let Self::Postgres(address) = self else { return Ok(()) };
        if address.password().is_some() && std::env::args().any(|argument| argument.contains(text)) {
            bail!(
                "Everybody on this machine can read a command line. Leave the password out of --database and give it as \
                 {PASSWORD}, in the file {PASSWORD_FILE} of the data folder, or within FILEWARD_DATABASE"
            );
        }
        Ok(())
    }

    /// Makes a backup the database, where there is none, and opens it.
    pub(crate) async fn restore(&self, folder: &Folder, copy: &Path) -> Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Sqlite => Arc::new(put_back(copy, &folder.file(FILE))?),
            Self::Postgres(address) => {
                let address = with_password(address, folder)?;
                Postgres::restore(address.clone(), copy.to_owned()).await?;
                Arc::new(Postgres::open(address).await?)
            }
        })
    }

    /// Opens it; makes it if there is none.
    pub(crate) async fn open(&self, folder: &Folder) -> Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Sqlite => Arc::new(Sqlite::open(&folder.file(FILE))?),
            Self::Postgres(address) => Arc::new(Postgres::open(with_password(address, folder)?).await?),
        })
    }
}

/// Makes a copy the database of the folder; a file that is no such copy leaves nothing behind.
fn put_back(copy: &Path, path: &Path) -> Result<Sqlite> {
    let mut from = File::open(copy).with_context(|| format!("Failed to read {}", copy.display()))?;
    let mut to = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| {
            format!(
                "Failed to make {}; restore into a data folder that holds no database",
                path.display()
            )
        })?;
    let opened = io::copy(&mut from, &mut to)
        .and_then(|_| to.sync_all())
        .with_context(|| format!("Failed to write {}", path.display()))
        .and_then(|()| Sqlite::open(path));
    if opened.is_err() {
        let _ = fs::remove_file(path);
    }
    opened
}

fn with_password(address: &Address, folder: &Folder) -> Result<Address> {
    if address.password().is_some() {
        return Ok(address.clone());
    }
    let kept = match std::env::var_os(PASSWORD) {
        Some(password) => Some(std::os::unix::ffi::OsStringExt::into_vec(password)),
        None => folder.read(PASSWORD_FILE)?,
    };
    Ok(match kept {
        // An editor ends a file with an end of line.
        Some(password) => address.clone().with_password(password.trim_ascii_end()),
        None => address.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::By;

    fn choose(folder: &Folder, remembered: &str, given: Option<&str>) -> Result<String> {
        Database::choose(folder, remembered, given).map(|database| database.to_string())
    }

    #[test]
    fn what_was_given_once_need_not_be_given_again() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let address = "postgres://fileward@db.example/fileward";
        assert_eq!(choose(&folder, "sqlite", None).unwrap(), "sqlite");
        assert_eq!(choose(&folder, "sqlite", Some(address)).unwrap(), address);
        assert_eq!(choose(&folder, address, None).unwrap(), address);
        let moved = "postgres://fileward@other.example/fileward";
        assert_eq!(choose(&folder, address, Some(moved)).unwrap(), moved);
    }

    #[test]
    fn a_collector_does_not_slip_from_one_kind_of_database_to_the_other() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let address = "postgres://fileward@db.example/fileward";
        assert!(choose(&folder, address, Some("sqlite")).is_err());
        folder.write(FILE, b"").unwrap();
        assert!(choose(&folder, "sqlite", Some(address)).is_err());
    }

    #[test]
    fn a_remembered_address_has_no_password() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        let chosen = choose(
            &folder,
            "sqlite",
            Some("postgres://fileward:hidden@db.example/fileward"),
        )
        .unwrap();
        assert_eq!(chosen, "postgres://fileward@db.example/fileward");
    }

    #[test]
    fn what_is_not_in_this_build_is_named_without_its_password() {
        let error = "mysql://fileward:hidden@db.example/x".parse::<Database>().unwrap_err();
        assert!(error.is::<NotInThisBuild>());
        assert!(!format!("{error:#}").contains("hidden"));
    }

    #[tokio::test]
    async fn a_copy_is_put_back_only_where_there_is_nothing() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| Folder::open(&root.path().join(name)).unwrap();
        let copy = root.path().join("copy");
        let store = Database::Sqlite.open(&folder("first")).await.unwrap();
        store.backup(copy.clone(), By::command_line()).await.unwrap();
        let second = folder("second");
        let restored = Database::Sqlite.restore(&second, &copy).await.unwrap();
        assert_eq!(restored.verify().await.unwrap().audit_lines, 1);
        let again = Database::Sqlite.restore(&second, &copy).await.err().unwrap();
        assert!(format!("{again:#}").contains("holds no database"), "{again:#}");
    }

    #[tokio::test]
    async fn what_is_no_copy_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(&root.path().join("data")).unwrap();
        let copy = root.path().join("copy");
        fs::write(&copy, [b'x'; 4096]).unwrap();
        assert!(Database::Sqlite.restore(&folder, &copy).await.is_err());
        assert!(!folder.file(FILE).exists());
    }
}
