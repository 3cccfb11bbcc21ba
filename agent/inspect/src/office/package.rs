//! What a zip is when it is more than an archive: its first entry, its content types or its parts tell.

use crate::container::zip::Archive;
use crate::found::Found;
use crate::kind::{self, Kind};
use crate::office::{odf, ooxml};
use crate::source::{Source, Stop};

/// Parts that make a kind. A name that ends in `/` stands for any part in that folder; all of a row must be there.
const BY_PARTS: &[(&[&str], Kind)] = &[
    (&["OFD.xml"], kind::OFD),
    (&["FixedDocumentSequence.fdseq"], kind::XPS),
    (&["AndroidManifest.xml"], kind::APK),
    (&["META-INF/MANIFEST.MF"], kind::JAR),
    (&["document.json", "meta.json", "pages/"], kind::SKETCH),
    (&["canvas.fig"], kind::FIGMA),
    (&["content.json", "metadata.json", "manifest.json"], kind::XMIND),
];

/// Fills in what a zip is, if it is more than one.
pub(crate) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    if let Some(kind) = odf::recognise(source, archive)? {
        found.kind = kind;
        return odf::examine(source, archive, found);
    }
    if let Some(kind) = ooxml::recognise(source, archive)? {
        found.kind = kind;
        return ooxml::examine(source, archive, found);
    }
    if let Some((_, kind)) = BY_PARTS
        .iter()
        .find(|(parts, _)| parts.iter().all(|part| has(archive, part)))
    {
        found.kind = *kind;
    }
    Ok(())
}

fn has(archive: &Archive, part: &str) -> bool {
    if part.ends_with('/') {
        archive.entries.iter().any(|entry| entry.name.starts_with(part))
    } else {
        archive.find(part).is_some()
    }
}
