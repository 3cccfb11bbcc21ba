//! The collector as every command finds it: its folder, its keys, its store.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use fileward_protocol::ids::CompanyKey;

use crate::ca::Authority;
use crate::database::Database;
use crate::folder::Folder;
use crate::keys::{self, PolicyKey};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::store::{By, Store};

/// Everything a command works on.
pub(crate) struct Collector {
    /// The data folder.
    pub folder: Folder,
    /// What `serve` was last told.
    pub settings: Settings,
    /// Everything kept.
    pub store: Arc<dyn Store>,
    /// The company's secret.
    pub company_key: CompanyKey,
    /// The key that signs policy.
    pub policy_key: PolicyKey,
    /// What is counted while it runs.
    pub metrics: Metrics,
}

/// Something the command line knows of and this build cannot do.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not in this build")]
pub(crate) struct NotInThisBuild(pub String);

impl Collector {
    /// Opens the folder, with the database that is given or else remembered. The first time, makes keys, CA and the first
    /// policy.
    pub(crate) async fn open(path: &Path, database: Option<&str>) -> Result<Self> {
        let folder = Folder::open(path)?;
        let lock = folder.lock()?;
        let mut settings = Settings::load(&folder)?;
        let database = Database::choose(&folder, &settings.database, database)?;
        let store = database.open(&folder).await?;
        if settings.database != database.to_string() {
            settings.database = database.to_string();
            settings.save(&folder)?;
        }
        let company_key = keys::company(&folder)?;
        let policy_key = PolicyKey::load(&folder)?;
        Authority::load_or_create(&folder, &*store).await?;
        store
            .publish_first_policy(fileward_policy::document::DEFAULT.to_owned(), By::collector())
            .await
            .context("Failed to publish the first policy")?;
        drop(lock);
        Ok(Self {
            folder,
            settings,
            store,
            company_key,
            policy_key,
            metrics: Metrics::default(),
        })
    }

    /// Puts a copy of the database back into a folder, or into a PostgreSQL database, that holds none.
    pub(crate) async fn restore(path: &Path, database: Option<&str>, copy: &Path) -> Result<Arc<dyn Store>> {
        let folder = Folder::open(path)?;
        let _lock = folder.lock()?;
        let mut settings = Settings::load(&folder)?;
        let database = Database::choose(&folder, &settings.database, database)?;
        let store = database.restore(&folder, copy).await?;
        if settings.database != database.to_string() {
            settings.database = database.to_string();
            settings.save(&folder)?;
        }
        Ok(store)
    }

    /// The CA as it stands.
    pub(crate) async fn authority(&self) -> Result<Authority> {
        Authority::load(&self.folder, &*self.store).await
    }
}
