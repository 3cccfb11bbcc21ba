//! What is refused, where, and with which words.

use fileward_policy::{Policy, explain};

use crate::{errors, with};

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
    for (pattern, why) in [
        ("a(", "unclosed group"),
        ("(a)\\\\1", "backreferences are not supported"),
        ("(?=a)", "look-around"),
        ("a*", "matches an empty text"),
        ("(a{1000}){1000}", "too large"),
    ] {
        refused(
            &format!("[sensitivity.internal]\npatterns = [\"ok\", \"{pattern}\"]\n"),
            5,
            "sensitivity.internal.patterns[1]",
            why,
        );
    }
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

#[test]
fn store_paths_of_every_system_are_told_apart() {
    let store = |path: &str| Policy::parse(&format!("format = 1\n[[store]]\npath = '{path}'\n"));
    for right in [
        "/srv/work",
        "~/工作文件",
        r"~\工作文件",
        r"D:\工作文件",
        "d:/work",
        r"W:\",
        r"\\server\share\work",
    ] {
        assert!(store(right).is_ok(), "{right}");
    }
    for wrong in [
        "work",
        r"\work",
        "~",
        "~/",
        "/",
        "~user/work",
        "D:",
        "D:work",
        r"\\server",
        r"\\server\..",
        "./work",
        "/a/./b",
    ] {
        assert!(store(wrong).is_err(), "{wrong}");
    }
    refused(
        "[[store]]\npath = 'D:/Work'\n[[store]]\npath = 'd:\\work\\'\n",
        6,
        "store[2]",
        "named twice",
    );
}

#[test]
fn an_uninstall_token_itself_is_no_hash() {
    refused(
        "[agent]\nuninstall_token_hash = '7KQF-2MWX'\n",
        5,
        "agent.uninstall_token_hash",
        "policy uninstall-token",
    );
}

#[test]
fn properties_and_domains_that_cannot_be_meant_are_refused() {
    for (slip, meant) in [("compnay", "company"), ("Author", "author")] {
        refused(
            &format!("[work_file.evidence.properties]\n{slip} = ['示例*']\n"),
            5,
            &format!("work_file.evidence.properties.{slip}"),
            &format!("write it \"{meant}\""),
        );
    }
    refused(
        "[work_file.evidence.properties]\nProducer = '示例*'\n",
        5,
        "work_file.evidence.properties.Producer",
        "must be a list",
    );
    refused(
        "[work_file.evidence]\ncompany_domains = ['example.com', 'QQ.com']\n",
        5,
        "work_file.evidence.company_domains[1]",
        "to everybody",
    );
}
