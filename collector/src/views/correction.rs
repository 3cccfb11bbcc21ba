//! A correction.

use jiff::Timestamp;
use serde::Serialize;

use crate::store::corrections::{CorrectionRow, Stage};

/// A correction as it is given out.
#[derive(Serialize)]
pub(crate) struct View {
    id: u64,
    about: String,
    person: String,
    wrong: String,
    wanted: String,
    reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    not_theirs: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    theirs: String,
    state: Stage,
    asked_at: Timestamp,
    asked_by: String,
    decided_at: Option<Timestamp>,
    decided_by: Option<String>,
    answer: Option<String>,
}

impl From<CorrectionRow> for View {
    fn from(row: CorrectionRow) -> Self {
        let asked = row.asked;
        let (decided_at, decided_by, answer) = match row.decided {
            Some(decided) => (Some(decided.at), Some(decided.by), Some(decided.answer)),
            None => (None, None, None),
        };
        Self {
            id: row.id,
            about: asked.about.to_string(),
            person: asked.person,
            wrong: asked.wrong,
            wanted: asked.wanted,
            reason: asked.reason,
            not_theirs: asked.not_theirs,
            theirs: asked.theirs,
            state: row.stage,
            asked_at: row.asked_at,
            asked_by: row.asked_by,
            decided_at,
            decided_by,
            answer,
        }
    }
}
