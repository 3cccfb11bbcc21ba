//! What the company did, in a sentence for the employee.

use fileward_protocol::disclosure::{Disclosed, Disclosure, Office, OpenWord, Purpose};
use fileward_protocol::vocabulary::Language;

use crate::words::{Both, InWords, both};

impl InWords for Office {
    fn both(self) -> Both {
        match self {
            Self::Administrator => both("管理员", "Administrator"),
            Self::SecurityOfficer => both("安全员", "Security officer"),
            Self::HeadOfDepartment => both("部门负责人", "Head of department"),
            Self::ItOperator => both("IT 运维", "IT operator"),
            Self::Auditor => both("审计员", "Auditor"),
            Self::CommandLine => both("服务器管理员", "Whoever runs the server"),
            Self::Collector => both("系统自动", "Fileward, by itself"),
            Self::Program => both("公司的其他系统", "Another system of the company"),
        }
    }
}

impl InWords for Purpose {
    fn both(self) -> Both {
        match self {
            Self::Handling => both("处理发现", "to handle findings"),
            Self::Incident => both("事件调查", "an incident"),
            Self::Request => both("员工本人的请求", "the employee asked for it"),
            Self::Audit => both("审计", "an audit"),
            Self::Other => both("其他", "something else"),
        }
    }
}

/// Tells who did what, and why; `name` is the file's, where it may be shown. The text of it comes from people.
pub fn sentence(told: &Disclosure, name: Option<&str>, language: Language) -> String {
    let who = known_or_word(told.role.as_ref(), language).unwrap_or_else(|| pick(language, "公司", "Your company"));
    let what = what(told, name, language);
    pick_text(language, format!("{who}：{what}"), format!("{who}: {what}"))
}

fn what(told: &Disclosure, name: Option<&str>, language: Language) -> String {
    let say = |zh_cn, en| pick_text(language, zh_cn, en);
    let file = name.map_or_else(
        || pick(language, "一个文件", "a file"),
        |name| say(format!("“{name}”"), format!("“{name}”")),
    );
    let count = told.count.unwrap_or(1);
    let reason = reason(told, language);
    let Some(what) = told.what.known() else {
        let word = &told.what;
        return say(
            format!("其他操作（{word}）。{reason}"),
            format!("something else ({word}).{reason}"),
        );
    };
    match what {
        Disclosed::Looked => {
            let at = match told.finding {
                Some(_) => say(
                    format!("查看了{file}的记录"),
                    format!("looked at what was reported of {file}"),
                ),
                None => say(
                    "查看了这台电脑的发现列表".into(),
                    "looked at the list of this PC's findings".into(),
                ),
            };
            let purpose = purpose(told, language);
            say(format!("{at}。{purpose}"), format!("{at}.{purpose}"))
        }
        Disclosed::Listed => say(
            format!("当天查看的多台电脑的列表中有这台电脑的发现，{count} 次。"),
            format!("that day, lists over many PCs that were looked at held findings of this one; times: {count}."),
        ),
        Disclosed::Acknowledged => say(format!("已开始处理{file}。"), format!("sees to {file}.")),
        Disclosed::Escalated => {
            let step = told.step.as_ref();
            let zh_cn = step.map_or("其他", |step| step.zh_cn.as_str());
            let en = step.map_or("something else", |step| step.en.as_str());
            say(
                format!("因{file}采取了措施：{zh_cn}。"),
                format!("took a step because of {file}: {en}."),
            )
        }
        Disclosed::AnswerAccepted => say(
            format!("认可了你对{file}的答复。"),
            format!("accepted what you said about {file}."),
        ),
        Disclosed::Exported => say(
            format!("当天将这台电脑的发现导出给其他系统，{count} 次。"),
            format!("that day, findings of this PC were written out for another system; times: {count}."),
        ),
        Disclosed::Sent => say(
            format!("当天将这台电脑的发现发送到公司设置的 {count} 个其他系统。"),
            format!(
                "that day, findings of this PC were sent to other programs that your company has set up; programs: {count}."
            ),
        ),
        Disclosed::Exempted => say(
            format!("同意{file}作为例外。{reason}"),
            format!("made an exception for {file}.{reason}"),
        ),
        Disclosed::Reopened => say(
            format!("{file}需要重新处理。{reason}"),
            format!("{file} is to be put right after all.{reason}"),
        ),
    }
}

/// Why it was decided so.
fn reason(told: &Disclosure, language: Language) -> String {
    let text = told.text.as_deref().filter(|text| !text.is_empty());
    text.map_or_else(String::new, |text| {
        pick_text(language, format!("理由：{text}"), format!(" Reason: {text}"))
    })
}

/// For what somebody looked, and what they said about it.
fn purpose(told: &Disclosure, language: Language) -> String {
    let Some(purpose) = known_or_word(told.purpose.as_ref(), language) else {
        return String::new();
    };
    let text = told.text.as_deref().filter(|text| !text.is_empty());
    match text {
        Some(text) => pick_text(
            language,
            format!("目的：{purpose}（{text}）。"),
            format!(" Purpose: {purpose} ({text})."),
        ),
        None => pick_text(language, format!("目的：{purpose}。"), format!(" Purpose: {purpose}.")),
    }
}

/// A known word in the user's language; another one as it came.
fn known_or_word<T: InWords + std::fmt::Display>(word: Option<&OpenWord<T>>, language: Language) -> Option<String> {
    word.map(|word| match word {
        OpenWord::Known(word) => word.in_words(language).to_owned(),
        OpenWord::Unknown(word) => word.to_string(),
    })
}

fn pick(language: Language, zh_cn: &'static str, en: &'static str) -> String {
    both(zh_cn, en).to(language).to_owned()
}

fn pick_text(language: Language, zh_cn: String, en: String) -> String {
    match language {
        Language::ZhCn => zh_cn,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use fileward_protocol::disclosure::StepName;
    use fileward_protocol::ids::FindingId;

    use super::*;

    fn told(what: &str) -> Disclosure {
        Disclosure {
            id: 1,
            at: "2026-11-21T08:00:00Z".parse().unwrap(),
            what: what.parse().unwrap(),
            role: Some(OpenWord::Known(Office::SecurityOfficer)),
            finding: Some(FindingId("01a21952-0a1d-7396-8e82-3e6240562a06".parse().unwrap())),
            purpose: None,
            text: None,
            step: None,
            count: None,
        }
    }

    #[test]
    fn a_look_is_told_with_role_and_purpose() {
        let look = Disclosure {
            purpose: Some(OpenWord::Known(Purpose::Incident)),
            text: Some("票据 17".to_owned()),
            ..told("looked")
        };
        assert_eq!(
            sentence(&look, Some("报价单.xlsx"), Language::ZhCn),
            "安全员：查看了“报价单.xlsx”的记录。目的：事件调查（票据 17）。"
        );
        let list = Disclosure {
            finding: None,
            text: None,
            ..look
        };
        assert_eq!(
            sentence(&list, None, Language::En),
            "Security officer: looked at the list of this PC's findings. Purpose: an incident."
        );
    }

    #[test]
    fn a_decision_is_told_with_its_reason_and_a_step_by_its_name() {
        let reopened = Disclosure {
            text: Some("It is a quotation.".to_owned()),
            role: None,
            ..told("reopened")
        };
        assert_eq!(
            sentence(&reopened, Some("a.docx"), Language::En),
            "Your company: “a.docx” is to be put right after all. Reason: It is a quotation."
        );
        let (zh_cn, en) = ("警告".to_owned(), "Warning".to_owned());
        let escalated = Disclosure {
            step: Some(StepName { zh_cn, en }),
            ..told("escalated")
        };
        let said = [Language::ZhCn, Language::En].map(|language| sentence(&escalated, None, language));
        assert_eq!(
            said,
            [
                "安全员：因一个文件采取了措施：警告。",
                "Security officer: took a step because of a file: Warning."
            ]
        );
    }

    #[test]
    fn everything_a_company_does_is_told_in_other_words_and_what_is_not_known_by_its_own() {
        for language in [Language::ZhCn, Language::En] {
            let mut all: Vec<_> = Disclosed::WORDS
                .iter()
                .map(|word| sentence(&told(word), None, language))
                .collect();
            let later = sentence(&told("archived"), None, language);
            assert!(later.contains("archived"));
            all.push(later);
            all.sort();
            all.dedup();
            assert_eq!(all.len(), Disclosed::ALL.len() + 1);
        }
    }
}
