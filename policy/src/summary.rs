//! The policy in words, for the people it holds for: what is watched, what counts, what is forbidden, what is reported.

mod work_file;

use std::time::Duration;

use fileward_protocol::vocabulary::{App, Language, PlaceKind, Rule, Sensitivity, Severity};

use crate::effective::{DuringGrace, Effective, Grade, Place, SeverityBy, Store};
use crate::words::{self, Both, InWords, both};

impl Effective {
    /// The whole policy in plain words: headings, and lines below them.
    pub fn in_words(&self, language: Language) -> String {
        let summary = Summary { policy: self, language };
        let sections = [
            (both("工作文件应放在", "Work files belong in"), summary.stores()),
            (
                both("这台电脑上检查的位置", "What is watched on this PC"),
                summary.places(),
            ),
            (
                both("什么算工作文件", "What counts as a work file"),
                summary.work_file(),
            ),
            (both("没有依据时", "Where there is no evidence"), summary.when_unsure()),
            (both("密级", "How documents are graded"), summary.grades()),
            (both("违反规定的情况", "What is against the rules"), summary.rules()),
            (both("怎样提醒你", "How you are told"), summary.notice()),
            (
                both("向公司报告什么", "What is reported to the company"),
                summary.report(),
            ),
            (both("卸载", "Uninstalling"), summary.uninstalling()),
        ];
        let title = summary.say(format!("策略：{}", self.name), format!("Policy: {}", self.name));
        let told = sections.into_iter().flat_map(|(heading, lines)| {
            let lines = lines.into_iter().map(|line| format!("  {line}"));
            [String::new(), heading.to(language).to_owned()]
                .into_iter()
                .chain(lines)
        });
        std::iter::once(title).chain(told).map(|line| line + "\n").collect()
    }
}

struct Summary<'a> {
    policy: &'a Effective,
    language: Language,
}

impl Summary<'_> {
    fn say(&self, zh_cn: String, en: String) -> String {
        match self.language {
            Language::ZhCn => zh_cn,
            Language::En => en,
        }
    }

    fn fixed(&self, zh_cn: &'static str, en: &'static str) -> String {
        both(zh_cn, en).to(self.language).to_owned()
    }

    fn list(&self, items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
        let items: Vec<_> = items.into_iter().map(|item| item.as_ref().to_owned()).collect();
        items.join(both("、", ", ").to(self.language))
    }

    fn words<'a, W: InWords + 'a>(&self, items: impl IntoIterator<Item = &'a W>) -> String {
        self.list(items.into_iter().map(|item| item.in_words(self.language)))
    }

    fn duration(&self, duration: Duration) -> String {
        words::duration(duration, self.language)
    }

    fn stores(&self) -> Vec<String> {
        let store = |store: &Store| {
            let (name, required) = match store {
                Store::Folder {
                    path,
                    require_encryption,
                } => (path.clone(), *require_encryption),
                Store::CompanyCloud {
                    apps,
                    require_encryption,
                } => {
                    let apps = self.words(apps);
                    (
                        self.say(format!("公司云盘：{apps}"), format!("company cloud drives: {apps}")),
                        *require_encryption,
                    )
                }
            };
            let must = if required {
                self.fixed("（磁盘必须加密）", " (its disk must be encrypted)")
            } else {
                String::new()
            };
            format!("{name}{must}")
        };
        self.policy.stores.iter().map(store).collect()
    }

    fn places(&self) -> Vec<String> {
        let places = &self.policy.places;
        let mut lines: Vec<_> = [
            (PlaceKind::Desktop, &places.desktop, false),
            (PlaceKind::Downloads, &places.downloads, false),
            (PlaceKind::ChatCache, &places.chat_cache, true),
            (PlaceKind::PersonalCloud, &places.personal_cloud, true),
        ]
        .into_iter()
        .map(|(kind, place, by_app)| self.place(kind, place.as_ref(), by_app))
        .collect();
        if !places.exclude.is_empty() {
            let globs = self.list(&places.exclude);
            lines.push(self.say(format!("从不检查：{globs}"), format!("never looked at: {globs}")));
        }
        lines
    }

    fn place(&self, kind: PlaceKind, place: Option<&Place>, by_app: bool) -> String {
        let name = kind.in_words(self.language);
        let Some(place) = place else {
            return self.say(format!("{name}：不检查"), format!("{name}: not watched"));
        };
        let apps = match place.apps.as_slice() {
            [] if by_app => self.fixed("（所有已知的软件）", " (every known app)"),
            [] => String::new(),
            apps => self.apps(apps),
        };
        if place.grace.is_zero() {
            return self.say(
                format!("{name}{apps}：立即报告"),
                format!("{name}{apps}: reported at once"),
            );
        }
        let grace = self.duration(place.grace);
        self.say(
            format!("{name}{apps}：有 {grace} 的时间改正"),
            format!("{name}{apps}: {grace} to put it right"),
        )
    }

    fn apps(&self, apps: &[App]) -> String {
        let apps = self.words(apps);
        self.say(format!("（{apps}）"), format!(" ({apps})"))
    }

    fn grades(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.policy.sensitivity.iter().map(|grade| self.grade(grade)).collect();
        lines.push(self.fixed("其余工作文件：一般", "every other work file: general"));
        let unknown = self.list(self.policy.unknown_detectors());
        if !unknown.is_empty() {
            lines.push(self.say(
                format!("此版本不认识、因此不查找的数据：{unknown}"),
                format!("data that this version does not know and does not look for: {unknown}"),
            ));
        }
        lines
    }

    fn grade(&self, grade: &Grade) -> String {
        let mut marks = Vec::new();
        let mut mark = |name: Both, items: String| {
            if !items.is_empty() {
                marks.push(format!("{} {items}", name.to(self.language)));
            }
        };
        mark(both("标签", "labels"), self.list(&grade.labels));
        mark(both("关键词", "keywords"), self.list(&grade.keywords));
        mark(both("文字样式", "patterns"), self.list(&grade.patterns));
        mark(both("数据", "data"), self.data(&grade.detectors));
        let marks = marks.join(both("；", "; ").to(self.language));
        format!(
            "{}{}{marks}",
            grade.sensitivity.in_words(self.language),
            both("：", ": ").to(self.language)
        )
    }

    fn rules(&self) -> Vec<String> {
        let rules = &self.policy.rules;
        let by = |rule: Rule, severity: Option<&SeverityBy>, more: String| {
            severity.map(|severity| self.rule(rule, &more, &self.severities(severity)))
        };
        let limit = rules.oversize_in_chat.as_ref().map(|rule| words::size(rule.limit));
        let after = rules.stale_chat_cache.as_ref().map(|rule| self.duration(rule.after));
        let limit = limit.map(|limit| {
            self.say(
                format!("（{limit}，已备案的账号可更大）"),
                format!(" ({limit}, or more if filed for the account)"),
            )
        });
        let after = after.map(|after| self.say(format!("（{after}）"), format!(" ({after})")));
        let unencrypted = rules.unencrypted_in_chat.as_ref().map(|rule| &rule.severity);
        let none = String::new;
        let lines = [
            by(
                Rule::OutsideStore,
                rules.outside_store.as_ref(),
                self.fixed("（加密的除外）", " (unless it is encrypted)"),
            ),
            by(
                Rule::UnencryptedInChat,
                unencrypted,
                self.fixed("（立即报告）", " (reported at once)"),
            ),
            by(
                Rule::OversizeInChat,
                rules.oversize_in_chat.as_ref().map(|rule| &rule.severity),
                limit.unwrap_or_default(),
            ),
            by(Rule::PersonalCloud, rules.personal_cloud.as_ref(), none()),
            by(Rule::UnfiledAccount, rules.unfiled_account.as_ref(), none()),
            by(
                Rule::StaleChatCache,
                rules.stale_chat_cache.as_ref().map(|rule| &rule.severity),
                after.unwrap_or_default(),
            ),
            rules
                .store_unprotected
                .map(|severity| self.rule(Rule::StoreUnprotected, "", severity.in_words(self.language))),
        ];
        let lines: Vec<_> = lines.into_iter().flatten().collect();
        if lines.is_empty() {
            vec![self.fixed("无", "nothing")]
        } else {
            lines
        }
    }

    fn severities(&self, by: &SeverityBy) -> String {
        let mut severities = by.values();
        let first = severities
            .next()
            .filter(|first| by.len() == Sensitivity::ALL.len() && severities.all(|s| s == *first));
        first.map_or_else(
            || {
                let words = |(grade, severity): (&Sensitivity, &Severity)| {
                    format!("{} {}", grade.in_words(self.language), severity.in_words(self.language))
                };
                self.list(by.iter().map(words))
            },
            |same| same.in_words(self.language).to_owned(),
        )
    }

    fn rule(&self, rule: Rule, more: &str, severity: &str) -> String {
        let name = rule.in_words(self.language);
        self.say(
            format!("{name}{more}：严重程度 {severity}"),
            format!("{name}{more}: severity {severity}"),
        )
    }

    fn notice(&self) -> Vec<String> {
        let notice = &self.policy.notice;
        let every = self.duration(notice.at_most_every);
        let mut lines = vec![self.say(
            format!("每 {every} 最多弹出一次提醒"),
            format!("at most one pop-up in {every}"),
        )];
        let offers = self.words(&notice.offer);
        if !offers.is_empty() {
            lines.push(self.say(format!("你可以选择：{offers}"), format!("you can answer: {offers}")));
        }
        lines
    }

    fn report(&self) -> Vec<String> {
        let report = &self.policy.report;
        let (heartbeat, kept) = (self.duration(report.heartbeat), self.duration(report.keep_closed));
        vec![
            match report.during_grace {
                DuringGrace::Count => self.fixed(
                    "改正时间内只有你知道；及时改正的只报告数量",
                    "while there is time to put a file right only you know; what is put right in time is only counted",
                ),
                DuringGrace::Full => self.fixed("发现问题立即报告，包括改正时间内", "everything from the first moment, also while there is time to put it right"),
            },
            self.fixed(
                "报告的内容：违反的规定、位置的种类、文件的种类、大小、加密状态、密级、依据、发现的数量",
                "of a file: the rule, the kind of place, its kind, size, encryption and grade, the evidence, and counts of what was found",
            ),
            self.fixed(
                "文件内容的指纹（无法还原出内容），用来识别副本",
                "a fingerprint of its content that cannot be turned back into it, to recognise copies",
            ),
            if report.send_file_name {
                self.fixed("文件名会报告", "its name is sent")
            } else {
                self.fixed("文件名不报告，只报告无法还原的代码", "its name is not sent, only a code that cannot be turned back into it")
            },
            self.fixed(
                "这台电脑：型号、序列号的代码、网卡地址、主机名、系统版本、已登录的用户名",
                "of this PC: model, a code for its serial number, network addresses, host name, system version, who is logged on",
            ),
            self.say(format!("每 {heartbeat} 报告一次程序运行状况"), format!("how the agent is, every {heartbeat}")),
            self.say(format!("已结束的记录保存 {kept}"), format!("what is closed is kept for {kept}")),
            self.fixed(
                "从不报告：文件内容、文件夹路径、聊天账号、聊天记录，以及不是工作文件的文件",
                "never sent: contents, folders' paths, chat accounts, messages, and anything about files that are no work files",
            ),
        ]
    }

    fn uninstalling(&self) -> Vec<String> {
        vec![if self.policy.agent.uninstall_token_hash.is_some() {
            self.fixed(
                "在 Windows 上卸载本程序，管理员还需要公司的卸载令牌",
                "on Windows an administrator needs the company's uninstall token besides",
            )
        } else {
            self.fixed("电脑的管理员可以卸载本程序", "an administrator of the PC can do it")
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DEFAULT, Policy};

    fn summary(more: &str, language: Language) -> String {
        let policy = Policy::parse(&format!("{DEFAULT}{more}")).unwrap();
        policy.effective(Some("a")).in_words(language)
    }

    #[test]
    fn the_default_policy_is_told_in_words() {
        let english = summary("", Language::En);
        for line in [
            "Policy: Default",
            "  D:\\工作文件 (its disk must be encrypted)",
            "  desktop: 30 minutes to put it right",
            "  personal cloud drive (every known app): reported at once",
            "  downloads folder: you are asked, and a “no” never leaves this PC",
            "  core business secret: labels 核心商业秘密, 机密; keywords 未公开, 并购, 技术方案, 客户名单",
            "  work file outside the store (unless it is encrypted): severity general low, internal medium, core business secret high",
            "  what is closed is kept for 3 years",
            "  an administrator of the PC can do it",
        ] {
            assert!(
                english.lines().any(|known| known == line),
                "{line}\nis not in\n{english}"
            );
        }
        let chinese = summary("", Language::ZhCn);
        assert!(chinese.contains("桌面：有 30 分钟 的时间改正"), "{chinese}");
        assert_eq!(chinese.lines().count(), english.lines().count());
    }

    #[test]
    fn each_choice_of_the_policy_changes_the_words() {
        for choice in [
            "store = [{ path = '/srv/work' }]",
            "places.desktop = false",
            "places.chat_cache.apps = ['qq']",
            "places.downloads.grace = '2h'",
            "places.exclude = []",
            "work_file.families = ['pdf']",
            "work_file.also_when_detected = false",
            "work_file.min_size = '2KB'",
            "work_file.evidence.store_copy = false",
            "work_file.evidence.registered = false",
            "work_file.evidence.company_names = ['Example']",
            "work_file.evidence.company_domains = ['example.com']",
            "work_file.evidence.properties.author = ['Example*']",
            "work_file.evidence.properties.Producer = ['Example*']",
            "work_file.evidence.labels = false",
            "work_file.evidence.content = false",
            "work_file.evidence.titles = ['报价单']",
            "work_file.evidence.detectors.cn_resident_id = 4",
            "work_file.private_titles = ['菜谱']",
            "work_file.when_unsure.private_title = 'ask'",
            "work_file.when_unsure.personal_cloud = 'ignore'",
            "sensitivity.internal.patterns = ['XM-[0-9]{6}']",
            "sensitivity.internal.detectors.email = 3",
            "rules.outside_store = false",
            "rules.unencrypted_in_chat.from = 'general'",
            "rules.oversize_in_chat.limit = '60MB'",
            "rules.stale_chat_cache.after = '30d'",
            "rules.store_unprotected.severity = 'low'",
            "notice.at_most_every = '2h'",
            "notice.offer = []",
            "report.keep_closed = '2y'",
            "report.send_file_name = false",
            "report.during_grace = 'full'",
            "report.heartbeat = '1m'",
            "agent.uninstall_token_hash = '$argon2id$v=19$m=64,t=1,p=1$HXLUlepy/N/clKESbczpxw$Pmfxi2Y0bSHh/l/VTPyAMjldeSS4PJ9Qgy3qJoWibTE'",
        ] {
            for language in Language::ALL {
                let changed = summary(&format!("\n[[for]]\ngroup = 'a'\n{choice}\n"), *language);
                assert_ne!(changed, summary("", *language), "{choice}");
            }
        }
    }
}
