//! What the company did with what was sent: who looked, when and for what, and what came of it.

use fileward_ipc::CompanyAct;
use fileward_policy::words::both;
use jiff::Timestamp;

use super::html;
use crate::words::{self, Words};

/// The page, newest first.
pub(super) fn page(acts: &[CompanyAct], left_out: usize, words: Words, now: Timestamp) -> String {
    let say = |text| words.say(text);
    let mut body = html::paragraph(say(both(
        "这里列出公司对你的文件和这台电脑的发现做过什么：谁看过（以何种身份、为何目的），以及作出的决定和理由。\
         姓名不在这里；公司的审计记录里有姓名。",
        "This is what your company did with what was sent about your files and this PC: who looked, in which role and for \
         what, and what was decided, and why. Names are not here; the company's own audit trail has them.",
    )));
    if acts.is_empty() {
        body += &html::paragraph(say(both("目前没有人看过。", "Nobody has looked so far.")));
    } else {
        let heads = [say(both("时间", "When")), say(both("做了什么", "What"))];
        let mut newest: Vec<_> = acts.iter().collect();
        newest.sort_by_key(|kept| std::cmp::Reverse((kept.act.at, kept.id)));
        let rows: Vec<_> = newest.into_iter().map(|kept| row(kept, words, now)).collect();
        body += &html::table(&heads, &rows);
    }
    if left_out > 0 {
        let more = words.and_more(left_out);
        body += &html::paragraph(&format!("{more}: fileward-agent journal"));
    }
    html::page(say(words::WHAT_THE_COMPANY_DID), &body, words)
}

fn row(kept: &CompanyAct, words: Words, now: Timestamp) -> Vec<String> {
    vec![
        html::text(&words.time(kept.act.at, now)),
        html::text(&words.company_act(kept)),
    ]
}

#[cfg(test)]
mod tests {
    use fileward_protocol::vocabulary::Language;

    use super::*;
    use crate::sample::{act, now};

    const ZH: Words = Words {
        language: Language::ZhCn,
    };
    const EN: Words = Words { language: Language::En };

    #[test]
    fn a_look_is_told_with_its_role_and_purpose_and_the_newest_comes_first() {
        let mut later = act("escalated", None);
        later.act.at = "2026-11-21T09:00:00Z".parse().unwrap();
        let page = page(&[later, act("looked", Some("票据 17"))], 0, ZH, now());
        let looked = page.find("安全员：查看了“报价单.docx”的记录。目的：事件调查（票据 17）。");
        assert!(looked.unwrap() > page.find("采取了措施：警告").unwrap(), "{page}");
    }

    #[test]
    fn words_of_people_cannot_inject_markup_nor_hide() {
        let page = page(&[act("reopened", Some("<script>\u{202e}x"))], 0, EN, now());
        assert!(page.contains("&lt;script&gt;\u{fffd}x") && !page.contains("<script>"));
    }

    #[test]
    fn what_a_later_collector_tells_is_shown_by_its_word_and_nothing_by_saying_so() {
        assert!(page(&[act("archived", None)], 0, EN, now()).contains("something else (archived)"));
        assert!(page(&[], 0, EN, now()).contains("Nobody has looked so far."));
    }
}
