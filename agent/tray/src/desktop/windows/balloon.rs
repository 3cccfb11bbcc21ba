//! Balloons, where Windows has no toasts: one at a time, the others wait their turn. A click shows the buttons.

use crate::menu::Entry;
use crate::model::Seen;
use crate::notice::Notice;
use crate::words;

/// More than this do not wait; the oldest go. The menu has them all.
const MOST: usize = 16;

/// What is shown, and what waits.
#[derive(Default)]
pub(super) struct Balloons {
    current: Option<Notice>,
    waiting: Vec<Notice>,
}

impl Balloons {
    pub(super) fn current(&self) -> Option<&Notice> {
        self.current.as_ref()
    }

    /// Takes a notice up; tells whether another one is to be shown than before.
    pub(super) fn add(&mut self, notice: Notice) -> bool {
        self.waiting.retain(|waiting| !notice.slot.replaces(&waiting.slot));
        let current = self.current.as_ref();
        if current.is_none_or(|current| notice.slot.replaces(&current.slot)) {
            self.current = Some(notice);
            return true;
        }
        if self.waiting.len() >= MOST {
            self.waiting.remove(0);
        }
        self.waiting.push(notice);
        false
    }

    /// Drops what is about nothing that still waits; tells whether another one is to be shown than before.
    pub(super) fn keep_only(&mut self, seen: &Seen) -> bool {
        self.waiting.retain(|notice| notice.slot.still_stands(seen));
        let gone = self
            .current
            .as_ref()
            .is_some_and(|notice| !notice.slot.still_stands(seen));
        if gone {
            self.pass();
        }
        gone
    }

    /// Gives up the one that is shown for the next.
    pub(super) fn pass(&mut self) -> Option<Notice> {
        let next = (!self.waiting.is_empty()).then(|| self.waiting.remove(0));
        std::mem::replace(&mut self.current, next)
    }
}

/// The text of a balloon: where to click comes first where not all of it fits.
pub(super) fn text(notice: &Notice) -> String {
    let mut lines: Vec<&str> = notice.lines.iter().map(String::as_str).collect();
    if !notice.buttons.is_empty() {
        lines.insert(0, notice.words.say(words::NO_BUTTONS));
    }
    // Without a text there is no balloon.
    if lines.is_empty() {
        notice.title.clone()
    } else {
        lines.join("\n")
    }
}

/// The buttons of a balloon, as a menu.
pub(super) fn menu(notice: &Notice) -> Vec<Entry> {
    let mut entries = vec![Entry::Text(notice.title.clone())];
    entries.extend(notice.lines.iter().cloned().map(Entry::Text));
    entries.push(Entry::Line);
    let button = |button: &crate::notice::Button| Entry::Button(button.label.clone(), button.act.clone());
    entries.extend(notice.buttons.iter().map(button));
    entries
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::Language;

    use super::*;
    use crate::notice;
    use crate::sample::{item, now};
    use crate::words::Words;

    const WORDS: Words = Words {
        language: Language::ZhCn,
    };

    fn finding(number: usize) -> Notice {
        notice::findings(&[item(number, "/d/报价单.docx")], 0, false, WORDS, now()).unwrap()
    }

    fn said(title: &str) -> Notice {
        notice::said(title, Vec::new(), WORDS)
    }

    #[test]
    fn balloons_come_one_after_the_other_and_one_of_a_slot() {
        let mut balloons = Balloons::default();
        assert!(balloons.add(finding(0)));
        assert!(!balloons.add(finding(1)));
        assert!(!balloons.add(said("first")));
        assert!(!balloons.add(said("second")));
        assert!(balloons.add(finding(0)), "it is shown anew");
        assert_eq!(balloons.pass(), Some(finding(0)));
        assert_eq!(balloons.pass(), Some(finding(1)));
        assert_eq!(balloons.pass(), Some(said("second")));
        assert_eq!(balloons.pass(), None);
    }

    #[test]
    fn what_was_settled_goes_shown_or_waiting() {
        let mut balloons = Balloons::default();
        balloons.add(finding(0));
        balloons.add(finding(1));
        balloons.add(finding(2));
        let seen = Seen {
            findings: vec![item(2, "/d/报价单.docx")],
            ..Seen::default()
        };
        assert!(balloons.keep_only(&seen));
        assert_eq!(balloons.current(), Some(&finding(2)));
        assert!(!balloons.keep_only(&seen));
        assert!(balloons.keep_only(&Seen::default()) && balloons.current().is_none());
    }

    #[test]
    fn a_balloon_has_a_text_and_says_that_it_can_be_clicked() {
        assert!(text(&finding(0)).starts_with(words::NO_BUTTONS.zh_cn));
        assert_eq!(text(&said("done")), "done");
        assert_eq!(menu(&finding(0)).len(), 1 + 3 + 1 + 4);
    }
}
