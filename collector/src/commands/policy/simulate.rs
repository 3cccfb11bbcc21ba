//! `policy simulate`: what a document would say of what the collector holds.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use fileward_policy::Policy;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::output;
use crate::simulate::{self, Change, Counts, Group, Outcome};
use crate::store::Store;

pub(super) async fn run(store: Arc<dyn Store>, policy: Policy, json: bool) -> Result<()> {
    let outcome = simulate::run(store, policy, Timestamp::now(), Arc::new(AtomicU64::new(0))).await?;
    if json {
        return output::json(&as_json(&outcome));
    }
    let rows: Vec<_> = Change::ALL
        .iter()
        .map(|change| {
            [
                in_words(*change).to_owned(),
                outcome.findings.all.of(*change).to_string(),
            ]
        })
        .collect();
    output::table(["findings of the last 30 days", "count"], &rows)?;
    for change in &outcome.places {
        output::line(&format!(
            "{}: {} places left, looked for on {} more devices",
            change.kind, change.left, change.begun
        ))?;
    }
    output::line("Files that were no finding are not at the collector: what would be found besides cannot be told.")
}

const fn in_words(change: Change) -> &'static str {
    match change {
        Change::Stays => "stay as they are",
        Change::Severity => "change their severity",
        Change::Rule => "are named by another rule",
        Change::Asked => "become a question to the employee",
        Change::Vanishes => "vanish",
        Change::CannotBeTold => "cannot be told",
    }
}

fn as_json(outcome: &Outcome) -> Value {
    let tally = &outcome.findings;
    let rules = tally.rules.iter().map(|(rule, counts)| (rule.to_string(), of(counts)));
    let apps = tally.apps.iter().map(|(app, counts)| {
        let name = app.map_or_else(String::new, |app| app.to_string());
        (name, of(counts))
    });
    let groups = tally.groups.iter().map(|(group, counts)| {
        let name = match group {
            Group::Named(name) => Some(name),
            Group::None | Group::Others => None,
        };
        json!({ "group": name, "others": *group == Group::Others, "findings": of(counts) })
    });
    let places = outcome.places.iter();
    let places = places.map(|change| json!({ "kind": change.kind, "left": change.left, "begun": change.begun }));
    json!({
        "findings": of(&tally.all),
        "by_rule": rules.collect::<Map<_, _>>(),
        "by_app": apps.collect::<Map<_, _>>(),
        "by_group": groups.collect::<Vec<_>>(),
        "places": places.collect::<Vec<_>>(),
    })
}

fn of(counts: &Counts) -> Value {
    let pairs = Change::ALL
        .iter()
        .map(|change| (change.to_string(), counts.of(*change).into()));
    Value::Object(pairs.collect())
}
