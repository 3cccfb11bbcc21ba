//! `document`: registers the company's documents, so that PCs recognise copies and near copies.
//!
//! The documents themselves are not kept. They are read in the inspect worker, like any file on a PC; fingerprints stay.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use clap::Subcommand;
use fileward_inspect::{Hint, Rules};
use fileward_protocol::bundle::RegisteredDocument;
use fileward_protocol::ids::{CompanyKey, Purpose};
use fileward_worker::{Inspected, Inspector, InspectorConfig};
use serde::Serialize;

use super::DataDir;
use crate::output;
use crate::store::By;
use crate::store::registers::DocumentRow;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Registers documents
    Add {
        #[command(flatten)]
        data: DataDir,
        /// The documents' files; their names are what they are called
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists registered documents
    List {
        #[command(flatten)]
        data: DataDir,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Removes a registered document
    Remove {
        #[command(flatten)]
        data: DataDir,
        /// Its number in the list
        id: u64,
    },
}

/// A registered document, as it is shown.
#[derive(Serialize)]
struct Shown {
    id: u64,
    name: String,
    /// Whether near copies are recognised, too.
    near_copies: bool,
    registered_at: jiff::Timestamp,
    registered_by: String,
}

impl From<DocumentRow> for Shown {
    fn from(row: DocumentRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            near_copies: row.fingerprint.sketch.is_some(),
            registered_at: row.registered_at,
            registered_by: row.registered_by,
        }
    }
}

pub(super) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Add { data, files, json } => {
            let collector = data.open().await?;
            let documents = fingerprints(&collector.company_key, &files)?;
            let contents: Vec<_> = documents.iter().map(|(_, document)| document.content).collect();
            collector
                .store
                .register_documents(documents, By::command_line())
                .await?;
            let filed = collector.store.filed().await?;
            let added = filed.documents.into_iter();
            show(added.filter(|row| contents.contains(&row.fingerprint.content)), json)
        }
        Command::List { data, json } => {
            let filed = data.open().await?.store.filed().await?;
            show(filed.documents.into_iter(), json)
        }
        Command::Remove { data, id } => {
            let store = data.open().await?.store;
            Ok(store.remove_document(id, By::command_line()).await?)
        }
    }
}

fn show(rows: impl Iterator<Item = DocumentRow>, json: bool) -> Result<()> {
    let rows: Vec<Shown> = rows.map(Shown::from).collect();
    if json {
        return output::json(&rows);
    }
    let rows: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let recognised = if row.near_copies {
                "copies, near copies"
            } else {
                "copies"
            };
            [
                row.id.to_string(),
                row.name,
                row.registered_at.strftime("%F").to_string(),
                recognised.to_owned(),
            ]
        })
        .collect();
    output::table(["id", "name", "registered", "recognises"], &rows)
}

/// Names and fingerprints of files; all or none.
fn fingerprints(key: &CompanyKey, files: &[PathBuf]) -> Result<Vec<(String, RegisteredDocument)>> {
    let inspector = Inspector::new(InspectorConfig::usual());
    let rules = Arc::new(Rules {
        content_key: key.for_purpose(Purpose::Content),
        sketch_key: Some(key.for_purpose(Purpose::Sketch)),
        ..Rules::default()
    });
    files.iter().map(|file| fingerprint(&inspector, &rules, file)).collect()
}

fn fingerprint(inspector: &Inspector, rules: &Arc<Rules>, path: &Path) -> Result<(String, RegisteredDocument)> {
    let shown = path.display();
    let Some(name) = path.file_name() else {
        bail!("{shown} is no file; name the documents' files");
    };
    let file = File::open(path).with_context(|| format!("Failed to open {shown}"))?;
    let about = file.metadata().with_context(|| format!("Failed to open {shown}"))?;
    ensure!(about.is_file(), "{shown} is no file; name the documents' files");
    ensure!(
        about.len() > 0,
        "{shown} is empty: every empty file would be a copy of it"
    );
    let name = name.to_string_lossy();
    let inspected = inspector.inspect(file, &Hint::of_name(&name), rules);
    let Inspected { facts, sketch } = inspected.with_context(|| format!("Failed to read {shown}"))?;
    if facts.encryption.protects() {
        bail!("{shown} is encrypted, so that only this very file could be recognised; register it unencrypted");
    }
    let document = RegisteredDocument {
        content: facts.content,
        sketch,
    };
    Ok((name.into_owned(), document))
}
