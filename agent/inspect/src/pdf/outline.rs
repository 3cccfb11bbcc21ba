//! The titles of a document's outline.

use std::collections::HashSet;

use crate::pdf::object::{Dictionary, Object};
use crate::pdf::reader::Reader;
use crate::pdf::strings;
use crate::source::Stop;
use crate::text::{Gap, Part};

/// Titles that are read.
const MAX_TITLES: usize = 20_000;

/// Reads the titles.
pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Dictionary) -> Result<(), Stop> {
    let outlines = reader.objects.entries(reader.source, root, "Outlines")?;
    let mut seen = HashSet::new();
    let mut open: Vec<Object> = outlines.get("First").cloned().into_iter().collect();
    while let Some(object) = open.pop() {
        let Object::Reference(number) = object else {
            continue;
        };
        if !seen.insert(number) || seen.len() > MAX_TITLES {
            continue;
        }
        let item = reader.objects.value(reader.source, &object)?;
        let item = item.into_dictionary().unwrap_or_default();
        if let Object::Text(title) = reader.objects.entry(reader.source, &item, "Title")? {
            let text = &mut reader.found.text;
            text.part(Part::Aside);
            text.push(&strings::decode(&title))?;
            text.gap(Gap::Paragraph);
        }
        // What is within comes before what follows.
        open.extend(item.get("Next").cloned());
        open.extend(item.get("First").cloned());
    }
    Ok(())
}
