//! `XMind`: topics as JSON, and as XML before 2020.

use crate::container::zip::Archive;
use crate::flow::Flow;
use crate::found::Found;
use crate::json;
use crate::source::{Source, Stop};
use crate::text::Part;
use crate::xml::{self, Data};

/// Whether an archive is one: its content tells, for others have parts of the same names.
pub(super) fn recognise(source: &mut Source<'_>, archive: &Archive) -> Result<bool, Stop> {
    let has = |name| archive.find(name).is_some();
    if has("content.json") && has("metadata.json") && has("manifest.json") {
        return Ok(true);
    }
    match archive.read(source, "content.xml", 1024) {
        Ok(start) => Ok(memchr::memmem::find(&start.unwrap_or_default(), b"<xmap-content").is_some()),
        Err(Stop::Damaged) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// Reads titles, notes and labels.
pub(super) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    for (name, is_json) in [("content.json", true), ("content.xml", false), ("comments.xml", false)] {
        let part = archive.stream(source, name);
        let Some(part) = found.tolerate(part)?.flatten() else {
            continue;
        };
        let mut flow = Flow::new(&mut found.text, Part::Body);
        let result = if is_json {
            json::read(part, &["title", "content", "labels", "name"], &mut flow)
        } else {
            xml::read_any(part, Data::Elements, &mut flow)
        };
        let result = flow.finish().and(result);
        found.tolerate(result)?;
        if is_json {
            // Beside it, the XML says that a newer program is needed.
            return Ok(());
        }
    }
    Ok(())
}
