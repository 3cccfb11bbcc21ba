//! The catalogue of apps and clouds, as embedded from `catalogue.toml`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use fileward_protocol::vocabulary::{App, PlaceKind};
use serde::Deserialize;

use crate::pattern::{Base, Pattern, glob_matches};
use crate::told::NamedBase;

const TEXT: &str = include_str!("../catalogue.toml");

/// The catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Catalogue {
    format: u32,
    /// Folders of message databases, wherever they lie.
    never: Vec<String>,
    /// Folders that stand beside account folders and are none.
    pub(crate) not_accounts: Vec<String>,
    /// Bases of its own, beside those that every user has.
    #[serde(default, rename = "base")]
    bases: BTreeMap<String, NamedBase>,
    #[serde(rename = "row")]
    rows: Vec<Row>,
}

/// One location of an app or a cloud.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) id: String,
    os: Os,
    /// Whose it is; `None` for a cloud that is not known by name.
    pub(crate) app: Option<App>,
    /// What it is.
    pub(crate) kind: PlaceKind,
    /// Its folders.
    pub(crate) patterns: Vec<Pattern>,
    account: Option<AccountForm>,
    #[serde(default)]
    skip: Vec<String>,
    /// How sure it is.
    pub(crate) grade: Grade,
    source: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Os {
    Linux,
    Windows,
    Macos,
}

/// How an account id is written in its folder's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AccountForm {
    /// Before an underscore and four hexadecimal digits.
    BeforeHex4,
}

/// How sure a row is, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) enum Grade {
    /// Real paths of several users were seen.
    A,
    /// Code that finds or cleans these folders says so.
    B,
    /// One weak source.
    C,
    /// Not confirmed.
    U,
}

impl Grade {
    /// The grade's letter.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::A => 'A',
            Self::B => 'B',
            Self::C => 'C',
            Self::U => 'U',
        }
    }

    const fn is_confirmed(self) -> bool {
        matches!(self, Self::A | Self::B)
    }
}

impl Os {
    const fn is_this(self) -> bool {
        match self {
            Self::Linux => cfg!(target_os = "linux"),
            Self::Windows => cfg!(windows),
            Self::Macos => cfg!(target_os = "macos"),
        }
    }
}

/// The catalogue that this program was built with.
pub(crate) fn builtin() -> &'static Catalogue {
    #[expect(clippy::expect_used, reason = "the text is part of the program, and a test reads it")]
    static CATALOGUE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::parse(TEXT).expect("the embedded catalogue is correct"));
    &CATALOGUE
}

impl Catalogue {
    fn parse(text: &str) -> Result<Self, String> {
        let catalogue: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if catalogue.format != 1 {
            return Err(format!("format {} is not known", catalogue.format));
        }
        for (at, row) in catalogue.rows.iter().enumerate() {
            row.check(&catalogue.bases)
                .map_err(|why| format!("row {}: {why}", row.id))?;
            if catalogue.rows.iter().take(at).any(|other| other.id == row.id) {
                return Err(format!("row {} is there twice", row.id));
            }
        }
        Ok(catalogue)
    }

    /// The rows of this OS; those of grade C and U only if `unconfirmed`.
    pub(crate) fn rows(&self, unconfirmed: bool) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(move |row| row.os.is_this() && (unconfirmed || row.grade.is_confirmed()))
    }

    /// The base called `name`.
    pub(crate) fn base(&self, name: &str) -> Option<&NamedBase> {
        self.bases.get(name)
    }

    /// The keys of a user's registry that bases are told by.
    #[cfg_attr(unix, expect(dead_code, reason = "there is no registry"))]
    pub(crate) fn user_keys(&self) -> impl Iterator<Item = &str> {
        self.bases.values().flat_map(NamedBase::keys)
    }

    /// Whether the path `relative` inside a place that was found by `by` is left alone.
    pub(crate) fn passes_over(&self, by: &str, relative: &Path) -> bool {
        let is_skipped = |row: &Row| row.skip.iter().any(|glob| glob_matches(glob, relative.iter()));
        self.holds_messages(relative) || self.rows.iter().find(|row| row.id == by).is_some_and(is_skipped)
    }

    /// Whether `path` is in a folder of an app's messages.
    pub(crate) fn holds_messages(&self, path: &Path) -> bool {
        let names: Vec<_> = path.iter().collect();
        let anywhere =
            |glob: &String| (0..names.len()).any(|from| glob_matches(glob, names.iter().skip(from).copied()));
        self.never.iter().any(anywhere)
    }
}

impl Row {
    fn check(&self, bases: &BTreeMap<String, NamedBase>) -> Result<(), &'static str> {
        if self.id.is_empty() || self.source.is_empty() {
            return Err("it needs an id and a source");
        }
        if self.patterns.is_empty() {
            return Err("it needs patterns");
        }
        for pattern in &self.patterns {
            match &pattern.base {
                Base::Named(name) if !bases.contains_key(name) => return Err("no base has this name"),
                Base::Public => return Err("what all users share is no place"),
                Base::Named(_) => {}
                _ if pattern.is_bare() => return Err("it names no folder below its base"),
                _ => {}
            }
        }
        let fits = match (self.kind, self.app) {
            (PlaceKind::ChatCache, Some(app)) => app.is_chat(),
            (PlaceKind::PersonalCloud | PlaceKind::Downloads, Some(app)) => !app.is_chat() && !app.is_company_cloud(),
            (PlaceKind::PersonalCloud, None) => true,
            (PlaceKind::Store, Some(app)) => app.is_company_cloud(),
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err("its app and kind do not fit")
        }
    }

    /// The account id that is meant by `found`, what stood for `{account}` in a pattern.
    pub(crate) fn account_id(&self, found: String) -> String {
        match self.account {
            None => found,
            Some(AccountForm::BeforeHex4) => match found.rsplit_once('_') {
                Some((id, hex))
                    if !id.is_empty() && hex.len() == 4 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()) =>
                {
                    id.into()
                }
                _ => found,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message database of each app, where its files lie.
    const DATABASES: &[&str] = &[
        "{documents}/xwechat_files/a_0001/db_storage",
        "{home}/xwechat_files/a_0001/db_storage",
        "{home}/.var/app/com.tencent.WeChat/xwechat_files/a_0001/db_storage",
        "{home}/.local/share/com.tencent.wechat/xwechat_files/a_0001/db_storage",
        "{documents}/WeChat Files/a/Msg",
        "{home}/.deepinwine/Deepin-WeChat/drive_c/users/u/Documents/WeChat Files/a/Msg",
        "{home}/.deepinwine/Deepin-WeChat/drive_c/users/u/My Documents/WeChat Files/a/Msg",
        "{home}/.deepinwine/Deepin-WeChat/drive_c/users/u/Documents/xwechat_files/a_0001/db_storage",
        "{home}/.deepinwine/Deepin-WXWork/drive_c/users/u/Documents/WXWork/1/Data",
        "{documents}/WXWork/1/Data",
        "{config}/DingTalk/1_v2/DBFiles",
        "{config}/DingTalk/1_v3/DBFiles",
        "{config}/LarkShell/sdk_storage/a/messages.db",
        "{config}/LarkShell-ka-t/sdk_storage/a/messages.db",
        "{config}/QQ/nt_qq_a/nt_db",
        "{home}/.var/app/com.qq.QQ/config/QQ/nt_qq_a/nt_db",
        "{wechat_3}/WeChat Files/a/Msg",
        "{wechat_4}/xwechat_files/a_0001/db_storage",
        "{localappdata}/Packages/TencentWeChatLimited.x/LocalCache/Roaming/Tencent/WeChatAppStore/WeChatAppStore Files/a/Msg",
        "{wecom}/WXWork/1/Data",
        "{dingtalk}/DingTalk/1_v2/DBFiles",
        "{dingtalk}/DingTalk/a_v3/DBFiles",
        "{qq}/Tencent Files/1/Msg3.0.db",
        "{qq}/Tencent Files/1/nt_qq/nt_db",
    ];

    const ROW: &str = r#"
        format = 1
        never = []
        not_accounts = []
        [[row]]
        id = "one"
        os = "linux"
        app = "wechat"
        kind = "chat_cache"
        patterns = ["{home}/{account}/file"]
        grade = "A"
        source = "seen"
    "#;

    #[test]
    fn the_embedded_catalogue_is_correct() {
        let catalogue = Catalogue::parse(TEXT).unwrap();
        assert!(catalogue.rows(false).count() < catalogue.rows(true).count());
        for app in App::CHAT {
            assert!(catalogue.rows(false).any(|row| row.app == Some(*app)), "{app}");
        }
    }

    #[test]
    fn the_documentation_lists_every_row_with_its_grade() {
        let documentation = include_str!("../../../docs/places.md");
        for row in &builtin().rows {
            let line = documentation
                .lines()
                .find(|line| line.starts_with(&format!("| `{}` |", row.id)));
            let grade = line
                .and_then(|line| line.rsplit("| ").next())
                .and_then(|cell| cell.chars().next());
            assert_eq!(grade, Some(row.grade.letter()), "{}", row.id);
        }
    }

    #[test]
    fn no_pattern_is_or_is_above_a_message_database() {
        for row in &builtin().rows {
            for pattern in &row.patterns {
                for database in DATABASES {
                    assert!(!pattern.covers(database), "{}: {pattern:?} covers {database}", row.id);
                }
            }
        }
        let too_high: Pattern = "{documents}/xwechat_files/{account}".parse().unwrap();
        assert!(DATABASES.iter().any(|database| too_high.covers(database)));
    }

    #[test]
    fn a_wrong_row_is_refused() {
        Catalogue::parse(ROW).unwrap();
        for (right, wrong) in [
            ("format = 1", "format = 2"),
            ("id = \"one\"", "id = \"one\"\ncolour = \"red\""),
            ("id = \"one\"", "id = \"\""),
            ("os = \"linux\"", "os = \"plan9\""),
            ("app = \"wechat\"", "app = \"wechta\""),
            ("app = \"wechat\"", "app = \"nutstore\""),
            ("kind = \"chat_cache\"", "kind = \"personal_cloud\""),
            ("kind = \"chat_cache\"", "kind = \"desktop\""),
            ("grade = \"A\"", "grade = \"E\""),
            ("patterns = [\"{home}/{account}/file\"]", ""),
            ("[\"{home}/{account}/file\"]", "[]"),
            ("{home}/{account}/file", "{public}/{account}/file"),
            ("kind = \"chat_cache\"", "kind = \"store\""),
            ("app = \"wechat\"", ""),
            ("{home}/{account}/file", "{attic}/{account}/file"),
            ("{home}/{account}/file", "{home}"),
            ("{home}/{account}/file", "{home}/../file"),
            ("{home}/{account}/file", "{home}/a//file"),
            ("{home}/{account}/file", "{home}/{account:x}/file"),
            ("{home}/{account}/file", "{home}/{account}/{account}"),
            ("{home}/{account}/file", "{home}/a*b*c"),
        ] {
            let text = ROW.replace(right, wrong);
            assert_ne!(text, ROW);
            assert!(Catalogue::parse(&text).is_err(), "{wrong}");
        }
        let twice = format!("{ROW}\n{}", &ROW[ROW.find("[[row]]").unwrap()..]);
        assert!(Catalogue::parse(&twice).unwrap_err().contains("twice"));
    }

    #[test]
    fn only_four_hexadecimal_digits_are_taken_from_an_account() {
        let row = builtin()
            .rows
            .iter()
            .find(|row| row.id == "wechat-linux-native")
            .unwrap();
        for (found, id) in [
            ("wxid_abc_1a2B", "wxid_abc"),
            ("zhang", "zhang"),
            ("zhang_12345", "zhang_12345"),
            ("zhang_xyzw", "zhang_xyzw"),
            ("_1a2b", "_1a2b"),
        ] {
            assert_eq!(row.account_id(found.into()), id);
        }
    }
}
