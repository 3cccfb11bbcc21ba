//! Files within files: entries of archives, attachments, embedded objects.

use crate::found::{Found, Inside};
use crate::source::{Budget, Source, Stop};
use crate::text::Gap;
use crate::{Hint, examine};

/// Examines a file that lies within the one being examined, by the name it has there. Its text counts for the whole; what it
/// is, and whether it is encrypted, is told. Damage of it is not damage of the whole.
///
/// # Errors
/// When nothing else can be read either: the time is over, or the disk fails.
pub(crate) fn examine_inside(source: &mut Source<'_>, name: &str, found: &mut Found) -> Result<Inside, Stop> {
    within(source.budget(), found, |found| examine(source, &hint(name), found))
}

/// As [`examine_inside`], of something that is no file by itself and is read by `read`.
pub(crate) fn within(
    budget: &Budget,
    found: &mut Found,
    read: impl FnOnce(&mut Found) -> Result<(), Stop>,
) -> Result<Inside, Stop> {
    budget.spend_entry()?;
    let Some(_deeper) = budget.descend() else {
        return Err(Stop::TooLarge);
    };
    let outer = found.set_aside();
    found.text.gap(Gap::Page);
    let result = read(found);
    found.text.gap(Gap::Page);
    if let Err(stop @ (Stop::TooLarge | Stop::Timeout)) = &result {
        found.stopped(stop);
    }
    let inside = found.resume(outer);
    match result {
        Err(stop @ (Stop::Timeout | Stop::Unreadable(_))) => Err(stop),
        Ok(()) | Err(Stop::Damaged | Stop::TooLarge) => Ok(inside),
    }
}

fn hint(name: &str) -> Hint {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    Hint {
        extension: name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()),
    }
}
