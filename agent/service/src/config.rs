//! What an administrator sets on this PC: proxy, log level, language. Everything else comes with the policy.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fileward_protocol::vocabulary::Language;
use serde::Deserialize;

#[cfg(target_os = "linux")]
#[path = "config/linux.rs"]
mod platform;
#[cfg(windows)]
#[path = "config/windows.rs"]
mod platform;

pub(crate) use platform::{may_be_system, system_state};

/// The configuration of this PC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The HTTP proxy to the collector; none by default, whatever the environment says.
    pub(crate) proxy: Option<Proxy>,
    /// How much is logged.
    pub(crate) log: LogLevel,
    /// The language; the policy's, and then the session's, by default.
    pub(crate) language: Option<Language>,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    /// Only what failed.
    Error,
    /// What may fail soon, too.
    Warn,
    /// What happens, too.
    #[default]
    Info,
    /// How it happens, too.
    Debug,
}

/// The address of an HTTP proxy. It may hold a password and is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Proxy(String);

impl Proxy {
    /// The address.
    pub(crate) fn url(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxy(…)")
    }
}

impl TryFrom<String> for Proxy {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = reqwest::Url::parse(&text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        url.map(|_| Self(text))
            .ok_or("must be the address of an HTTP proxy, such as \"http://proxy.example:3128\"")
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{}, line {line}: {key}{message}", file.display())]
    Invalid {
        /// Which file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key with a colon behind it; empty where there is none.
        key: String,
        /// What is wrong.
        message: String,
    },
}

impl Config {
    /// Loads the configuration that goes with this data folder; a file that is not there counts as empty.
    ///
    /// # Errors
    /// Names the file, the line and the key.
    pub(crate) fn load(data_dir: &Path) -> Result<Self, ConfigError> {
        let file = path(data_dir);
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text, &file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(ConfigError::Unreadable { file, source }),
        }
    }

    fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            ConfigError::Invalid {
                file: file.to_owned(),
                line: text[..span.start.min(text.len())].matches('\n').count() + 1,
                key: key_at(text, span).map(|key| format!("{key}: ")).unwrap_or_default(),
                message: error.message().to_owned(),
            }
        })
    }
}

fn path(data_dir: &Path) -> PathBuf {
    if data_dir == system_state() {
        platform::system_file()
    } else {
        data_dir.join("agent.toml")
    }
}

/// The key whose value, or which itself, is at `span`.
fn key_at(text: &str, span: Range<usize>) -> Option<&str> {
    let start = text.get(..span.start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next()?;
    let (key, _) = line.split_once('=')?;
    Some(key.trim()).filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("agent.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = "proxy = \"http://user:secret@proxy.example:3128\"\nlog = \"debug\"\nlanguage = \"zh-CN\"\n";
        let config = parse(text).unwrap();
        assert_eq!(
            config.proxy.as_ref().unwrap().url(),
            "http://user:secret@proxy.example:3128"
        );
        assert_eq!((config.log, config.language), (LogLevel::Debug, Some(Language::ZhCn)));
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn no_file_and_an_empty_file_are_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Config::load(folder.path()).unwrap(), Config::default());
        std::fs::write(folder.path().join("agent.toml"), "").unwrap();
        assert_eq!(Config::load(folder.path()).unwrap(), Config::default());
    }

    #[test]
    fn an_error_names_file_line_and_key() {
        for (text, wanted) in [
            (
                "log = \"info\"\nproxi = \"x\"\n",
                "agent.toml, line 2: proxi: unknown field",
            ),
            (
                "# words\n\nlog = \"loud\"\n",
                "agent.toml, line 3: log: unknown variant",
            ),
            ("language = 7\n", "agent.toml, line 1: language: "),
            (
                "proxy = \"proxy.example\"\n",
                "agent.toml, line 1: proxy: must be the address of an HTTP proxy",
            ),
            ("proxy = \"socks5://p:1\"\n", "agent.toml, line 1: proxy: must be"),
            (
                "log = \"info\"\nlog = \"info\"\n",
                "agent.toml, line 2: log: duplicate key",
            ),
            ("log\n", "agent.toml, line 1: "),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(wanted), "{text:?} gave {error:?}");
        }
    }

    #[test]
    fn a_refused_proxy_is_not_repeated_in_the_error() {
        let error = parse("proxy = \"ftp://user:secret@h\"\n").unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }

    #[test]
    fn the_systems_data_folder_has_its_configuration_under_etc() {
        assert_eq!(
            path(Path::new("/var/lib/fileward")),
            Path::new("/etc/fileward/agent.toml")
        );
        assert_eq!(path(Path::new("/d")), Path::new("/d/agent.toml"));
    }
}
