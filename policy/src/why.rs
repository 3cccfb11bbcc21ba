//! The reasons of a verdict, in plain words for the person whose file it is. They stay on the PC.

use std::time::Duration;

use fileward_protocol::vocabulary::{App, EncryptionState, Family, Language, PlaceKind, Sensitivity};
use serde::{Deserialize, Serialize};

use crate::effective::Unsure;
use crate::facts::TextState;
use crate::words::{self, InWords};

/// One reason, told in both languages by [`Why::text`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// An `exclude` pattern matches.
    Excluded {
        /// The pattern.
        pattern: String,
    },
    /// A filed exemption by path or project holds for it.
    Exempted {
        /// The pattern.
        pattern: String,
    },
    /// The policy does not watch this kind of place.
    PlaceOff {
        /// The kind.
        place: PlaceKind,
    },
    /// The policy does not watch this app.
    AppNotWatched {
        /// The app; `None` when it is not known.
        app: Option<App>,
    },
    /// It lies in a store.
    InStore,
    /// Its name says it is something else than its content is.
    Disguised {
        /// The kind of its content.
        kind: String,
    },
    /// Its family is none of the work files'.
    OtherFamily {
        /// The family.
        family: Family,
    },
    /// It is smaller than any work file.
    TooSmall {
        /// Its size in bytes.
        size: u64,
        /// The least size.
        least: u64,
    },
    /// Evidence: its content lies, or lay, in a store.
    StoreCopy,
    /// Evidence: it came by a company app.
    CompanyApp {
        /// The app.
        app: App,
    },
    /// Evidence: the employee said it is a work file.
    EmployeeSaysWork,
    /// The employee said it is private.
    EmployeeSaysPrivate,
    /// The employee said it is private, but a label or a copy in the store says otherwise.
    PrivateOverruled,
    /// Evidence: it is a registered document.
    Registered,
    /// Evidence: it is a near copy of a registered document.
    NearCopy {
        /// How much of both is the same, in percent.
        percent: u8,
    },
    /// Evidence: the company's name stands in it.
    CompanyName {
        /// The name, as the policy has it.
        name: String,
        /// Where.
        spot: Spot,
    },
    /// Evidence: an address in its properties is of the company's domain.
    Domain {
        /// The domain, as the policy has it.
        domain: String,
    },
    /// Evidence: a property matches.
    Property {
        /// The property.
        property: String,
    },
    /// Evidence: it carries a label.
    Label {
        /// The label, as the policy has it.
        label: String,
        /// Where: in its text means on its first page, in a header or in a footer.
        spot: Spot,
    },
    /// Evidence: it contains keywords.
    Keyword {
        /// How many.
        count: u32,
    },
    /// Evidence: it contains data that needs protection.
    Detector {
        /// The detector.
        detector: String,
        /// How many.
        count: u32,
    },
    /// Evidence: its title is one that only work files have.
    Title {
        /// The title, as the policy has it.
        title: String,
    },
    /// Its title is that of a private paper.
    PrivateTitle {
        /// The title, as the policy has it.
        title: String,
    },
    /// There is evidence, but such as private papers have too, and its title is that of one.
    Contested {
        /// What the policy does then.
        treated: Unsure,
    },
    /// There is no evidence.
    NoEvidence {
        /// What the policy does then.
        treated: Unsure,
    },
    /// How it is graded, above general.
    Graded {
        /// The grade.
        sensitivity: Sensitivity,
    },
    /// Its text was not read to its end.
    ReadInPart {
        /// Why.
        state: TextState,
    },
    /// Nobody reads it without its password.
    Protected,
    /// It is encrypted, but not so that it counts.
    NotProtected {
        /// How far.
        state: EncryptionState,
    },
    /// Wrong: outside every store.
    OutsideStore {
        /// Where.
        place: PlaceKind,
    },
    /// Wrong: in a personal cloud.
    InPersonalCloud,
    /// Wrong: sensitive, in chat, not encrypted.
    NotEncryptedInChat {
        /// How sensitive.
        sensitivity: Sensitivity,
    },
    /// Wrong: too large for chat.
    Oversize {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Wrong: it came by an account that was not filed.
    UnfiledAccount {
        /// The app.
        app: App,
    },
    /// Wrong: in the chat cache too long.
    Stale {
        /// Whole days since it last changed.
        days: u64,
        /// The time allowed.
        after: Duration,
    },
    /// No rule is broken.
    NothingWrong,
}

/// Where in a file something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    /// In its text.
    Text,
    /// In its properties.
    Properties,
}

impl Why {
    /// Whether it says something of the file itself, wherever it lies and whatever the policy makes of it.
    pub fn is_of_file(&self) -> bool {
        matches!(
            self,
            Self::Disguised { .. }
                | Self::StoreCopy
                | Self::CompanyName { .. }
                | Self::Domain { .. }
                | Self::Property { .. }
                | Self::Label { .. }
                | Self::Keyword { .. }
                | Self::Detector { .. }
                | Self::Title { .. }
                | Self::PrivateTitle { .. }
                | Self::Graded { .. }
                | Self::ReadInPart { .. }
        )
    }

    /// The reason in everyday words: one sentence.
    pub fn text(&self, language: Language) -> String {
        let say = |zh_cn: String, en: String| match language {
            Language::ZhCn => zh_cn,
            Language::En => en,
        };
        let fixed = |zh_cn: &str, en: &str| say(zh_cn.to_owned(), en.to_owned());
        match self {
            Self::Excluded { .. }
            | Self::Exempted { .. }
            | Self::PlaceOff { .. }
            | Self::AppNotWatched { .. }
            | Self::InStore => self.where_it_lies(&say),
            Self::Disguised { kind } => say(
                format!("文件名的后缀与内容不符：按内容它是 {kind} 文件。"),
                format!("Its name says something else, but by its content it is a {kind} file."),
            ),
            Self::OtherFamily { family } => {
                let family = family.in_words(language);
                say(
                    format!("{family}不算工作文件。"),
                    format!("By its kind ({family}) it does not count as a work file."),
                )
            }
            Self::TooSmall { size, least } => {
                let (size, least) = (words::size(*size), words::size(*least));
                say(
                    format!("文件只有 {size}，小于 {least} 的文件不检查。"),
                    format!("It has only {size}; files below {least} are left alone."),
                )
            }
            Self::EmployeeSaysPrivate => fixed("你已说明这是私人文件。", "You said that it is a private file."),
            Self::PrivateOverruled => fixed(
                "你说明过这是私人文件，但它带有密级标签，或与存放处的文件相同，因此仍按工作文件处理。",
                "You said that it is private, but its label or its copy in the store says otherwise, so it counts as a work file.",
            ),
            Self::PrivateTitle { title } => say(
                format!("标题里有“{title}”，像是私人文件。"),
                format!("By its title (“{title}”) it looks like a private paper."),
            ),
            Self::Contested { treated } => match treated {
                Unsure::Count => fixed(
                    "上面这些内容私人文件里也常有，但公司规定这个位置的此类文件按工作文件处理。",
                    "Private papers often have such signs too, but the policy counts such files in this place.",
                ),
                Unsure::Ask | Unsure::Ignore => fixed(
                    "上面这些内容私人文件里也常有，是不是工作文件需要你来确认。",
                    "Private papers often have such signs too; only you can tell whether it is a work file.",
                ),
            },
            Self::NoEvidence { treated } => match treated {
                Unsure::Count => fixed(
                    "没有依据说明它是工作文件，但公司规定这个位置的此类文件按工作文件处理。",
                    "Nothing shows that it is a work file, but the policy counts such files in this place.",
                ),
                Unsure::Ask => fixed(
                    "没有依据说明它是工作文件，需要你来确认。",
                    "Nothing shows that it is a work file; only you can tell.",
                ),
                Unsure::Ignore => fixed(
                    "没有依据说明它是工作文件，不作处理。",
                    "Nothing shows that it is a work file; it is left alone.",
                ),
            },
            Self::Graded { sensitivity } => {
                let grade = sensitivity.in_words(language);
                say(
                    format!("按公司的规定，它的密级是“{grade}”。"),
                    format!("By the company's rules its grade is: {grade}."),
                )
            }
            Self::ReadInPart { state } => {
                let state = state.in_words(language);
                say(
                    format!("{state}，因此只按读到的部分判断。"),
                    format!("Only what was read counts: {state}."),
                )
            }
            Self::NothingWrong => fixed("没有违反任何规定。", "It breaks no rule."),
            Self::StoreCopy
            | Self::Registered
            | Self::NearCopy { .. }
            | Self::CompanyApp { .. }
            | Self::EmployeeSaysWork
            | Self::CompanyName { .. }
            | Self::Domain { .. }
            | Self::Property { .. }
            | Self::Label { .. }
            | Self::Keyword { .. }
            | Self::Detector { .. }
            | Self::Title { .. } => self.evidence(language, &say),
            Self::Protected
            | Self::NotProtected { .. }
            | Self::OutsideStore { .. }
            | Self::InPersonalCloud
            | Self::NotEncryptedInChat { .. }
            | Self::Oversize { .. }
            | Self::UnfiledAccount { .. }
            | Self::Stale { .. } => self.what_is_wrong(language, &say),
        }
    }

    fn where_it_lies(&self, say: &dyn Fn(String, String) -> String) -> String {
        let both = |of: words::Both| (of.zh_cn, of.en);
        match self {
            Self::Excluded { pattern } => say(
                format!("公司规定不检查名称符合“{pattern}”的文件。"),
                format!("The policy leaves out files that match {pattern}."),
            ),
            Self::Exempted { pattern } => say(
                format!("公司已登记豁免：符合“{pattern}”的文件在期限内不受限制。"),
                format!("The company has filed an exemption: for a time, files that match {pattern} are left alone."),
            ),
            Self::PlaceOff { place } => {
                let (zh_cn, en) = both(place.both());
                say(
                    format!("公司规定不检查{zh_cn}。"),
                    format!("The policy does not watch this place ({en})."),
                )
            }
            Self::AppNotWatched { app: Some(app) } => {
                let (zh_cn, en) = both(app.both());
                say(
                    format!("公司规定不检查{zh_cn}。"),
                    format!("The policy does not watch {en}."),
                )
            }
            Self::AppNotWatched { app: None } => say(
                "公司规定不检查这个软件。".to_owned(),
                "The policy does not watch this app.".to_owned(),
            ),
            _ => say(
                "它在规定的存放处。".to_owned(),
                "It lies in the store, where it belongs.".to_owned(),
            ),
        }
    }

    fn evidence(&self, language: Language, say: &dyn Fn(String, String) -> String) -> String {
        match self {
            Self::StoreCopy => say(
                "它的内容与存放处里的文件相同（或曾经相同）。".to_owned(),
                "The same content lies, or lay, in the store.".to_owned(),
            ),
            Self::Registered => say(
                "它是公司登记过的文件。".to_owned(),
                "It is a document that the company has registered.".to_owned(),
            ),
            Self::NearCopy { percent } => say(
                format!("它与公司登记过的文件有 {percent}% 的文字相同。"),
                format!(
                    "{percent} % of its text and that of a document which the company has registered are the same."
                ),
            ),
            Self::CompanyApp { app } => {
                let app = app.in_words(language);
                say(
                    format!("它来自公司的聊天软件{app}。"),
                    format!("It came by the company app {app}."),
                )
            }
            Self::CompanyName { name, spot } => match spot {
                Spot::Text => say(
                    format!("文中有公司名称“{name}”。"),
                    format!("Its text contains the company's name “{name}”."),
                ),
                Spot::Properties => say(
                    format!("文件属性里有公司名称“{name}”。"),
                    format!("Its properties contain the company's name “{name}”."),
                ),
            },
            Self::Domain { domain } => say(
                format!("文件属性里有公司的地址（域名“{domain}”），例如作者的邮箱。"),
                format!("Its properties contain an address of the company ({domain}), such as its author's."),
            ),
            Self::Property { property } => {
                let name = words::property(property);
                say(
                    format!(
                        "文件属性“{}”是公司文件才有的。",
                        name.map_or(property.as_str(), |name| name.zh_cn)
                    ),
                    format!(
                        "Its property “{}” is one that the company's files have.",
                        name.map_or(property.as_str(), |name| name.en)
                    ),
                )
            }
            Self::Label { label, spot } => match spot {
                Spot::Text => say(
                    format!("首页、页眉或页脚上标有“{label}”。"),
                    format!("It is marked “{label}” on its first page, in a header or in a footer."),
                ),
                Spot::Properties => say(
                    format!("它带有标签“{label}”。"),
                    format!("It carries the label “{label}”."),
                ),
            },
            Self::Keyword { count } => say(
                format!("文中有 {count} 处公司规定的关键词。"),
                format!("Its text contains keywords that the company has named: {count}."),
            ),
            Self::Detector { detector, count } => {
                let name = words::detector(detector);
                say(
                    format!(
                        "文中有 {count} 处{}。",
                        name.map_or(detector.as_str(), |name| name.zh_cn)
                    ),
                    format!(
                        "Its text contains {}: {count}.",
                        name.map_or(detector.as_str(), |name| name.en)
                    ),
                )
            }
            Self::Title { title } => say(
                format!("标题里有“{title}”，这是工作文件才有的标题。"),
                format!("By its title (“{title}”) it is a work file."),
            ),
            _ => say(
                "你已确认这是工作文件。".to_owned(),
                "You said that it is a work file.".to_owned(),
            ),
        }
    }

    fn what_is_wrong(&self, language: Language, say: &dyn Fn(String, String) -> String) -> String {
        match self {
            Self::Protected => say(
                "它已加密，没有密码无法读取。".to_owned(),
                "It is encrypted: nobody reads it without its password.".to_owned(),
            ),
            Self::NotProtected { state } => {
                let state = state.in_words(language);
                say(
                    format!("它{state}，因此不算已加密。"),
                    format!("It is {state}, which does not count as encrypted."),
                )
            }
            Self::OutsideStore { place } => {
                let (inside, lies) = match place {
                    PlaceKind::Desktop => ("上", "on"),
                    _ => ("里", "in"),
                };
                let place = place.in_words(language);
                say(
                    format!("它在{place}{inside}，工作文件应放到规定的存放处。"),
                    format!("It lies {lies} the {place}; work files belong in the store."),
                )
            }
            Self::NotEncryptedInChat { sensitivity } => {
                let grade = sensitivity.in_words(language);
                say(
                    format!("密级为“{grade}”的文件用聊天软件传送时必须加密。"),
                    format!("A file graded {grade} must be encrypted when it goes through chat."),
                )
            }
            Self::Oversize { size, limit } => {
                let (size, limit) = (words::size(*size), words::size(*limit));
                say(
                    format!("它有 {size}，聊天软件里的文件不得超过 {limit}。"),
                    format!("It has {size}; a file in chat may have at most {limit}."),
                )
            }
            Self::UnfiledAccount { app } => {
                let app = app.in_words(language);
                say(
                    format!("收到它的{app}账号没有在公司备案，不能用于工作。"),
                    format!("The {app} account that received it is not filed with the company for work."),
                )
            }
            Self::Stale { days, after } => {
                let after = words::duration(*after, language);
                say(
                    format!("它在聊天缓存里已有 {days} 天，超过了 {after}。"),
                    format!("It has been in the chat cache for {days} days, longer than {after}."),
                )
            }
            _ => say(
                "工作文件不得放进个人云盘。".to_owned(),
                "Work files must not be put into a personal cloud drive.".to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
