//! What the person whose file it is can do about a verdict, in everyday words.

use fileward_protocol::vocabulary::{Language, Offer, Rule};

use crate::effective::Effective;
use crate::verdict::{State, Verdict};
use crate::words::{Both, both};

const MOVE: Both = both(
    "请把它移到公司规定的存放处",
    "Move it to the store that the company has named",
);
const OR_ENCRYPT: Both = both(
    "也可以给它加上打开密码（加密），留在原处。",
    "Or encrypt it, so that it asks for a password when it is opened; then it may stay where it is.",
);
const FILE_THE_ACCOUNT: Both = both(
    "要用这个聊天账号办公，请先到公司备案。",
    "To use this chat account for work, have the company file it first.",
);
const LARGE_FILES: Both = both(
    "以后这么大的文件，请用公司规定的其他方式传送。",
    "Next time, send a file of this size in another way that the company has named.",
);
const SAY_SO: Both = both(
    "如果它是你的私人文件，或者弄错了，请在 Fileward 的提醒里说明。",
    "If it is your own private file, or a mistake, say so in Fileward's notice.",
);
const ANSWER: Both = both(
    "请在 Fileward 里回答“这是工作文件吗？”。回答“不是”只留在这台电脑上。",
    "Answer “Is this a work file?” in Fileward. A “no” stays on this PC.",
);
const NOTHING: Both = both("不需要做什么。", "Nothing needs to be done.");

/// What to do about a verdict, one sentence each; `stores` are the folders where work files belong.
pub fn advice(verdict: &Verdict, policy: &Effective, stores: &[String], language: Language) -> Vec<String> {
    let say = |text: Both| text.to(language).to_owned();
    match verdict.state {
        State::Ignored if verdict.ask => vec![say(ANSWER)],
        State::Ignored | State::Compliant => vec![say(NOTHING)],
        State::Violation => {
            let mut sentences = vec![move_it(stores, language)];
            sentences.extend(besides(verdict).map(say));
            let offered = |offer: &Offer| matches!(offer, Offer::PrivateFile | Offer::FalseAlarm);
            sentences.extend(policy.notice.offer.iter().any(offered).then(|| say(SAY_SO)));
            sentences
        }
    }
}

fn move_it(stores: &[String], language: Language) -> String {
    let (colon, comma, stop) = match language {
        Language::ZhCn => ("：", "、", "。"),
        Language::En => (": ", ", ", "."),
    };
    let move_it = MOVE.to(language);
    if stores.is_empty() {
        format!("{move_it}{stop}")
    } else {
        format!("{move_it}{colon}{}", stores.join(comma))
    }
}

/// What else puts it right, or keeps it from happening again.
fn besides(verdict: &Verdict) -> impl Iterator<Item = Both> {
    let breaks = |rule| verdict.violations.iter().any(|violation| violation.rule == rule);
    let by_encryption = [Rule::OutsideStore, Rule::UnencryptedInChat];
    let encrypts = verdict
        .violations
        .iter()
        .all(|violation| by_encryption.contains(&violation.rule));
    [
        encrypts.then_some(OR_ENCRYPT),
        breaks(Rule::UnfiledAccount).then_some(FILE_THE_ACCOUNT),
        breaks(Rule::OversizeInChat).then_some(LARGE_FILES),
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use fileward_protocol::vocabulary::{Sensitivity, Severity};

    use super::*;
    use crate::verdict::{Certainty, Violation, WorkFile};
    use crate::{DEFAULT, Policy};

    fn told(state: State, ask: bool, rules: &[Rule], language: Language) -> Vec<String> {
        let violation = |rule: &Rule| Violation {
            rule: *rule,
            severity: Severity::Low,
            grace: Duration::ZERO,
        };
        let verdict = Verdict {
            state,
            work_file: WorkFile {
                state: Certainty::Yes,
                evidence: Vec::new(),
            },
            sensitivity: Sensitivity::General,
            violations: rules.iter().map(violation).collect(),
            ask,
            why: Vec::new(),
        };
        let policy = Policy::parse(DEFAULT).unwrap().effective(None);
        advice(&verdict, &policy, &["D:\\工作文件".to_owned()], language)
    }

    #[test]
    fn encryption_is_advised_only_where_it_satisfies_every_broken_rule() {
        for (rules, advised) in [
            (&[Rule::OutsideStore][..], true),
            (&[Rule::UnencryptedInChat, Rule::OutsideStore], true),
            (&[Rule::PersonalCloud], false),
            (&[Rule::OutsideStore, Rule::StaleChatCache], false),
        ] {
            let told = told(State::Violation, false, rules, Language::En);
            assert_eq!(told.contains(&OR_ENCRYPT.en.to_owned()), advised, "{rules:?}");
            assert!(told[0].ends_with("D:\\工作文件"), "{told:?}");
        }
    }

    #[test]
    fn each_verdict_has_its_advice_in_both_languages() {
        for language in Language::ALL {
            let told = |state, ask, rules: &[Rule]| told(state, ask, rules, *language);
            assert_eq!(told(State::Compliant, false, &[]), [NOTHING.to(*language)]);
            assert_eq!(told(State::Ignored, false, &[]), [NOTHING.to(*language)]);
            assert_eq!(told(State::Ignored, true, &[]), [ANSWER.to(*language)]);
            let account = told(State::Violation, false, &[Rule::UnfiledAccount, Rule::OversizeInChat]);
            assert_eq!(
                account[1..],
                [FILE_THE_ACCOUNT, LARGE_FILES, SAY_SO].map(|text| text.to(*language))
            );
        }
    }
}
