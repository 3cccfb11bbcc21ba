//! Adding, removing and trying targets, alike at the command line and at the console.

use anyhow::{Context, Result};
use uuid::Uuid;

use super::{Channel, Outcome, Secrets, authorities, webhook};
use crate::folder::Folder;
use crate::safe::is_hidden;
use crate::store::audit::{Action, AuditEntry, AuditFilter};
use crate::store::targets::{About, Letter, Mark, Subject, Target, TargetId, TargetKind, Wanted};
use crate::store::{By, Paging, Store, StoreError};

/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 64;

/// The longest address or key, in bytes.
pub(crate) const LONGEST_SECRET: usize = 4096;

/// A target as somebody wants it.
pub(crate) struct Draft {
    /// What to call it.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// Its whole address.
    pub address: String,
    /// The key that messages are signed with, if there is one.
    pub key: Option<String>,
    /// What it is told, and how.
    pub wanted: Wanted,
    /// Whether it is told all that is kept, not only what changes.
    pub everything: bool,
}

/// A target that was added.
pub(crate) struct Added {
    /// Its id.
    pub id: TargetId,
    /// The key that was made for it: nobody else knows it yet.
    pub key: Option<String>,
}

/// Why a target was not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAdded {
    /// Its name is none.
    #[error("a name has 1 to {LONGEST_NAME} visible characters")]
    Name,
    /// Its address is none.
    #[error("the address must be one line of at most {LONGEST_SECRET} bytes")]
    Address,
    /// Its key is none.
    #[error("the key must be one line of at most {LONGEST_SECRET} bytes")]
    Key,
    /// It has a key that nothing would be done with.
    #[error("{0} signs nothing: leave out the key")]
    SignsNothing(TargetKind),
    /// The certificates cannot be trusted.
    #[error("the CA's certificates cannot be used")]
    Authorities(#[source] anyhow::Error),
    /// Nothing can be sent there.
    #[error("it cannot be used")]
    Unusable(#[source] anyhow::Error),
    /// Its secrets cannot be kept.
    #[error("its secrets cannot be kept")]
    Folder(#[source] anyhow::Error),
    /// The store does not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where targets are kept.
pub(crate) struct Kept<'a> {
    /// What they are told, and how far they have come.
    pub store: &'a dyn Store,
    /// What lets in at them.
    pub folder: &'a Folder,
    /// The console's address, which messages link to.
    pub console: &'a str,
}

impl Kept<'_> {
    /// Adds a target. Everything that can be wrong with it is found before it is kept.
    pub(crate) async fn add(&self, draft: Draft, by: By) -> Result<Added, NotAdded> {
        let everything = draft.everything;
        let (target, secrets, key) = draft.check()?;
        Channel::new(&target, secrets.clone(), self.console).map_err(NotAdded::Unusable)?;
        let id = target.id;
        secrets.save(self.folder, id).map_err(NotAdded::Folder)?;
        if let Err(error) = self.store.add_target(target, everything, by).await {
            Secrets::remove(self.folder, id).map_err(NotAdded::Folder)?;
            return Err(error.into());
        }
        Ok(Added { id, key })
    }

    /// Removes a target with its secrets.
    pub(crate) async fn remove(&self, name: String, by: By) -> Result<()> {
        let id = self.store.remove_target(name, by).await?;
        Secrets::remove(self.folder, id)
    }

    /// Sends a message by which people see that it arrives.
    pub(crate) async fn test(&self, name: String, by: By) -> Result<Outcome> {
        let rows = self.store.targets().await?;
        let mut targets = rows.into_iter().map(|row| row.target);
        let target = targets.find(|target| target.name == name);
        let target = target.ok_or_else(|| StoreError::not_found("integration", &name))?;
        let entry = AuditEntry {
            by,
            action: Action::IntegrationTested,
            subject: name.clone(),
            detail: String::new(),
        };
        self.store.append_audit(entry).await?;
        let filter = AuditFilter {
            action: Some(Action::IntegrationTested),
            subject: Some(name),
        };
        let mut lines = self.store.audit(filter, Paging::first(1)).await?.rows;
        let line = lines.pop().context("The audit trail has lost a line")?;
        let mark = Mark {
            about: About::Audit,
            row: line.id,
            after: None,
        };
        let secrets = Secrets::load(self.folder, target.id)?;
        let channel = Channel::new(&target, secrets, self.console)?;
        let subject = Subject::Audit(line);
        Ok(channel.test(&Letter { mark, subject }).await)
    }
}

impl Draft {
    /// The target, its secrets, and the key that was made for it.
    fn check(self) -> Result<(Target, Secrets, Option<String>), NotAdded> {
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(is_hidden) {
            return Err(NotAdded::Name);
        }
        let address = one_line(&self.address).ok_or(NotAdded::Address)?;
        let given = self.key.map(|key| one_line(&key).ok_or(NotAdded::Key)).transpose()?;
        let made = match (self.kind, &given) {
            (TargetKind::Webhook, None) => Some(webhook::new_key().map_err(NotAdded::Unusable)?),
            (TargetKind::Syslog | TargetKind::Wecom, Some(_)) => return Err(NotAdded::SignsNothing(self.kind)),
            _ => None,
        };
        if let Some(pem) = &self.wanted.authorities {
            authorities::check(pem).map_err(NotAdded::Authorities)?;
        }
        let target = Target {
            id: TargetId(Uuid::new_v4()),
            name,
            kind: self.kind,
            address: shown(self.kind, &address),
            wanted: self.wanted,
        };
        let secrets = Secrets {
            address,
            key: given.or_else(|| made.clone()),
        };
        Ok((target, secrets, made))
    }
}

/// The text, if it is one line that is not too long.
fn one_line(text: &str) -> Option<String> {
    let text = text.trim();
    let is_line = !text.is_empty() && text.len() <= LONGEST_SECRET && !text.contains(['\r', '\n']);
    is_line.then(|| text.to_owned())
}

/// The address without what may let in: path, query, user.
fn shown(kind: TargetKind, address: &str) -> String {
    if kind == TargetKind::Syslog {
        return address.to_owned();
    }
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    let host = authority[..end].rsplit('@').next().unwrap_or_default();
    format!("https://{host}/…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_lets_in() {
        for (address, said) in [
            (
                "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",
                "https://qyapi.weixin.qq.com/…",
            ),
            (
                "https://user:pass@a.example:8443/hook/token",
                "https://a.example:8443/…",
            ),
            ("https://a.example?token=t", "https://a.example/…"),
        ] {
            assert_eq!(shown(TargetKind::Webhook, address), said);
        }
    }
}
