//! Every text the tray shows that is not a fixed word of the policy, in both languages side by side.

use std::path::Path;

use fileward_ipc::{CompanyAct, Item};
use fileward_policy::disclosed;
use fileward_policy::words::{Both, InWords, both};
use fileward_protocol::vocabulary::{App, Evidence, FindingState, Language, Offer, PlaceKind, Rule};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::mover::MoveError;

/// Speaks one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// The language.
    pub(crate) language: Language,
}

pub(crate) const MOVE_ALL: Both = both("全部移到加密文件夹", "Move all to the store");
pub(crate) const SHOW: Both = both("逐个查看", "Show them");
pub(crate) const YES_WORK: Both = both("是，工作文件", "Yes, a work file");
pub(crate) const NOT_WORK: Both = both("不是", "No");
pub(crate) const SEND_REASON: Both = both("提交", "Send");
pub(crate) const CANCEL: Both = both("取消", "Cancel");
pub(crate) const REASON_HINT: Both = both("为什么放在这里？", "Why does it lie here?");
pub(crate) const OTHER_REASON: Both = both("其他理由…", "Another reason …");
pub(crate) const PROTECTED: Both = both("已保护，没有待处理的文件", "Protected: nothing to look at");
pub(crate) const LOOKING: Both = both(
    "正在检查，暂无待处理的文件",
    "The first look is under way: nothing so far",
);
pub(crate) const NO_SERVICE: Both = both("未连接到 Fileward 服务", "The Fileward service does not answer");
pub(crate) const WRONG_VERSION: Both = both(
    "Fileward 已更新，请注销后重新登录",
    "Fileward was updated: please sign out and in again",
);
pub(crate) const WHAT_WAS_SENT: Both = both("上报了我的哪些信息", "What was sent about me");
pub(crate) const WHAT_THE_COMPANY_DID: Both = both("谁看过，公司做了什么", "Who looked, and what the company did");
pub(crate) const COMPANY_ACTED: Both = both(
    "公司对你的一个文件有新的决定",
    "Your company decided about a file of yours",
);
pub(crate) const ALL_OF_IT: Both = both("查看全部", "See all of it");
pub(crate) const WHAT_IS_WATCHED: Both = both("检查哪些位置", "What is watched");
pub(crate) const IS_WORK: Both = both("这是工作文件吗？", "Is this a work file?");
pub(crate) const NO_STAYS: Both = both(
    "回答“不是”只留在本机，不会上报。",
    "A “no” stays on this PC and is not reported.",
);
pub(crate) const NO_BUTTONS: Both = both("请点击 Fileward 图标处理。", "Click the Fileward icon to act.");
pub(crate) const NOT_DONE: Both = both("没有完成", "Not done");
pub(crate) const ANSWERED: Both = both("已记录", "Noted");

const REASONS: [Both; 3] = [
    both(
        "正在处理，处理完就移走",
        "I am working on it and move it when I am done",
    ),
    both("对方要求放在这里", "The other party needs it here"),
    both("加密文件夹目前不能用", "The store cannot be used at the moment"),
];

impl Words {
    /// Chooses the language: what the policy names, else what the session's locale says, else that of the desktop.
    pub(crate) fn choose(
        policy: &str,
        variable: impl Fn(&str) -> Option<String>,
        desktop: impl FnOnce() -> Option<String>,
    ) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let named = set("FILEWARD_LANGUAGE")
            .and_then(|word| word.parse().ok())
            .or_else(|| policy.parse().ok());
        let locale = || {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .into_iter()
                .find_map(set)
                .or_else(desktop)
                .unwrap_or_default()
        };
        Self {
            language: named.unwrap_or_else(|| Language::of_locale(&locale())),
        }
    }

    /// A text of this module in the language.
    pub(crate) fn say(self, text: Both) -> &'static str {
        text.to(self.language)
    }

    /// One of two texts that were made, by the language.
    pub(crate) fn pick(self, zh_cn: String, en: String) -> String {
        match self.language {
            Language::ZhCn => zh_cn,
            Language::En => en,
        }
    }

    pub(crate) fn offer(self, offer: Offer) -> &'static str {
        self.say(match offer {
            Offer::MoveToStore => both("移到加密文件夹", "Move to the store"),
            Offer::PrivateFile => both("私人文件", "Private file"),
            Offer::FalseAlarm => both("误报", "False alarm"),
            Offer::Justify => both("说明理由", "Give a reason"),
        })
    }

    /// Reasons for those who have no way to type one.
    pub(crate) fn standard_reasons(self) -> [&'static str; 3] {
        REASONS.map(|reason| self.say(reason))
    }

    pub(crate) fn place(self, kind: PlaceKind, app: Option<App>) -> String {
        let kind = kind.in_words(self.language);
        match app.map(|app| app.in_words(self.language)) {
            Some(app) => self.pick(format!("{app} · {kind}"), format!("{app} – {kind}")),
            None => kind.to_owned(),
        }
    }

    /// Why there is a finding: the rule, and why the file counts as a work file.
    pub(crate) fn why(self, rule: Rule, evidence: &[Evidence]) -> String {
        let rule = rule.in_words(self.language);
        match evidence.first().map(|evidence| evidence.in_words(self.language)) {
            Some(evidence) => self.pick(
                format!("原因：{rule}（{evidence}）"),
                format!("Why: {rule} ({evidence})"),
            ),
            None => self.pick(format!("原因：{rule}"), format!("Why: {rule}")),
        }
    }

    pub(crate) fn lies(self, place: &str, folder: &str) -> String {
        self.pick(
            format!("位置：{place}（{folder}）"),
            format!("Where: {place} ({folder})"),
        )
    }

    /// What the company did, and why, in a sentence.
    pub(crate) fn company_act(self, kept: &CompanyAct) -> String {
        let name = kept.path.as_deref().map(shown);
        visible(&disclosed::sentence(&kept.act, name.as_deref(), self.language))
    }

    /// The company's decision by which a finding stands, with its reason.
    pub(crate) fn decision(self, item: &Item) -> Option<String> {
        let decision = item.decision.as_ref()?;
        Some(visible(&disclosed::sentence(
            decision,
            Some(&shown(&item.path)),
            self.language,
        )))
    }

    pub(crate) fn company_acted(self, count: usize) -> String {
        self.pick(
            format!("公司对你的文件有 {count} 项新的决定"),
            format!("Your company decided {count} things about files of yours"),
        )
    }

    /// Who knows of it: the employee alone until grace is over, then the company.
    pub(crate) fn standing(self, item: &Item, reported_at_once: bool, now: Timestamp) -> String {
        if item.state == FindingState::Open {
            return self
                .say(both(
                    "按公司规定，此项须上报。",
                    "The company's rules have it reported.",
                ))
                .to_owned();
        }
        let due = self.time(item.due, now);
        if reported_at_once {
            return self.pick(
                format!("请在 {due} 之前处理。公司规定从发现时起就上报。"),
                format!("Please put it right by {due}. The company has findings reported from the first moment."),
            );
        }
        self.pick(
            format!("{due} 之前只有你知道，处理好就不会上报。"),
            format!("Until {due} only you know; put right by then, it is not reported."),
        )
    }

    pub(crate) fn one_finding(self, name: &str) -> String {
        self.pick(
            format!("工作文件放错了地方：{name}"),
            format!("A work file in the wrong place: {name}"),
        )
    }

    pub(crate) fn store_finding(self, folder: &str) -> String {
        self.pick(
            format!("存放处需要处理：{folder}"),
            format!("The store needs attention: {folder}"),
        )
    }

    pub(crate) fn several_findings(self, count: usize) -> String {
        self.pick(
            format!("{count} 个工作文件放错了地方"),
            format!("{count} work files in the wrong place"),
        )
    }

    pub(crate) fn several_questions(self, count: usize) -> String {
        self.pick(
            format!("{count} 个文件：是工作文件吗？"),
            format!("{count} files: are they work files?"),
        )
    }

    pub(crate) fn to_look_at(self, count: usize) -> String {
        self.pick(format!("{count} 项待处理"), format!("{count} to look at"))
    }

    pub(crate) fn and_more(self, count: usize) -> String {
        self.pick(format!("… 还有 {count} 个"), format!("… and {count} more"))
    }

    pub(crate) fn question(self, name: &str) -> String {
        self.pick(format!("是工作文件吗？{name}"), format!("A work file? {name}"))
    }

    pub(crate) fn reason_for(self, name: &str) -> String {
        self.pick(format!("说明理由：{name}"), format!("Give a reason: {name}"))
    }

    pub(crate) fn moved(self, count: usize) -> String {
        if count == 1 {
            return self.say(both("已移到加密文件夹", "Moved to the store")).to_owned();
        }
        self.pick(
            format!("已将 {count} 个文件移到加密文件夹"),
            format!("{count} files moved to the store"),
        )
    }

    pub(crate) fn not_moved(self, name: &str, why: &str) -> String {
        self.pick(format!("{name}：未移动。{why}"), format!("{name}: not moved. {why}"))
    }

    pub(crate) fn still_open(self, name: &str) -> String {
        self.pick(
            format!("{name} 正被其他程序打开：请从新位置重新打开，否则可能又存回原处。"),
            format!(
                "{name} is open in another program: open it again at its new place, or it may be saved at the old."
            ),
        )
    }

    pub(crate) fn answered(self, name: &str, offer: Offer) -> String {
        let answer = self.offer(offer);
        self.pick(format!("{name}：{answer}"), format!("{name}: {answer}"))
    }

    pub(crate) fn question_answered(self, name: &str, work: bool) -> String {
        if work {
            self.pick(format!("{name} 是工作文件。"), format!("{name} is a work file."))
        } else {
            self.pick(
                format!("{name} 不是工作文件。这个回答只留在本机。"),
                format!("{name} is no work file. This answer stays on this PC."),
            )
        }
    }

    pub(crate) fn gone(self) -> &'static str {
        self.say(both("这一项已经不在列表里了。", "This is not on the list any more."))
    }

    pub(crate) fn no_store(self) -> &'static str {
        self.say(both(
            "没有可用的加密文件夹，请联系公司的安全员。",
            "There is no store that can be used; please ask the company's information security.",
        ))
    }

    pub(crate) fn could_not_open_page(self, path: &Path) -> String {
        let path = path.display();
        self.pick(
            format!("请用浏览器打开：{path}"),
            format!("Please open in a browser: {path}"),
        )
    }

    /// Why a file was not moved, and what to do.
    pub(crate) fn move_error(self, error: &MoveError) -> String {
        let text = match error {
            MoveError::Missing => both("文件已经不在原处。", "The file is not there any more."),
            MoveError::NotAFile => both(
                "这是链接、文件夹或特殊文件，请自行移动它指向的文件。",
                "It is a link, a folder or a special file; please move what it stands for yourself.",
            ),
            MoveError::NotAllowed => both(
                "没有权限读取或移走这个文件，请联系 IT。",
                "You may not read this file or take it away; please ask IT.",
            ),
            MoveError::AlreadyThere => both("文件已经在加密文件夹里。", "The file lies in the store already."),
            MoveError::Changed => both(
                "文件刚刚有改动，请再试一次。",
                "The file changed meanwhile; please try again.",
            ),
            MoveError::InUse => both(
                "其他程序正在写这个文件，请先关闭它再试。",
                "Another program is writing this file; please close it there and try again.",
            ),
            MoveError::StoreMissing => both(
                "加密文件夹不存在或没有打开，请先打开（挂载）它。",
                "The store is not there or not unlocked; please open (mount) it first.",
            ),
            MoveError::StoreReadOnly => both(
                "加密文件夹不能写入，请联系 IT。",
                "The store may not be written; please ask IT.",
            ),
            MoveError::StoreFull => both(
                "加密文件夹空间不足，请先腾出空间。",
                "The store is full; please make room first.",
            ),
            MoveError::TooLarge => both(
                "加密文件夹放不下这么大的文件。",
                "The store cannot hold a file this large.",
            ),
            MoveError::BadCopy => both(
                "核对副本时发现不一致，原文件没有动。请联系 IT。",
                "The copy read back was not the same; the file was left alone. Please ask IT.",
            ),
            MoveError::Failed(error) => {
                return self.pick(format!("系统出错：{error}。"), format!("The system failed: {error}."));
            }
        };
        self.say(text).to_owned()
    }

    /// A time as people say it: the hour alone today, with the date otherwise.
    pub(crate) fn time(self, time: Timestamp, now: Timestamp) -> String {
        self.time_in(time, now, &TimeZone::system())
    }

    fn time_in(self, time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        let (time, now) = (time.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
        let format = match (time.date() == now.date(), time.year() == now.year(), self.language) {
            (true, ..) => "%H:%M",
            (_, true, Language::ZhCn) => "%-m月%-d日 %H:%M",
            (_, true, Language::En) => "%-d %b %H:%M",
            (_, false, _) => "%Y-%m-%d %H:%M",
        };
        time.strftime(format).to_string()
    }
}

/// A file's name as it may be shown: nothing invisible, nothing that turns the direction of writing, not too long.
pub(crate) fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    cut(&visible(&name.to_string_lossy()), 60)
}

/// A path as it may be shown, with `~` for the user's home.
pub(crate) fn shown_path(path: &Path) -> String {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    let inside = home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned));
    let text = match inside {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~{}{}", std::path::MAIN_SEPARATOR, rest.to_string_lossy()),
        None => path.to_string_lossy().into_owned(),
    };
    cut(&visible(&text), 100)
}

/// A whole path without anything invisible.
pub(crate) fn visible_path(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

fn visible(text: &str) -> String {
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hides(c) { '\u{fffd}' } else { c }).collect()
}

/// Cuts the middle out of a text that is too long: beginning and extension tell a file best.
fn cut(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail = most / 3;
    let head: String = text.chars().take(most - tail - 1).collect();
    let tail: String = text.chars().skip(count - tail).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(policy: &str, variables: &[(&str, &str)]) -> Language {
        let find = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Words::choose(policy, find, || None).language
    }

    #[test]
    fn the_desktop_tells_the_language_where_the_environment_does_not() {
        let desktop = || Some("zh-CN".to_owned());
        assert_eq!(Words::choose("auto", |_| None, desktop).language, Language::ZhCn);
        assert_eq!(Words::choose("en", |_| None, desktop).language, Language::En);
        let english = |name: &str| (name == "LANG").then(|| "en_GB.UTF-8".to_owned());
        assert_eq!(Words::choose("auto", english, desktop).language, Language::En);
    }

    #[test]
    fn the_policy_chooses_the_language_and_auto_leaves_it_to_the_session() {
        assert_eq!(chosen("en", &[("LANG", "zh_CN.UTF-8")]), Language::En);
        assert_eq!(chosen("auto", &[("LANG", "zh_CN.UTF-8")]), Language::ZhCn);
        assert_eq!(
            chosen("auto", &[("LC_ALL", "en_US.UTF-8"), ("LANG", "zh_CN.UTF-8")]),
            Language::En
        );
        assert_eq!(
            chosen("auto", &[("LC_ALL", ""), ("LANG", "zh_TW.UTF-8")]),
            Language::ZhCn
        );
        assert_eq!(chosen("en", &[("FILEWARD_LANGUAGE", "zh-CN")]), Language::ZhCn);
        assert_eq!(chosen("auto", &[]), Language::En);
    }

    #[test]
    fn a_name_cannot_pretend_another_extension() {
        let shown = shown(Path::new("/d/invoice\u{202e}xcod.exe\n"));
        assert_eq!(shown, "invoice\u{fffd}xcod.exe\u{fffd}");
    }

    #[test]
    fn a_long_name_keeps_beginning_and_extension() {
        let name = format!("{}.docx", "长".repeat(200));
        let shown = shown(Path::new(&name));
        assert_eq!(shown.chars().count(), 60);
        assert!(shown.starts_with('长') && shown.ends_with("长.docx"));
    }

    #[test]
    fn the_date_is_told_only_when_it_is_not_today() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (now, zone) = (at("2026-11-21T08:00:00Z"), TimeZone::fixed(jiff::tz::offset(8)));
        let zh = Words {
            language: Language::ZhCn,
        };
        let en = Words { language: Language::En };
        assert_eq!(zh.time_in(at("2026-11-21T08:30:00Z"), now, &zone), "16:30");
        assert_eq!(zh.time_in(at("2026-11-21T16:30:00Z"), now, &zone), "11月22日 00:30");
        assert_eq!(en.time_in(at("2026-11-22T08:30:00Z"), now, &zone), "22 Nov 16:30");
        assert_eq!(en.time_in(at("2027-01-02T08:30:00Z"), now, &zone), "2027-01-02 16:30");
    }
}
