//! What the command line and the HTTP API say alike of a finding and a device.

use fileward_protocol::fingerprint::Os;
use fileward_protocol::ids::{FileName, KeyedHash};
use fileward_protocol::report::{Detection, Encryption, File, Word};
use fileward_protocol::vocabulary::{Family, Sensitivity};
use jiff::Timestamp;
use serde::Serialize;

use crate::store::findings::{Happened, HistoryRow};

/// A finding's file.
#[derive(Serialize)]
pub(crate) struct FileView {
    /// Its name, where the policy lets that be sent.
    pub name: Option<FileName>,
    name_hash: Option<KeyedHash>,
    kind: Word,
    family: Family,
    size: u64,
    encryption: Encryption,
    sensitivity: Sensitivity,
    detections: Vec<Detection>,
}

/// Something that happened to a finding.
#[derive(Serialize)]
pub(crate) struct HistoryView {
    at: Timestamp,
    what: &'static str,
    by: Option<String>,
    reason: Option<String>,
}

/// A device's operating system.
#[derive(Serialize)]
pub(crate) struct OsView {
    name: String,
    version: String,
    build: String,
    arch: String,
}

impl From<File> for FileView {
    fn from(file: File) -> Self {
        Self {
            name: file.name,
            name_hash: file.name_hash,
            kind: file.kind,
            family: file.family,
            size: file.size,
            encryption: file.encryption,
            sensitivity: file.sensitivity,
            detections: file.detections,
        }
    }
}

impl HistoryView {
    /// With what people wrote to each other about the finding.
    pub(crate) fn inward(row: HistoryRow) -> Self {
        let what = row.what.word();
        let (by, reason) = match row.what {
            Happened::Became(_) => (None, None),
            Happened::Decided { reason, by, .. } => (Some(by), Some(reason)),
            Happened::Worked { detail, by, .. } => (Some(by), Some(detail).filter(|detail| !detail.is_empty())),
        };
        Self {
            at: row.at,
            what,
            by,
            reason,
        }
    }

    /// Without it: that stays at the collector.
    pub(crate) fn outward(row: HistoryRow) -> Self {
        let is_work = matches!(row.what, Happened::Worked { .. });
        let view = Self::inward(row);
        Self {
            reason: view.reason.filter(|_| !is_work),
            ..view
        }
    }
}

impl From<Os> for OsView {
    fn from(os: Os) -> Self {
        Self {
            name: os.name,
            version: os.version,
            build: os.build,
            arch: os.arch,
        }
    }
}
