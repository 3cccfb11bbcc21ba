//! One filing as somebody typed it, and what is wrong with it.

use fileward_policy::check_glob;
use fileward_policy::words::{Both, InWords as _, both};
use fileward_protocol::ids::{CompanyKey, Pseudonym};
use fileward_protocol::vocabulary::App;
use jiff::{SignedDuration, Timestamp};

use super::{size, time};
use crate::safe::is_hidden;
use crate::store::filings::{Kind, Matter, NewFiling};
use crate::store::work::TEXT_LIMIT;

/// The most characters of an account id, a pattern or a group's name, and of a person's name.
pub(crate) const NAME_LIMIT: usize = 200;

/// How far away an end can be.
const LONGEST: SignedDuration = SignedDuration::from_hours(10 * 366 * 24);

fileward_protocol::words! {
    /// What is written of a filing.
    pub(crate) enum Field {
        /// The app.
        App = "app",
        /// The account id, the pattern or the group's name.
        Name = "name",
        /// The largest file.
        Size = "size",
        /// Whose it is.
        Owner = "owner",
        /// What for.
        Note = "note",
        /// Until when it holds.
        Until = "until",
    }
}

impl Field {
    /// What is written for a register, in order.
    pub(crate) const fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Account | Kind::Group => &[Self::App, Self::Name, Self::Owner, Self::Note, Self::Until],
            Kind::Limit => &[Self::App, Self::Name, Self::Size, Self::Owner, Self::Note, Self::Until],
            Kind::Exemption => &[Self::Name, Self::Owner, Self::Note, Self::Until],
        }
    }

    /// Whether it must be written for a register.
    pub(crate) const fn is_needed(self, kind: Kind) -> bool {
        match self {
            Self::App | Self::Name | Self::Size => true,
            Self::Owner | Self::Note => matches!(kind, Kind::Group),
            Self::Until => matches!(kind, Kind::Exemption | Kind::Group),
        }
    }
}

/// What is wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Where.
    pub field: Field,
    /// What.
    pub why: Both,
}

/// One filing as somebody typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The register.
    pub kind: Kind,
    /// The app, by its word or its name.
    pub app: String,
    /// The account id, the pattern or project, the group's name.
    pub name: String,
    /// The largest file.
    pub size: String,
    /// Whose it is.
    pub owner: String,
    /// What for.
    pub note: String,
    /// The last day, or a moment.
    pub until: String,
}

impl Draft {
    /// Nothing yet.
    pub(crate) const fn new(kind: Kind) -> Self {
        Self {
            kind,
            app: String::new(),
            name: String::new(),
            size: String::new(),
            owner: String::new(),
            note: String::new(),
            until: String::new(),
        }
    }

    /// What is written in a field.
    pub(crate) fn field(&self, field: Field) -> &str {
        match field {
            Field::App => &self.app,
            Field::Name => &self.name,
            Field::Size => &self.size,
            Field::Owner => &self.owner,
            Field::Note => &self.note,
            Field::Until => &self.until,
        }
    }

    /// Writes into a field.
    pub(crate) fn set(&mut self, field: Field, text: &str) {
        let to = match field {
            Field::App => &mut self.app,
            Field::Name => &mut self.name,
            Field::Size => &mut self.size,
            Field::Owner => &mut self.owner,
            Field::Note => &mut self.note,
            Field::Until => &mut self.until,
        };
        text.clone_into(to);
    }

    /// What it files; `now` is what an end must lie ahead of.
    ///
    /// # Errors
    /// The first that is wrong.
    pub(crate) fn check(&self, key: &CompanyKey, now: Timestamp) -> Result<NewFiling, Wrong> {
        let kind = self.kind;
        for field in Field::of(kind) {
            if field.is_needed(kind) && tidy(self.field(*field)).is_empty() {
                return Err(wrong(*field, MISSING));
            }
        }
        let app = match kind {
            Kind::Exemption => None,
            Kind::Account | Kind::Limit | Kind::Group => Some(app(&self.app).ok_or(wrong(Field::App, NO_APP))?),
        };
        let name = self.name()?;
        let pseudonym = match (kind, app) {
            (Kind::Account | Kind::Limit, Some(app)) => Some(Pseudonym::of(key, app, &name)),
            _ => None,
        };
        let bytes = match kind {
            Kind::Limit => Some(size::read(self.size.trim()).ok_or(wrong(Field::Size, NO_SIZE))?),
            _ => None,
        };
        let matter = Matter {
            kind,
            app,
            name,
            pseudonym,
            bytes,
            until: self.until(now)?,
        };
        Ok(NewFiling {
            matter,
            owner: bounded(&self.owner, NAME_LIMIT, Field::Owner)?,
            note: bounded(&self.note, TEXT_LIMIT, Field::Note)?,
        })
    }

    fn name(&self) -> Result<String, Wrong> {
        let name = bounded(&self.name, NAME_LIMIT, Field::Name)?;
        if self.kind != Kind::Exemption {
            return Ok(name);
        }
        // A project is a folder, wherever it lies.
        let pattern = if name.contains(['/', '*', '?', '\\']) {
            name
        } else {
            format!("**/{name}/**")
        };
        match check_glob(&pattern) {
            Ok(()) => Ok(pattern),
            Err(_) => Err(wrong(Field::Name, NO_PATTERN)),
        }
    }

    fn until(&self, now: Timestamp) -> Result<Option<Timestamp>, Wrong> {
        let text = self.until.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let until = time::read(text).ok_or(wrong(Field::Until, NO_TIME))?;
        let longest = now.saturating_add(LONGEST).unwrap_or(Timestamp::MAX);
        // A group that has ended stays in its register until it is cleaned.
        let is_ahead = until > now || self.kind == Kind::Group;
        if is_ahead && until <= longest {
            Ok(Some(until))
        } else {
            Err(wrong(Field::Until, NOT_AHEAD))
        }
    }
}

const fn wrong(field: Field, why: Both) -> Wrong {
    Wrong { field, why }
}

/// The text without what is not seen; blanks and ends of lines are one space.
pub(crate) fn tidy(text: &str) -> String {
    let blank = |c: char| if c.is_whitespace() { ' ' } else { c };
    let seen: String = text.chars().map(blank).filter(|c| !is_hidden(*c)).collect();
    seen.split(' ')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn bounded(text: &str, limit: usize, field: Field) -> Result<String, Wrong> {
    let text = tidy(text);
    if text.chars().count() > limit {
        Err(wrong(field, TOO_LONG))
    } else {
        Ok(text)
    }
}

/// A chat app by its word or its name in either language.
fn app(text: &str) -> Option<App> {
    let text = text.trim();
    let is_named = |app: &App| {
        let names = app.both();
        [app.as_str(), names.zh_cn, names.en]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(text))
    };
    App::CHAT.iter().copied().find(is_named)
}

const MISSING: Both = both("不能为空", "must not be empty");
const TOO_LONG: Both = both("太长", "is too long");
const NO_APP: Both = both(
    "不是聊天软件；请写 wechat、wecom、dingtalk、feishu 或 qq",
    "is no chat app; write wechat, wecom, dingtalk, feishu or qq",
);
const NO_SIZE: Both = both(
    "不是大小；请写成 200MB 或 1GB",
    "is no size; write it like 200MB or 1GB",
);
const NO_PATTERN: Both = both(
    "不能用：请写项目文件夹的名称，或被监看文件夹之下的路径（以 / 分隔，可用 *、?、**），且不得包含所有文件",
    "cannot be used: write the name of a project's folder, or a path below a watched folder with / between folders and \
     *, ? or **, and not one that every file matches",
);
const NO_TIME: Both = both("不是日期；请写成 2026-12-31", "is no date; write it like 2026-12-31");
const NOT_AHEAD: Both = both("应晚于现在，且不超过十年", "must lie ahead, by ten years at most");

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-21T08:00:00Z".parse().unwrap()
    }

    fn key() -> CompanyKey {
        CompanyKey::new([7; 32])
    }

    fn draft(kind: Kind, fields: &[(Field, &str)]) -> Draft {
        let mut draft = Draft::new(kind);
        for (field, text) in fields {
            draft.set(*field, text);
        }
        draft
    }

    #[test]
    fn an_account_is_the_same_however_it_is_written() {
        let written = [
            ("wechat", "wxid_abc"),
            ("微信", " wxid_\u{200b}abc "),
            ("WeChat", "WXID_ABC"),
            ("wechat", "wxid_abc_1a2b"),
        ];
        let of = |(app, name)| {
            let draft = draft(Kind::Account, &[(Field::App, app), (Field::Name, name)]);
            draft.check(&key(), now()).unwrap().matter.pseudonym.unwrap()
        };
        assert_eq!(written.map(of), [Pseudonym::of(&key(), App::Wechat, "wxid_abc"); 4]);
    }

    #[test]
    fn a_project_is_a_folder_wherever_it_lies() {
        let pattern = |text| {
            let draft = draft(Kind::Exemption, &[(Field::Name, text), (Field::Until, "2026-12-31")]);
            draft.check(&key(), now()).map(|filing| filing.matter.name)
        };
        assert_eq!(pattern("展会").unwrap(), "**/展会/**");
        assert_eq!(pattern("展会/*.pdf").unwrap(), "展会/*.pdf");
        for bad in ["**", "**/*", "C:/a", "/etc", "a\\b", ".."] {
            assert_eq!(pattern(bad).unwrap_err().field, Field::Name, "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let account = [(Field::App, "wechat"), (Field::Name, "a")];
        let group = [
            (Field::App, "wechat"),
            (Field::Name, "a"),
            (Field::Owner, "b"),
            (Field::Note, "c"),
        ];
        let long = "长".repeat(TEXT_LIMIT + 1);
        for (kind, fields, at, text) in [
            (Kind::Account, &account[..], Field::App, "icloud"),
            (Kind::Account, &account[..], Field::Name, " \u{200b} "),
            (Kind::Account, &account[..], Field::Until, "2026-11-20"),
            (Kind::Account, &account[..], Field::Until, "2126-11-20"),
            (Kind::Account, &account[..], Field::Until, "soon"),
            (Kind::Account, &account[..], Field::Note, &long),
            (Kind::Limit, &account[..], Field::Size, "200"),
            (Kind::Group, &group[..], Field::Until, ""),
            (Kind::Group, &account[..], Field::Owner, ""),
        ] {
            let mut draft = draft(kind, fields);
            draft.set(at, text);
            assert_eq!(draft.check(&key(), now()).unwrap_err().field, at, "{kind} {text}");
        }
    }
}
