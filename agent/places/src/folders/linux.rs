//! XDG folders: `user-dirs.dirs`, and the usual names where it says nothing.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Folder, Known};
use crate::registry::Registry;
use crate::territory::read_of;
use crate::{System, User, UserId};

/// More than `user-dirs.dirs` ever holds.
const MOST_BYTES: u64 = 64 * 1024;

const DESKTOP: &[&str] = &["Desktop", "桌面"];
const DOWNLOADS: &[&str] = &["Downloads", "下载", "下載"];
const DOCUMENTS: &[&str] = &["Documents", "文档", "文件"];

/// The folders of `user`.
pub(crate) fn known(system: &System, user: &User, _registry: &Registry) -> Known {
    let config = config_home(system, user);
    let file = read_of(Some(user.id), &config.join("user-dirs.dirs"), MOST_BYTES).unwrap_or_default();
    let choose = |key: &str, names: &[&str]| match setting(&file, key, &user.home) {
        Some(Setting::Folder(path)) => vec![Folder { path, by: "user-dirs" }],
        Some(Setting::Disabled) => Vec::new(),
        None => defaults(&user.home, names)
            .map(|path| Folder {
                path,
                by: "default-folder",
            })
            .collect(),
    };
    // An app keeps the documents folder it began with when the desktop's language changes, so the usual names count too.
    let mut documents: Vec<_> = match setting(&file, "XDG_DOCUMENTS_DIR", &user.home) {
        Some(Setting::Folder(path)) => vec![path],
        Some(Setting::Disabled) | None => Vec::new(),
    };
    documents.extend(defaults(&user.home, DOCUMENTS));
    Known {
        desktop: choose("XDG_DESKTOP_DIR", DESKTOP),
        downloads: choose("XDG_DOWNLOAD_DIR", DOWNLOADS),
        documents,
        config,
        home: user.home.clone(),
        ..Known::default()
    }
}

/// Those of `names` that are in `home`, or that cannot be looked at.
fn defaults<'a>(home: &'a Path, names: &'a [&str]) -> impl Iterator<Item = PathBuf> + 'a {
    let mut names = names.iter().map(|name| home.join(name));
    let unreadable = std::fs::metadata(home).is_err_and(|error| error.kind() != ErrorKind::NotFound);
    // Where the home itself cannot be read, one place stands for what is not seen there.
    let first = if unreadable { names.next() } else { None };
    first.into_iter().chain(names.filter(|path| may_be_folder(path)))
}

/// Whether a folder is there, or something that may not be looked at: a mount that only its user may enter, or a dead one.
fn may_be_folder(path: &Path) -> bool {
    match std::fs::metadata(path) {
        Ok(metadata) => metadata.is_dir(),
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}

/// `$XDG_CONFIG_HOME`. Only the environment of the user who runs this program is known; for the others it is `~/.config`.
fn config_home(system: &System, user: &User) -> PathBuf {
    let mine = *system == System::default() && UserId::current() == user.id;
    std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| mine && path.starts_with(&user.home))
        .unwrap_or_else(|| user.home.join(".config"))
}

/// What `user-dirs.dirs` says of one folder.
#[derive(Debug, PartialEq, Eq)]
enum Setting {
    Folder(PathBuf),
    Disabled,
}

/// The last line for `key` that can be read, as the desktop itself reads it.
fn setting(file: &[u8], key: &str, home: &Path) -> Option<Setting> {
    file.split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let rest = line.trim_ascii_start().strip_prefix(key.as_bytes())?;
            let quoted = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
            value(quoted.strip_prefix(b"\"")?, home)
        })
        .next_back()
}

/// A quoted value after its opening quote: `$HOME/…` or an absolute path, nothing else.
fn value(quoted: &[u8], home: &Path) -> Option<Setting> {
    let (base, rest) = match quoted.strip_prefix(b"$HOME") {
        Some(rest) => (home, rest),
        None => (Path::new("/"), quoted),
    };
    let path = unescape(rest)?;
    if quoted.first() == Some(&b'"') {
        return Some(Setting::Disabled);
    }
    if !path.is_empty() && path.first() != Some(&b'/') {
        return None;
    }
    let below = path
        .iter()
        .position(|byte| *byte != b'/')
        .map_or(&[][..], |from| path.split_at(from).1);
    let path = base.join(OsStr::from_bytes(below)).components().collect::<PathBuf>();
    Some(if path == home {
        Setting::Disabled
    } else {
        Setting::Folder(path)
    })
}

/// The text up to the closing quote, with `\x` for `x`; `None` without one.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    loop {
        match *bytes.next()? {
            b'"' => return Some(plain),
            b'\\' => plain.push(*bytes.next()?),
            byte => plain.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Setting> {
        setting(line.as_bytes(), "XDG_DESKTOP_DIR", Path::new("/home/zhang"))
    }

    fn folder(path: &str) -> Setting {
        Setting::Folder(path.into())
    }

    #[test]
    fn a_folder_is_below_the_home_or_absolute() {
        assert_eq!(
            read(r#"XDG_DESKTOP_DIR="$HOME/桌面""#),
            Some(folder("/home/zhang/桌面"))
        );
        assert_eq!(
            read(r#"  XDG_DESKTOP_DIR = "/data/Desk top/""#),
            Some(folder("/data/Desk top"))
        );
        assert_eq!(read(r#"XDG_DESKTOP_DIR="Desktop""#), None);
        assert_eq!(read(r#"XDG_DESKTOP_DIR="$HOMELAND""#), None);
        assert_eq!(read(r"XDG_DESKTOP_DIR=$HOME/Desktop"), None);
        assert_eq!(read(r#"XDG_DESKTOP_DIR="$HOME/Desktop"#), None);
        assert_eq!(read(r#"#XDG_DESKTOP_DIR="$HOME/Desktop""#), None);
    }

    #[test]
    fn the_home_itself_or_nothing_means_disabled() {
        for line in [
            r#"XDG_DESKTOP_DIR="$HOME""#,
            r#"XDG_DESKTOP_DIR="$HOME/""#,
            r#"XDG_DESKTOP_DIR="/home/zhang/""#,
            r#"XDG_DESKTOP_DIR="""#,
        ] {
            assert_eq!(read(line), Some(Setting::Disabled), "{line}");
        }
    }

    #[test]
    fn escapes_are_undone_and_the_last_line_counts() {
        assert_eq!(
            read(r#"XDG_DESKTOP_DIR="$HOME/a\"b\\c\$d""#),
            Some(folder(r#"/home/zhang/a"b\c$d"#))
        );
        let lines = "XDG_DESKTOP_DIR=\"$HOME/one\"\nXDG_DESKTOP_DIR=\"$HOME/two\"\nXDG_DESKTOP_DIR=bad\n";
        assert_eq!(read(lines), Some(folder("/home/zhang/two")));
        assert_eq!(read(r#"XDG_DESKTOP_DIR="$HOME/a\"#), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_desktop_writes_is_read_back(name in "[^\0\n/.][^\0\n/]{0,20}") {
            let escaped: String = name.chars().flat_map(|char| match char {
                '"' | '\\' | '$' | '`' => vec!['\\', char],
                other => vec![other],
            }).collect();
            let path = Path::new("/home/zhang").join(&name);
            proptest::prop_assert_eq!(read(&format!("XDG_DESKTOP_DIR=\"$HOME/{escaped}\"")), Some(Setting::Folder(path)));
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let mut line = b"XDG_DESKTOP_DIR=\"".to_vec();
            line.extend(bytes);
            if let Some(Setting::Folder(path)) = setting(&line, "XDG_DESKTOP_DIR", Path::new("/home/zhang")) {
                proptest::prop_assert!(path.is_absolute());
            }
        }
    }

    #[test]
    fn names_that_are_not_utf8_are_kept() {
        let line = b"XDG_DESKTOP_DIR=\"$HOME/\xd7\xc0\xc3\xe6\"";
        let found = setting(line, "XDG_DESKTOP_DIR", Path::new("/home/zhang"));
        let expected = Path::new("/home/zhang").join(OsStr::from_bytes(b"\xd7\xc0\xc3\xe6"));
        assert_eq!(found, Some(Setting::Folder(expected)));
    }
}
