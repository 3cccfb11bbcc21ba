//! What an administrator should see: errors, and warnings about the device, its identity, its collector and its places.

use std::io::{self, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use crate::host::{self, Importance};

/// Parts that tell of single files and clients: whoever has an account on the PC could fill a log with those.
const SINGLE: &[&str] = &["::notice", "::pipeline::prepare"];

/// Whether an event is for administrators.
pub(super) fn is_notable(metadata: &Metadata<'_>) -> bool {
    concerns(*metadata.level(), metadata.target())
}

fn concerns(level: Level, target: &str) -> bool {
    let (_, part) = target.split_at(target.find("::").unwrap_or(target.len()));
    target.starts_with("fileward") && level <= Level::WARN && !SINGLE.iter().any(|single| part.starts_with(single))
}

/// Makes an entry of each event.
pub(super) struct Records;

/// One entry.
pub(super) struct Record(Importance);

impl<'a> MakeWriter<'a> for Records {
    type Writer = Record;

    fn make_writer(&'a self) -> Self::Writer {
        Record(Importance::Normal)
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        Record(match *metadata.level() {
            Level::ERROR => Importance::Error,
            Level::WARN => Importance::Warning,
            _ => Importance::Normal,
        })
    }
}

impl Write for Record {
    /// An event comes whole.
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        host::record(self.0, String::from_utf8_lossy(text).trim_end());
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_the_pc_is_notable_and_what_concerns_a_file_or_a_client_is_not() {
        for (level, target, notable) in [
            (Level::ERROR, "fileward_service::ledger::recover", true),
            (Level::WARN, "fileward_service::uplink::report", true),
            (Level::WARN, "fileward_places", true),
            (Level::INFO, "fileward_service::uplink::report", false),
            (Level::WARN, "rustls::conn", false),
            (Level::WARN, "fileward_service::pipeline::prepare", false),
            (Level::ERROR, "fileward_service::notice::connection", false),
        ] {
            assert_eq!(concerns(level, target), notable, "{level} {target}");
        }
    }
}
