//! What lets in at a target: its whole address, which may carry a token, and its signing key. Kept in a file of the data
//! folder that only the service reads, never in the database: a backup of the database alone does not give it.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::folder::Folder;
use crate::store::targets::TargetId;

/// A target's secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// The whole address.
    pub address: String,
    /// The key messages are signed with.
    pub key: Option<String>,
}

impl Secrets {
    /// Keeps them.
    pub(crate) fn save(&self, folder: &Folder, id: TargetId) -> Result<()> {
        folder.write(&file(id), &serde_json::to_vec(self)?)
    }

    /// Reads them.
    pub(crate) fn load(folder: &Folder, id: TargetId) -> Result<Self> {
        let name = file(id);
        let bytes = folder.read(&name)?.with_context(|| {
            let path = folder.file(&name);
            format!("{} is missing; remove the integration and add it again", path.display())
        })?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} cannot be understood", folder.file(&name).display()))
    }

    /// Forgets them.
    pub(crate) fn remove(folder: &Folder, id: TargetId) -> Result<()> {
        folder.remove(&file(id))
    }
}

fn file(id: TargetId) -> String {
    format!("keys/target-{}.json", id.0)
}
