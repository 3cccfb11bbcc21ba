//! The policy document: what is accepted, what is refused and where, what groups change.

use std::time::Duration;

use fileward_policy::effective::{DuringGrace, Effective, Store, Unsure};
use fileward_policy::{DEFAULT, Policy, PolicyError, explain, json_schema};
use fileward_protocol::vocabulary::{App, Sensitivity, Severity};
use proptest::prelude::*;

const EXAMPLE: &str = include_str!("../example.toml");
const LEAST: &str = "format = 1\n[[store]]\npath = '/srv/work'\n";

fn valid(source: &str) -> Policy {
    Policy::parse(source).unwrap_or_else(|errors| panic!("{}", explain("policy.toml", &errors)))
}

fn errors(source: &str) -> Vec<PolicyError> {
    Policy::parse(source)
        .err()
        .unwrap_or_else(|| panic!("accepted: {source}"))
}

/// `LEAST` followed by `more`, which starts on line 4.
fn with(more: &str) -> String {
    format!("{LEAST}{more}")
}

#[track_caller]
fn refused(more: &str, line: usize, key: &str, says: &str) {
    let errors = errors(&with(more));
    assert!(
        errors
            .iter()
            .any(|e| e.line == line && e.key == key && e.message.contains(says)),
        "wanted {line}: {key}: …{says}…, got\n{}",
        explain("policy.toml", &errors)
    );
    assert_eq!(errors.len(), 1, "{}", explain("policy.toml", &errors));
}

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
    assert_eq!(policy.groups().collect::<Vec<_>>(), ["executives"]);
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
fn unknown_keys_are_named_with_their_line_and_the_nearest_key() {
    refused("[placs]\n", 4, "placs", "Did you mean \"places\"?");
    refused(
        "[places]\ndesktop = { grase = '30m' }\n",
        5,
        "places.desktop.grase",
        "Did you mean \"grace\"?",
    );
    refused(
        "[places]\ndesktop = { apps = ['wechat'] }\n",
        5,
        "places.desktop.apps",
        "known are grace",
    );
    refused(
        "[rules.outside_stores]\n",
        4,
        "rules.outside_stores",
        "Did you mean \"outside_store\"?",
    );
    refused(
        "[sensitivity.secret]\n",
        4,
        "sensitivity.secret",
        "known are core_secret",
    );
    refused(
        "[sensitivity.internal.detectors]\ncn_residentid = 1\n",
        5,
        "sensitivity.internal.detectors.cn_residentid",
        "\"cn_resident_id\"?",
    );
    refused(
        "[[store]]\npath = '/a'\nencrypted = true\n",
        6,
        "store[1].encrypted",
        "require_encryption",
    );
}

#[test]
fn wrong_types_say_what_would_be_right() {
    refused(
        "[places]\ndesktop = true\n",
        5,
        "places.desktop",
        "false to turn it off",
    );
    refused(
        "[places]\nexclude = '**/*.lnk'\n",
        5,
        "places.exclude",
        "must be a list",
    );
    refused(
        "[work_file]\nalso_when_detected = 'yes'\n",
        5,
        "work_file.also_when_detected",
        "true or false",
    );
    refused(
        "[report]\nheartbeat = 5\n",
        5,
        "report.heartbeat",
        "must be a duration such as \"30m\"",
    );
    refused("[notice]\nlanguage = ['en']\n", 5, "notice.language", "not a list");
    refused(
        "[sensitivity.internal.detectors]\nemail = '20'\n",
        5,
        "sensitivity.internal.detectors.email",
        "whole number",
    );
    refused(
        "[sensitivity.internal.detectors]\nemail = 0\n",
        5,
        "sensitivity.internal.detectors.email",
        "1 or more",
    );
    refused(
        "[rules]
outside_store.severity = 1979-05-27
",
        5,
        "rules.outside_store.severity",
        "must be a table, not a date",
    );
}

#[test]
fn wrong_units_name_the_right_ones() {
    refused(
        "[places]\ndesktop = { grace = '30' }\n",
        5,
        "places.desktop.grace",
        "lacks its unit",
    );
    refused(
        "[places]\ndesktop = { grace = '30min' }\n",
        5,
        "places.desktop.grace",
        "the units are y, w, d, h, m, s",
    );
    refused(
        "[places]\ndesktop = { grace = '50MB' }\n",
        5,
        "places.desktop.grace",
        "no known unit",
    );
    refused(
        "[places]\ndesktop = { grace = '-5m' }\n",
        5,
        "places.desktop.grace",
        "whole number",
    );
    refused(
        "[places]\ndesktop = { grace = '1.5h' }\n",
        5,
        "places.desktop.grace",
        "no known unit",
    );
    refused(
        "[rules.oversize_in_chat]\nlimit = '50mb'\n",
        5,
        "rules.oversize_in_chat.limit",
        "GB, MB, KB, B",
    );
    refused(
        "[rules.oversize_in_chat]\nlimit = '99999999999GB'\n",
        5,
        "rules.oversize_in_chat.limit",
        "too large",
    );
    refused("[report]\nkeep_closed = '900y'\n", 5, "report.keep_closed", "100 years");
}

#[test]
fn unknown_words_name_the_known_ones() {
    refused(
        "[work_file.when_unsure]\ndesktop = 'asks'\n",
        5,
        "work_file.when_unsure.desktop",
        "Did you mean \"ask\"?",
    );
    refused(
        "[places]\nchat_cache = { apps = [\n'wechat',\n'dropbox'] }\n",
        7,
        "places.chat_cache.apps[1]",
        "one of wechat",
    );
    refused(
        "[notice]\nlanguage = 'zh'\n",
        5,
        "notice.language",
        "Did you mean \"zh-CN\"?",
    );
    refused(
        "[[store]]\ncompany_cloud = ['onedrive']\n",
        5,
        "store[1].company_cloud[0]",
        "\"onedrive-business\"?",
    );
    refused(
        "[rules.outside_store]\nseverity = { general = 'hi' }\n",
        5,
        "rules.outside_store.severity.general",
        "critical",
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    refused("[[store]]\n", 4, "store[1]", "needs path");
    refused(
        "[[store]]\npath = '/a'\ncompany_cloud = ['wedrive']\n",
        4,
        "store[1]",
        "either path or company_cloud",
    );
    refused("[[store]]\npath = '/srv/work/'\n", 4, "store[1]", "named twice");
    refused("[[store]]\npath = 'work'\n", 5, "store[1].path", "full path");
    refused("[[store]]\npath = '/srv/../etc'\n", 5, "store[1].path", "..");
    refused("[[store]]\npath = '~'\n", 5, "store[1].path", "full path");
    refused("[[store]]\npath = '/'\n", 5, "store[1].path", "everything");
    refused(
        "[places]\nexclude = ['*.{a,b}']\n",
        5,
        "places.exclude[0]",
        "one pattern for each",
    );
    refused(
        "[places]\nchat_cache = { apps = [] }\n",
        5,
        "places.chat_cache.apps",
        "turn the place off",
    );
    refused(
        "[places]\nchat_cache = { apps = ['qq', 'qq'] }\n",
        5,
        "places.chat_cache.apps[1]",
        "twice",
    );
    refused(
        "[places]\ndesktop = { grace = '5y' }\n",
        5,
        "places.desktop.grace",
        "longer than report.keep_closed, 3y",
    );
    refused(
        "[work_file]\nfamilies = []\nalso_when_detected = false\n",
        5,
        "work_file.families",
        "nothing could",
    );
    refused(
        "[work_file.evidence]\nproperties = { company = ['*'] }\n",
        5,
        "work_file.evidence.properties.company[0]",
        "every document",
    );
    refused(
        "[sensitivity]\ncore_secret.labels = ['X']\ninternal.labels = ['x']\n",
        6,
        "sensitivity.internal.labels",
        "named twice",
    );
    refused(
        "[rules.unencrypted_in_chat]\nfrom = 'internal'\nseverity.internal = false\n",
        5,
        "rules.unencrypted_in_chat.from",
        "begins at internal",
    );
    refused(
        "[rules.outside_store.severity]\ngeneral = false\ninternal = false\ncore_secret = false\n",
        4,
        "rules.outside_store.severity",
        "turn the rule off",
    );
    refused(
        "[rules.oversize_in_chat]\nlimit = '0B'\n",
        5,
        "rules.oversize_in_chat.limit",
        "more than 0",
    );
    refused(
        "[rules.stale_chat_cache]\nafter = '20m'\n",
        5,
        "rules.stale_chat_cache.after",
        "grace, 30m",
    );
    refused(
        "[notice]\nat_most_every = '0s'\n",
        5,
        "notice.at_most_every",
        "1s or longer",
    );
    refused("[report]\nheartbeat = '2d'\n", 5, "report.heartbeat", "from 1s to 1d");
    let nothing = "[work_file.evidence]\nstore_copy = false\nregistered = false\n[work_file.when_unsure]\ncompany_apps = 'ignore'\n\
                   personal_apps = 'ignore'\ndesktop = 'ignore'\ndownloads = 'ignore'\npersonal_cloud = 'ignore'\n";
    refused(nothing, 4, "work_file.evidence", "nothing could ever count");
}

#[test]
fn the_frame_of_the_document_is_checked() {
    let keys = |source: &str| errors(source).into_iter().map(|e| (e.line, e.key)).collect::<Vec<_>>();
    assert_eq!(keys(""), [(1, "format".into()), (1, "store".into())]);
    assert_eq!(keys("format = 2\n[[store]]\npath='/a'"), [(1, "format".into())]);
    assert_eq!(
        keys("name = 'x'\nformat = '1'\n[[store]]\npath='/a'"),
        [(2, "format".into())]
    );
    assert_eq!(keys("format = 1\nstore = []"), [(2, "store".into())]);
    assert_eq!(keys("format = 1\n[store]\npath = '/a'"), [(2, "store".into())]);
}

#[test]
fn text_that_is_not_toml_names_its_line() {
    refused("[places\ndesktop = false\n", 4, "", "TOML");
    refused(
        "[rules.outside_store]\nseverity = { general = 'low', general = 'high' }\n",
        5,
        "",
        "duplicate key `general`",
    );
    refused("[places]\n[places]\n", 5, "", "duplicate key");
    refused("name = \"open\n", 4, "", "TOML");
}

#[test]
fn the_exceptions_of_a_group_name_their_own_lines() {
    let group = |more: &str| format!("[[for]]\ngroup = 'a'\n{more}");
    refused(
        &group("[for.rules.oversize_in_chat]\nlimit = '200'\n"),
        7,
        "for[0].rules.oversize_in_chat.limit",
        "lacks its unit",
    );
    refused(&group("[for.placs]\n"), 6, "for[0].placs", "Did you mean");
    refused(&group("name = 'x'\n"), 6, "for[0].name", "the same for every group");
    refused(&group("[[for]]\ngroup = 'a'\n"), 7, "for[1].group", "already");
    refused(
        "[[for]]\n[for.notice]\nlanguage = 'en'\n",
        4,
        "for[0].group",
        "is missing",
    );
    refused("[[for]]\ngroup = 'a//b'\n", 5, "for[0].group", "sales/export");
    refused("[for]\ngroup = 'a'\n", 4, "for", "[[for]]");
    // Right by itself, wrong with what stands above: the line is of the other key, so the message names the group.
    let short = "[places]\ndownloads = { grace = '2d' }\n[[for]]\ngroup = 'a'\nreport.keep_closed = '1d'\n";
    refused(
        short,
        5,
        "places.downloads.grace",
        "for the group \"a\": is longer than report.keep_closed, 1d",
    );
}

#[test]
fn everything_wrong_is_told_at_once_in_order() {
    let source = with(
        "[places]\ndesktop = { grace = 30 }\nexclude = ['a\\b']\n[work_file]\nmin_size = '1K'\n[rules.stale_chat_cache]\nafter = '1m'\n\
         [[for]]\ngroup = 'a'\nrules.outside_store = 'off'\n",
    );
    let lines: Vec<_> = errors(&source).iter().map(|e| e.line).collect();
    assert_eq!(lines, [5, 6, 8, 10, 13]);
    let told = explain("policy.toml", &errors(&source));
    assert!(
        told.starts_with("policy.toml:5: places.desktop.grace: must be a duration"),
        "{told}"
    );
    assert_eq!(told.lines().count(), 5);
}

/// Each key of the schema, dotted, with its schema.
fn keys(schema: &serde_json::Value, root: &serde_json::Value, at: &str, found: &mut Vec<(String, serde_json::Value)>) {
    let table = schema["anyOf"].get(1).unwrap_or(schema);
    for (name, key) in table["properties"].as_object().into_iter().flatten() {
        let dotted = format!("{at}{name}");
        let key = key["$ref"]
            .as_str()
            .map_or(key, |pointer| root.pointer(pointer.trim_start_matches('#')).unwrap());
        found.push((dotted.clone(), key.clone()));
        keys(key, root, &format!("{dotted}."), found);
        keys(&key["items"], root, &format!("{dotted}[]."), found);
    }
}

fn schema_keys() -> Vec<(String, serde_json::Value)> {
    let schema = json_schema();
    let mut found = Vec::new();
    keys(&schema, &schema, "", &mut found);
    found
}

#[test]
fn every_key_of_the_example_is_in_the_schema() {
    fn walk(value: &toml::Value, at: &str, known: &[String]) {
        let toml::Value::Table(table) = value else { return };
        for (name, value) in table {
            let dotted = format!("{at}{name}");
            assert!(known.contains(&dotted), "{dotted}");
            walk(value, &format!("{dotted}."), known);
            for item in value.as_array().into_iter().flatten() {
                walk(item, &format!("{dotted}[]."), known);
            }
        }
    }
    let known: Vec<_> = schema_keys().into_iter().map(|(key, _)| key).collect();
    walk(&EXAMPLE.parse::<toml::Table>().unwrap().into(), "", &known);
}

#[test]
fn the_parser_knows_every_key_of_the_schema_and_the_schema_every_default() {
    for (key, schema) in schema_keys() {
        // A date is never right, so that the answer names the key, and never as an unknown one.
        let (head, path) = match key.split_once("[].") {
            Some((list @ "store", inner)) => (format!("[[{list}]]\npath = '/b'\n"), inner.to_owned()),
            Some((list, inner)) => (format!("[[{list}]]\ngroup = 'x'\n"), inner.to_owned()),
            None => (String::new(), key.clone()),
        };
        if path.contains("[]") || path == "path" || path == "group" || key == "format" || key == "store" {
            continue;
        }
        let source = match head.as_str() {
            "" => format!("format = 1\n{path} = 1979-05-27\n[[store]]\npath = '/a'\n"),
            _ => with(&format!("{head}{path} = 1979-05-27\n")),
        };
        let told = explain("p", &errors(&source));
        let typed = ["not a date", "[[store]]", "[[for]]", "the same for every group"];
        assert!(typed.iter().any(|says| told.contains(says)), "{key}: {told}");
        assert!(!told.contains("not a key"), "{key}: {told}");
        if let Some(default) = schema.get("default").filter(|_| head.is_empty()) {
            let default = toml::Value::try_from(default).unwrap();
            let source = format!("format = 1\n{path} = {default}\n[[store]]\npath = '/srv/work'\n");
            let mut written = valid(&source).effective(None);
            written.name = valid(LEAST).name().to_owned();
            assert_eq!(written, valid(LEAST).effective(None), "{key}");
        }
    }
}

#[test]
fn what_holds_survives_json() {
    let all = valid(EXAMPLE).effective(Some("executives"));
    let json = serde_json::to_value(&all).unwrap();
    assert_eq!(serde_json::from_value::<Effective>(json).unwrap(), all);
}

fn lines_lie_within(source: &str) -> Result<(), TestCaseError> {
    if let Err(errors) = Policy::parse(source) {
        let last = source.split('\n').count();
        prop_assert!(!errors.is_empty());
        prop_assert!(
            errors
                .iter()
                .all(|e| (1..=last).contains(&e.line) && !e.message.is_empty()),
            "{:?}",
            errors
        );
        prop_assert!(errors.is_sorted_by_key(|e| e.line));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_answered_with_lines_of_its_own(source in "(\\PC|\n){0,200}") {
        lines_lie_within(&source)?;
    }

    #[test]
    fn a_spoiled_example_is_answered_with_lines_of_its_own(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, "[\\[\\]={}'\",.a-z0-9\n 核]{0,6}"), 1..6)
    ) {
        let mut source: Vec<char> = EXAMPLE.chars().collect();
        for (at, cut, text) in edits {
            let at = at.index(source.len());
            let end = (at + cut).min(source.len());
            source.splice(at..end, text.chars());
        }
        lines_lie_within(&source.into_iter().collect::<String>())?;
    }

    #[test]
    fn lines_in_another_order_are_answered_with_lines_of_their_own(swaps in prop::collection::vec(any::<(prop::sample::Index, prop::sample::Index)>(), 1..8)) {
        let mut lines: Vec<&str> = EXAMPLE.lines().collect();
        for (a, b) in swaps {
            let (a, b) = (a.index(lines.len()), b.index(lines.len()));
            lines.swap(a, b);
        }
        lines_lie_within(&lines.join("\n"))?;
    }

    #[test]
    fn a_group_without_exceptions_changes_nothing(group in "[a-z]{1,8}(/[a-z]{1,8})?") {
        let source = format!("{EXAMPLE}\n[[for]]\ngroup = \"{group}x\"\n");
        let policy = valid(&source);
        prop_assert_eq!(policy.effective(Some(&format!("{group}x"))), policy.effective(None));
    }
}
