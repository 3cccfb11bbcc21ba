//! What the collector is told about the company's own log-in: `sign-on.toml` in the data folder.

use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use openidconnect::url::Url;
use serde::Deserialize;

use crate::folder::Folder;
use crate::store::people::Role;

/// The file; the folder keeps it from everybody else, since the client's secret stands in it.
const FILE: &str = "sign-on.toml";

/// The settings.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The provider, as it calls itself.
    pub issuer: String,
    /// What the provider calls the collector.
    pub client_id: String,
    /// The secret the provider gave with it.
    pub client_secret: String,
    /// What the provider says of somebody that is their name here.
    #[serde(default)]
    pub match_by: Claim,
    /// The role in which somebody unknown is added; without it, nobody is.
    pub add_as: Option<Role>,
    /// A CA that the provider's certificate comes from, beside those of the system.
    pub ca_file: Option<PathBuf>,
}

/// What a provider says of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Claim {
    /// Their name at the company.
    #[default]
    PreferredUsername,
    /// Their address, if the provider has verified it.
    Email,
    /// Their number at the provider.
    Sub,
}

impl Settings {
    /// Reads the file; none where the company has no such log-in.
    pub(crate) fn load(folder: &Folder) -> Result<Option<Self>> {
        let Some(bytes) = folder.read(FILE)? else {
            return Ok(None);
        };
        let read = || {
            let settings: Self = toml::from_slice(&bytes)?;
            settings.check()?;
            Ok(settings)
        };
        let read: Result<Self> = read();
        read.map(Some)
            .with_context(|| format!("Failed to understand {}", folder.file(FILE).display()))
    }

    fn check(&self) -> Result<()> {
        let issuer = Url::parse(&self.issuer).context("the issuer is no address")?;
        let here = issuer.host_str().is_some_and(|host| {
            let ip: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
            ip.is_ok_and(|ip| ip.is_loopback())
        });
        if issuer.scheme() != "https" && !(issuer.scheme() == "http" && here) {
            bail!("the issuer must be an address with https://");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Settings>> {
        let root = tempfile::tempdir().unwrap();
        let folder = Folder::open(root.path()).unwrap();
        folder.write(FILE, text.as_bytes()).unwrap();
        Settings::load(&folder)
    }

    #[test]
    fn without_a_file_there_is_no_such_log_in() {
        let root = tempfile::tempdir().unwrap();
        assert!(Settings::load(&Folder::open(root.path()).unwrap()).unwrap().is_none());
    }

    #[test]
    fn names_are_matched_and_nobody_is_added_unless_the_file_says_otherwise() {
        let text = "issuer = \"https://login.example\"\nclient_id = \"fileward\"\nclient_secret = \"s\"\n";
        let settings = read(text).unwrap().unwrap();
        assert_eq!((settings.match_by, settings.add_as), (Claim::PreferredUsername, None));
        let more = format!("{text}match_by = \"email\"\nadd_as = \"auditor\"\n");
        let settings = read(&more).unwrap().unwrap();
        assert_eq!(
            (settings.match_by, settings.add_as),
            (Claim::Email, Some(Role::Auditor))
        );
        for wrong in [
            text.replace("https", "http"),
            format!("{text}secret = 1\n"),
            text.replace("client_id", "client"),
            format!("{text}add_as = \"boss\"\n"),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
        assert!(read(&text.replace("https://login.example", "http://127.0.0.1:99")).is_ok());
    }
}
