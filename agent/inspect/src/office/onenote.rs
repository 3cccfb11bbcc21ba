//! Sections of `OneNote` ([MS-ONESTORE], [MS-ONE]): pages, as the last revision of each has them, and the files on them.
//!
//! A file holds every revision of its objects. Objects are read by the way from a page's root, so that what was deleted or
//! replaced is not.

mod objects;
mod package;
mod properties;
mod store;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use fileward_protocol::vocabulary::EncryptionState;

use self::objects::Space;
use self::package::Package;
use self::store::{Kind, Reference};
use crate::flow::Flow;
use crate::found::Found;
use crate::inside::examine_inside;
use crate::source::{Source, Stop};
use crate::text::Part;

/// The forms of a section: a file of its own, and what servers hand out.
const FORM: [u8; 16] = [
    0x3F, 0xDD, 0x9A, 0x10, 0x1B, 0x91, 0xF5, 0x49, 0xA5, 0xD0, 0x17, 0x91, 0xED, 0xC8, 0xAE, 0xD8,
];
const PACKAGE: [u8; 16] = [
    0x2F, 0xE9, 0x8D, 0x63, 0xD4, 0xA6, 0xC1, 0x4B, 0x9A, 0x36, 0xB3, 0xFC, 0x25, 0x11, 0xA5, 0xB7,
];
/// Where in the header stand the form, and the place of the first list.
const FORM_AT: u64 = 48;
const ROOT_AT: u64 = 172;

/// Fills in what a section says.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    match source.array(FORM_AT)? {
        FORM => examine_file(source, found),
        PACKAGE => examine_package(source, found),
        _ => Ok(()),
    }
}

/// Takes all pages and files of a section as a server hands it out.
fn examine_package(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.text.part(Part::Body);
    let mut package = Package::default();
    let result = package.read(source);
    found.tolerate(result)?;
    for page in package.pages() {
        let space = package.page(page, source.budget())?;
        let result = take_space(source, &space, found);
        found.tolerate(result)?;
    }
    for file in &package.files {
        source.budget().spend_entry()?;
        let mut file = source.part(file.offset, file.len);
        let result = examine_inside(&mut file, "", found);
        found.tolerate(result)?;
    }
    Ok(())
}

/// Takes all pages and files of a section that is a file of its own.
fn examine_file(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.text.part(Part::Body);
    let root = Reference::wide(&source.array::<12>(ROOT_AT)?)?;
    let mut parts = Vec::new();
    let mut seen = HashSet::new();
    let result = store::for_each(source, root, &mut |_, node| {
        if let (Kind::SPACE | Kind::FILES, Some(list)) = (node.kind, node.reference)
            && seen.insert(list.offset)
        {
            parts.push((node.kind, list));
        }
        Ok(())
    });
    found.tolerate(result)?;
    for (kind, list) in parts {
        let result = match kind {
            Kind::FILES => examine_files(source, list, found),
            _ => read_space(source, list, found),
        };
        found.tolerate(result)?;
    }
    Ok(())
}

/// Takes what a page says, or the section about its pages.
fn read_space(source: &mut Source<'_>, list: Reference, found: &mut Found) -> Result<(), Stop> {
    let mut space = Space::default();
    let result = space.read(source, list);
    found.tolerate(result)?;
    take_space(source, &space, found)
}

fn take_space(source: &mut Source<'_>, space: &Space, found: &mut Found) -> Result<(), Stop> {
    if space.is_encrypted {
        found.encryption.state = EncryptionState::Encrypted;
        return Ok(());
    }
    let mut flow = Flow::new(&mut found.text, Part::Body);
    let result = space.walk(source, &mut flow);
    flow.finish().and(result)
}

/// Examines the files on all pages.
fn examine_files(source: &mut Source<'_>, list: Reference, found: &mut Found) -> Result<(), Stop> {
    /// What stands before a file: a mark, its length, and nothing.
    const HEAD: u64 = 36;
    const LENGTH_AT: u64 = 16;
    let mut files = Vec::new();
    let result = store::for_each(source, list, &mut |source, node| {
        if let (Kind::FILE, Some(file)) = (node.kind, node.reference) {
            source.budget().spend_entry()?;
            files.push(file);
        }
        Ok(())
    });
    found.tolerate(result)?;
    for file in files {
        let len = u64::from_le_bytes(source.array(file.offset.saturating_add(LENGTH_AT))?);
        let mut file = source.part(file.offset.saturating_add(HEAD), len);
        let result = examine_inside(&mut file, "", found);
        found.tolerate(result)?;
    }
    Ok(())
}
