//! What `serve` was told, remembered in the data folder, so that other commands need the folder alone.

use std::net::SocketAddr;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::folder::Folder;
use crate::store::people::Role;

const FILE: &str = "settings.json";

/// The settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// Where agents connect to. The real port, where a free one was asked for.
    pub agent_listen: SocketAddr,
    /// Where browsers connect to. The real port, where a free one was asked for.
    pub console_listen: SocketAddr,
    /// The address agents are told, if it is not the one listened on.
    pub public_url: Option<String>,
    /// The roles that must log in with a code from a telephone.
    pub must_have_code: Vec<Role>,
    /// `sqlite`, or the address of a database without its password.
    pub database: String,
}

/// Roles as the command line names them: separated by commas, or `all`, or `none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roles(pub Vec<Role>);

impl FromStr for Roles {
    type Err = <Role as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self(Role::ALL.to_vec())),
            "none" => Ok(Self(Vec::new())),
            list => list
                .split(',')
                .map(|word| word.trim().parse())
                .collect::<Result<_, _>>()
                .map(Self),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            agent_listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            console_listen: SocketAddr::from(([127, 0, 0, 1], 8444)),
            public_url: None,
            must_have_code: Vec::new(),
            database: "sqlite".to_owned(),
        }
    }
}

impl Settings {
    /// Reads the settings; without any, the defaults.
    pub(crate) fn load(folder: &Folder) -> Result<Self> {
        let Some(bytes) = folder.read(FILE)? else {
            return Ok(Self::default());
        };
        serde_json::from_slice(&bytes).with_context(|| {
            let path = folder.file(FILE);
            format!(
                "Failed to understand {}; mend or delete it and start `serve` again",
                path.display()
            )
        })
    }

    /// Keeps the settings.
    pub(crate) fn save(&self, folder: &Folder) -> Result<()> {
        folder.write(FILE, &serde_json::to_vec_pretty(self)?)
    }

    /// The address agents are told.
    pub(crate) fn agent_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| url(self.agent_listen))
    }

    /// The address of the console.
    pub(crate) fn console_url(&self) -> String {
        let host = self.public_url.as_deref().and_then(host_of);
        match host {
            Some(host) => format!("https://{host}:{}", self.console_listen.port()),
            None => url(self.console_listen),
        }
    }

    /// Every name and address under which the collector is reached.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for address in [self.agent_listen, self.console_listen] {
            if address.ip().is_unspecified() {
                names.push(host_name());
            } else {
                names.push(address.ip().to_string());
            }
            if address.ip().is_unspecified() || address.ip().is_loopback() {
                names.extend(["127.0.0.1", "::1", "localhost"].map(str::to_owned));
            }
        }
        let public = self.public_url.as_deref().and_then(host_of);
        names.extend(public.map(|host| host.trim_matches(['[', ']']).to_owned()));
        names.sort();
        names.dedup();
        names
    }
}

fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("https://{}:{}", host_name(), address.port())
    } else {
        format!("https://{address}")
    }
}

fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Checks a public address: `https://`, a host, perhaps a port, nothing more.
pub(crate) fn check_public_url(text: &str) -> Result<String> {
    let text = text.trim_end_matches('/');
    let Some(host) = host_of(text) else {
        bail!("--public-url must read https://HOST or https://HOST:PORT");
    };
    if host.is_empty() || text.matches('/').count() != 2 || text.contains(['@', '?', '#', ' ']) {
        bail!("--public-url must read https://HOST or https://HOST:PORT");
    }
    Ok(text.to_owned())
}

/// The host of `https://HOST[:PORT]`.
fn host_of(url: &str) -> Option<&str> {
    let authority = url.strip_prefix("https://")?.split('/').next()?;
    match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').map(|end| &authority[..end + 2]),
        None => Some(authority.split(':').next().unwrap_or(authority)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_names_the_host_alone() {
        assert_eq!(host_of("https://fileward.example:8443"), Some("fileward.example"));
        assert_eq!(host_of("https://[::1]:8443"), Some("[::1]"));
        assert_eq!(check_public_url("https://a.example/").unwrap(), "https://a.example");
        for bad in [
            "http://a.example",
            "https://",
            "https://a/b",
            "https://u@a",
            "a.example",
        ] {
            assert!(check_public_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_certificate_names_every_address_agents_may_use() {
        let settings = Settings {
            public_url: Some("https://fileward.example:8443".to_owned()),
            ..Settings::default()
        };
        let names = settings.names();
        for name in ["127.0.0.1", "localhost", "fileward.example"] {
            assert!(names.contains(&name.to_owned()), "{names:?}");
        }
        assert_eq!(settings.agent_url(), "https://fileward.example:8443");
        assert_eq!(settings.console_url(), "https://fileward.example:8444");
    }
}
