//! Dropbox says in its own `info.json` where its folders are.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::User;
use crate::territory::read_of;

/// More than `info.json` ever holds.
const MOST_BYTES: u64 = 64 * 1024;

#[derive(Default, Deserialize)]
struct Info {
    // A business account's folder stands beside it. It is nobody's personal cloud; and because its user may write
    // anything into this file, it is no proof of a company's cloud either.
    personal: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    path: PathBuf,
}

/// The folder that holds `info.json`.
pub(crate) fn settings_folder(user: &User) -> PathBuf {
    user.home.join(".dropbox")
}

/// The folder of the personal account.
pub(crate) fn personal_folder(user: &User) -> Option<PathBuf> {
    let json = read_of(user.id, &settings_folder(user).join("info.json"), MOST_BYTES)?;
    parse(&json)
}

fn parse(json: &[u8]) -> Option<PathBuf> {
    let info: Info = serde_json::from_slice(json).ok()?;
    info.personal
        .map(|account| account.path)
        .filter(|path| Path::is_absolute(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_personal_account_is_a_personal_cloud() {
        let both = br#"{"personal": {"path": "/home/zhang/Dropbox (Personal)", "host": 1}, "business": {"path": "/home/zhang/Dropbox (Work)"}}"#;
        assert_eq!(parse(both), Some("/home/zhang/Dropbox (Personal)".into()));
        assert_eq!(parse(br#"{"business": {"path": "/home/zhang/Dropbox (Work)"}}"#), None);
    }

    #[test]
    fn a_broken_file_names_nothing() {
        assert_eq!(parse(b"{"), None);
        assert_eq!(parse(br#"{"personal": {"path": "Dropbox"}}"#), None);
        assert_eq!(parse(br#"{"personal": {}}"#), None);
    }
}
