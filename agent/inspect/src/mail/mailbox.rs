//! Mailboxes: messages one after another, each behind a line that begins with `From ` (RFC 4155).

use super::entity::{Span, find_line, message};
use super::take_lock;
use crate::found::Found;
use crate::inside::within;
use crate::kind;
use crate::source::{Source, Stop};
use crate::text::Part;

const MARK: &[u8] = b"From ";

/// Fills in what the messages of a mailbox say.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let (end, budget) = (source.len(), source.budget());
    found.text.part(Part::Body);
    let mut start = 0;
    while start < end {
        let next = next(source, start + 1, end)?;
        let span = Span { start, end: next };
        budget.spend_entry()?;
        let inside = within(budget, found, |found| {
            found.kind = kind::EML;
            let result = message(source, span, found);
            found.tolerate(result).map(|_| ())
        })?;
        take_lock(&inside, found);
        start = next;
    }
    Ok(())
}

/// Where the next message begins: behind an empty line.
fn next(source: &mut Source<'_>, mut at: u64, end: u64) -> Result<u64, Stop> {
    let span = Span { start: 0, end };
    while let Some(line) = find_line(source, MARK, at, span)? {
        let before = source.bytes(line.saturating_sub(3), 3)?;
        if before.ends_with(b"\n\n") || before == b"\n\r\n" {
            return Ok(line);
        }
        at = line + 1;
    }
    Ok(end)
}
