//! The icon's menu as plain data, so that it is tested without a screen and redrawn only when it changed.

use fileward_ipc::{Answer, Item, Question};
use fileward_protocol::vocabulary::Offer;
use jiff::Timestamp;

use crate::act::Act;
use crate::model::{self, Link, Seen};
use crate::words::{self, Words};

/// More findings or questions than this are not listed.
const MOST: usize = 12;

/// What the icon looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Nothing to look at.
    Calm,
    /// Something waits for the employee.
    Attention,
    /// The service does not answer.
    Away,
}

/// The icon with its menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Menu {
    /// What the icon looks like.
    pub(crate) mood: Mood,
    /// The state in one line.
    pub(crate) title: String,
    /// The entries below it.
    pub(crate) entries: Vec<Entry>,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Text that cannot be clicked.
    Text(String),
    /// A line between groups.
    Line,
    /// Something to click.
    Button(String, Act),
    /// A menu within the menu.
    Group(String, Vec<Entry>),
}

impl Menu {
    /// Makes the menu. `can_type`: whether there is a way to ask for the words of a reason.
    pub(crate) fn new(link: Link, seen: &Seen, words: Words, can_type: bool, now: Timestamp) -> Self {
        let waiting = seen.all_findings() + seen.all_questions();
        let (mood, title) = match link {
            Link::Down => (Mood::Away, words.say(words::NO_SERVICE).to_owned()),
            Link::OtherVersion => (Mood::Away, words.say(words::WRONG_VERSION).to_owned()),
            Link::Up if waiting > 0 => (Mood::Attention, words.to_look_at(waiting)),
            Link::Up if !seen.swept => (Mood::Calm, words.say(words::LOOKING).to_owned()),
            Link::Up => (Mood::Calm, words.say(words::PROTECTED).to_owned()),
        };
        let mut entries = vec![Entry::Text(title.clone())];
        if link == Link::Up {
            let finding = |item: &Item| self::finding(item, seen.reported_at_once, words, can_type, now);
            entries.extend(section(&seen.findings, seen.all_findings(), words, finding));
            entries.extend(section(&seen.questions, seen.all_questions(), words, |asked| {
                question(asked, words)
            }));
            entries.push(Entry::Line);
            entries.push(Entry::Button(words.say(words::WHAT_WAS_SENT).to_owned(), Act::OpenSent));
            entries.push(Entry::Button(
                words.say(words::WHAT_THE_COMPANY_DID).to_owned(),
                Act::OpenCompany,
            ));
            entries.push(Entry::Button(
                words.say(words::WHAT_IS_WATCHED).to_owned(),
                Act::OpenWatched,
            ));
        }
        Self { mood, title, entries }
    }
}

fn section<T>(listed: &[T], all: usize, words: Words, entry: impl Fn(&T) -> Entry) -> Vec<Entry> {
    let mut entries = Vec::new();
    if !listed.is_empty() {
        entries.push(Entry::Line);
        entries.extend(listed.iter().take(MOST).map(entry));
    }
    if all > MOST {
        entries.push(Entry::Text(words.and_more(all - MOST)));
    }
    entries
}

fn finding(item: &Item, reported_at_once: bool, words: Words, can_type: bool, now: Timestamp) -> Entry {
    let folder = model::folder(item);
    let mut entries = vec![
        Entry::Text(words.lies(&words.place(item.place, item.app), &words::shown_path(folder))),
        Entry::Text(words.why(item.rule, &item.evidence)),
        Entry::Text(words.standing(item, reported_at_once, now)),
    ];
    entries.extend(words.decision(item).map(Entry::Text));
    entries.push(Entry::Line);
    entries.extend(model::offers(item).map(|offer| action(item, offer, words, can_type)));
    Entry::Group(words::shown(&item.path), entries)
}

fn action(item: &Item, offer: Offer, words: Words, can_type: bool) -> Entry {
    let label = words.offer(offer).to_owned();
    let answer = |answer| Act::Answer(item.finding, answer);
    match offer {
        Offer::MoveToStore => Entry::Button(label, Act::Move(vec![item.finding])),
        Offer::PrivateFile => Entry::Button(label, answer(Answer::PrivateFile)),
        Offer::FalseAlarm => Entry::Button(label, answer(Answer::FalseAlarm)),
        Offer::Justify => {
            let reason = |text: &str| Entry::Button(text.to_owned(), answer(Answer::Justify { text: text.to_owned() }));
            let mut reasons: Vec<_> = words.standard_reasons().into_iter().map(reason).collect();
            if can_type {
                let other = words.say(words::OTHER_REASON).to_owned();
                reasons.push(Entry::Button(other, Act::GiveReason(item.finding)));
            }
            Entry::Group(label, reasons)
        }
    }
}

fn question(question: &Question, words: Words) -> Entry {
    let folder = question.path.parent().unwrap_or(&question.path);
    let place = words.place(question.place, question.app);
    let answer = |work| Act::AnswerQuestion(question.question, work);
    let entries = vec![
        Entry::Text(words.lies(&place, &words::shown_path(folder))),
        Entry::Text(words.say(words::NO_STAYS).to_owned()),
        Entry::Line,
        Entry::Button(words.say(words::YES_WORK).to_owned(), answer(true)),
        Entry::Button(words.say(words::NOT_WORK).to_owned(), answer(false)),
    ];
    Entry::Group(words.question(&words::shown(&question.path)), entries)
}

#[cfg(test)]
mod tests {
    use fileward_ipc::More;
    use fileward_protocol::vocabulary::Language;

    use super::*;
    use crate::sample::{item, now, question};

    const ZH: Words = Words {
        language: Language::ZhCn,
    };
    const EN: Words = Words { language: Language::En };

    fn menu(link: Link, seen: &Seen, words: Words) -> Menu {
        Menu::new(link, seen, words, true, now())
    }

    fn seen(findings: usize, questions: usize) -> Seen {
        Seen {
            findings: (0..findings).map(|n| item(n, "/home/u/桌面/报价单.docx")).collect(),
            questions: (0..questions)
                .map(|n| question(n as u64, "/home/u/下载/名单.xlsx"))
                .collect(),
            more: More::default(),
            swept: true,
            reported_at_once: false,
        }
    }

    fn labels(entries: &[Entry]) -> Vec<&str> {
        entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Button(label, _) | Entry::Group(label, _) => Some(label.as_str()),
                Entry::Text(_) | Entry::Line => None,
            })
            .collect()
    }

    fn group(entries: &[Entry], number: usize) -> &[Entry] {
        let groups = entries.iter().filter_map(|entry| match entry {
            Entry::Group(_, entries) => Some(entries),
            _ => None,
        });
        groups.clone().nth(number).unwrap()
    }

    #[test]
    fn without_the_service_the_menu_says_so_and_offers_nothing() {
        for (link, text) in [
            (Link::Down, words::NO_SERVICE),
            (Link::OtherVersion, words::WRONG_VERSION),
        ] {
            let menu = menu(link, &seen(3, 1), EN);
            assert_eq!(menu.mood, Mood::Away);
            assert_eq!(menu.entries, vec![Entry::Text(text.en.to_owned())]);
        }
    }

    #[test]
    fn with_nothing_to_look_at_the_icon_is_calm_and_the_pages_are_there() {
        let menu = menu(Link::Up, &seen(0, 0), ZH);
        assert_eq!(
            (menu.mood, menu.title.as_str()),
            (Mood::Calm, "已保护，没有待处理的文件")
        );
        assert_eq!(
            labels(&menu.entries),
            ["上报了我的哪些信息", "谁看过，公司做了什么", "检查哪些位置"]
        );
    }

    #[test]
    fn a_finding_is_a_menu_of_its_own_with_what_the_policy_offers() {
        let menu = menu(Link::Up, &seen(1, 1), ZH);
        assert_eq!((menu.mood, menu.title.as_str()), (Mood::Attention, "2 项待处理"));
        assert_eq!(labels(&menu.entries)[..2], ["报价单.docx", "是工作文件吗？名单.xlsx"]);
        let actions = group(&menu.entries, 0);
        assert_eq!(labels(actions), ["移到加密文件夹", "私人文件", "误报", "说明理由"]);
        assert_eq!(labels(group(actions, 0)).len(), 4, "three reasons and one to type");
        assert_eq!(labels(group(&menu.entries, 1)), ["是，工作文件", "不是"]);
    }

    #[test]
    fn without_a_store_there_is_no_move() {
        let mut seen = seen(1, 0);
        seen.findings[0].store = None;
        let menu = menu(Link::Up, &seen, EN);
        assert_eq!(
            labels(group(&menu.entries, 0)),
            ["Private file", "False alarm", "Give a reason"]
        );
    }

    #[test]
    fn without_a_way_to_type_only_the_standard_reasons_are_there() {
        let menu = Menu::new(Link::Up, &seen(1, 0), EN, false, now());
        assert_eq!(labels(group(group(&menu.entries, 0), 0)), EN.standard_reasons());
    }

    #[test]
    fn a_long_list_is_cut_and_says_how_much_is_left() {
        let mut seen = seen(100, 0);
        seen.more.findings = 900;
        let menu = menu(Link::Up, &seen, EN);
        assert_eq!(menu.title, "1000 to look at");
        assert!(menu.entries.contains(&Entry::Text("… and 988 more".to_owned())));
        assert_eq!(
            menu.entries
                .iter()
                .filter(|entry| matches!(entry, Entry::Group(..)))
                .count(),
            MOST
        );
    }

    #[test]
    fn nothing_changed_means_an_equal_menu() {
        let again = |words| menu(Link::Up, &seen(2, 1), words);
        assert_eq!(again(ZH), again(ZH));
        assert_ne!(again(ZH), again(EN));
        assert_ne!(again(ZH), menu(Link::Up, &seen(1, 1), ZH));
    }
}
