//! Marks of secrecy as documents carry them: 机密★10年, 【内部】, 密级：秘密, CONFIDENTIAL. A mark stands by itself on the first page or in
//! a margin; the same word within a sentence is none. Only the labels of the policy are looked for.

use aho_corasick::packed::Searcher;
use fileward_policy::effective::Grade;

use super::normal::CELL;
use super::words::{plain, push_small};
use crate::bytes;
use crate::text::{Gap, Part};

/// Characters of a body that are its first page, where no page ends before.
const FIRST_PAGE: usize = 1500;
/// The longest mark, in characters.
const MARK: usize = 60;

/// What may stand with a label in a mark. The longer ones first.
const TRIMMING: &str = "\
    donotdistribute donotforward donotcopy copyright allrightsreserved internaluseonly foruseonly fileclassification securitylevel classification \
    confidential sensitivity protected company document strictly internal highly label level only file use for \
    draft private page and of the 妥善保管 严禁外传 严禁复制 严禁扩散 严禁泄露 禁止外传 禁止复制 禁止转发 不得外传 请勿外传 请勿转发 \
    请勿扩散 注意保存 注意保密 仅供内部使用 内部使用 保密期限 保密等级 涉密等级 密级标识 文件密级 信息密级 保密级别 密级 \
    级别 等级 本公司 公司 集团 本单位 资料 文件 材料 信息 文档 特急 加急 急件 普通 编号 份号 仅供 仅限 使用 参考 版权所有 \
    长期 启封前 解密前 页 年 月 日 天 级 件 第 号 份 共";

/// Boxes of a form.
const FILLED: [char; 6] = ['☑', '☒', '■', '√', '✓', '✔'];
const EMPTY: [char; 3] = ['□', '☐', '○'];

/// A label of the policy, as it is written and as it is looked for.
#[derive(Debug)]
struct Label {
    written: String,
    plain: String,
}

/// The labels, the longest first.
#[derive(Debug, Default)]
pub(super) struct Labels {
    all: Vec<Label>,
    /// The company's names, which may stand with one.
    companies: Vec<String>,
    /// None where there are too many of them to look for at once.
    searcher: Option<Searcher>,
}

impl Labels {
    pub(super) fn new(grades: &[Grade], company_names: &[String]) -> Self {
        let written = grades.iter().flat_map(|grade| &grade.labels);
        let mut labels: Vec<_> = written
            .map(|written| Label {
                written: written.clone(),
                plain: bare(&plain(written)),
            })
            .filter(|label| !label.plain.is_empty())
            .collect();
        labels.sort_by_key(|label| std::cmp::Reverse(label.plain.len()));
        let companies = company_names.iter().map(|name| bare(&plain(name)));
        Self::of(labels, companies.filter(|name| !name.is_empty()).collect())
    }

    fn of(all: Vec<Label>, companies: Vec<String>) -> Self {
        let searcher = Searcher::new(all.iter().map(|label| &label.plain));
        Self {
            all,
            companies,
            searcher,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether any label stands in a text that is written as labels are looked for.
    fn any_in(&self, bare: &str) -> bool {
        self.searcher
            .as_ref()
            .is_none_or(|searcher| searcher.find(bare).is_some())
    }

    /// The label of which `text` is a mark.
    fn marked(&self, text: &str) -> Option<&Label> {
        let text = bare(text);
        if text.chars().count() > MARK {
            return None;
        }
        self.all.iter().find(|label| {
            text.match_indices(&label.plain)
                .any(|(at, _)| self.is_trimming(&text[..at]) && self.is_trimming(&text[at + label.plain.len()..]))
        })
    }

    /// Whether a text is only what stands around a label in a mark: stars, brackets, numbers, periods, a few words.
    fn is_trimming(&self, text: &str) -> bool {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let companies = self.companies.iter().map(String::as_str);
            let word = TRIMMING
                .split(' ')
                .chain(companies)
                .find_map(|word| rest.strip_prefix(word));
            rest = match word {
                Some(rest) => rest,
                None if !c.is_alphabetic() => &rest[c.len_utf8()..],
                None => return false,
            };
        }
        true
    }
}

/// The marks of one file.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// Characters of the first page that were seen.
    seen: usize,
    page_ended: bool,
    /// A line without blanks, while it is looked at.
    bare: String,
    /// The policy's labels found, as it writes them.
    pub(super) found: Vec<String>,
}

impl Marks {
    /// Takes a line of a part, from its start.
    pub(super) fn line(&mut self, labels: &Labels, part: Part, line: &str) {
        match part {
            Part::Margin => {}
            Part::Body if !self.page_ended && self.seen < FIRST_PAGE => self.seen += bytes::chars(line),
            Part::Body | Part::Aside | Part::Property => return,
        }
        // Most lines have none, and what is in a part of a line is in the line.
        self.bare.clear();
        push_bare(&mut self.bare, line);
        if labels.any_in(&self.bare) {
            self.look(labels, part, line);
        }
    }

    /// A page of a part ends, or a file within the file begins or ends.
    pub(super) fn end(&mut self, gap: Gap, part: Part) {
        match gap {
            Gap::File => (self.seen, self.page_ended) = (0, false),
            Gap::Page if part == Part::Body => self.page_ended |= self.seen > 0,
            _ => {}
        }
    }

    fn look(&mut self, labels: &Labels, part: Part, line: &str) {
        if line.contains(EMPTY) || line.contains("( )") || line.contains("()") {
            self.boxes(labels, line);
            return;
        }
        self.take(labels.marked(line));
        for cell in line.split(char::from(CELL)) {
            self.take(labels.marked(cell));
            for word in cell.split([' ', '，', '。', '；', ';', '|']) {
                // Words of a margin stand apart, where those of a page make sentences.
                let apart = part == Part::Margin && !word.is_ascii();
                if apart || word.contains('★') || word.starts_with("密级") || word.starts_with("保密等级") {
                    self.take(labels.marked(word));
                }
            }
            if cell.contains('|') {
                cell.split('|').for_each(|own| self.take(labels.marked(own)));
            }
        }
        for (open, close) in [('【', '】'), ('[', ']'), ('〔', '〕'), ('〖', '〗')] {
            for own in line.split(open).skip(1) {
                self.take(own.split_once(close).and_then(|(own, _)| labels.marked(own)));
            }
        }
    }

    /// Takes the label that is chosen in a row of boxes; they stand before their words, or after them.
    fn boxes(&mut self, labels: &Labels, line: &str) {
        let line = line
            .replace("( )", "□")
            .replace("()", "□")
            .replace("(√)", "☑")
            .replace("(✓)", "☑");
        let is_box = |c: char| FILLED.contains(&c) || EMPTY.contains(&c);
        let ends = |c: char| is_box(c) || [' ', '、', '/', ':', '：', char::from(CELL)].contains(&c);
        // How to choose may be said first: 密级(√):
        let line = line
            .split_once(':')
            .filter(|(what, _)| what.ends_with(is_box))
            .map_or(line.as_str(), |(_, rest)| rest);
        let lead = line.split(is_box).next().unwrap_or_default();
        let word = lead.rsplit(ends).next().unwrap_or_default();
        let after = !word.is_empty() && !labels.is_trimming(&bare(word));
        for (at, filled) in line.match_indices(FILLED) {
            let own = if after {
                line[..at].trim_end().rsplit(ends).next()
            } else {
                line[at + filled.len()..].split(ends).find(|own| !own.is_empty())
            };
            self.take(own.and_then(|own| labels.marked(own)));
        }
    }

    fn take(&mut self, label: Option<&Label>) {
        if let Some(label) = label
            && !self.found.contains(&label.written)
        {
            self.found.push(label.written.clone());
        }
    }
}

/// Small letters, without blanks.
fn bare(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    push_bare(&mut bare, text);
    bare
}

fn push_bare(bare: &mut String, text: &str) {
    push_small(bare, text, |c| !c.is_whitespace());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(part: Part, lines: &[&str]) -> Vec<String> {
        let labels = Labels::of(
            [
                "核心商业秘密",
                "confidential",
                "机密",
                "秘密",
                "内部",
                "internaluseonly",
            ]
            .map(|label| Label {
                written: label.to_uppercase(),
                plain: label.to_owned(),
            })
            .into(),
            vec!["示例科技有限公司".to_owned()],
        );
        let mut marks = Marks::default();
        for line in lines {
            marks.line(&labels, part, line);
        }
        marks.found
    }

    #[test]
    fn a_mark_stands_by_itself() {
        for (line, label) in [
            ("机密★10年", "机密"),
            ("★机密★", "机密"),
            ("机 密", "机密"),
            ("秘密★", "秘密"),
            ("内部资料 注意保存", "内部"),
            ("密级：机密", "机密"),
            ("密级:机密 编号:2026-001", "机密"),
            ("文件名称\t密级\t机密★长期", "机密"),
            ("第 001 号 机密★5年 特急", "机密"),
            ("【内部】关于开会的通知", "内部"),
            ("核心商业秘密★5年", "核心商业秘密"),
            ("Strictly Confidential", "CONFIDENTIAL"),
            ("INTERNAL USE ONLY", "INTERNALUSEONLY"),
            ("密级：□绝密 ☑机密 □秘密", "机密"),
            ("—机密—", "机密"),
            ("机密★解密前", "机密"),
            ("涉密等级：机密", "机密"),
            ("仅供公司内部参考", "内部"),
            ("Private & Confidential", "CONFIDENTIAL"),
            ("Confidential Page 1 of 12", "CONFIDENTIAL"),
            ("Confidential | Example Technology", "CONFIDENTIAL"),
            ("For internal use only - do not forward", "INTERNALUSEONLY"),
            ("密级:绝密□ 机密☑ 秘密□", "机密"),
            ("密级(√):绝密( ) 机密(√) 秘密( )", "机密"),
            ("示例科技有限公司 机密", "机密"),
            ("版权所有 示例科技有限公司 内部资料", "内部"),
            ("第 1 页 共 12 页 机密", "机密"),
        ] {
            assert_eq!(marks(Part::Body, &[line]), [label], "{line}");
        }
    }

    #[test]
    fn the_word_in_a_sentence_is_no_mark() {
        for line in [
            "保密协议规定的机密信息",
            "机密文件清单",
            "非机密",
            "商业秘密",
            "内部审计报告",
            "分为绝密、机密、秘密三级",
            "密级：□绝密 □机密 □秘密",
            "密级：绝密( ) 机密( ) 秘密( )",
            "非机密(√) 机密( )",
            "this email is confidential and may be privileged",
        ] {
            assert_eq!(marks(Part::Margin, &[line]), [""; 0], "{line}");
        }
    }

    #[test]
    fn marks_stand_on_the_first_page_and_in_margins() {
        let page: String = "正文".repeat(1000);
        assert_eq!(marks(Part::Body, &[&page, "机密"]), [""; 0]);
        assert_eq!(marks(Part::Margin, &[&page, "机密"]), ["机密"]);
        assert_eq!(marks(Part::Margin, &["某某公司 机密 2026-03"]), ["机密"]);
        assert_eq!(marks(Part::Body, &["某某公司 机密 2026-03"]), [""; 0]);
        assert_eq!(marks(Part::Aside, &["机密"]), [""; 0]);
    }
}
