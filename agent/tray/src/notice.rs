//! What a toast says and offers, as plain data.

use fileward_ipc::{Answer, CompanyAct, Item, Question, QuestionId};
use fileward_protocol::ids::FindingId;
use fileward_protocol::vocabulary::{Offer, Rule, Severity};
use jiff::Timestamp;

use crate::act::Act;
use crate::menu::Mood;
use crate::model::{self, Seen};
use crate::words::{self, Words};

/// More names than this are not told in one toast.
const MOST_NAMES: usize = 3;
/// More toasts than this are not shown at once; the menu has the rest.
const MOST_TOASTS: usize = 5;

/// A toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// What it is about. A notice takes the place of the former one of the same slot.
    pub(crate) slot: Slot,
    /// The first line.
    pub(crate) title: String,
    /// The lines below it, plain text.
    pub(crate) lines: Vec<String>,
    /// What can be clicked.
    pub(crate) buttons: Vec<Button>,
    /// Whether it asks for attention even when the desktop is told not to disturb.
    pub(crate) urgent: bool,
    /// The picture beside it.
    pub(crate) mood: Mood,
    /// The language it is in.
    pub(crate) words: Words,
}

/// What a toast is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// New findings.
    Findings(Vec<FindingId>),
    /// New questions.
    Questions(Vec<QuestionId>),
    /// What the company did about findings.
    Company,
    /// What came of a click.
    Said,
}

impl Slot {
    /// Whether a notice of this slot takes the place of one of `former`: several findings are told anew in one toast,
    /// a single one keeps its own.
    pub(crate) fn replaces(&self, former: &Self) -> bool {
        match (self, former) {
            (Self::Findings(new), Self::Findings(old)) => new == old || (new.len() > 1 && old.len() > 1),
            (Self::Questions(new), Self::Questions(old)) => new == old || (new.len() > 1 && old.len() > 1),
            (Self::Said, Self::Said) | (Self::Company, Self::Company) => true,
            _ => false,
        }
    }

    /// Whether any of what it is about still waits.
    pub(crate) fn still_stands(&self, seen: &Seen) -> bool {
        match self {
            // Of what is not listed nobody knows; such a toast goes by itself.
            Self::Findings(ids) => seen.more.findings > 0 || ids.iter().any(|id| seen.finding(*id).is_some()),
            Self::Questions(ids) => seen.more.questions > 0 || ids.iter().any(|id| seen.question(*id).is_some()),
            Self::Company | Self::Said => true,
        }
    }
}

/// Something to click in a toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Button {
    /// Its name on the bus.
    pub(crate) key: &'static str,
    /// Its text.
    pub(crate) label: String,
    /// What it does.
    pub(crate) act: Act,
}

impl Button {
    fn new(key: &'static str, label: &str, act: Act) -> Self {
        Self {
            key,
            label: label.to_owned(),
            act,
        }
    }
}

/// One toast for new findings and `more` that are not among them: whole for one, by name and number for several.
pub(crate) fn findings(
    items: &[Item],
    more: usize,
    reported_at_once: bool,
    words: Words,
    now: Timestamp,
) -> Option<Notice> {
    match (items, more) {
        ([], _) => None,
        ([item], 0) => Some(finding(item, reported_at_once, words, now)),
        (items, more) => Some(several_findings(items, more, reported_at_once, words, now)),
    }
}

/// A toast for each of the findings, as far as the screen has room.
pub(crate) fn each_finding(items: &[&Item], reported_at_once: bool, words: Words, now: Timestamp) -> Vec<Notice> {
    let first = items.iter().take(MOST_TOASTS);
    first.map(|item| finding(item, reported_at_once, words, now)).collect()
}

fn finding(item: &Item, reported_at_once: bool, words: Words, now: Timestamp) -> Notice {
    let title = if item.rule == Rule::StoreUnprotected {
        words.store_finding(&words::shown_path(&item.path))
    } else {
        words.one_finding(&words::shown(&item.path))
    };
    let mut lines = vec![
        words.lies(
            &words.place(item.place, item.app),
            &words::shown_path(model::folder(item)),
        ),
        words.why(item.rule, &item.evidence),
        words.standing(item, reported_at_once, now),
    ];
    lines.extend(words.decision(item));
    Notice {
        slot: Slot::Findings(vec![item.finding]),
        title,
        lines,
        buttons: model::offers(item).map(|offer| button(item, offer, words)).collect(),
        urgent: item.severity == Severity::Critical,
        mood: Mood::Attention,
        words,
    }
}

fn button(item: &Item, offer: Offer, words: Words) -> Button {
    let id = item.finding;
    let (key, act) = match offer {
        Offer::MoveToStore => ("move", Act::Move(vec![id])),
        Offer::PrivateFile => ("private", Act::Answer(id, Answer::PrivateFile)),
        Offer::FalseAlarm => ("false-alarm", Act::Answer(id, Answer::FalseAlarm)),
        Offer::Justify => ("justify", Act::GiveReason(id)),
    };
    Button::new(key, words.offer(offer), act)
}

fn several_findings(items: &[Item], more: usize, reported_at_once: bool, words: Words, now: Timestamp) -> Notice {
    let count = items.len() + more;
    let mut lines = names(items.iter().map(|item| item.path.as_path()), count, words);
    let first_due = items.iter().filter(|item| item.due > now).min_by_key(|item| item.due);
    lines.extend(first_due.map(|item| words.standing(item, reported_at_once, now)));
    let movable: Vec<_> = items
        .iter()
        .filter(|item| model::is_movable(item))
        .map(|item| item.finding)
        .collect();
    let all: Vec<_> = items.iter().map(|item| item.finding).collect();
    let mut buttons = Vec::new();
    // The button says "all".
    if !movable.is_empty() && more == 0 {
        buttons.push(Button::new("move", words.say(words::MOVE_ALL), Act::Move(movable)));
    }
    buttons.push(Button::new(
        "show",
        words.say(words::SHOW),
        Act::ShowFindings(all.clone()),
    ));
    Notice {
        slot: Slot::Findings(all),
        title: words.several_findings(count),
        lines,
        buttons,
        urgent: items.iter().any(|item| item.severity == Severity::Critical),
        mood: Mood::Attention,
        words,
    }
}

/// One toast for new questions and `more` that are not among them.
pub(crate) fn questions(asked: &[Question], more: usize, words: Words) -> Option<Notice> {
    let several = |asked: &[Question]| {
        let all: Vec<_> = asked.iter().map(|question| question.question).collect();
        let count = asked.len() + more;
        Notice {
            slot: Slot::Questions(all.clone()),
            title: words.several_questions(count),
            lines: names(asked.iter().map(|question| question.path.as_path()), count, words),
            buttons: vec![Button::new("show", words.say(words::SHOW), Act::ShowQuestions(all))],
            urgent: false,
            mood: Mood::Attention,
            words,
        }
    };
    match (asked, more) {
        ([], _) => None,
        ([one], 0) => Some(question(one, words)),
        (asked, _) => Some(several(asked)),
    }
}

/// One toast for what the company did about findings.
pub(crate) fn company(acts: &[CompanyAct], words: Words) -> Option<Notice> {
    let title = match acts {
        [] => return None,
        [_] => words.say(words::COMPANY_ACTED).to_owned(),
        acts => words.company_acted(acts.len()),
    };
    // The last of it tells how things stand.
    let mut lines: Vec<_> = acts
        .iter()
        .rev()
        .take(MOST_NAMES)
        .map(|kept| words.company_act(kept))
        .collect();
    if acts.len() > lines.len() {
        lines.push(words.and_more(acts.len() - lines.len()));
    }
    Some(Notice {
        slot: Slot::Company,
        title,
        lines,
        buttons: vec![Button::new("company", words.say(words::ALL_OF_IT), Act::OpenCompany)],
        urgent: false,
        mood: Mood::Attention,
        words,
    })
}

/// A toast for each of the questions, as far as the screen has room.
pub(crate) fn each_question(asked: &[&Question], words: Words) -> Vec<Notice> {
    asked
        .iter()
        .take(MOST_TOASTS)
        .map(|asked| question(asked, words))
        .collect()
}

fn question(question: &Question, words: Words) -> Notice {
    let id = question.question;
    let folder = question.path.parent().unwrap_or(&question.path);
    let place = words.place(question.place, question.app);
    Notice {
        slot: Slot::Questions(vec![id]),
        title: words.say(words::IS_WORK).to_owned(),
        lines: vec![
            words::shown(&question.path),
            words.lies(&place, &words::shown_path(folder)),
            words.say(words::NO_STAYS).to_owned(),
        ],
        buttons: vec![
            Button::new("yes", words.say(words::YES_WORK), Act::AnswerQuestion(id, true)),
            Button::new("no", words.say(words::NOT_WORK), Act::AnswerQuestion(id, false)),
        ],
        urgent: false,
        mood: Mood::Attention,
        words,
    }
}

/// Standard reasons to click, for a desktop that has no way to type one.
pub(crate) fn reasons(item: &Item, words: Words) -> Notice {
    let keys = ["reason-1", "reason-2", "reason-3"];
    let buttons = keys.into_iter().zip(words.standard_reasons()).map(|(key, text)| {
        let answer = Answer::Justify { text: text.to_owned() };
        Button::new(key, text, Act::Answer(item.finding, answer))
    });
    Notice {
        slot: Slot::Findings(vec![item.finding]),
        title: words.reason_for(&words::shown(&item.path)),
        lines: Vec::new(),
        buttons: buttons.collect(),
        urgent: false,
        mood: Mood::Attention,
        words,
    }
}

/// What was done after a click.
pub(crate) fn said(title: &str, lines: Vec<String>, words: Words) -> Notice {
    Notice {
        slot: Slot::Said,
        title: title.to_owned(),
        lines,
        buttons: Vec::new(),
        urgent: false,
        mood: Mood::Calm,
        words,
    }
}

/// What was not done after a click, and why.
pub(crate) fn not_done(lines: Vec<String>, words: Words) -> Notice {
    Notice {
        mood: Mood::Attention,
        ..said(words.say(words::NOT_DONE), lines, words)
    }
}

/// The first names of `count`.
fn names<'a>(paths: impl Iterator<Item = &'a std::path::Path>, count: usize, words: Words) -> Vec<String> {
    let mut names: Vec<_> = paths.take(MOST_NAMES).map(words::shown).collect();
    if count > names.len() {
        names.push(words.and_more(count - names.len()));
    }
    names
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::{FindingState, Language};

    use super::*;
    use crate::sample::{act, item, now, question as asked};

    const ZH: Words = Words {
        language: Language::ZhCn,
    };
    const EN: Words = Words { language: Language::En };

    fn keys(notice: &Notice) -> Vec<&str> {
        notice.buttons.iter().map(|button| button.key).collect()
    }

    #[test]
    fn one_finding_is_told_whole() {
        let notice = findings(&[item(0, "/srv/u/桌面/报价单.docx")], 0, false, ZH, now()).unwrap();
        assert_eq!(notice.title, "工作文件放错了地方：报价单.docx");
        assert_eq!(notice.lines[0], "位置：桌面（/srv/u/桌面）");
        assert_eq!(notice.lines[1], "原因：工作文件不在规定的存放处（含有公司名称）");
        assert!(notice.lines[2].ends_with("之前只有你知道，处理好就不会上报。"));
        assert_eq!(keys(&notice), ["move", "private", "false-alarm", "justify"]);
    }

    #[test]
    fn what_is_reported_is_never_called_the_employees_own_knowledge() {
        let mut open = item(0, "/d/a.docx");
        let early = findings(std::slice::from_ref(&open), 0, true, EN, now()).unwrap();
        open.state = FindingState::Open;
        let late = findings(&[open], 0, false, EN, now()).unwrap();
        for notice in [early, late] {
            assert!(notice.lines[2].contains("reported"), "{notice:?}");
            assert!(!notice.lines[2].contains("only you"), "{notice:?}");
        }
    }

    #[test]
    fn only_what_is_offered_is_a_button() {
        let mut one = item(0, "/d/a.docx");
        one.offers = vec![Offer::MoveToStore, Offer::FalseAlarm];
        assert_eq!(
            keys(&findings(&[one.clone()], 0, false, EN, now()).unwrap()),
            ["move", "false-alarm"]
        );
        one.store = None;
        assert_eq!(keys(&findings(&[one], 0, false, EN, now()).unwrap()), ["false-alarm"]);
    }

    #[test]
    fn several_findings_are_one_toast_with_the_first_names() {
        let mut items: Vec<_> = (0..5).map(|n| item(n, &format!("/d/{n}.docx"))).collect();
        items[4].store = None;
        let notice = findings(&items, 0, false, EN, now()).unwrap();
        assert_eq!(notice.title, "5 work files in the wrong place");
        assert_eq!(notice.lines[..4], ["0.docx", "1.docx", "2.docx", "… and 2 more"]);
        assert_eq!(keys(&notice), ["move", "show"]);
        let Act::Move(moved) = &notice.buttons[0].act else {
            panic!("{notice:?}")
        };
        assert_eq!(moved.len(), 4, "what has no store is not moved");
    }

    #[test]
    fn a_toast_counts_what_it_does_not_list_and_does_not_offer_to_move_it() {
        let notice = findings(&[item(0, "/d/0.docx")], 999, false, EN, now()).unwrap();
        assert_eq!(notice.title, "1000 work files in the wrong place");
        assert_eq!(notice.lines[..2], ["0.docx", "… and 999 more"]);
        assert_eq!(keys(&notice), ["show"]);
        let notice = questions(&[asked(7, "/d/a")], 1, EN).unwrap();
        assert_eq!(notice.title, "2 files: are they work files?");
        assert!(notice.slot.still_stands(&Seen {
            more: fileward_ipc::More {
                findings: 0,
                questions: 1
            },
            ..Seen::default()
        }));
    }

    #[test]
    fn a_question_says_that_a_no_stays_here() {
        let notice = questions(&[asked(7, "/d/名单.xlsx")], 0, ZH).unwrap();
        assert_eq!(notice.title, "这是工作文件吗？");
        assert!(notice.lines.iter().any(|line| line.contains("不会上报")));
        assert_eq!(notice.buttons[1].act, Act::AnswerQuestion(QuestionId(7), false));
        let several = questions(&[asked(7, "/d/a"), asked(8, "/d/b")], 0, ZH).unwrap();
        assert_eq!(keys(&several), ["show"]);
    }

    #[test]
    fn what_the_company_decided_is_one_toast_with_its_reasons() {
        let one = company(&[act("exempted", Some("展会需要"))], ZH).unwrap();
        assert_eq!(one.title, "公司对你的一个文件有新的决定");
        assert_eq!(one.lines, ["安全员：同意“报价单.docx”作为例外。理由：展会需要"]);
        assert_eq!(keys(&one), ["company"]);
        let several = company(&[(); 5].map(|()| act("escalated", None)), EN).unwrap();
        assert_eq!(several.title, "Your company decided 5 things about files of yours");
        assert_eq!((several.lines.len(), several.lines[3].as_str()), (4, "… and 2 more"));
        assert!(company(&[], EN).is_none());
    }

    #[test]
    fn what_was_opened_again_says_why() {
        let mut open = item(0, "/d/报价单.docx");
        open.state = FindingState::Open;
        open.decision = Some(act("reopened", Some("这是报价单")).act);
        let notice = findings(&[open], 0, false, ZH, now()).unwrap();
        assert_eq!(notice.lines[3], "安全员：“报价单.docx”需要重新处理。理由：这是报价单");
    }

    #[test]
    fn a_toast_takes_the_place_of_its_former_one_only() {
        let ids: Vec<_> = (0..4).map(|n| item(n, "/d/a").finding).collect();
        let (one, other) = (Slot::Findings(vec![ids[0]]), Slot::Findings(vec![ids[1]]));
        let (few, more) = (Slot::Findings(ids[..2].to_vec()), Slot::Findings(ids.clone()));
        assert!(one.replaces(&one) && more.replaces(&few) && Slot::Said.replaces(&Slot::Said));
        assert!(!one.replaces(&other) && !one.replaces(&few) && !Slot::Said.replaces(&one));
    }
}
