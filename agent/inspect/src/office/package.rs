//! What a zip is when it is more than an archive: its first entry, its content types or its parts tell.

use crate::container::zip::{self, Archive, Entry};
use crate::found::Found;
use crate::inside;
use crate::kind::{self, Kind};
use crate::office::{designs, epub, hwpx, iwork, odf, ofd, ooxml, sketch, xmind};
use crate::source::{Source, Stop};

/// Parts that make a kind. A name that ends in `/` stands for any part in that folder, a star for any
/// characters; all of a row must be there.
const BY_PARTS: &[(&[&str], Kind)] = &[
    (&["OFD.xml"], kind::OFD),
    (&["FixedDocumentSequence.fdseq"], kind::XPS),
    (&["AndroidManifest.xml"], kind::APK),
    (&["META-INF/MANIFEST.MF"], kind::JAR),
    (&["document.json", "meta.json", "pages/"], kind::SKETCH),
    (&["canvas.fig"], kind::FIGMA),
    (&["maindoc.xml", "documentinfo.xml"], kind::KRITA),
    (&["stack.xml", "mergedimage.png"], kind::OPEN_RASTER),
    (&["designmap.xml", "Stories/"], kind::IDML),
    (&["artwork/", "manifest", "mimetype"], kind::ADOBE_XD),
    (&["content/riffData.cdr"], kind::COREL),
    (&["content/root.dat", "mimetype"], kind::COREL),
    (&["simulink/blockdiagram.xml"], kind::SIMULINK),
    (&["Report/Layout", "Settings"], kind::PBIX),
    (&["Payload/*.app/Info.plist"], kind::IPA),
    (&["AppxManifest.xml", "AppxBlockMap.xml"], kind::APPX),
];

/// Parts that tell enough of an archive that is cut before those.
const BY_PARTS_OF_A_CUT_ONE: &[(&[&str], Kind)] = &[(&["Doc_0/"], kind::OFD)];

/// Fills in what a zip is, if it is more than one, and reads its text.
pub(crate) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    if let Some(kind) = odf::recognise(source, archive)? {
        found.kind = kind;
        return match kind {
            kind::EPUB => epub::examine(source, archive, found),
            kind::HWPX => hwpx::examine(source, archive, found),
            _ => odf::examine(source, archive, found),
        };
    }
    if let Some(package) = ooxml::recognise(source, archive)? {
        found.kind = package.kind;
        return ooxml::examine(source, archive, &package, found);
    }
    if let Some(kind) = iwork::recognise(source, archive)? {
        found.kind = kind;
        return iwork::examine(source, archive, found);
    }
    if xmind::recognise(source, archive)? {
        found.kind = kind::XMIND;
        return xmind::examine(source, archive, found);
    }
    if designs::is_mind_map(source, archive)? {
        found.kind = kind::MIND_MANAGER;
        return designs::examine_mind_map(source, archive, found);
    }
    let cut = if archive.is_damaged() {
        BY_PARTS_OF_A_CUT_ONE
    } else {
        &[]
    };
    let mut rows = BY_PARTS.iter().chain(cut);
    let by_parts = rows.find(|(parts, _)| parts.iter().all(|part| has(archive, part)));
    let Some((_, kind)) = by_parts else {
        return Ok(());
    };
    found.kind = *kind;
    match *kind {
        kind::OFD => ofd::examine(source, archive, found),
        kind::SKETCH => sketch::examine(source, archive, found),
        kind::IDML => designs::examine_stories(source, archive, found),
        kind::PBIX => designs::examine_report(source, archive, found),
        _ => Ok(()),
    }
}

/// Examines an entry as a file within.
///
/// # Errors
/// When nothing else can be read either.
pub(super) fn examine_entry(source: &mut Source<'_>, entry: &Entry, found: &mut Found) -> Result<(), Stop> {
    if entry.is_encrypted() {
        return Ok(());
    }
    let budget = source.budget();
    let content = zip::open_entry(source, entry);
    if let Some(mut content) = found.tolerate(content)? {
        let result = inside::examine_stream(&mut content, &entry.name, budget, found);
        found.tolerate(result)?;
    }
    Ok(())
}

/// Whether a part's name ends in this extension.
pub(super) fn has_extension(name: &str, extension: &str) -> bool {
    let own = name.rsplit_once('.').map(|(_, own)| own);
    own.is_some_and(|own| own.eq_ignore_ascii_case(extension))
}

/// The part that `from` names as `target`: beside itself, or from the root.
pub(super) fn resolve(from: &str, target: &str) -> String {
    let (folder, target) = match target.strip_prefix('/') {
        Some(target) => ("", target),
        None => (from.rsplit_once('/').map_or("", |(folder, _)| folder), target),
    };
    let mut path: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    path.join("/")
}

fn has(archive: &Archive, part: &str) -> bool {
    if let Some((start, end)) = part.split_once('*') {
        let fits = |name: &str| name.strip_prefix(start).is_some_and(|rest| rest.ends_with(end));
        archive.entries.iter().any(|entry| fits(&entry.name))
    } else if part.ends_with('/') {
        archive.entries.iter().any(|entry| entry.name.starts_with(part))
    } else {
        archive.find(part).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_found_beside_its_part_or_from_the_root() {
        for (from, target, part) in [
            ("xl/workbook.xml", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl/workbook.xml", "/xl/sheet1.xml", "xl/sheet1.xml"),
            ("ppt/slides/slide1.xml", "../media/a.png", "ppt/media/a.png"),
            ("OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml"),
            ("a/b.xml", "../../../c.xml", "c.xml"),
        ] {
            assert_eq!(resolve(from, target), part);
        }
    }
}
