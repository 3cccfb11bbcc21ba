//! What an administrator sets on this PC: collector address, proxy, log level, language. Everything else comes with the policy.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use fileward_protocol::vocabulary::Language;
use serde::Deserialize;
use serde::de::IntoDeserializer as _;

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
    /// Where the collector is reached now; where the token said, by default. Whom to trust stays as enrolled.
    pub(crate) collector: Option<CollectorAddress>,
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

/// The address of a collector, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct CollectorAddress(String);

impl CollectorAddress {
    /// The address.
    pub(crate) fn url(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CollectorAddress {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = reqwest::Url::parse(&text).ok().filter(|url| {
            let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
            url.scheme() == "https" && url.has_host() && is_bare && url.path() == "/" && url.fragment().is_none()
        });
        url.map(|_| Self(text.trim_end_matches('/').to_owned()))
            .ok_or("must be the address of a collector, such as \"https://collector.example:8443\"")
    }
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
    /// The policy of the OS cannot be read.
    #[error("cannot read the policy for this program: {0}")]
    NoPolicy(io::Error),
    /// A value of the policy of the OS is wrong.
    #[error("{origin}: {message}; correct it in the group policy")]
    Policy {
        /// Where it stands.
        origin: String,
        /// What is wrong.
        message: String,
    },
}

/// A value of the OS's own policy for programs, such as a group policy of Windows.
#[cfg_attr(not(windows), allow(dead_code, reason = "only Windows has such a policy"))]
#[derive(Clone, Debug, PartialEq, Eq)]
struct PolicyValue {
    /// What it is for.
    name: String,
    /// Where an administrator finds it.
    origin: String,
    /// What it says; `None` when it is no text.
    text: Option<String>,
}

impl Config {
    /// Loads the configuration that goes with this data folder; a file that is not there counts as empty. For the service of
    /// the system, what the OS's own policy sets goes before the file.
    ///
    /// # Errors
    /// Names the file, the line and the key, or the value of the policy.
    pub(crate) fn load(data_dir: &Path) -> Result<Self, ConfigError> {
        let config = Self::of_file(path(data_dir))?;
        if data_dir != system_state() {
            return Ok(config);
        }
        let policy = platform::system_policy().map_err(ConfigError::NoPolicy)?;
        policy.iter().try_fold(config, Self::with)
    }

    fn of_file(file: PathBuf) -> Result<Self, ConfigError> {
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

impl Config {
    /// This configuration with one value of the policy in it. A name that is not known is one of a newer version.
    fn with(mut self, value: &PolicyValue) -> Result<Self, ConfigError> {
        match value.name.to_ascii_lowercase().as_str() {
            "collectoraddress" => self.collector = Some(value.read()?),
            "proxy" => self.proxy = Some(value.read()?),
            "loglevel" => self.log = value.read()?,
            "language" => self.language = Some(value.read()?),
            _ => {}
        }
        Ok(self)
    }
}

impl PolicyValue {
    fn read<T: for<'de> Deserialize<'de>>(&self) -> Result<T, ConfigError> {
        let wrong = |message: String| ConfigError::Policy {
            origin: self.origin.clone(),
            message,
        };
        let text = self
            .text
            .as_deref()
            .ok_or_else(|| wrong("must be text (REG_SZ)".into()))?;
        T::deserialize(text.into_deserializer()).map_err(|error: serde::de::value::Error| wrong(error.to_string()))
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
        let text = "collector = \"https://new.example:8443/\"\nproxy = \"http://user:secret@proxy.example:3128\"\nlog = \"debug\"\nlanguage = \"zh-CN\"\n";
        let config = parse(text).unwrap();
        assert_eq!(
            config.proxy.as_ref().unwrap().url(),
            "http://user:secret@proxy.example:3128"
        );
        assert_eq!(config.collector.as_ref().unwrap().url(), "https://new.example:8443");
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
            ("collector = \"http://c\"\n", "agent.toml, line 1: collector: must be"),
            (
                "collector = \"https://u:p@c\"\n",
                "agent.toml, line 1: collector: must be",
            ),
            (
                "collector = \"https://c/agents\"\n",
                "agent.toml, line 1: collector: must be",
            ),
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
    fn the_systems_data_folder_has_its_configuration_where_the_os_has_such() {
        assert_eq!(path(&system_state()), platform::system_file());
        assert_eq!(path(Path::new("d")), Path::new("d").join("agent.toml"));
    }

    fn value(name: &str, text: Option<&str>) -> PolicyValue {
        PolicyValue {
            name: name.into(),
            origin: format!(r"HKLM\P\{name}"),
            text: text.map(Into::into),
        }
    }

    #[test]
    fn a_policy_goes_before_the_file_and_an_unknown_name_is_left_alone() {
        let mut config = Config::parse("log = \"debug\"\nlanguage = \"en\"\n", Path::new("f")).unwrap();
        for value in [
            value("CollectorAddress", Some("https://new.example")),
            value("Proxy", Some("http://proxy.example:3128")),
            value("LANGUAGE", Some("zh-CN")),
            value("FromTomorrow", Some("x")),
        ] {
            config = config.with(&value).unwrap();
        }
        assert_eq!(config.collector.as_ref().unwrap().url(), "https://new.example");
        assert_eq!(config.proxy.as_ref().unwrap().url(), "http://proxy.example:3128");
        assert_eq!((config.log, config.language), (LogLevel::Debug, Some(Language::ZhCn)));
    }

    #[test]
    fn a_wrong_value_of_a_policy_is_named_and_a_secret_in_it_is_not_repeated() {
        for (value, wanted) in [
            (value("LogLevel", Some("loud")), r"HKLM\P\LogLevel: unknown variant"),
            (
                value("Language", None),
                r"HKLM\P\Language: must be text (REG_SZ); correct",
            ),
            (
                value("Proxy", Some("ftp://user:secret@h")),
                r"HKLM\P\Proxy: must be the address",
            ),
        ] {
            let error = Config::default().with(&value).unwrap_err().to_string();
            assert!(error.starts_with(wanted) && !error.contains("secret"), "{error}");
        }
    }
}
