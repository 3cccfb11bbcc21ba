//! What a package says of itself: its properties, its labels, the data that its makers put beside the text.

use std::io::Read;

use crate::found::{Found, Property};
use crate::source::{self, Stop};
use crate::xml::{self, Event, Reader};

/// The largest part that is read for properties.
const MAX_PART: usize = 1 << 20;

/// Reads the properties that every kind of document has.
pub(super) fn read_core(part: impl Read, found: &mut Found) -> Result<(), Stop> {
    walk(part, |element, _| {
        let property = match element.name.as_str() {
            "title" => Property::Title,
            "creator" => Property::Author,
            name @ ("subject" | "description" | "keywords" | "category" | "lastModifiedBy" | "contentStatus") => {
                Property::Other(name)
            }
            _ => return,
        };
        found.property(property, &element.text);
    })
}

/// Reads the properties of Office.
pub(super) fn read_app(part: impl Read, found: &mut Found) -> Result<(), Stop> {
    walk(part, |element, _| {
        let property = match element.name.as_str() {
            "Company" => Property::Company,
            "Manager" => Property::Manager,
            "Template" => Property::Template,
            name @ ("Application" | "HyperlinkBase") => Property::Other(name),
            _ => return,
        };
        found.property(property, &element.text);
    })
}

/// Reads the properties that authors named.
pub(super) fn read_custom(part: impl Read, found: &mut Found) -> Result<(), Stop> {
    walk(part, |element, around| {
        if let Some(name) = around.last().and_then(|property| property.attribute("name")) {
            found.property(Property::Custom(name), &element.text);
        }
    })
}

/// Reads a document's variables: programs keep labels and numbers of documents there.
pub(super) fn read_settings(part: impl Read, found: &mut Found) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    while let Some(event) = reader.next()? {
        if let Event::Open(tag) = event
            && tag.name == "docVar"
            && let (Some(name), Some(value)) = (tag.attribute("name"), tag.attribute("val"))
        {
            found.property(Property::Custom(&name), &value);
        }
    }
    Ok(())
}

/// Reads the sensitivity labels that Microsoft 365 keeps outside of properties ([MS-OFFCRYPTO] 2.6).
pub(super) fn read_labels(part: impl Read, found: &mut Found) -> Result<(), Stop> {
    walk(part, |element, _| {
        let id = element.attribute("id").unwrap_or_default().trim_matches(['{', '}']);
        if element.name == "label" && !id.is_empty() {
            let name = format!("MSIP_Label_{id}_Enabled");
            let is_on = matches!(element.attribute("enabled"), Some("1" | "true"));
            found.property(Property::Custom(&name), if is_on { "true" } else { "false" });
        }
    })
}

fn walk(part: impl Read, closed: impl FnMut(&xml::Element, &[xml::Element])) -> Result<(), Stop> {
    let (bytes, _) = source::gather(part, MAX_PART)?;
    xml::walk(&bytes, |_| {}, closed)
}
