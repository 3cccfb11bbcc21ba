//! `journal`: everything that was sent about this PC, as sent, and what the company did with it.

use std::path::Path;

use anyhow::{Context as _, Result};
use fileward_ipc::{CompanyAct, JournalLine, ToClient, ToService, Told};
use fileward_policy::disclosed;
use fileward_protocol::disclosure::Disclosure;
use fileward_protocol::vocabulary::Language;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::client::{Client, unexpected};
use super::folders::Folders;
use super::output;
use crate::ledger;
use crate::notice::view;

/// How much is read at a time.
const PAGE: u32 = 500;

/// Something that was sent about the PC itself, as scripts read it.
#[derive(Serialize)]
struct Element<'a> {
    r#type: &'a str,
    sent_at: Timestamp,
    sent: &'a RawValue,
}

/// Something the company did, as scripts read it.
#[derive(Serialize)]
struct ByTheCompany<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    act: &'a Disclosure,
    path: Option<&'a Path>,
}

pub(super) fn list(folders: &Folders, json: bool) -> Result<()> {
    let mut client = Client::connect(folders)?;
    let language = output::language();
    about_this_pc(folders, &mut client, |told| {
        if json {
            output::json(&element(told)?)
        } else {
            output::line(told_in_words(told, language))
        }
    })?;
    reports(folders, &mut client, |line| {
        if json {
            output::line(&line.report)
        } else {
            output::line(in_words(line, language))
        }
    })?;
    by_the_company(folders, &mut client, |kept| {
        if json {
            output::json(&act_element(kept))
        } else {
            output::line(act_in_words(kept, language))
        }
    })
}

fn about_this_pc(
    folders: &Folders,
    client: &mut Option<Client>,
    mut each: impl FnMut(&Told) -> Result<()>,
) -> Result<()> {
    let mut after = 0;
    loop {
        let (told, more) = match client {
            Some(client) => match client.ask(&ToService::Told { after })? {
                ToClient::Told { told, more } => (told, more),
                other => return unexpected(&other),
            },
            None => stored_told(folders, after)?,
        };
        told.iter().try_for_each(&mut each)?;
        match told.last() {
            Some(last) if more => after = last.id,
            _ => return Ok(()),
        }
    }
}

fn reports(
    folders: &Folders,
    client: &mut Option<Client>,
    mut each: impl FnMut(&JournalLine) -> Result<()>,
) -> Result<()> {
    let mut after = 0;
    loop {
        let (lines, more) = match client {
            Some(client) => match client.ask(&ToService::Journal { after })? {
                ToClient::Journal { lines, more } => (lines, more),
                other => return unexpected(&other),
            },
            None => stored_reports(folders, after)?,
        };
        lines.iter().try_for_each(&mut each)?;
        match lines.last() {
            Some(last) if more => after = last.seq,
            _ => return Ok(()),
        }
    }
}

fn by_the_company(
    folders: &Folders,
    client: &mut Option<Client>,
    mut each: impl FnMut(&CompanyAct) -> Result<()>,
) -> Result<()> {
    let mut after = 0;
    loop {
        let (acts, more) = match client {
            Some(client) => match client.ask(&ToService::Company { after })? {
                ToClient::Company { acts, more } => (acts, more),
                other => return unexpected(&other),
            },
            None => stored_acts(folders, after)?,
        };
        acts.iter().try_for_each(&mut each)?;
        match acts.last() {
            Some(last) if more => after = last.id,
            _ => return Ok(()),
        }
    }
}

fn stored_acts(folders: &Folders, after: u64) -> Result<(Vec<CompanyAct>, bool)> {
    ledger::read_only(folders.data()?, |reader| {
        let kept = reader.company(after, PAGE)?;
        let more = kept.len() == PAGE as usize;
        let act = |kept: ledger::CompanyAct| {
            let record = kept.act.finding.map(|id| reader.finding(id)).transpose()?.flatten();
            Ok(view::company_act(kept, record.as_ref()))
        };
        Ok((kept.into_iter().map(act).collect::<Result<_>>()?, more))
    })
}

fn stored_told(folders: &Folders, after: u64) -> Result<(Vec<Told>, bool)> {
    let told = ledger::read_only(folders.data()?, |reader| reader.told(after, PAGE))?;
    let more = told.len() == PAGE as usize;
    Ok((told.into_iter().map(view::told).collect(), more))
}

fn stored_reports(folders: &Folders, after: u64) -> Result<(Vec<JournalLine>, bool)> {
    let lines = ledger::read_only(folders.data()?, |reader| reader.journal(after, PAGE))?;
    let more = lines.len() == PAGE as usize;
    Ok((lines.into_iter().map(view::line).collect(), more))
}

fn element(told: &Told) -> Result<Element<'_>> {
    Ok(Element {
        r#type: &told.about,
        sent_at: told.sent_at,
        sent: serde_json::from_str(&told.json).context("Failed to read what was sent about this PC")?,
    })
}

fn told_in_words(told: &Told, language: Language) -> String {
    let about = match (told.about.as_str(), language) {
        ("fingerprint", Language::ZhCn) => "电脑信息",
        ("fingerprint", Language::En) => "about this PC",
        ("health", Language::ZhCn) => "运行状况",
        (other, _) => other,
    };
    format!("{about}\t{}\t{}", told.sent_at, told.json)
}

fn act_element(kept: &CompanyAct) -> ByTheCompany<'_> {
    ByTheCompany {
        r#type: "company",
        act: &kept.act,
        path: kept.path.as_deref(),
    }
}

fn act_in_words(kept: &CompanyAct, language: Language) -> String {
    let name = kept.path.as_deref().and_then(Path::file_name);
    let name = name.map(|name| name.to_string_lossy());
    let said = disclosed::sentence(&kept.act, name.as_deref(), language);
    let company = match language {
        Language::ZhCn => "公司",
        Language::En => "the company",
    };
    format!("{company}\t{}\t{said}", kept.act.at)
}

fn in_words(line: &JournalLine, language: Language) -> String {
    let confirmed = match (line.acked_at, language) {
        (Some(time), Language::ZhCn) => format!("{time} 确认"),
        (Some(time), Language::En) => format!("confirmed {time}"),
        (None, Language::ZhCn) => "未确认".into(),
        (None, Language::En) => "not confirmed yet".into(),
    };
    format!("{}\t{}\t{confirmed}\t{}", line.seq, line.sent_at, line.report)
}

#[cfg(test)]
mod tests {
    use fileward_protocol::fingerprint::Fingerprint;
    use fileward_protocol::report::Request;

    use super::*;
    use crate::ledger::testing::{at, begun, enter};

    #[test]
    fn the_host_name_that_was_sent_is_in_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = begun(folder.path());
        let request = Request {
            protocol: fileward_protocol::VERSION,
            ledger: ledger.id(),
            boot: uuid::Uuid::nil(),
            sent_at: at(1),
            fingerprint: Some(Fingerprint {
                host_name: Some("pc-7".into()),
                ..Fingerprint::default()
            }),
            health: None,
            after: None,
            reports: Vec::new(),
            decisions_after: 0,
            disclosures_after: None,
        };
        enter(&ledger, 1, |entry| entry.tells(&request).unwrap());

        let mut lines = Vec::new();
        let folders = Folders::new(Some(folder.path().to_owned()));
        about_this_pc(&folders, &mut None, |told| {
            lines.push((
                serde_json::to_string(&element(told)?)?,
                told_in_words(told, Language::ZhCn),
            ));
            Ok(())
        })
        .unwrap();
        let [(json, words)] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        let sent = serde_json::to_string(&request.fingerprint).unwrap();
        assert!(
            sent.contains("pc-7") && words.starts_with("电脑信息\t") && words.ends_with(&sent),
            "{words}"
        );
        let at = at(1);
        assert_eq!(
            *json,
            format!(r#"{{"type":"fingerprint","sent_at":"{at}","sent":{sent}}}"#)
        );
    }
}
