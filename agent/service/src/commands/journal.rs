//! `journal`: everything that was sent about this PC, as sent.

use anyhow::Result;
use fileward_ipc::{JournalLine, ToClient, ToService};
use fileward_protocol::vocabulary::Language;

use super::client::{Client, unexpected};
use super::folders::Folders;
use super::output;
use crate::ledger;
use crate::notice::view;

/// How many reports are read at a time.
const PAGE: u32 = 500;

pub(super) fn list(folders: &Folders, json: bool) -> Result<()> {
    let mut client = Client::connect(folders)?;
    let language = output::language();
    let mut after = 0;
    loop {
        let (lines, more) = match &mut client {
            Some(client) => match client.ask(&ToService::Journal { after })? {
                ToClient::Journal { lines, more } => (lines, more),
                other => return unexpected(&other),
            },
            None => stored(folders, after)?,
        };
        for line in &lines {
            if json {
                output::line(&line.report)?;
            } else {
                output::line(in_words(line, language))?;
            }
        }
        match lines.last() {
            Some(last) if more => after = last.seq,
            _ => return Ok(()),
        }
    }
}

fn stored(folders: &Folders, after: u64) -> Result<(Vec<JournalLine>, bool)> {
    let lines = ledger::read_only(folders.data()?, |reader| reader.journal(after, PAGE))?;
    let more = lines.len() == PAGE as usize;
    Ok((lines.into_iter().map(view::line).collect(), more))
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
