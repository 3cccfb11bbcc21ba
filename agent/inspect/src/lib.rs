//! What a file is: kind, encryption, properties, text and what stands in it, keyed hash.
//!
//! An open handle goes in, [`Facts`] come out; there are no paths and no network here, limits are arguments and
//! errors are values. It runs in the inspect worker, which has no rights.
//!
//! A file is read twice: once from end to end for its hash, then only where its format says that something is. What
//! is found on the way is kept when the second reading has to stop, be it for damage or for a limit.

#![forbid(unsafe_code)]

mod bytes;
mod codepage;
mod container;
mod crypto;
mod database;
mod drawio;
mod dxf;
mod encoding;
mod escapes;
#[cfg(test)]
mod examined;
mod flow;
mod found;
mod html;
mod ideographs;
mod inside;
mod json;
mod kind;
mod mail;
mod markup;
mod office;
mod pdf;
mod pen;
mod plain_text;
mod recognise;
mod rtf;
mod scan;
mod source;
mod text;
mod xml;

use std::fs::File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fileward_policy::effective::Grade;
use fileward_policy::facts::{self, TextState};
use fileward_policy::{Effective, Facts};
use fileward_protocol::ids::KeyedHash;
use fileward_protocol::report::Encryption;
use fileward_protocol::sketch::Sketch;
use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};
use serde::{Deserialize, Serialize};

use crate::encoding::Encoding;
use crate::found::Found;
use crate::scan::Patterns;
use crate::source::{Budget, Source, Stop};
use crate::text::Text;

/// What one inspection may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Time for one file.
    pub time: Duration,
    /// Bytes unpacked from one file.
    pub unpacked: u64,
    /// Entries read of one archive.
    pub entries: u64,
    /// Files within files within files: archives, attachments, embedded objects.
    pub depth: u32,
    /// Characters of text read of one file and everything within it.
    pub chars: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            unpacked: 512 << 20,
            entries: 20_000,
            depth: 4,
            chars: 64 << 20,
        }
    }
}

/// What to look for. The same for every file until the policy changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The key of [`fileward_protocol::ids::Purpose::Content`].
    pub content_key: [u8; 32],
    /// What grades documents.
    pub grades: Vec<Grade>,
    /// The company's names.
    pub company_names: Vec<String>,
    /// Titles that only work files have.
    #[serde(default)]
    pub work_titles: Vec<String>,
    /// Titles of private papers.
    #[serde(default)]
    pub private_titles: Vec<String>,
    /// The key of sketches, by which near copies of registered documents are known; none are made without one.
    #[serde(default)]
    pub sketch_key: Option<[u8; 32]>,
}

impl Rules {
    /// What `policy` looks for.
    pub fn new(policy: &Effective, content_key: [u8; 32]) -> Self {
        Self {
            content_key,
            grades: policy.sensitivity.clone(),
            company_names: policy.work_file.evidence.company_names.clone(),
            work_titles: policy.work_file.evidence.titles.clone(),
            private_titles: policy.work_file.private_titles.clone(),
            sketch_key: None,
        }
    }
}

/// What is known of a file besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The extension of its name, in lower case. It decides only among kinds of plain text, which bytes cannot tell apart.
    pub extension: Option<String>,
}

impl Hint {
    /// What a file's name tells; folders before it do not matter.
    pub fn of_name(name: &str) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        Self {
            extension: name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()),
        }
    }
}

/// Why there are no facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", content = "message", rename_all = "snake_case")]
pub enum InspectError {
    /// Reading failed.
    #[error("it could not be read: {0}")]
    Unreadable(String),
    /// The time was over before its content was hashed.
    #[error("inspecting it took longer than {0} seconds")]
    Timeout(u64),
}

/// Inspects files by the same rules.
#[derive(Clone, Debug)]
pub struct Examiner {
    patterns: Arc<Patterns>,
    content_key: [u8; 32],
}

impl Examiner {
    /// Makes the rules ready for any number of files.
    pub fn new(rules: Rules) -> Self {
        Self {
            content_key: rules.content_key,
            patterns: Arc::new(Patterns::new(rules)),
        }
    }

    /// Inspects an open file from its start.
    ///
    /// Damage and limits do not fail an inspection: the facts say how far it came.
    ///
    /// # Errors
    /// When the file cannot be read, or hashing it takes longer than the time limit.
    pub fn inspect(&self, file: &File, hint: &Hint, limits: &Limits) -> Result<Facts, InspectError> {
        self.inspect_with_sketch(file, hint, limits).map(|(facts, _)| facts)
    }

    /// Inspects an open file, and sketches its text where the rules have a key for that and there is enough of it.
    ///
    /// # Errors
    /// As [`Self::inspect`].
    pub fn inspect_with_sketch(
        &self,
        file: &File,
        hint: &Hint,
        limits: &Limits,
    ) -> Result<(Facts, Option<Sketch>), InspectError> {
        let budget = Budget::new(limits, Instant::now());
        let fail = |stop| match stop {
            Stop::Unreadable(why) => InspectError::Unreadable(why),
            Stop::Timeout | Stop::TooLarge | Stop::Damaged => InspectError::Timeout(limits.time.as_secs()),
        };
        let hashed = source::hash(file, &self.content_key, &budget).map_err(fail)?;
        let mut source = Source::of_file(file, hashed.size, &hashed.start, &budget);
        let mut found = Found::new(Text::new(Arc::clone(&self.patterns), limits.chars));
        match examine(&mut source, hint, &mut found) {
            Ok(()) => {}
            Err(stop @ Stop::Unreadable(_)) => return Err(fail(stop)),
            Err(stop) => found.stopped(&stop),
        }
        Ok(facts(found, hint, hashed.size, hashed.content))
    }
}

/// Recognises the format and lets its module fill in what it finds.
fn examine(source: &mut Source<'_>, hint: &Hint, found: &mut Found) -> Result<(), Stop> {
    use recognise::Format;

    match recognise::recognise(source, hint)? {
        Format::Flat(kind) => {
            found.kind = kind;
            reader_of(kind).map_or(Ok(()), |read| read(source, found))
        }
        Format::Sealed(kind, method) => {
            found.kind = kind;
            found.encryption = Encryption {
                state: EncryptionState::Encrypted,
                method,
            };
            Ok(())
        }
        Format::Noise => {
            found.set_encryption(EncryptionState::Suspected, EncryptionMethod::Container);
            Ok(())
        }
        Format::Zip => container::zip::examine(source, found),
        Format::SevenZip => container::sevenzip::examine(source, found),
        Format::Rar => container::rar::examine(source, found),
        Format::Tar => container::tar::examine(source, found),
        Format::Cab => container::cab::examine(source, found),
        Format::Iso => container::iso::examine(source, found),
        Format::Cpio => {
            let (budget, len) = (source.budget(), source.len());
            container::cpio::examine(&mut source.section(0, len), budget, found)
        }
        Format::Uuencoded => container::uuencode::examine(source, found),
        Format::Sqlite => database::sqlite::examine(source, found),
        Format::Dbf => database::dbf::examine(source, found),
        Format::Packed(packing) => container::packed::examine(source, packing, hint, found),
        Format::Text(kind, encoding) => {
            found.kind = kind;
            match kind {
                kind::DRAWIO if encoding == Encoding::Utf8 => drawio::examine(source, found),
                kind::DXF => dxf::examine(source, encoding, found),
                kind::FODT | kind::FODS | kind::FODP | kind::FODG => office::odf::examine_flat(source, found),
                _ => plain_text::examine(source, kind, encoding, found),
            }
        }
        Format::Compound => office::legacy::examine(source, found),
        Format::Pdf => pdf::examine(source, found),
    }
}

/// Reads a kind that its first bytes tell.
type Reader = fn(&mut Source<'_>, &mut Found) -> Result<(), Stop>;

/// The reader of a kind that has no format of its own here; `None` when nothing of it is read.
fn reader_of(kind: kind::Kind) -> Option<Reader> {
    match kind {
        kind::EXE => Some(container::program::examine),
        kind::RTF => Some(rtf::examine),
        kind::EML => Some(mail::examine),
        kind::MBOX => Some(mail::examine_mailbox),
        kind::PST => Some(mail::pst::examine),
        kind::TNEF => Some(mail::examine_tnef),
        kind::DXF => Some(dxf::examine_binary),
        kind::XLS => Some(office::xls::examine_bare),
        kind::ONE => Some(office::onenote::examine),
        kind::MDB | kind::ACCDB => Some(database::jet::examine),
        _ => None,
    }
}

fn facts(found: Found, hint: &Hint, size: u64, content: KeyedHash) -> (Facts, Option<Sketch>) {
    let state = match found.stopped {
        _ if found.encryption.protects() => TextState::Encrypted,
        Some(state) => state,
        None if found.text.is_read() => TextState::Read,
        None => TextState::None,
    };
    let text = facts::Text {
        state,
        chars: found.text.chars(),
    };
    // Of a damaged zip it cannot always be told which of the many kinds it is that are built as one.
    let is_open = found.kind == kind::ZIP && state == TextState::Malformed && recognise::promises_package(hint);
    let scanned = found.text.finish();
    let facts = Facts {
        kind: found.kind.word(),
        media_type: found.kind.media_type.to_owned(),
        family: found.kind.family,
        size,
        disguised: !is_open && recognise::is_disguised(hint, found.kind),
        encryption: found.encryption,
        label: found.label,
        text,
        detections: scanned.detections,
        labels: scanned.labels,
        mentions: scanned.mentions,
        titles: scanned.titles,
        near_copy: None,
        properties: found.properties,
        content,
    };
    (facts, scanned.sketch)
}
