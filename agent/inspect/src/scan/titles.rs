//! Titles by which papers say what they are: 产品报价单, 个人简历, "Minutes of the meeting". A title stands in one of a document's first
//! lines, alone in its row. In Chinese it ends with what it is; in English that stands anywhere in it. A sentence is none.

use std::collections::HashMap;

use super::normal::CELL;
use super::words::{plain, push_small};
use crate::text::Part;

/// Lines of a document's body in which a title stands.
const LINES: usize = 8;
/// The longest title, in characters, and in words where they are Latin.
const CHARS: usize = 80;
const WORDS: usize = 12;
/// Cells of a row in which a title stands: more of them are the heads of columns.
const CELLS: usize = 2;
/// What follows a title that stands alone in its row of a table of plain text.
const COMMAS: [char; 2] = [',', ';'];
/// What may follow the name of a kind: 体检报告单, 劳动合同书.
const ENDINGS: [char; 3] = ['书', '表', '单'];

/// A title that is looked for.
#[derive(Debug)]
struct Title {
    written: String,
    is_private: bool,
}

/// The titles of a policy.
#[derive(Debug, Default)]
pub(super) struct Titles {
    all: Vec<Title>,
    /// Those that stand at the end of a word, for words have no borders; by their last character.
    chinese: HashMap<char, Vec<(String, usize)>>,
    /// Those of some words, by their first one.
    latin: HashMap<String, Vec<(Vec<String>, usize)>>,
}

impl Titles {
    pub(super) fn new(work: &[String], private: &[String]) -> Self {
        let mut titles = Self::default();
        let work = work.iter().map(|written| (written, false));
        for (written, is_private) in work.chain(private.iter().map(|written| (written, true))) {
            titles.add(written, is_private);
        }
        titles
    }

    fn add(&mut self, written: &str, is_private: bool) {
        let index = self.all.len();
        let plain = plain(written);
        if plain.is_ascii() {
            let words: Vec<_> = words(&plain).map(str::to_owned).collect();
            let Some(first) = words.first().cloned() else { return };
            self.latin.entry(first).or_default().push((words, index));
        } else {
            let text: String = plain.chars().filter(|c| c.is_alphanumeric()).collect();
            let Some(last) = text.chars().next_back() else { return };
            self.chinese.entry(last).or_default().push((text, index));
        }
        self.all.push(Title {
            written: written.to_owned(),
            is_private,
        });
    }

    /// The titles that stand in a cell of small letters, by their index.
    fn find<'t>(&'t self, cell: &str) -> Vec<(usize, &'t Title)> {
        let words: Vec<_> = words(cell).collect();
        let mut found = self.chinese(&words);
        if !found.is_empty() && cell.contains([',', ';', '。', '、', '!', '?']) {
            found.clear();
        }
        if words.len() <= WORDS && !cell.ends_with(['.', ',', ';', ':', '!', '?']) {
            found.extend(self.latin(&words));
        }
        found
            .into_iter()
            .filter_map(|index| Some((index, self.all.get(index)?)))
            .collect()
    }

    /// Those that Chinese words end with; these are one where their characters are spaced out.
    fn chinese(&self, words: &[&str]) -> Vec<usize> {
        let is_spaced = words.iter().all(|word| word.chars().nth(1).is_none());
        let joined = if is_spaced { words.concat() } else { String::new() };
        let words = if is_spaced { &[joined.as_str()] } else { words };
        let ends = words.iter().flat_map(|word| {
            // A number may follow.
            let word = word.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
            [Some(word), word.strip_suffix(ENDINGS)]
        });
        let found = ends.flatten().flat_map(|word| {
            let last = word.chars().next_back();
            let titles = last.and_then(|last| self.chinese.get(&last)).into_iter().flatten();
            titles.filter(move |(title, _)| word.ends_with(title.as_str()))
        });
        found.map(|(_, index)| *index).collect()
    }

    /// Those of Latin words.
    fn latin(&self, words: &[&str]) -> impl Iterator<Item = usize> {
        let starts = words.iter().enumerate().filter(|(_, word)| word.is_ascii());
        starts.flat_map(move |(at, word)| {
            let titles = self.latin.get(*word).into_iter().flatten();
            let fit = titles.filter(move |(title, _)| is_start(&words[at..], title));
            fit.map(|(_, index)| *index)
        })
    }
}

/// The titles of one file and of the documents within it.
#[derive(Debug, Default)]
pub(super) struct Heads {
    /// Of the document that is being read: lines seen, and whether one was a private title.
    lines: usize,
    is_private: bool,
    /// Whether there was a document without a private title.
    others: bool,
    /// By their index, in the order found.
    found: Vec<usize>,
}

impl Heads {
    /// Takes a line of a part, from its start.
    pub(super) fn line(&mut self, titles: &Titles, part: Part, line: &str) {
        if part != Part::Body || self.lines >= LINES || line.is_empty() {
            return;
        }
        self.lines += 1;
        let cells = line.split(char::from(CELL)).filter(|cell| !cell.is_empty());
        if cells.clone().count() > CELLS {
            return;
        }
        for cell in cells.map(|cell| cell.trim_end_matches(COMMAS)) {
            if cell.chars().count() <= CHARS {
                let mut small = String::with_capacity(cell.len());
                push_small(&mut small, cell, |_| true);
                self.cell(titles, &small);
            }
        }
    }

    fn cell(&mut self, titles: &Titles, cell: &str) {
        for (index, title) in titles.find(cell) {
            self.is_private |= title.is_private;
            if !self.found.contains(&index) {
                self.found.push(index);
            }
        }
    }

    /// A document ends, and another one begins.
    pub(super) fn end(&mut self) {
        self.others |= self.lines > 0 && !self.is_private;
        (self.lines, self.is_private) = (0, false);
    }

    /// The titles as the policy writes them. Several documents are private only if each of them is.
    pub(super) fn finish(mut self, titles: &Titles) -> Vec<String> {
        self.end();
        let found = self.found.iter().filter_map(|index| titles.all.get(*index));
        let found = found.filter(|title| !(title.is_private && self.others));
        found.map(|title| title.written.clone()).collect()
    }
}

fn is_start(text: &[&str], words: &[String]) -> bool {
    text.get(..words.len()).is_some_and(|own| own == words)
}

/// The runs of letters, ideographs and digits in a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    // Ideographs are found out to be letters last of all.
    let is_of_word = |c: char| matches!(c, '\u{4E00}'..='\u{9FFF}') || c.is_alphanumeric();
    text.split(move |c| !is_of_word(c)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The titles found in documents of these lines.
    fn titles(documents: &[&[&str]]) -> Vec<String> {
        let owned = |titles: &[&str]| titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>();
        let titles = Titles::new(
            &owned(&["报价单", "Purchase order"]),
            &owned(&["简历", "体检报告", "CV", "résumé"]),
        );
        let mut heads = Heads::default();
        for lines in documents {
            for line in *lines {
                heads.line(&titles, Part::Body, line);
            }
            heads.end();
        }
        heads.finish(&titles)
    }

    #[test]
    fn a_title_says_what_its_paper_is() {
        for (line, title) in [
            ("产品报价单", "报价单"),
            ("报 价 单", "报价单"),
            ("示例科技有限公司 报价单(第2版)", "报价单"),
            ("个人简历2025", "简历"),
            ("简历-张某", "简历"),
            ("某医院\t体检报告单", "体检报告"),
            ("\"报价单\",,,", "报价单"),
            ("PURCHASE ORDER no. 4500012345", "Purchase order"),
            ("My CV", "CV"),
            ("Résumé", "résumé"),
        ] {
            assert_eq!(titles(&[&[line]]), [title], "{line}");
        }
    }

    #[test]
    fn a_sentence_a_longer_word_and_the_head_of_a_column_are_none() {
        for line in [
            "请查收附件中的简历，谢谢".replace('，', ",").as_str(),
            "简历筛选标准",
            "报价单位",
            "姓名\t简历\t体检报告",
            "姓名,体检报告,简历",
            "Please send your CV.",
            "Recvd cvs",
            "order of purchase",
            &"很长的标题".repeat(20).replace("很长的标题很", "简历"),
        ] {
            assert_eq!(titles(&[&[line]]), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_title_stands_in_the_first_lines_of_the_body() {
        let line = "正文";
        assert_eq!(titles(&[&[line, line, line, line, line, line, line, "简历"]]), ["简历"]);
        assert_eq!(
            titles(&[&[line, line, line, line, line, line, line, line, "简历"]]),
            [""; 0]
        );
        let mut heads = Heads::default();
        let titles = Titles::new(&[], &["简历".to_owned()]);
        heads.line(&titles, Part::Margin, "简历");
        assert_eq!(heads.finish(&titles), [""; 0]);
    }

    #[test]
    fn a_private_title_does_not_speak_for_the_documents_beside_it() {
        assert_eq!(titles(&[&["个人简历"], &["体检报告"]]), ["简历", "体检报告"]);
        assert_eq!(titles(&[&["个人简历"], &["客户名单"]]), [""; 0]);
        assert_eq!(titles(&[&["报价单"], &["个人简历"]]), ["报价单"]);
        assert_eq!(titles(&[&["个人简历"], &[]]), ["简历"]);
    }
}
