//! Known folders: `User Shell Folders` in the user's registry, and the usual places where it says nothing.

use std::path::{Path, PathBuf};

use super::{Folder, Known};
use crate::registry::Registry;
use crate::users::PROFILES;
use crate::{System, User, names};

/// The key below a user's own that says where their folders are.
pub(crate) const USER_SHELL_FOLDERS: &str = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";

/// What the downloads folder is called there. The value is missing for users who never moved the folder.
const DOWNLOADS: &str = "{374DE290-123F-4565-9164-39C4925E467B}";

/// The names that the desktop has in a OneDrive which took it over.
const ONEDRIVE_DESKTOPS: &[&str] = &["Desktop", "桌面"];

/// The folders of `user`.
pub(crate) fn known(system: &System, user: &User, registry: &Registry) -> Known {
    let keys = registry.users.get(&user.id);
    let home = &user.home;
    let said = |value: &str| {
        let path = expand(keys?.value(USER_SHELL_FOLDERS, value)?, |name| of_user(name, user))?;
        Some(path.components().collect::<PathBuf>()).filter(|path| path.is_absolute())
    };
    let choose = |value: &str, usual: &str| match said(value) {
        Some(path) => Folder {
            path,
            by: "user-shell-folders",
        },
        None => Folder {
            path: home.join(usual),
            by: "default-folder",
        },
    };
    let mut desktop = vec![choose("Desktop", "Desktop")];
    if keys.is_none() {
        desktop.extend(onedrive_desktops(home));
    }
    // Apps keep the documents folder that they began with when it is moved.
    let mut documents: Vec<_> = said("Personal").into_iter().collect();
    let usual = home.join("Documents");
    if !documents.iter().any(|path| names::same_path(path, &usual)) {
        documents.push(usual);
    }
    Known {
        desktop,
        downloads: vec![choose(DOWNLOADS, "Downloads")],
        documents,
        config: said("AppData").unwrap_or_else(|| home.join(r"AppData\Roaming")),
        local_app_data: Some(said("Local AppData").unwrap_or_else(|| home.join(r"AppData\Local"))),
        public: registry
            .machine
            .value(PROFILES, "Public")
            .and_then(|path| expand(path, |_| None)),
        drives: system.drives(),
        home: home.clone(),
    }
}

/// Desktops that OneDrive took over, of a user whose registry cannot be read.
fn onedrive_desktops(home: &Path) -> Vec<Folder> {
    let entries = std::fs::read_dir(home).into_iter().flatten().flatten();
    let drives = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("OneDrive"));
    drives
        .flat_map(|drive| ONEDRIVE_DESKTOPS.iter().map(move |name| drive.path().join(name)))
        .filter(|path| path.is_dir())
        .map(|path| Folder {
            path,
            by: "default-folder",
        })
        .collect()
}

/// What a variable of `user` stands for; those of the service itself would be SYSTEM's.
fn of_user(name: &str, user: &User) -> Option<String> {
    let below = |rest: &str| Some(user.home.join(rest).to_str()?.to_owned());
    match name.to_ascii_uppercase().as_str() {
        "USERPROFILE" => below(""),
        "APPDATA" => below(r"AppData\Roaming"),
        "LOCALAPPDATA" => below(r"AppData\Local"),
        "USERNAME" => Some(user.name.clone()),
        "HOMEDRIVE" => Some(user.home.to_str()?.get(..2)?.to_owned()),
        "HOMEPATH" => Some(user.home.to_str()?.get(2..)?.to_owned()),
        _ => None,
    }
}

/// `path` with each `%NAME%` replaced by what `variable` or else the machine says; `None` where neither knows one.
pub(crate) fn expand(path: &str, variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let mut expanded = String::new();
    let mut rest = path;
    while let Some((before, from)) = rest.split_once('%') {
        let (name, after) = from.split_once('%')?;
        expanded.push_str(before);
        expanded.push_str(&variable(name).or_else(|| of_machine(name))?);
        rest = after;
    }
    expanded.push_str(rest);
    (!expanded.contains('\0')).then(|| expanded.trim_end().into())
}

/// A variable that is the same for everybody.
fn of_machine(name: &str) -> Option<String> {
    let same = ["SystemDrive", "SystemRoot", "windir", "ProgramData", "PUBLIC"];
    same.iter()
        .any(|other| other.eq_ignore_ascii_case(name))
        .then(|| std::env::var(name).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> User {
        User {
            id: "S-1-5-21-1-2-3-1001".parse().unwrap(),
            name: "zhang".into(),
            home: r"D:\Users\zhang".into(),
        }
    }

    fn known_with(values: &[(&str, &str)]) -> Known {
        let mut registry = Registry::default();
        let keys = registry.users.entry(user().id).or_default();
        for (name, data) in values {
            keys.set(USER_SHELL_FOLDERS, name, data);
        }
        known(
            &System {
                recorded: Some(std::sync::Arc::default()),
            },
            &user(),
            &registry,
        )
    }

    #[test]
    fn values_are_expanded_with_the_users_own_profile() {
        let known = known_with(&[
            ("Desktop", r"%USERPROFILE%\OneDrive\桌面"),
            ("Personal", r"E:\Document\文档\"),
            (DOWNLOADS, r"%HomeDrive%%HOMEPATH%\收到"),
            ("AppData", r"%userprofile%\AppData\Roaming"),
        ]);
        assert_eq!(known.desktop[0].path, Path::new(r"D:\Users\zhang\OneDrive\桌面"));
        assert_eq!(known.desktop[0].by, "user-shell-folders");
        assert_eq!(
            known.documents,
            [r"E:\Document\文档", r"D:\Users\zhang\Documents"].map(PathBuf::from)
        );
        assert_eq!(known.downloads[0].path, Path::new(r"D:\Users\zhang\收到"));
        assert_eq!(known.config, Path::new(r"D:\Users\zhang\AppData\Roaming"));
    }

    #[test]
    fn without_a_value_or_with_a_strange_one_the_usual_place_counts() {
        let known = known_with(&[
            ("Desktop", r"%NoSuch%\Desktop"),
            ("Personal", "Documents"),
            (DOWNLOADS, "100% sure"),
        ]);
        assert_eq!(
            known.desktop,
            [Folder {
                path: r"D:\Users\zhang\Desktop".into(),
                by: "default-folder"
            }]
        );
        assert_eq!(known.documents, [PathBuf::from(r"D:\Users\zhang\Documents")]);
        assert_eq!(known.downloads[0].path, Path::new(r"D:\Users\zhang\Downloads"));
    }
}
