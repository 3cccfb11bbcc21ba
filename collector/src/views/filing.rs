//! Something filed, and an application for it.

use fileward_protocol::vocabulary::App;
use jiff::Timestamp;
use serde::Serialize;

use crate::store::applications::{Application, State, Step};
use crate::store::filings::{FilingRow, Kind, Matter};

/// Something filed as it is given out.
#[derive(Serialize)]
pub(crate) struct View {
    id: u64,
    #[serde(flatten)]
    matter: MatterView,
    owner: String,
    note: String,
    filed_at: Timestamp,
    filed_by: String,
    application: Option<u64>,
}

#[derive(Serialize)]
struct MatterView {
    kind: Kind,
    app: Option<App>,
    name: String,
    bytes: Option<u64>,
    until: Option<Timestamp>,
}

/// An application as it is given out.
#[derive(Serialize)]
pub(crate) struct ApplicationView {
    id: u64,
    group: String,
    person: String,
    #[serde(flatten)]
    matter: MatterView,
    reason: String,
    state: State,
    asked_at: Timestamp,
    steps: Vec<StepView>,
}

#[derive(Serialize)]
struct StepView {
    state: State,
    at: Timestamp,
    by: String,
    note: String,
}

impl From<Matter> for MatterView {
    fn from(matter: Matter) -> Self {
        Self {
            kind: matter.kind,
            app: matter.app,
            name: matter.name,
            bytes: matter.bytes,
            until: matter.until,
        }
    }
}

impl From<FilingRow> for View {
    fn from(row: FilingRow) -> Self {
        Self {
            id: row.id,
            matter: row.matter.into(),
            owner: row.owner,
            note: row.note,
            filed_at: row.filed_at,
            filed_by: row.filed_by,
            application: row.application,
        }
    }
}

impl From<Application> for ApplicationView {
    fn from(application: Application) -> Self {
        let row = application.row;
        Self {
            id: row.id,
            group: row.group,
            person: row.person,
            matter: row.matter.into(),
            reason: row.reason,
            state: row.state,
            asked_at: row.asked_at,
            steps: application.steps.into_iter().map(StepView::from).collect(),
        }
    }
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        Self {
            state: step.state,
            at: step.at,
            by: step.by,
            note: step.note,
        }
    }
}
