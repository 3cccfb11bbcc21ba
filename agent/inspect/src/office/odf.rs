//! OpenDocument: kinds by the `mimetype` entry, encryption by the manifest, properties by `meta.xml`, text by the rest.

mod content;

use std::io::Read;

use fileward_protocol::vocabulary::EncryptionMethod;

use super::package;
use crate::container::zip::Archive;
use crate::flow::Flow;
use crate::found::{Found, Property};
use crate::kind::{self, Kind};
use crate::source::{Source, Stop};
use crate::text::Part;
use crate::xml;

/// The largest part that is read.
const MAX_PART: usize = 1 << 20;

/// Kinds by the ending of `application/vnd.oasis.opendocument.…`.
const KINDS: &[(&str, Kind)] = &[
    ("text", kind::ODT),
    ("text-template", kind::OTT),
    ("text-master", kind::ODM),
    ("spreadsheet", kind::ODS),
    ("spreadsheet-template", kind::OTS),
    ("presentation", kind::ODP),
    ("presentation-template", kind::OTP),
    ("graphics", kind::ODG),
    ("graphics-template", kind::ODG),
];

/// The kind that the `mimetype` entry names; `None` when there is none, or another.
pub(crate) fn recognise(source: &mut Source<'_>, archive: &Archive) -> Result<Option<Kind>, Stop> {
    let media_type = match archive.read(source, "mimetype", 256) {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(Stop::Damaged) => return Ok(None),
        Err(stop) => return Err(stop),
    };
    let media_type = String::from_utf8_lossy(&media_type);
    let media_type = media_type.trim();
    for kind in [kind::EPUB, kind::HWPX] {
        if media_type == kind.media_type {
            return Ok(Some(kind));
        }
    }
    let ending = media_type.strip_prefix("application/vnd.oasis.opendocument.");
    let row = ending.and_then(|ending| KINDS.iter().find(|(known, _)| *known == ending));
    Ok(row.map(|(_, kind)| *kind))
}

/// Whether the manifest of a package says that parts of it are encrypted.
pub(super) fn has_encrypted_part(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<bool, Stop> {
    let manifest = archive.read(source, "META-INF/manifest.xml", MAX_PART);
    let mut is_encrypted = false;
    if let Some(manifest) = found.tolerate(manifest)?.flatten() {
        // A long manifest may be cut; what encrypts one part encrypts all.
        let _ = xml::walk(
            &manifest,
            |element| is_encrypted |= element.name == "encryption-data",
            |_, _| {},
        );
    }
    Ok(is_encrypted)
}

/// Fills in encryption and properties, and reads the text.
pub(crate) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    if has_encrypted_part(source, archive, found)? {
        found.encrypted(EncryptionMethod::Odf);
        return Ok(());
    }
    let meta = archive.read(source, "meta.xml", MAX_PART);
    if let Some(meta) = found.tolerate(meta)?.flatten() {
        let result = read_meta(&meta, found);
        found.tolerate(result)?;
    }
    for entry in &archive.entries {
        // Charts and formulas are documents in folders of their own; objects of other programs are files.
        if entry.name == "styles.xml" || entry.name.ends_with("content.xml") {
            let part = archive.stream(source, &entry.name);
            if let Some(part) = found.tolerate(part)?.flatten() {
                let result = read_part(part, found);
                found.tolerate(result)?;
            }
        } else if entry.name.starts_with("Object ") && !entry.name.contains('/') {
            package::examine_entry(source, entry, found)?;
        }
    }
    Ok(())
}

/// Fills in properties and text of a document that is one part.
pub(crate) fn examine_flat(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let start = source.bytes(0, MAX_PART)?;
    // It is cut where the text begins.
    let _ = read_meta(&start, found);
    read_part(source.section(0, source.len()), found)
}

/// Reads the text of one part, which may be the whole document.
pub(crate) fn read_part(part: impl Read, found: &mut Found) -> Result<(), Stop> {
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let result = content::read(part, &mut flow);
    flow.finish().and(result)
}

fn read_meta(meta: &[u8], found: &mut Found) -> Result<(), Stop> {
    xml::walk(
        meta,
        |_| {},
        |element, _| {
            let property = match element.name.as_str() {
                "title" => Property::Title,
                "initial-creator" => Property::Author,
                name @ ("creator" | "subject" | "description" | "keyword" | "generator") => Property::Other(name),
                "template" => {
                    let title = element.attribute("title").or_else(|| element.attribute("href"));
                    found.property(Property::Template, title.unwrap_or_default());
                    return;
                }
                "user-defined" => {
                    let name = element.attribute("name").unwrap_or_default();
                    // LibreOffice keeps here what has no place of its own in OpenDocument.
                    let property = match name {
                        "Company" => Property::Company,
                        "Manager" => Property::Manager,
                        name => Property::Custom(name),
                    };
                    found.property(property, &element.text);
                    return;
                }
                _ => return,
            };
            found.property(property, &element.text);
        },
    )
}
