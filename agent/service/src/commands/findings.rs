//! `findings`: open and recent findings.

use std::fmt::Write as _;

use anyhow::Result;
use fileward_ipc::{ToClient, ToService};
use fileward_policy::disclosed;
use fileward_policy::words::InWords as _;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::ids::FindingId;
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
    let mut findings = match Client::connect(folders)? {
        Some(mut client) => pages(|after| match client.ask(&ToService::Findings { after })? {
            ToClient::Findings { findings, more } => Ok((findings, more)),
            other => unexpected(&other),
        })?,
        None => stored(folders)?,
    };
    element::sort(&mut findings);
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
    ledger::read_only(data, |reader| {
        pages(|after| element::page(reader, None, device, clock::now(), after))
    })
}

/// Puts pages together, each of which follows after the last id of the one before.
fn pages(mut page: impl FnMut(Option<FindingId>) -> Result<(Vec<Value>, bool)>) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    loop {
        let (findings, more) = page(all.last().and_then(element::id))?;
        // A service that repeats itself must not be asked for ever.
        let more = more && findings.last().and_then(element::id) > all.last().and_then(element::id);
        all.extend(findings);
        if !more {
            return Ok(all);
        }
    }
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
    text += finding["path"].as_str().unwrap_or_default();
    for act in finding["company"].as_array().into_iter().flatten() {
        if let Ok(act) = Disclosure::deserialize(act) {
            let said = disclosed::sentence(&act, finding["file"]["name"].as_str(), language);
            let _ = write!(text, "\n\t{}\t{said}", act.at);
        }
    }
    text
}
