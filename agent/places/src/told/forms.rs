//! What an app's own setting says, whatever OS it is read on.

use std::borrow::Cow;

use serde::Deserialize;

/// How a setting is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// The path of a folder.
    #[default]
    Path,
    /// One line: the path of a folder, or `MyDocument:` and a path below the documents folder. So WeChat writes it.
    PathOrDocuments,
    /// `UserDataInfo.ini` of QQ and TIM.
    Qq,
    /// `info.json` of Dropbox, of which the personal account counts.
    DropboxPersonal,
}

/// Where a setting says that a folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// At this path, which may be any text.
    At(String),
    /// At this path below the documents folder; empty for the documents folder itself.
    InDocuments(String),
}

#[derive(Default, Deserialize)]
struct DropboxInfo {
    // A business account's folder stands beside it. It is nobody's personal cloud; and because its user may write
    // anything into this file, it is no proof of a company's cloud either.
    personal: Option<DropboxAccount>,
}

#[derive(Deserialize)]
struct DropboxAccount {
    path: String,
}

impl Form {
    /// Reads a setting; `None` where it says nothing.
    pub(crate) fn read(self, setting: &[u8]) -> Option<Said> {
        match self {
            Self::Path => path(&text(setting)?),
            Self::PathOrDocuments => path_or_documents(&text(setting)?),
            Self::Qq => qq(&text(setting)?),
            Self::DropboxPersonal => serde_json::from_slice::<DropboxInfo>(setting)
                .ok()?
                .personal
                .and_then(|account| path(&account.path)),
        }
    }
}

/// The apps write UTF-8 or, on a Chinese Windows, GBK.
fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.into()),
        Err(_) => encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(bytes),
    }
}

/// The first line that is not empty.
fn path(text: &str) -> Option<Said> {
    let line = text.lines().map(trim).find(|line| !line.is_empty())?;
    (!line.contains('\0')).then(|| Said::At(line.into()))
}

fn path_or_documents(text: &str) -> Option<Said> {
    let Said::At(line) = path(text)? else { return None };
    Some(match line.strip_prefix("MyDocument:") {
        Some(below) => Said::InDocuments(below.trim_matches(['\\', '/', ' ']).into()),
        None => Said::At(line),
    })
}

/// `[UserDataSet]` with `UserDataSavePathType`, 1 for the documents folder and 2 for `UserDataSavePath`.
fn qq(text: &str) -> Option<Said> {
    let section = text
        .lines()
        .map(trim)
        .skip_while(|line| !line.eq_ignore_ascii_case("[UserDataSet]"))
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    let value = |key: &str| {
        section.clone().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            trim(name).eq_ignore_ascii_case(key).then(|| trim(value))
        })
    };
    match value("UserDataSavePathType")? {
        "1" => Some(Said::InDocuments(String::new())),
        "2" => path(value("UserDataSavePath")?),
        _ => None,
    }
}

/// A line without what programs put around it: blanks, a NUL at the end of the file, quotation marks.
fn trim(line: &str) -> &str {
    line.trim_matches(|char: char| char.is_whitespace() || char == '\0' || char == '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Said {
        Said::At(path.into())
    }

    fn documents(below: &str) -> Said {
        Said::InDocuments(below.into())
    }

    #[test]
    fn wechat_writes_a_path_in_either_encoding() {
        let read = |bytes: &[u8]| Form::PathOrDocuments.read(bytes);
        assert_eq!(read(r"D:\微信文件".as_bytes()), Some(at(r"D:\微信文件")));
        let (gbk, ..) = encoding_rs::GBK.encode("D:\\微信文件\r\n");
        assert_eq!(read(&gbk), Some(at(r"D:\微信文件")));
        assert_eq!(read("\u{feff}E:\\\u{0}".as_bytes()), Some(at(r"E:\")));
        assert_eq!(read(b"\xff\xff\xff"), None);
        assert_eq!(read(b"  \r\n"), None);
    }

    #[test]
    fn wechat_may_name_the_documents_folder() {
        let read = |text: &str| Form::PathOrDocuments.read(text.as_bytes());
        assert_eq!(read("MyDocument:"), Some(documents("")));
        assert_eq!(read("MyDocument:\\\n"), Some(documents("")));
        assert_eq!(read(r"MyDocument:\聊天"), Some(documents("聊天")));
    }

    #[test]
    fn qq_says_whether_its_folder_was_moved() {
        let ini = |kind: u8| {
            format!(
                "[Other]\r\nUserDataSavePathType=1\r\n[UserDataSet]\r\nUserDataSavePathType={kind}\r\nUserDataSavePath = D:\\聊天\\Tencent Files\r\n[Next]\r\n"
            )
        };
        let read = |text: &str| Form::Qq.read(&encoding_rs::GBK.encode(text).0);
        assert_eq!(read(&ini(1)), Some(documents("")));
        assert_eq!(read(&ini(2)), Some(at(r"D:\聊天\Tencent Files")));
        assert_eq!(read(&ini(3)), None);
        assert_eq!(read("[UserDataSet]\n[Next]\nUserDataSavePathType=1\n"), None);
        assert_eq!(read("UserDataSavePathType=1\n"), None);
    }

    #[test]
    fn only_the_personal_account_is_a_personal_cloud() {
        let read = |json: &str| Form::DropboxPersonal.read(json.as_bytes());
        let both = r#"{"personal": {"path": "/home/zhang/Dropbox (Personal)", "host": 1}, "business": {"path": "/home/zhang/Dropbox (Work)"}}"#;
        assert_eq!(read(both), Some(at("/home/zhang/Dropbox (Personal)")));
        assert_eq!(read(r#"{"business": {"path": "/home/zhang/Dropbox (Work)"}}"#), None);
        assert_eq!(read("{"), None);
        assert_eq!(read(r#"{"personal": {}}"#), None);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            for form in [Form::Path, Form::PathOrDocuments, Form::Qq, Form::DropboxPersonal] {
                if let Some(Said::At(path) | Said::InDocuments(path)) = form.read(&bytes) {
                    proptest::prop_assert!(!path.contains('\0'));
                }
            }
        }
    }
}
