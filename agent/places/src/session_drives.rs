//! Drives that one session of a user has and the service does not see: Windows keeps letters apart by session. The tray
//! of the session tells of them, and who made a tray say it may lie. So what it says is only where to look:
//!
//! - A VeraCrypt volume is looked for by its device, in the kernel's own folder of devices, where drivers alone make
//!   names. Whether it is there, and whose its folders are, the service sees for itself.
//! - A share counts only where the policy has a store on it: no tray makes the service sign in at a server it chose.
//!
//! A letter that the service has itself leads where the service sees it lead.

use std::collections::BTreeMap;

use fileward_policy::effective::Store;

use crate::UserId;

/// The drives of the users' sessions.
pub type Sessions = BTreeMap<UserId, SessionDrives>;

/// What the letters of a session lead to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionDrives(BTreeMap<char, Target>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// A device, such as `\Device\VeraCryptVolumeV`.
    VeraCrypt(String),
    /// Such as `\\server\share`.
    Share(String),
}

impl SessionDrives {
    /// Takes what was told: letters, and the devices or shares they lead to. What is neither a VeraCrypt volume nor a
    /// share is left out.
    pub fn told(drives: impl IntoIterator<Item = (char, String)>) -> Self {
        let known = drives.into_iter().filter_map(|(letter, target)| {
            let target = if is_veracrypt(&target) {
                Target::VeraCrypt(target)
            } else {
                share(&target)?;
                Target::Share(target)
            };
            letter
                .is_ascii_alphabetic()
                .then_some((letter.to_ascii_uppercase(), target))
        });
        Self(known.collect())
    }

    /// The drives whose letters the service does not have.
    pub(crate) fn without(mut self, has: impl Fn(char) -> bool) -> Self {
        self.0.retain(|letter, _| !has(*letter));
        self
    }

    /// Where a store on one of the drives is. A share is none by its letter: the policy names those by their server.
    pub(crate) fn store(&self, path: &str) -> Option<String> {
        match self.find(path)? {
            (Target::VeraCrypt(device), below) => Some(on_device(device, below)),
            (Target::Share(_), _) => None,
        }
    }

    /// Where another folder on one of the drives is.
    pub(crate) fn folder(&self, path: &str, stores: &[Store]) -> Option<String> {
        match self.find(path)? {
            (Target::VeraCrypt(device), below) => Some(on_device(device, below)),
            (Target::Share(target), below) => has_store_on(stores, target).then(|| format!("{target}{below}")),
        }
    }

    /// The target of the letter that `path` begins with, and the rest with the separator before it.
    fn find<'a>(&self, path: &'a str) -> Option<(&Target, &'a str)> {
        let letter = path.chars().next()?.to_ascii_uppercase();
        let below = path.get(1..)?.strip_prefix(':')?;
        below.starts_with('\\').then_some((self.0.get(&letter)?, below))
    }
}

/// The name under which every session finds a device.
fn on_device(device: &str, below: &str) -> String {
    format!(r"\\?\GLOBALROOT{device}{below}")
}

/// `\Device\VeraCryptVolumeX`, and the name it had before.
pub(crate) fn is_veracrypt(device: &str) -> bool {
    ["VeraCryptVolume", "TrueCryptVolume"].iter().any(|name| {
        let rest = device
            .strip_prefix(r"\Device\")
            .and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|letter| letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_alphabetic()))
    })
}

/// `\\server\share` of a path on it, in lower case; `None` for other paths.
fn share(path: &str) -> Option<String> {
    let names: Vec<&str> = path.strip_prefix(r"\\")?.split('\\').collect();
    let is_name =
        |name: &&str| !matches!(*name, "" | "." | "..") && !name.contains(['/', ':', '*', '?', '"', '<', '>', '|']);
    let [server, share, ..] = names[..] else {
        return None;
    };
    names
        .iter()
        .all(is_name)
        .then(|| format!(r"\\{server}\{share}").to_lowercase())
}

/// Whether one of the stores is on the share that `target` lies on.
pub(crate) fn has_store_on(stores: &[Store], target: &str) -> bool {
    let named = share(target);
    stores.iter().any(|store| match store {
        Store::Folder { path, .. } => share(path.trim_end_matches('\\')).is_some_and(|share| Some(share) == named),
        Store::CompanyCloud { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drives(told: &[(char, &str)]) -> SessionDrives {
        SessionDrives::told(told.iter().map(|(letter, target)| (*letter, (*target).to_owned())))
    }

    fn stores(path: &str) -> [Store; 1] {
        [Store::Folder {
            path: path.to_owned(),
            require_encryption: true,
        }]
    }

    #[test]
    fn a_store_on_a_veracrypt_letter_is_looked_for_by_its_device() {
        let drives = drives(&[('v', r"\Device\VeraCryptVolumeV")]);
        let store = |path| drives.store(path);
        let expected = r"\\?\GLOBALROOT\Device\VeraCryptVolumeV\工作";
        assert_eq!(store(r"V:\工作").as_deref(), Some(expected));
        assert_eq!(store(r"v:\工作").as_deref(), Some(expected));
        for other in [r"W:\工作", r"V:工作", "V:", r"\\server\share", ""] {
            assert_eq!(store(other), None, "{other}");
        }
    }

    #[test]
    fn no_tray_can_name_another_device_or_a_folder() {
        for lie in [
            r"\Device\HarddiskVolume3",
            r"\??\C:\plain",
            r"\Device\VeraCryptVolumeV\..\HarddiskVolume3",
            r"\Device\VeraCryptVolume3",
            r"\Device\VeraCryptVolume\",
            r"\\.\pipe",
            r"\\?\C:",
            r"\\server",
            r"\\nas\work\..\hr",
            "",
        ] {
            assert_eq!(drives(&[('V', lie)]), SessionDrives::default(), "{lie}");
        }
    }

    #[test]
    fn a_share_counts_where_the_policy_has_a_store_on_it_and_never_makes_one() {
        let drives = drives(&[('Z', r"\\NAS\Work\deep")]);
        let on_it = stores(r"\\nas\work\Store");
        assert_eq!(
            drives.folder(r"Z:\Desktop", &on_it).as_deref(),
            Some(r"\\NAS\Work\deep\Desktop")
        );
        for elsewhere in [r"\\nas\other\Store", r"\\other\work", r"Z:\Store"] {
            assert_eq!(drives.folder(r"Z:\Desktop", &stores(elsewhere)), None, "{elsewhere}");
        }
        assert_eq!(drives.store(r"Z:\Store"), None);
    }

    #[test]
    fn a_letter_of_the_service_is_never_another_ones() {
        let drives = drives(&[('C', r"\Device\VeraCryptVolumeC"), ('V', r"\Device\VeraCryptVolumeV")]);
        let drives = drives.without(|letter| letter == 'C');
        assert_eq!(drives.store(r"C:\Store"), None);
        assert!(drives.store(r"V:\Store").is_some());
    }
}
