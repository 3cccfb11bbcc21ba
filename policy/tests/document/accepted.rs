//! What a document means.

use std::time::Duration;

use fileward_policy::DEFAULT;
use fileward_policy::effective::{DuringGrace, Effective, Store, Unsure};
use fileward_protocol::vocabulary::{App, Sensitivity, Severity};

use crate::{EXAMPLE, LEAST, valid, with};

#[test]
fn the_example_says_what_it_means() {
    let policy = valid(EXAMPLE);
    assert_eq!(policy.name(), "Default");
    let all = policy.effective(None);
    assert_eq!(all.stores.len(), 3);
    assert_eq!(
        all.stores[0],
        Store::Folder {
            path: r"D:\工作文件".into(),
            require_encryption: true
        }
    );
    let clouds = vec![App::Wedrive, App::OnedriveBusiness];
    assert_eq!(
        all.stores[2],
        Store::CompanyCloud {
            apps: clouds,
            require_encryption: false
        }
    );
    let chat = all.places.chat_cache.unwrap();
    assert_eq!(chat.grace, Duration::from_mins(30));
    assert_eq!(chat.apps, App::CHAT);
    assert_eq!(all.work_file.min_size, 1024);
    assert_eq!(all.work_file.when_unsure.personal_apps, Unsure::Ask);
    assert_eq!(all.work_file.evidence.properties["template"], ["公司*.dotx"]);
    assert_eq!(all.sensitivity[0].sensitivity, Sensitivity::CoreSecret);
    assert_eq!(all.sensitivity[1].detectors["cn_mobile"], 5);
    assert_eq!(all.rules.oversize_in_chat.unwrap().limit, 50 * 1024 * 1024);
    let unencrypted = all.rules.unencrypted_in_chat.unwrap();
    assert_eq!(unencrypted.severity.get(&Sensitivity::General), None);
    assert_eq!(unencrypted.severity[&Sensitivity::CoreSecret], Severity::Critical);
    assert_eq!(all.rules.stale_chat_cache.unwrap().after, Duration::from_hours(90 * 24));
    assert_eq!(all.report.keep_closed, Duration::from_hours(3 * 365 * 24));
    assert_eq!(all.report.during_grace, DuringGrace::Count);
}

#[test]
fn a_group_changes_only_what_it_names() {
    let policy = valid(EXAMPLE);
    assert_eq!(policy.groups().collect::<Vec<_>>(), ["executives", "hr"]);
    let mut executives = policy.effective(Some("executives"));
    assert_eq!(executives.rules.oversize_in_chat.as_ref().unwrap().limit, 200 << 20);
    executives.rules.oversize_in_chat.as_mut().unwrap().limit = 50 << 20;
    assert_eq!(executives, policy.effective(None));
    assert_eq!(policy.effective(Some("unknown")), policy.effective(None));
}

#[test]
fn the_most_specific_group_wins_key_by_key() {
    let policy = valid(&with(
        "[[for]]\ngroup = 'sales/export'\nreport.heartbeat = '7m'\n\
         [[for]]\ngroup = 'sales'\nreport.heartbeat = '9m'\nnotice.at_most_every = '2h'\nplaces.desktop = false\n",
    ));
    let outer = policy.effective(Some("sales"));
    let inner = policy.effective(Some("sales/export"));
    assert_eq!(outer.report.heartbeat, Duration::from_mins(9));
    assert_eq!(inner.report.heartbeat, Duration::from_mins(7));
    assert_eq!(inner.notice.at_most_every, Duration::from_hours(2));
    assert_eq!(inner.places.desktop, None);
    assert_eq!(policy.effective(Some("sales/home")), outer);
    assert_eq!(policy.effective(Some("salesmen")), policy.effective(None));
}

#[test]
fn the_default_policy_is_the_example_without_its_company() {
    let mut example = valid(EXAMPLE).effective(None);
    example.work_file.evidence.company_names.clear();
    example.work_file.evidence.properties.clear();
    assert_eq!(valid(DEFAULT).effective(None), example);
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_default_policy() {
    let least = valid(LEAST).effective(None);
    let mut default = valid(DEFAULT).effective(None);
    default.name.clone_from(&least.name);
    default.stores.clone_from(&least.stores);
    default.sensitivity.clear();
    default.work_file.evidence.titles.clear();
    default.work_file.evidence.detectors.clear();
    default.work_file.when_unsure.private_title = None;
    // Every chat app there is: the same, now; another one more, when there is one.
    default.places.chat_cache.as_mut().unwrap().apps.clear();
    assert_eq!(least, default);
}

#[test]
fn false_turns_places_rules_and_grades_off() {
    let policy = valid(&with(
        "[places]\nchat_cache = false\n[rules]\nstore_unprotected = false\n[rules.outside_store]\nseverity.general = false\n",
    ));
    let all = policy.effective(None);
    assert_eq!(all.places.chat_cache, None);
    assert_eq!(all.rules.store_unprotected, None);
    let outside = all.rules.outside_store.unwrap();
    assert!(!outside.contains_key(&Sensitivity::General));
    assert_eq!(outside[&Sensitivity::Internal], Severity::Medium);
}

#[test]
fn what_holds_survives_json() {
    let all = valid(EXAMPLE).effective(Some("executives"));
    let json = serde_json::to_value(&all).unwrap();
    assert_eq!(serde_json::from_value::<Effective>(json).unwrap(), all);
}
