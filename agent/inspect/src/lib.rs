//! What a file is: kind, encryption, properties, keyed hash.
//!
//! An open handle goes in, [`Facts`] come out; there are no paths and no network here, limits are arguments and
//! errors are values. It runs in the inspect worker, which has no rights.
//!
//! A file is read twice: once from end to end for its hash, then only where its format says that something is. What
//! is found on the way is kept when the second reading has to stop, be it for damage or for a limit.

#![forbid(unsafe_code)]

mod container;
mod crypto;
mod found;
mod kind;
mod office;
mod pdf;
mod recognise;
mod source;
mod text;
mod xml;

use std::fs::File;
use std::time::{Duration, Instant};

use fileward_policy::Facts;
use fileward_policy::facts::{Text, TextState};
use fileward_protocol::ids::KeyedHash;
use serde::{Deserialize, Serialize};

use crate::found::Found;
use crate::source::{Budget, Source, Stop};

/// What one inspection may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Time for one file.
    pub time: Duration,
    /// Bytes unpacked from one file.
    pub unpacked: u64,
    /// Entries read of one archive.
    pub entries: u64,
    /// Archives within archives.
    pub depth: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(20),
            unpacked: 64 << 20,
            entries: 20_000,
            depth: 4,
        }
    }
}

/// What to look for. The same for every file until the policy changes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The key of [`fileward_protocol::ids::Purpose::Content`].
    pub content_key: [u8; 32],
}

/// What is known of a file besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The extension of its name, in lower case. It decides only among kinds of plain text, which bytes cannot tell apart.
    pub extension: Option<String>,
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

/// Inspects an open file from its start.
///
/// Damage and limits do not fail an inspection: the facts say how far it came.
///
/// # Errors
/// When the file cannot be read, or hashing it takes longer than the time limit.
pub fn inspect(file: &File, hint: &Hint, rules: &Rules, limits: &Limits) -> Result<Facts, InspectError> {
    let budget = Budget::new(limits, Instant::now());
    let fail = |stop| match stop {
        Stop::Unreadable(why) => InspectError::Unreadable(why),
        Stop::Timeout | Stop::TooLarge | Stop::Damaged => InspectError::Timeout(limits.time.as_secs()),
    };
    let (size, content) = source::hash(file, &rules.content_key, &budget).map_err(fail)?;
    let mut source = Source::of_file(file, size, &budget);
    let mut found = Found::new();
    match examine(&mut source, hint, &mut found) {
        Ok(()) => {}
        Err(stop @ Stop::Unreadable(_)) => return Err(fail(stop)),
        Err(stop) => found.stopped(&stop),
    }
    Ok(facts(found, size, content))
}

/// Recognises the format and lets its module fill in what it finds.
fn examine(source: &mut Source<'_>, hint: &Hint, found: &mut Found) -> Result<(), Stop> {
    use recognise::Format;

    match recognise::recognise(source, hint)? {
        Format::Flat(kind) => {
            found.kind = kind;
            Ok(())
        }
        Format::Sealed(kind, method) => {
            found.kind = kind;
            found.encrypted(method);
            Ok(())
        }
        Format::Zip => container::zip::examine(source, found),
        Format::SevenZip => container::sevenzip::examine(source, found),
        Format::Rar => container::rar::examine(source, found),
        Format::Compound => office::legacy::examine(source, found),
        Format::Pdf => pdf::examine(source, found),
    }
}

fn facts(found: Found, size: u64, content: KeyedHash) -> Facts {
    let state = match found.stopped {
        _ if found.encryption.protects() => TextState::Encrypted,
        Some(state) => state,
        None => TextState::None,
    };
    Facts {
        kind: found.kind.word(),
        media_type: found.kind.media_type.to_owned(),
        family: found.kind.family,
        size,
        encryption: found.encryption,
        label: found.label,
        text: Text { state, chars: 0 },
        detections: Vec::new(),
        properties: found.properties,
        content,
    }
}
