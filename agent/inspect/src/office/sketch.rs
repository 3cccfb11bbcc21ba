//! Sketch: pages as JSON, whose texts are attributed strings.

use crate::container::zip::Archive;
use crate::flow::Flow;
use crate::found::Found;
use crate::json;
use crate::source::{Source, Stop};
use crate::text::Part;

/// Reads the texts of all pages, and the names of what is drawn.
pub(super) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    for entry in archive.entries.iter().filter(|entry| entry.name.starts_with("pages/")) {
        let part = archive.stream(source, &entry.name);
        if let Some(part) = found.tolerate(part)?.flatten() {
            let mut flow = Flow::new(&mut found.text, Part::Body);
            let result = json::read(part, &["string", "name"], &mut flow);
            let result = flow.finish().and(result);
            found.tolerate(result)?;
        }
    }
    Ok(())
}
