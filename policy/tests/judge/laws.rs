//! Laws that hold for every file and every policy.

use std::sync::LazyLock;

use crate::EXAMPLE;
use crate::subject::{self, Case, detection, pseudonym};
use fileward_policy::effective::Unsure;
use fileward_policy::subject::Answer;
use fileward_policy::verdict::{Certainty, State, Why};
use fileward_policy::{Effective, Policy, judge};
use fileward_protocol::bundle::{Exemption, FileLimit, Registers};
use fileward_protocol::report::Place;
use fileward_protocol::vocabulary::{App, EncryptionState, Family, Language, PlaceKind, Rule, Sensitivity};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

static POLICY: LazyLock<Effective> = LazyLock::new(|| {
    Policy::parse(EXAMPLE)
        .unwrap_or_else(|errors| panic!("{errors:?}"))
        .effective(None)
});

/// Titles of the example: of work, of private papers, and of nobody.
const TITLES: [&str; 4] = ["报价单", "简历", "payslip", "另一个"];

fn timestamp() -> impl Strategy<Value = Timestamp> {
    let range = Timestamp::MIN.as_second()..=Timestamp::MAX.as_second();
    range.prop_map(|second| Timestamp::from_second(second).unwrap_or(subject::NOW))
}

fn around_now() -> impl Strategy<Value = Timestamp> {
    let near = (-200i64..10).prop_map(|days| Timestamp::from_second(subject::NOW.as_second() + days * 86_400).unwrap());
    prop_oneof![4 => near, 1 => timestamp()]
}

fn registers() -> impl Strategy<Value = Registers> {
    let limit = (0u8..3, any::<u64>(), prop::option::of(around_now()));
    let limit = limit.prop_map(|(account, bytes, until)| FileLimit {
        account: pseudonym(account),
        bytes,
        until,
    });
    let exemption = (select(vec!["a/**", "b/**"]), prop::option::of(around_now()));
    let exemption = exemption.prop_map(|(pattern, until)| Exemption {
        pattern: pattern.to_owned(),
        until,
    });
    (
        prop::collection::vec((0u8..3).prop_map(pseudonym), 0..3),
        prop::collection::vec(limit, 0..3),
        prop::collection::vec(exemption, 0..2),
    )
        .prop_map(|(accounts, limits, exemptions)| Registers {
            accounts,
            limits,
            exemptions,
            ..Registers::default()
        })
}

fn text() -> impl Strategy<Value = String> {
    let marks = select(vec![
        "内部",
        "机密",
        "示例科技有限公司",
        "示例科技分公司",
        "C:\\公司a.dotx",
        "Example Technology",
        "",
    ]);
    prop_oneof![marks.prop_map(str::to_owned), "\\PC{0,12}"]
}

prop_compose! {
    fn facts()(
        family in select(Family::ALL),
        size in prop_oneof![0u64..3000, any::<u64>(), (49u64 << 20)..(52 << 20)],
        encryption in select(EncryptionState::ALL),
        label in prop::option::of(text()),
        detectors in prop::collection::vec((select(vec!["cn_resident_id", "cn_mobile", "email", "keyword:core_secret", "keyword:internal", "x"]), any::<u32>()), 0..4),
        company in prop::option::of(text()),
        template in prop::option::of(text()),
        other in prop::collection::vec((text(), text()), 0..3),
        mentions in prop::sample::subsequence(vec!["示例科技有限公司".to_owned(), "Example Technology".to_owned()], 0..=2),
        titles in prop::sample::subsequence(TITLES.map(str::to_owned).to_vec(), 0..=TITLES.len()),
    ) -> fileward_policy::Facts {
        let mut facts = Case::on_desktop().facts;
        (facts.family, facts.size, facts.encryption.state, facts.label) = (family, size, encryption, label);
        facts.detections = detectors.into_iter().map(|(name, count)| detection(name, count)).collect();
        (facts.properties.company, facts.properties.template, facts.properties.other) = (company, template, other);
        (facts.mentions, facts.titles) = (mentions, titles);
        facts
    }
}

prop_compose! {
    fn case()(
        facts in facts(),
        kind in select(PlaceKind::ALL),
        app in prop::option::of(select(App::ALL)),
        account in prop::option::of((0u8..3).prop_map(pseudonym)),
        relative_path in prop_oneof![Just("a/报价单.docx".to_owned()), Just("desktop.ini".to_owned()), "\\PC{0,20}"],
        store_copy in any::<bool>(),
        registered in any::<bool>(),
        answer in prop::option::of(select(vec![Answer::Work, Answer::Private])),
        modified in around_now(),
        registers in prop::option::of(registers()),
    ) -> Case {
        Case { place: Place { kind, app }, account, relative_path, facts, store_copy, registered, answer, modified, registers }
    }
}

prop_compose! {
    /// The example with switches turned at random.
    fn policy()(
        unsure in prop::array::uniform5(select(vec![Unsure::Count, Unsure::Ask, Unsure::Ignore])),
        evidence in prop::array::uniform4(any::<bool>()),
        off in prop::array::uniform10(prop::bool::weighted(0.2)),
        also in any::<bool>(),
    ) -> Effective {
        let mut policy = POLICY.clone();
        let when = &mut policy.work_file.when_unsure;
        [when.company_apps, when.personal_apps, when.desktop, when.downloads, when.personal_cloud] = unsure;
        let rules = &mut policy.work_file.evidence;
        [rules.store_copy, rules.registered, rules.labels, rules.content] = evidence;
        policy.work_file.also_when_detected = also;
        for (rule, _) in Rule::ALL.iter().zip(off).filter(|(_, off)| *off) {
            turn_off(&mut policy, *rule);
        }
        if off[7] { policy.places.desktop = None; }
        if off[8] { policy.places.chat_cache = None; }
        if off[9] { policy.places.personal_cloud = None; }
        policy
    }
}

fn turn_off(policy: &mut Effective, rule: Rule) {
    let rules = &mut policy.rules;
    match rule {
        Rule::PersonalCloud => rules.personal_cloud = None,
        Rule::UnencryptedInChat => rules.unencrypted_in_chat = None,
        Rule::OutsideStore => rules.outside_store = None,
        Rule::UnfiledAccount => rules.unfiled_account = None,
        Rule::OversizeInChat => rules.oversize_in_chat = None,
        Rule::StaleChatCache => rules.stale_chat_cache = None,
        Rule::StoreUnprotected => rules.store_unprotected = None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn a_verdict_is_whole_and_always_the_same(policy in policy(), case in case()) {
        let verdict = judge(&policy, &case.subject());
        prop_assert_eq!(&verdict, &judge(&policy, &case.subject()));
        prop_assert_eq!(verdict.state == State::Violation, !verdict.violations.is_empty());
        prop_assert!(!verdict.ask || (verdict.state == State::Ignored && verdict.work_file.state == Certainty::Unsure));
        let in_store = case.place.kind == PlaceKind::Store;
        let is_certain = verdict.work_file.state == Certainty::Yes;
        let is_contested = verdict.why.iter().any(|why| matches!(why, Why::Contested { .. }));
        prop_assert_eq!(is_certain || is_contested || in_store, !verdict.work_file.evidence.is_empty() || in_store);
        prop_assert!(!is_contested || !is_certain);
        prop_assert!(!verdict.why.is_empty());
        let sorted = verdict.violations.is_sorted_by_key(|v| (std::cmp::Reverse(v.severity), v.rule));
        prop_assert!(sorted);
        for why in &verdict.why {
            for language in Language::ALL {
                prop_assert!(!why.text(*language).trim().is_empty());
            }
        }
    }

    #[test]
    fn a_protected_file_never_breaks_the_rules_that_encryption_satisfies(policy in policy(), mut case in case()) {
        case.facts.encryption.state = EncryptionState::Encrypted;
        let verdict = judge(&policy, &case.subject());
        let satisfied = [Rule::UnencryptedInChat, Rule::OutsideStore];
        prop_assert!(verdict.violations.iter().all(|v| !satisfied.contains(&v.rule)));
    }

    #[test]
    fn a_file_in_a_store_is_never_a_violation(policy in policy(), mut case in case()) {
        case.place = Place { kind: PlaceKind::Store, app: None };
        let verdict = judge(&policy, &case.subject());
        prop_assert!(verdict.violations.is_empty() && !verdict.ask);
    }

    #[test]
    fn an_excluded_file_is_never_a_violation(policy in policy(), mut case in case(), folder in "[a-z报]{0,5}") {
        case.relative_path = format!("{folder}x/Thumbs.DB");
        let verdict = judge(&policy, &case.subject());
        prop_assert_eq!((verdict.state, verdict.ask), (State::Ignored, false));
    }

    #[test]
    fn turning_a_rule_off_removes_exactly_its_violations(policy in policy(), case in case(), rule in select(Rule::ALL)) {
        let before = judge(&policy, &case.subject());
        let mut without = policy.clone();
        turn_off(&mut without, rule);
        let after = judge(&without, &case.subject());
        let kept: Vec<_> = before.violations.iter().filter(|v| v.rule != rule).copied().collect();
        prop_assert_eq!(after.violations, kept);
        prop_assert_eq!(after.work_file, before.work_file);
        prop_assert_eq!(after.sensitivity, before.sensitivity);
    }

    #[test]
    fn without_evidence_nothing_is_accused_unless_the_policy_counts_it(mut policy in policy(), case in case(), asked in any::<bool>()) {
        let treated = if asked { Unsure::Ask } else { Unsure::Ignore };
        let when = &mut policy.work_file.when_unsure;
        [when.company_apps, when.personal_apps, when.desktop, when.downloads, when.personal_cloud] = [treated; 5];
        let verdict = judge(&policy, &case.subject());
        prop_assert!(verdict.violations.is_empty() || !verdict.work_file.evidence.is_empty());
        prop_assert!(asked || !verdict.ask || !verdict.work_file.evidence.is_empty());
    }

    #[test]
    fn a_higher_grade_never_makes_it_milder(policy in policy(), mut case in case(), hits in 1u32..100) {
        // The maps of the example rise with the grade, and its detectors' evidence is there before and after.
        case.facts.detections = vec![detection("cn_resident_id", hits)];
        case.facts.label = None;
        let internal = judge(&policy, &case.subject());
        case.facts.detections.push(detection("keyword:core_secret", 1));
        let secret = judge(&policy, &case.subject());
        prop_assert!(secret.sensitivity == Sensitivity::CoreSecret || secret.state == State::Ignored);
        let worst = |verdict: &fileward_policy::Verdict, rule| {
            verdict.violations.iter().find(|v| v.rule == rule).map(|v| v.severity)
        };
        for rule in Rule::ALL {
            prop_assert!(worst(&secret, *rule) >= worst(&internal, *rule), "{rule}");
        }
    }

    #[test]
    fn a_title_never_hides_what_there_is_evidence_of(policy in policy(), mut case in case()) {
        case.facts.titles.clear();
        case.answer = None;
        let before = judge(&policy, &case.subject());
        case.facts.titles = TITLES.map(str::to_owned).to_vec();
        let after = judge(&policy, &case.subject());
        if before.work_file.state == Certainty::Yes && before.state == State::Violation {
            prop_assert!(after.state == State::Violation || after.ask);
        }
    }

    #[test]
    fn more_evidence_never_clears_a_file(policy in policy(), mut case in case()) {
        case.store_copy = false;
        let before = judge(&policy, &case.subject());
        case.store_copy = true;
        let after = judge(&policy, &case.subject());
        prop_assert!(after.violations.len() >= before.violations.len());
    }
}
