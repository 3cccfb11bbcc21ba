//! `findings`: open and recent findings.

use std::fmt::Write as _;

use anyhow::Result;
use fileward_ipc::{ToClient, ToService};
use fileward_policy::words::InWords as _;
use fileward_protocol::vocabulary::{FindingState, Language, PlaceKind, Rule, Severity};
use serde::Deserialize as _;
use serde_json::Value;

use super::client::{Client, unexpected};
use super::folders::Folders;
use super::output;
use crate::device::{clock, identity};
use crate::ledger;
use crate::notice::element;

pub(super) fn list(folders: &Folders, json: bool) -> Result<()> {
    let findings = match Client::connect(folders)? {
        Some(mut client) => match client.ask(&ToService::Findings)? {
            ToClient::Findings { findings } => findings,
            other => return unexpected(&other),
        },
        None => stored(folders)?,
    };
    if json {
        return output::json(&findings);
    }
    let language = output::language();
    if findings.is_empty() {
        return output::line(match language {
            Language::ZhCn => "没有发现。",
            Language::En => "No findings.",
        });
    }
    findings
        .iter()
        .try_for_each(|finding| output::line(in_words(finding, language)))
}

/// What the ledger holds while no service runs.
fn stored(folders: &Folders) -> Result<Vec<Value>> {
    let data = folders.data()?;
    let device = identity::enrolled_device(data);
    ledger::read_only(data, |reader| element::recent(reader, device, clock::now(), |_| true))
}

fn in_words(finding: &Value, language: Language) -> String {
    let mut text = String::new();
    let parts = [
        FindingState::deserialize(&finding["state"]).map(|word| word.in_words(language)),
        Severity::deserialize(&finding["severity"]).map(|word| word.in_words(language)),
        Rule::deserialize(&finding["rule"]).map(|word| word.in_words(language)),
        PlaceKind::deserialize(&finding["place"]["kind"]).map(|word| word.in_words(language)),
    ];
    for part in parts.iter().flatten() {
        let _ = write!(text, "{part}\t");
    }
    text + finding["path"].as_str().unwrap_or_default()
}
