//! Case by case.

use std::time::Duration;

use crate::EXAMPLE;
use crate::subject::{Case, NOW, detection, pseudonym};
use fileward_policy::effective::Unsure;
use fileward_policy::facts::TextState;
use fileward_policy::subject::{Answer, Protection};
use fileward_policy::verdict::{Certainty, Spot, State, Verdict, Why};
use fileward_policy::{Policy, judge, judge_store};
use fileward_protocol::bundle::{Exemption, FileLimit};
use fileward_protocol::vocabulary::{App, EncryptionState, Evidence, Family, PlaceKind, Rule, Sensitivity, Severity};
use jiff::ToSpan;

fn example() -> fileward_policy::Effective {
    with("")
}

/// The example with a group's exceptions over it.
fn with(exceptions: &str) -> fileward_policy::Effective {
    let source = format!("{EXAMPLE}\n[[for]]\ngroup = 'test'\n{exceptions}\n");
    Policy::parse(&source)
        .unwrap_or_else(|errors| panic!("{errors:?}"))
        .effective(Some("test"))
}

fn rules(verdict: &Verdict) -> Vec<Rule> {
    verdict.violations.iter().map(|violation| violation.rule).collect()
}

fn says(case: &Case) -> Verdict {
    judge(&example(), &case.subject())
}

#[test]
fn a_document_on_the_desktop_counts_even_without_evidence() {
    let verdict = says(&Case::on_desktop());
    assert_eq!(verdict.state, State::Violation);
    assert_eq!(verdict.work_file.state, Certainty::Unsure);
    assert_eq!(rules(&verdict), [Rule::OutsideStore]);
    assert_eq!(verdict.primary().unwrap().severity, Severity::Low);
    assert_eq!(verdict.grace(), Some(Duration::from_mins(30)));
}

#[test]
fn a_document_in_a_personal_chat_is_asked_about() {
    let mut case = Case::in_chat(App::Wechat);
    let verdict = says(&case);
    assert_eq!((verdict.state, verdict.ask), (State::Ignored, true));
    assert!(verdict.violations.is_empty());
    case.answer = Some(Answer::Work);
    let verdict = says(&case);
    assert_eq!(verdict.state, State::Violation);
    assert_eq!(verdict.work_file.evidence, [Evidence::Employee]);
    case.answer = Some(Answer::Private);
    let verdict = says(&case);
    assert_eq!((verdict.state, verdict.ask), (State::Ignored, false));
    assert_eq!(verdict.work_file.state, Certainty::No);
}

#[test]
fn nobody_is_asked_when_the_answer_would_change_nothing() {
    let mut case = Case::in_chat(App::Wechat);
    case.facts.encryption.state = EncryptionState::Encrypted;
    let verdict = says(&case);
    assert_eq!((verdict.state, verdict.ask), (State::Ignored, false));
}

#[test]
fn a_company_app_is_evidence_when_the_policy_counts_it() {
    let case = Case::in_chat(App::Dingtalk);
    let verdict = says(&case);
    assert_eq!(verdict.work_file.evidence, [Evidence::CompanyApp]);
    assert_eq!(verdict.state, State::Violation);
    let verdict = judge(&with("work_file.when_unsure.company_apps = 'ask'"), &case.subject());
    assert_eq!((verdict.state, verdict.ask), (State::Ignored, true));
    let verdict = judge(&with("work_file.when_unsure.company_apps = 'ignore'"), &case.subject());
    assert_eq!((verdict.state, verdict.ask), (State::Ignored, false));
}

#[test]
fn a_copy_of_what_lies_in_the_store_is_a_work_file_whatever_the_employee_says() {
    let mut case = Case::in_chat(App::Wechat);
    case.store_copy = true;
    case.answer = Some(Answer::Private);
    let verdict = says(&case);
    assert_eq!(verdict.state, State::Violation);
    assert_eq!(verdict.work_file.evidence, [Evidence::StoreCopy]);
    assert!(verdict.why.contains(&Why::PrivateOverruled));
}

#[test]
fn a_registered_document_is_a_work_file_whatever_the_employee_says_and_a_near_copy_unless_they_say_no() {
    let mut case = Case::in_chat(App::Wechat);
    assert_eq!(says(&case).work_file.state, Certainty::Unsure);
    case.facts.near_copy = Some(87);
    let verdict = says(&case);
    assert_eq!(verdict.work_file.evidence, [Evidence::NearCopy]);
    assert!(verdict.why.contains(&Why::NearCopy { percent: 87 }));
    case.answer = Some(Answer::Private);
    assert_eq!(says(&case).work_file.state, Certainty::No);
    case.registered = true;
    assert_eq!(says(&case).work_file.evidence, [Evidence::Registered]);
    let off = judge(&with("work_file.evidence.registered = false"), &case.subject());
    assert_eq!(off.work_file.state, Certainty::No);
}

#[test]
fn a_private_answer_outweighs_soft_evidence() {
    let mut case = Case::in_chat(App::Wecom);
    case.facts.properties.company = Some("示例科技（北京）有限公司".into());
    case.answer = Some(Answer::Private);
    assert_eq!(says(&case).state, State::Ignored);
}

#[test]
fn the_company_shows_in_properties() {
    let evidence = |change: fn(&mut fileward_policy::facts::Properties)| {
        let mut case = Case::in_chat(App::Wechat);
        change(&mut case.facts.properties);
        says(&case).work_file.evidence
    };
    assert_eq!(
        evidence(|p| p.title = Some("EXAMPLE  technology report".into())),
        [Evidence::CompanyName]
    );
    assert_eq!(
        evidence(|p| p.other.push(("x".into(), "（示例科技有限公司）".into()))),
        [Evidence::CompanyName]
    );
    assert_eq!(
        evidence(|p| p.company = Some("示例科技股份".into())),
        [Evidence::Property]
    );
    assert_eq!(
        evidence(|p| p.template = Some(r"D:\模板\公司报告.DOTX".into())),
        [Evidence::Property]
    );
    assert_eq!(evidence(|p| p.template = Some("Normal.dotm".into())), []);
    assert_eq!(evidence(|p| p.author = Some("示例科技".into())), []);
}

#[test]
fn the_company_shows_in_text_and_the_reason_says_where() {
    let mut case = Case::in_chat(App::Wechat);
    case.facts.mentions = vec!["Example Technology".into()];
    let named = |spot| Why::CompanyName {
        name: "Example Technology".into(),
        spot,
    };
    let verdict = says(&case);
    assert_eq!(verdict.work_file.evidence, [Evidence::CompanyName]);
    assert!(verdict.why.contains(&named(Spot::Text)), "{:?}", verdict.why);
    case.facts.mentions = vec!["Another Company".into()];
    assert_eq!(says(&case).work_file.evidence, []);
    case.facts.properties.title = Some("example technology".into());
    assert!(says(&case).why.contains(&named(Spot::Properties)));
}

#[test]
fn the_company_shows_in_the_domain_of_an_address() {
    let policy = with("work_file.evidence.company_domains = ['example.com', 'EXAMPLE']");
    let evidence = |change: fn(&mut fileward_policy::facts::Properties)| {
        let mut case = Case::in_chat(App::Wechat);
        change(&mut case.facts.properties);
        judge(&policy, &case.subject()).work_file.evidence
    };
    assert_eq!(
        evidence(|p| p.author = Some("Zhang <zhang@mail.example.com>".into())),
        [Evidence::Property]
    );
    assert_eq!(
        evidence(|p| p.other.push(("lastModifiedBy".into(), r"EXAMPLE\zhang".into()))),
        [Evidence::Property]
    );
    assert_eq!(evidence(|p| p.author = Some("zhang@example.org".into())), []);
    assert_eq!(evidence(|p| p.company = Some("Example".into())), []);
}

#[test]
fn any_property_can_be_the_companys() {
    let policy = with("work_file.evidence.properties.Producer = ['示例*']");
    let mut case = Case::in_chat(App::Wechat);
    let properties = &mut case.facts.properties.other;
    properties.push(("producer".into(), "某软件".into()));
    properties.push(("PRODUCER".into(), "示例打印".into()));
    let verdict = judge(&policy, &case.subject());
    assert_eq!(verdict.work_file.evidence, [Evidence::Property]);
    let property = "Producer".to_owned();
    assert!(verdict.why.contains(&Why::Property { property }));
    case.facts.properties.other.pop();
    assert_eq!(judge(&policy, &case.subject()).work_file.evidence, []);
}

#[test]
fn a_mark_on_the_document_is_a_label() {
    let mut case = Case::in_chat(App::Wechat);
    case.facts.labels = vec!["机密".into()];
    let verdict = says(&case);
    assert_eq!(verdict.work_file.evidence, [Evidence::Label]);
    assert_eq!(verdict.sensitivity, Sensitivity::CoreSecret);
    let label = |spot| Why::Label {
        label: "机密".into(),
        spot,
    };
    assert!(verdict.why.contains(&label(Spot::Text)));
    case.facts.label = Some("机密".into());
    assert!(says(&case).why.contains(&label(Spot::Properties)));
    case.answer = Some(Answer::Private);
    assert!(
        says(&case).why.contains(&Why::PrivateOverruled),
        "a label is hard evidence"
    );
}

#[test]
fn a_disguise_is_told_whatever_becomes_of_the_file() {
    let disguised = Why::Disguised { kind: "docx".into() };
    let mut case = Case::on_desktop();
    case.facts.disguised = true;
    assert_eq!(says(&case).why[0], disguised);
    case.facts.family = Family::Video;
    let why = says(&case).why;
    assert_eq!((&why[0], why.len()), (&disguised, 2));
    case.facts.text.state = TextState::Malformed;
    assert!(
        !says(&case).why.contains(&disguised),
        "damage may be why its kind is not told"
    );
}

#[test]
fn text_that_was_read_in_part_claims_what_was_found_and_no_more() {
    for state in [TextState::TooLarge, TextState::Malformed, TextState::Timeout] {
        let mut case = Case::in_chat(App::Wechat);
        case.facts.text.state = state;
        let verdict = says(&case);
        assert_eq!(verdict.work_file.evidence, []);
        assert!(verdict.why.contains(&Why::ReadInPart { state }));
        case.facts.detections = vec![detection("cn_resident_id", 3)];
        assert_eq!(says(&case).work_file.evidence, [Evidence::Detector]);
    }
    for state in [TextState::Read, TextState::None, TextState::Encrypted] {
        let mut case = Case::in_chat(App::Wechat);
        case.facts.text.state = state;
        assert!(!says(&case).why.contains(&Why::ReadInPart { state }));
    }
}

#[test]
fn labels_keywords_and_detectors_grade_a_file() {
    let mut case = Case::on_desktop();
    case.facts.label = Some("密级：内部".into());
    let verdict = says(&case);
    assert_eq!(
        (verdict.sensitivity, verdict.primary().unwrap().severity),
        (Sensitivity::Internal, Severity::Medium)
    );
    assert_eq!(verdict.work_file.evidence, [Evidence::Label]);
    case.facts.detections = vec![detection("keyword:core_secret", 1), detection("cn_mobile", 4)];
    let verdict = says(&case);
    assert_eq!(verdict.sensitivity, Sensitivity::CoreSecret);
    assert_eq!(verdict.work_file.evidence, [Evidence::Label, Evidence::Keyword]);
    case.facts.detections = vec![detection("cn_mobile", 50)];
    assert_eq!(says(&case).work_file.evidence, [Evidence::Label, Evidence::Detector]);
    case.facts.label = None;
    case.facts.properties.other.push(("密级".into(), " 机密 ".into()));
    assert_eq!(says(&case).sensitivity, Sensitivity::CoreSecret);
}

#[test]
fn what_is_no_evidence_still_grades() {
    let mut case = Case::on_desktop();
    case.facts.detections = vec![detection("cn_resident_id", 1)];
    let verdict = judge(&with("work_file.evidence.content = false"), &case.subject());
    assert_eq!(
        (verdict.work_file.state, verdict.sensitivity),
        (Certainty::Unsure, Sensitivity::Internal)
    );
}

#[test]
fn few_numbers_grade_a_file_and_more_are_evidence() {
    let mut case = Case::in_chat(App::Wechat);
    let two = Why::Detector {
        detector: "cn_resident_id".to_owned(),
        count: 2,
    };
    case.facts.detections = vec![detection("cn_resident_id", 2)];
    let verdict = says(&case);
    assert_eq!(
        (verdict.work_file.state, verdict.sensitivity, verdict.ask),
        (Certainty::Unsure, Sensitivity::Internal, true)
    );
    assert!(verdict.why.contains(&two), "it is told why it is graded");
    let without = with("work_file.evidence.detectors.cn_resident_id = 1");
    let verdict = judge(&without, &case.subject());
    assert_eq!(verdict.work_file.evidence, [Evidence::Detector]);
    case.facts.detections = vec![detection("cn_resident_id", 3)];
    assert_eq!(says(&case).work_file.evidence, [Evidence::Detector]);
}

/// A payslip as it comes: it names the company.
fn payslip() -> Case {
    let mut case = Case::in_chat(App::Wechat);
    case.facts.titles = vec!["工资条".into()];
    case.facts.mentions = vec!["示例科技有限公司".into()];
    case
}

const ASKED: Why = Why::Contested { treated: Unsure::Ask };

#[test]
fn a_title_that_only_work_files_have_is_evidence() {
    let mut case = Case::in_chat(App::Wechat);
    case.facts.titles = vec!["报价单".into()];
    let verdict = says(&case);
    assert_eq!(
        (verdict.state, verdict.sensitivity),
        (State::Violation, Sensitivity::General)
    );
    assert_eq!(verdict.work_file.evidence, [Evidence::Keyword]);
    assert!(verdict.why.contains(&Why::Title {
        title: "报价单".into()
    }));
    case.facts.titles = vec!["另一个".into()];
    assert_eq!(says(&case).work_file.evidence, []);
}

#[test]
fn a_private_title_turns_weak_evidence_into_a_question_wherever_it_lies() {
    let mut case = payslip();
    let private = Why::PrivateTitle {
        title: "工资条".into()
    };
    for kind in [PlaceKind::ChatCache, PlaceKind::Desktop, PlaceKind::PersonalCloud] {
        case.place.kind = kind;
        let verdict = says(&case);
        assert_eq!((verdict.state, verdict.ask), (State::Ignored, true), "{kind}");
        assert_eq!(verdict.work_file.state, Certainty::Unsure);
        assert!(verdict.why.contains(&private) && verdict.why.contains(&ASKED));
    }
    let counted = judge(&with("work_file.when_unsure.private_title = 'count'"), &case.subject());
    assert_eq!(counted.state, State::Violation, "less evidence would count, too");
    case.place.kind = PlaceKind::ChatCache;
    for weak in [
        detection("keyword:core_secret", 900),
        detection("cn_resident_id", 9),
        detection("bank_card", 9),
        detection("cn_mobile", 199),
    ] {
        case.facts.detections = vec![weak];
        assert!(says(&case).ask, "{:?}", case.facts.detections);
    }
    case.facts.titles.push("报价单".into());
    assert!(says(&case).ask);
    case.answer = Some(Answer::Work);
    assert_eq!(says(&case).state, State::Violation);
    case.answer = Some(Answer::Private);
    assert_eq!(says(&case).work_file.state, Certainty::No);
}

#[test]
fn a_private_title_hides_nothing_that_is_surely_of_the_company() {
    let counts = |change: fn(&mut Case)| {
        let mut case = payslip();
        change(&mut case);
        let verdict = says(&case);
        verdict.state == State::Violation && !verdict.why.contains(&ASKED)
    };
    let strong: [fn(&mut Case); 9] = [
        |case| case.store_copy = true,
        |case| case.registered = true,
        |case| case.facts.near_copy = Some(80),
        |case| case.facts.label = Some("内部".into()),
        |case| case.facts.labels = vec!["机密".into()],
        |case| case.facts.properties.company = Some("示例科技有限公司".into()),
        |case| case.facts.detections = vec![detection("cn_resident_id", 10)],
        |case| case.facts.detections = vec![detection("email", 200)],
        |case| case.place.app = Some(App::Wecom),
    ];
    for (index, change) in strong.into_iter().enumerate() {
        assert!(counts(change), "{index}");
    }
}

#[test]
fn without_evidence_a_private_title_leaves_a_file_alone_if_the_policy_says_so() {
    let mut case = payslip();
    case.facts.mentions.clear();
    case.place.kind = PlaceKind::Desktop;
    let verdict = says(&case);
    assert_eq!((verdict.state, verdict.ask), (State::Ignored, false));
    assert_eq!(verdict.work_file.state, Certainty::Unsure);
    let ask = with("work_file.when_unsure.private_title = 'ask'");
    assert!(judge(&ask, &case.subject()).ask);
    case.facts.titles.clear();
    assert_eq!(says(&case).state, State::Violation, "as any other file of its place");
}

#[test]
fn a_picture_counts_once_something_is_found_in_it() {
    let mut case = Case::on_desktop();
    case.facts.family = Family::Image;
    assert_eq!(says(&case).work_file.state, Certainty::No);
    case.store_copy = true;
    assert_eq!(says(&case).state, State::Ignored);
    case.facts.detections = vec![detection("cn_resident_id", 3)];
    assert_eq!(says(&case).state, State::Violation);
    case.facts.detections.clear();
    case.registered = true;
    assert_eq!(says(&case).state, State::Violation);
    let never = with("work_file.also_when_detected = false");
    assert_eq!(judge(&never, &case.subject()).state, State::Ignored);
}

#[test]
fn small_files_excluded_files_and_places_turned_off_are_left_alone() {
    let mut case = Case::on_desktop();
    case.facts.size = 1023;
    assert_eq!(
        says(&case).why,
        [Why::TooSmall {
            size: 1023,
            least: 1024
        }]
    );
    let mut case = Case::on_desktop();
    case.relative_path = "旧/DESKTOP.INI".into();
    assert_eq!(
        says(&case).why,
        [Why::Excluded {
            pattern: "**/desktop.ini".into()
        }]
    );
    let off = with("places.desktop = false");
    assert_eq!(
        judge(&off, &Case::on_desktop().subject()).why,
        [Why::PlaceOff {
            place: PlaceKind::Desktop
        }]
    );
    let qq = with("places.chat_cache.apps = ['qq']");
    let verdict = judge(&qq, &Case::in_chat(App::Wecom).subject());
    assert_eq!(verdict.why, [Why::AppNotWatched { app: Some(App::Wecom) }]);
}

#[test]
fn encryption_satisfies_the_store_rule_but_not_the_cloud_rule() {
    let mut case = Case::on_desktop();
    case.facts.encryption.state = EncryptionState::Encrypted;
    let verdict = says(&case);
    assert_eq!(verdict.state, State::Compliant);
    assert!(verdict.why.contains(&Why::Protected));
    case.place.kind = PlaceKind::PersonalCloud;
    case.store_copy = true;
    let verdict = says(&case);
    assert_eq!(rules(&verdict), [Rule::PersonalCloud]);
    assert_eq!(verdict.grace(), Some(Duration::ZERO));
}

#[test]
fn half_an_encryption_protects_nothing() {
    for state in [
        EncryptionState::Openable,
        EncryptionState::Partly,
        EncryptionState::Suspected,
    ] {
        let mut case = Case::on_desktop();
        case.facts.encryption.state = state;
        let verdict = says(&case);
        assert_eq!(verdict.state, State::Violation);
        assert!(verdict.why.contains(&Why::NotProtected { state }));
    }
}

#[test]
fn a_sensitive_file_in_chat_opens_at_once_and_names_the_finding() {
    let mut case = Case::in_chat(App::Wechat);
    case.facts.label = Some("机密".into());
    let verdict = says(&case);
    assert_eq!(rules(&verdict), [Rule::UnencryptedInChat, Rule::OutsideStore]);
    assert_eq!(verdict.primary().unwrap().severity, Severity::Critical);
    assert_eq!(verdict.grace(), Some(Duration::ZERO));
}

#[test]
fn equal_severities_are_named_in_the_order_of_the_rules() {
    let policy = with("rules.outside_store.severity.general = 'medium'\nrules.personal_cloud = false");
    let mut case = Case::in_chat(App::Wecom);
    case.facts.size = (50 << 20) + 1;
    assert_eq!(
        rules(&judge(&policy, &case.subject())),
        [Rule::OutsideStore, Rule::OversizeInChat]
    );
    assert_eq!(rules(&says(&case)), [Rule::OversizeInChat, Rule::OutsideStore]);
}

#[test]
fn a_filed_limit_lets_larger_files_pass_until_it_ends() {
    let mut case = Case::in_chat(App::Wecom);
    case.facts.encryption.state = EncryptionState::Encrypted;
    case.facts.size = 100 << 20;
    assert_eq!(rules(&says(&case)), [Rule::OversizeInChat]);
    case.account = Some(pseudonym(1));
    let limit = |account, bytes, until| FileLimit {
        account: pseudonym(account),
        bytes,
        until,
    };
    let yesterday = NOW.checked_sub(24.hours()).unwrap();
    for (limits, passes) in [
        (vec![limit(1, 100 << 20, None)], true),
        (vec![limit(1, 100 << 20, Some(NOW))], true),
        (vec![limit(1, 100 << 20, Some(yesterday))], false),
        (vec![limit(2, 100 << 20, None)], false),
        (vec![limit(1, 10, None)], false),
        (vec![limit(1, 99 << 20, None), limit(1, 100 << 20, None)], true),
    ] {
        case.registers.as_mut().unwrap().limits = limits;
        assert_eq!(says(&case).state == State::Compliant, passes, "{:?}", case.registers);
    }
}

#[test]
fn a_filed_exemption_leaves_its_files_alone_until_it_ends_and_says_so() {
    let mut case = Case::in_chat(App::Qq);
    case.answer = Some(Answer::Work);
    "FileStorage/展会/报价单.docx".clone_into(&mut case.relative_path);
    let yesterday = NOW.checked_sub(24.hours()).unwrap();
    for (pattern, until, passes) in [
        ("**/展会/**", None, true),
        ("**/展会/**", Some(NOW), true),
        ("**/展会/**", Some(yesterday), false),
        ("**/展/**", None, false),
        ("报价单.docx", None, false),
    ] {
        let pattern = pattern.to_owned();
        case.registers.as_mut().unwrap().exemptions = vec![Exemption {
            pattern: pattern.clone(),
            until,
        }];
        let verdict = says(&case);
        assert_eq!(verdict.state == State::Compliant, passes, "{pattern} {until:?}");
        assert_eq!(verdict.why.contains(&Why::Exempted { pattern }), passes);
        assert_eq!(verdict.violations.is_empty(), passes);
    }
}

#[test]
fn a_personal_account_must_be_filed() {
    let mut case = Case::in_chat(App::Qq);
    case.answer = Some(Answer::Work);
    case.account = Some(pseudonym(1));
    assert_eq!(rules(&says(&case)), [Rule::OutsideStore, Rule::UnfiledAccount]);
    case.registers.as_mut().unwrap().accounts.push(pseudonym(1));
    assert_eq!(rules(&says(&case)), [Rule::OutsideStore]);
    case.account = Some(pseudonym(2));
    case.registers = None;
    assert_eq!(rules(&says(&case)), [Rule::OutsideStore]);
    let mut company = Case::in_chat(App::Wecom);
    company.account = Some(pseudonym(2));
    assert_eq!(rules(&says(&company)), [Rule::OutsideStore]);
}

#[test]
fn a_file_becomes_stale_after_its_time_and_not_before_it_was_made() {
    let mut case = Case::in_chat(App::Wecom);
    case.facts.encryption.state = EncryptionState::Encrypted;
    case.modified = NOW.checked_sub((90 * 24).hours()).unwrap();
    assert_eq!(says(&case).state, State::Compliant);
    case.modified = case.modified.checked_sub(1.second()).unwrap();
    assert_eq!(rules(&says(&case)), [Rule::StaleChatCache]);
    case.modified = jiff::Timestamp::MAX;
    assert_eq!(says(&case).state, State::Compliant);
    case.modified = jiff::Timestamp::MIN;
    assert_eq!(rules(&says(&case)), [Rule::StaleChatCache]);
}

#[test]
fn a_store_is_accused_only_when_it_is_surely_not_encrypted() {
    let policy = example();
    let violation = judge_store(&policy, true, &Protection::Plain).unwrap();
    assert_eq!(
        (violation.rule, violation.severity),
        (Rule::StoreUnprotected, Severity::High)
    );
    assert_eq!(judge_store(&policy, false, &Protection::Plain), None);
    assert_eq!(judge_store(&policy, true, &Protection::Unknown), None);
    assert_eq!(judge_store(&policy, true, &Protection::Encrypted("luks".into())), None);
    assert_eq!(
        judge_store(&with("rules.store_unprotected = false"), true, &Protection::Plain),
        None
    );
}

#[test]
fn the_encryption_rule_begins_at_its_sensitivity() {
    let mut case = Case::in_chat(App::Wecom);
    let broken = |case: &Case, exceptions: &str| {
        rules(&judge(&with(exceptions), &case.subject())).contains(&Rule::UnencryptedInChat)
    };
    assert!(!broken(&case, ""));
    assert!(broken(&case, "rules.unencrypted_in_chat.from = 'general'"));
    case.facts.label = Some("内部".into());
    assert!(broken(&case, ""));
    assert!(!broken(&case, "rules.unencrypted_in_chat.from = 'core_secret'"));
    case.facts.encryption.state = EncryptionState::Encrypted;
    assert!(!broken(&case, ""));
}
