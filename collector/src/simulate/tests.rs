//! A simulation against what agents would really say: each finding here was judged by `judge()` from a whole file.

use std::collections::BTreeSet;

use fileward_policy::facts::{Facts, Properties, Text, TextState};
use fileward_policy::subject::Subject;
use fileward_policy::{DEFAULT, Effective, Policy, judge};
use fileward_protocol::bundle::Registers;
use fileward_protocol::ids::{FileName, KeyedHash, Pseudonym};
use fileward_protocol::report::{Detection, Encryption, File, Finding, Place, Word};
use fileward_protocol::vocabulary::{App, EncryptionState, Family, FindingState, PlaceKind};
use jiff::SignedDuration;
use proptest::prelude::*;

use super::judged::{Again, again};
use super::*;
use crate::testing::at;

mod walked;

/// A file with all that a policy could find in it.
#[derive(Clone, Debug)]
struct Whole {
    words: BTreeSet<&'static str>,
    mobiles: u32,
    emails: u32,
    size: u64,
    days: i64,
    encrypted: bool,
    filed: bool,
    place: Place,
    family: Family,
}

/// Words that the policies below look for, as keywords, names, titles or labels.
const WORDS: &[&str] = &[
    "未公开",
    "并购",
    "示例科技有限公司",
    "Example Technology",
    "报价单",
    "简历",
    "机密",
    "内部",
];

/// Changes of the default policy, each of what an officer would change.
const CHANGES: &[(&str, &str)] = &[
    ("company_names = []", "company_names = [\"示例科技有限公司\"]"),
    (
        "company_names = []",
        "company_names = [\"示例科技有限公司\", \"Example Technology\"]",
    ),
    ("keywords = [\"未公开\", \"并购\",", "keywords = [\"未公开\","),
    ("labels = [\"核心商业秘密\", \"机密\"]", "labels = [\"核心商业秘密\"]"),
    ("labels = [\"内部\"]", "labels = []"),
    ("cn_mobile = 5,", "cn_mobile = 50,"),
    (", email = 20", ""),
    ("limit = \"50MB\"", "limit = \"10MB\""),
    ("limit = \"50MB\"", "limit = \"200MB\""),
    ("after = \"90d\"", "after = \"30d\""),
    ("after = \"90d\"", "after = \"365d\""),
    ("desktop = { grace = \"30m\" }", "desktop = false"),
    ("personal_apps = \"ask\"", "personal_apps = \"count\""),
    ("company_apps = \"count\"", "company_apps = \"ignore\""),
    ("desktop = \"count\"", "desktop = \"ask\""),
    ("private_title = \"ignore\"", "private_title = \"count\""),
    ("private_title = \"ignore\"", "private_title = \"ask\""),
    ("# private_titles = [\"简历\", …]", "private_titles = []"),
    ("\"报价单\", \"询价单\"", "\"询价单\""),
    ("exclude = ['**/*.lnk',", "exclude = ['**/报价*', '**/*.lnk',"),
    ("labels = true", "labels = false"),
    ("content = true", "content = false"),
    ("min_size = \"1KB\"", "min_size = \"1MB\""),
    ("from = \"internal\"", "from = \"core_secret\""),
    (
        "[rules.unfiled_account]\nseverity = { general = \"low\", internal = \"medium\", core_secret = \"high\" }",
        "[rules]\nunfiled_account = false",
    ),
    (
        "general = \"low\", internal = \"medium\", core_secret = \"high\"",
        "general = \"high\", internal = \"high\", core_secret = \"critical\"",
    ),
];

fn changed(which: &[usize]) -> Policy {
    let mut text = DEFAULT.to_owned();
    for index in which {
        let (from, to) = CHANGES[*index];
        text = text.replacen(from, to, 1);
    }
    Policy::parse(&text).unwrap_or_else(|errors| panic!("{which:?}: {errors:?}"))
}

/// What inspection finds in a file for a policy.
fn inspected(whole: &Whole, policy: &Effective) -> Facts {
    let has = |list: &[String]| -> Vec<String> {
        let found = list.iter().filter(|word| whole.words.contains(word.as_str()));
        found.cloned().collect()
    };
    let mut detections = Vec::new();
    let mut labels = Vec::new();
    let mut hit = |name: &str, count: usize| {
        if count > 0 {
            detections.push(Detection {
                detector: Word::new(name).unwrap(),
                count: u32::try_from(count).unwrap(),
            });
        }
    };
    for grade in &policy.sensitivity {
        hit(&format!("keyword:{}", grade.sensitivity), has(&grade.keywords).len());
        labels.extend(has(&grade.labels));
    }
    let named = |name: &str| {
        policy
            .sensitivity
            .iter()
            .any(|grade| grade.detectors.contains_key(name))
    };
    for (name, count) in [("cn_mobile", whole.mobiles), ("email", whole.emails)] {
        if named(name) {
            hit(name, count as usize);
        }
    }
    let evidence = &policy.work_file.evidence;
    Facts {
        kind: Word::new("docx").unwrap(),
        media_type: String::new(),
        family: whole.family,
        size: whole.size,
        disguised: false,
        encryption: Encryption {
            state: if whole.encrypted {
                EncryptionState::Encrypted
            } else {
                EncryptionState::None
            },
            method: None,
        },
        label: None,
        text: Text {
            state: TextState::Read,
            chars: 100,
        },
        detections,
        labels,
        mentions: has(&evidence.company_names),
        titles: [has(&evidence.titles), has(&policy.work_file.private_titles)].concat(),
        near_copy: None,
        properties: Properties::default(),
        content: KeyedHash([1; 32]),
    }
}

/// What an agent under this policy says of the file, and what it reports of it.
fn truth(whole: &Whole, policy: &Effective) -> (Again, Option<Finding>) {
    let facts = inspected(whole, policy);
    let account = Pseudonym(KeyedHash([5; 32]));
    let registers = Registers {
        accounts: whole.filed.then_some(account).into_iter().collect(),
        ..Registers::default()
    };
    let subject = Subject {
        place: whole.place,
        account: (whole.place.kind == PlaceKind::ChatCache).then_some(account),
        relative_path: "报价 Q4.docx",
        facts: &facts,
        store_copy: false,
        registered: false,
        answer: None,
        modified: at(0) - SignedDuration::from_hours(24 * whole.days),
        registers: Some(&registers),
        now: at(0),
    };
    let verdict = judge(policy, &subject);
    let Some(primary) = verdict.primary() else {
        return (if verdict.ask { Again::Asked } else { Again::Nothing }, None);
    };
    let file = File {
        name: Some(FileName::new("报价 Q4.docx")),
        name_hash: None,
        kind: facts.kind.clone(),
        family: facts.family,
        size: facts.size,
        encryption: facts.encryption,
        sensitivity: verdict.sensitivity,
        detections: facts.detections.clone(),
        content: None,
    };
    let finding = Finding {
        rule: primary.rule,
        also: verdict.violations.iter().skip(1).map(|broken| broken.rule).collect(),
        severity: primary.severity,
        place: whole.place,
        file: Some(file),
        evidence: verdict.work_file.evidence.clone(),
        ..crate::testing::finding(1, FindingState::Open)
    };
    (Again::Finding(primary.rule, primary.severity), Some(finding))
}

fn places() -> impl Strategy<Value = Place> {
    let place = |kind, app| Place { kind, app };
    proptest::sample::select(vec![
        place(PlaceKind::Desktop, None),
        place(PlaceKind::Downloads, None),
        place(PlaceKind::ChatCache, Some(App::Wechat)),
        place(PlaceKind::ChatCache, Some(App::Wecom)),
    ])
}

fn wholes() -> impl Strategy<Value = Whole> {
    let words = proptest::sample::subsequence(WORDS, 0..=WORDS.len());
    let numbers = (
        proptest::sample::select(vec![0, 3, 7, 60]),
        proptest::sample::select(vec![0, 25]),
        proptest::sample::select(vec![500_u64, 5_000, 20 << 20, 100 << 20, 300 << 20]),
        proptest::sample::select(vec![1_i64, 40, 100, 400]),
    );
    let family = proptest::sample::select(vec![Family::Document, Family::Image]);
    (words, numbers, any::<bool>(), any::<bool>(), places(), family).prop_map(
        |(words, (mobiles, emails, size, days), encrypted, filed, place, family)| Whole {
            words: words.into_iter().collect(),
            mobiles,
            emails,
            size,
            days,
            encrypted,
            filed,
            place,
            family,
        },
    )
}

fn changes() -> impl Strategy<Value = Vec<usize>> {
    let all: Vec<usize> = (0..CHANGES.len()).collect();
    proptest::sample::subsequence(all, 0..=4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_told_is_what_agents_would_say(whole in wholes(), former in changes(), next in changes()) {
        let (former, next) = (changed(&former).effective(None), changed(&next).effective(None));
        let (_, Some(finding)) = truth(&whole, &former) else { return Ok(()) };
        let told = again(&finding, Some(&former), &next, &Filed::default());
        let (really, _) = truth(&whole, &next);
        prop_assert!(told == really || told == Again::CannotBeTold, "told {told:?}, really {really:?}");
        let unaided = again(&finding, None, &next, &Filed::default());
        prop_assert!(unaided == really || unaided == Again::CannotBeTold, "unaided {unaided:?}, really {really:?}");
    }

    #[test]
    fn the_same_policy_changes_nothing(whole in wholes(), which in changes()) {
        let policy = changed(&which).effective(None);
        let (really, Some(finding)) = truth(&whole, &policy) else { return Ok(()) };
        prop_assert_eq!(again(&finding, Some(&policy), &policy, &Filed::default()), really);
    }
}

#[test]
fn every_change_of_the_tests_is_one() {
    for (index, change) in CHANGES.iter().enumerate() {
        assert_ne!(changed(&[index]), changed(&[]), "{change:?}");
    }
}
