//! A simulation over a store, against a known set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fileward_protocol::chain::Head;
use fileward_protocol::report::Body;
use fileward_protocol::vocabulary::{Rule, Severity};

use super::*;
use crate::store::tests::Sender;
use crate::store::{By, Store};
use crate::testing::number;

/// The default policy with this in place of that.
fn policy(from: &str, to: &str) -> String {
    assert!(DEFAULT.contains(from), "{from}");
    DEFAULT.replacen(from, to, 1)
}

/// Files as agents under the default policy found them: 600 on the desktop, which is more than a step of a walk, 20 in
/// downloads, and 3 in WeChat's cache.
fn known_set() -> Vec<Finding> {
    let file = |place: PlaceKind, app, words: &[&'static str]| Whole {
        words: words.iter().copied().collect(),
        mobiles: 0,
        emails: 0,
        size: 5_000,
        days: 1,
        encrypted: false,
        filed: true,
        place: Place { kind: place, app },
        family: Family::Document,
    };
    let wholes = [
        (600, file(PlaceKind::Desktop, None, &["报价单"])),
        (20, file(PlaceKind::Downloads, None, &["未公开"])),
        (3, file(PlaceKind::ChatCache, Some(App::Wechat), &["未公开"])),
    ];
    let policy = Policy::parse(DEFAULT).unwrap().effective(None);
    let mut findings = Vec::new();
    for (count, whole) in wholes {
        let (_, finding) = truth(&whole, &policy);
        findings.extend(std::iter::repeat_n(finding.unwrap(), count));
    }
    for (number, finding) in (1..).zip(&mut findings) {
        finding.id = crate::testing::finding(number, FindingState::Open).id;
    }
    findings
}

async fn simulated(store: &Arc<dyn Store>, document: &str) -> Tally {
    let done = Arc::new(AtomicU64::new(0));
    let next = Policy::parse(document).unwrap();
    let outcome = run(Arc::clone(store), next, at(60), Arc::clone(&done)).await.unwrap();
    assert_eq!(done.load(Ordering::Relaxed), 623, "every finding was judged once");
    assert_eq!(outcome.findings.all.total(), 623);
    outcome.findings
}

fn counted(counts: &Counts) -> [u64; 6] {
    [0, 1, 2, 3, 4, 5].map(|index| counts.of(Change::ALL[index]))
}

#[tokio::test]
async fn a_known_set_is_told_to_the_last_finding() {
    let folder = tempfile::tempdir().unwrap();
    let store = crate::store::tests::sqlite(&folder);
    store
        .publish_first_policy(DEFAULT.to_owned(), By::collector())
        .await
        .unwrap();
    let sender = Sender::new(&*store).await;
    let bodies = known_set().into_iter().map(|finding| Body::Finding(Box::new(finding)));
    let mut reports = number(Head::START, bodies);
    let rest = reports.split_off(400);
    let head = crate::testing::head_after(Head::START, &reports);
    sender.reports(Head::START, &reports).await.unwrap();
    sender.reports(head, &rest).await.unwrap();

    let same = simulated(&store, DEFAULT).await;
    assert_eq!(counted(&same.all), [623, 0, 0, 0, 0, 0]);
    assert!(same.examples.is_empty(), "what stays is no example");

    let off = simulated(&store, &policy("desktop = { grace = \"30m\" }", "desktop = false")).await;
    assert_eq!(counted(&off.all), [23, 0, 0, 0, 600, 0]);
    assert_eq!(off.examples.len(), 5, "a few examples");
    assert_eq!(counted(&off.apps[&None]), [20, 0, 0, 0, 600, 0]);
    assert_eq!(counted(&off.apps[&Some(App::Wechat)]), [3, 0, 0, 0, 0, 0]);

    let worse = policy(
        "general = \"low\", internal = \"medium\"",
        "general = \"high\", internal = \"high\"",
    );
    let worse = simulated(&store, &worse).await;
    assert_eq!(counted(&worse.rules[&Rule::OutsideStore]), [20, 600, 0, 0, 0, 0]);
    let example = &worse.examples[0];
    assert_eq!(example.before, (Rule::OutsideStore, Severity::Low));
    assert_eq!(example.after, Some((Rule::OutsideStore, Severity::High)));

    let rule = "[rules.unencrypted_in_chat]\nfrom = \"internal\"\nseverity = { internal = \"high\", core_secret = \"critical\" }";
    let other = policy(rule, "[rules]\nunencrypted_in_chat = false");
    let other = simulated(&store, &other).await;
    assert_eq!(counted(&other.rules[&Rule::UnencryptedInChat]), [0, 0, 3, 0, 0, 0]);

    let fewer = simulated(
        &store,
        &policy("keywords = [\"未公开\", \"并购\"", "keywords = [\"并购\""),
    )
    .await;
    assert_eq!(
        counted(&fewer.all),
        [600, 0, 0, 0, 0, 23],
        "which keyword it was is not told"
    );
}
