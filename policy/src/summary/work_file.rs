//! What counts as a work file, in words.

use std::collections::BTreeMap;

use fileward_protocol::vocabulary::{App, PlaceKind};

use super::Summary;
use crate::effective::Unsure;
use crate::words::{self, InWords, both};

impl Summary<'_> {
    pub(super) fn work_file(&self) -> Vec<String> {
        let work_file = &self.policy.work_file;
        let families = self.words(&work_file.families);
        let least = words::size(work_file.min_size);
        let mut lines = vec![
            self.say(format!("种类：{families}"), format!("kinds: {families}")),
            self.say(
                format!("小于 {least} 的文件不检查"),
                format!("files below {least} are left alone"),
            ),
        ];
        if work_file.also_when_detected {
            lines.push(self.fixed(
                "其他种类的文件，只有发现下列标签、关键词或数据，或与已登记的文件相同或几乎相同时才算",
                "a file of any other kind only once a label, keyword or data named below is found in it, or it is a registered document or a near copy",
            ));
        }
        let evidence = self.evidence();
        let evidence = if evidence.is_empty() {
            self.fixed("无", "none")
        } else {
            evidence.join(both("；", "; ").to(self.language))
        };
        lines.push(self.say(
            format!("依据（有一项即可）：{evidence}"),
            format!("evidence, any one of it: {evidence}"),
        ));
        let titles = self.list(&work_file.private_titles);
        if !titles.is_empty() {
            lines.push(self.say(
                format!("标题像私人文件的（{titles}），如果只有文中的公司名称、关键词或少量数据说明是工作文件，会询问你"),
                format!("where a file has the title of a private paper ({titles}), and only the company's name, keywords or a little data in its text speak for work, you are asked"),
            ));
        }
        lines
    }

    fn evidence(&self) -> Vec<String> {
        let rules = &self.policy.work_file.evidence;
        let mut evidence = Vec::new();
        let mut accept = |accepted: bool, what: String| evidence.extend(accepted.then_some(what));
        accept(
            rules.store_copy,
            self.fixed("内容与存放处的文件相同", "its content lies, or lay, in a store"),
        );
        accept(
            rules.registered,
            self.fixed(
                "已登记的文件或其近似副本",
                "it is a registered document, or a near copy",
            ),
        );
        let names = self.list(&rules.company_names);
        accept(
            !names.is_empty(),
            self.say(
                format!("文中或文件属性里有公司名称（{names}）"),
                format!("its text or its properties contain the company's name ({names})"),
            ),
        );
        let domains = self.list(&rules.company_domains);
        accept(
            !domains.is_empty(),
            self.say(
                format!("文件属性里有公司的地址（域名 {domains}）"),
                format!("its properties contain an address of the company ({domains})"),
            ),
        );
        for (property, patterns) in &rules.properties {
            let name = words::property(property).map_or(property.as_str(), |name| name.to(self.language));
            let patterns = self.list(patterns);
            accept(
                true,
                self.say(
                    format!("属性“{name}”是 {patterns}"),
                    format!("its property “{name}” is {patterns}"),
                ),
            );
        }
        accept(
            rules.labels,
            self.fixed("带有下列标签", "it carries a label named below"),
        );
        accept(rules.content, self.content());
        let titles = self.list(&rules.titles);
        accept(
            !titles.is_empty(),
            self.say(format!("标题是 {titles}"), format!("its title is one of {titles}")),
        );
        evidence
    }

    /// Keywords and data, and how much of the latter.
    fn content(&self) -> String {
        let content = self.fixed("含有下列关键词或数据", "it contains keywords or data named below");
        let least = &self.policy.work_file.evidence.detectors;
        if least.is_empty() {
            return content;
        }
        let least = self.data(least);
        self.say(
            format!("{content}（作为依据至少要有：{least}）"),
            format!("{content} (as evidence at least: {least})"),
        )
    }

    /// Detectors, and how often they must hit.
    pub(super) fn data(&self, detectors: &BTreeMap<String, u32>) -> String {
        self.list(detectors.iter().map(|(name, least)| {
            let what = words::detector(name).map_or(name.as_str(), |what| what.to(self.language));
            self.say(format!("{what}（{least} 个起）"), format!("{what} ({least} or more)"))
        }))
    }

    pub(super) fn when_unsure(&self) -> Vec<String> {
        let unsure = self.policy.work_file.when_unsure;
        let apps = |company: bool| {
            let apps: Vec<_> = App::CHAT
                .iter()
                .filter(|app| app.is_company_chat() == company)
                .collect();
            self.words(apps)
        };
        let places = [
            (PlaceKind::Desktop.in_words(self.language).to_owned(), unsure.desktop),
            (
                PlaceKind::Downloads.in_words(self.language).to_owned(),
                unsure.downloads,
            ),
            (apps(true), unsure.company_apps),
            (apps(false), unsure.personal_apps),
            (
                PlaceKind::PersonalCloud.in_words(self.language).to_owned(),
                unsure.personal_cloud,
            ),
        ];
        let private = unsure.private_title.map(|unsure| {
            let any = self.fixed(
                "标题像私人文件的，不论在哪里",
                "with the title of a private paper, wherever it lies",
            );
            (any, unsure)
        });
        let line = |(place, unsure): (String, Unsure)| {
            let what = match unsure {
                Unsure::Count => both("按工作文件处理", "it counts as a work file"),
                Unsure::Ask => both(
                    "询问你；回答“不是”不会离开这台电脑",
                    "you are asked, and a “no” never leaves this PC",
                ),
                Unsure::Ignore => both("不作处理", "it is left alone"),
            };
            format!(
                "{place}{}{}",
                both("：", ": ").to(self.language),
                what.to(self.language)
            )
        };
        places.into_iter().chain(private).map(line).collect()
    }
}
