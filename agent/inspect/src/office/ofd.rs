//! OFD (GB/T 33190): pages of placed text, the templates behind them, annotations, attachments, seals.

mod page;
mod seal;

use super::package;
use crate::container::zip::Archive;
use crate::flow::Flow;
use crate::found::{Found, Property};
use crate::source::{Source, Stop};
use crate::text::Part;
use crate::xml::{self, Data, Event, Reader};

/// The largest list that is read.
const MAX_PART: usize = 1 << 20;
/// The longest name of a part.
const MAX_NAME: usize = 1024;
/// Parts that a document may list.
const MAX_LISTED: usize = 10_000;

/// What a part of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Template,
    Page,
    /// A list of what is noted on pages, or of files.
    Annotations,
    Notes,
    Attachments,
    Attachment,
    CustomTags,
    CustomTag,
}

/// Which elements of a list name a part, of which role, and in which attribute; in their text when in none.
type Naming = fn(&str) -> Option<(Role, Option<&'static str>)>;

/// Reads one document after the other.
struct Reading<'a, 's, 'f> {
    archive: &'a Archive,
    source: &'a mut Source<'s>,
    found: &'f mut Found,
    listed: Vec<(Role, String)>,
}

/// Fills in properties and reads the text.
pub(super) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    let mut reading = Reading {
        archive,
        source,
        found,
        listed: Vec::new(),
    };
    for root in reading.start()? {
        reading.list(&root, in_document)?;
    }
    let mut next = 0;
    while let Some((role, part)) = reading.listed.get(next).cloned() {
        next += 1;
        match role {
            Role::Annotations => reading.list(&part, in_annotations)?,
            Role::Attachments => reading.list(&part, in_attachments)?,
            Role::CustomTags => reading.list(&part, in_custom_tags)?,
            Role::Attachment => reading.attachment(&part)?,
            role => reading.text(role, &part)?,
        }
    }
    reading.seals()
}

impl Reading<'_, '_, '_> {
    /// Reads what the file says of itself; gives the roots of its documents.
    fn start(&mut self) -> Result<Vec<String>, Stop> {
        let bytes = self.archive.read(self.source, "OFD.xml", MAX_PART);
        let bytes = self.found.tolerate(bytes)?.flatten().unwrap_or_default();
        let mut roots = Vec::new();
        let found = &mut *self.found;
        let result = xml::walk(
            &bytes,
            |_| {},
            |element, _| {
                let property = match element.name.as_str() {
                    "DocRoot" => {
                        roots.push(package::resolve("OFD.xml", element.text.trim()));
                        return;
                    }
                    "Title" => Property::Title,
                    "Author" => Property::Author,
                    name @ ("Subject" | "Abstract" | "Keyword" | "Creator") => Property::Other(name),
                    "CustomData" => Property::Custom(element.attribute("Name").unwrap_or_default()),
                    _ => return,
                };
                found.property(property, &element.text);
            },
        );
        self.found.tolerate(result)?;
        roots.dedup();
        Ok(roots)
    }

    /// Takes up what a list names, each by the text or the attribute that `role` says.
    fn list(&mut self, part: &str, role: Naming) -> Result<(), Stop> {
        let bytes = self.archive.read(self.source, part, MAX_PART);
        let bytes = self.found.tolerate(bytes)?.flatten().unwrap_or_default();
        let listed = targets(&bytes, part, role);
        for item in self.found.tolerate(listed)?.unwrap_or_default() {
            if self.listed.len() < MAX_LISTED && !self.listed.contains(&item) {
                self.listed.push(item);
            }
        }
        Ok(())
    }

    fn text(&mut self, role: Role, part: &str) -> Result<(), Stop> {
        let content = self.archive.stream(self.source, part);
        let Some(content) = self.found.tolerate(content)?.flatten() else {
            return Ok(());
        };
        let place = match role {
            Role::Template => Part::Margin,
            Role::Notes => Part::Aside,
            Role::CustomTag => Part::Property,
            _ => Part::Body,
        };
        let mut flow = Flow::new(&mut self.found.text, place);
        let result = match role {
            Role::CustomTag => xml::read_any(content, Data::Elements, &mut flow),
            _ => page::read(content, &mut flow),
        };
        let result = flow.finish().and(result);
        self.found.tolerate(result)?;
        Ok(())
    }

    fn attachment(&mut self, part: &str) -> Result<(), Stop> {
        match self.archive.find(part) {
            Some(entry) => package::examine_entry(self.source, entry, self.found),
            None => Ok(()),
        }
    }

    /// The names that stand on seals.
    fn seals(&mut self) -> Result<(), Stop> {
        for entry in &self.archive.entries {
            let is_signed = || package::has_extension(&entry.name, "dat") && entry.name.contains("SignedValue");
            if package::has_extension(&entry.name, "esl") || is_signed() {
                let bytes = self.archive.read(self.source, &entry.name, MAX_PART);
                if let Some(bytes) = self.found.tolerate(bytes)?.flatten() {
                    let mut flow = Flow::new(&mut self.found.text, Part::Margin);
                    let result = seal::read(&bytes, &mut flow);
                    let result = flow.finish().and(result);
                    self.found.tolerate(result)?;
                }
            }
        }
        Ok(())
    }
}

/// The parts that a list names.
fn targets(list: &[u8], part: &str, role: Naming) -> Result<Vec<(Role, String)>, Stop> {
    let mut targets = Vec::new();
    let mut reader = Reader::new(list);
    let mut text = String::new();
    while let Some(event) = reader.next()? {
        let Event::Open(tag) = event else {
            continue;
        };
        match role(tag.name) {
            Some((role, Some(attribute))) => {
                let target = tag.attribute(attribute).unwrap_or_default();
                targets.push((role, package::resolve(part, target.trim())));
            }
            Some((role, None)) => {
                text.clear();
                reader.text_into(&mut text, MAX_NAME)?;
                targets.push((role, package::resolve(part, text.trim())));
            }
            None => {}
        }
    }
    Ok(targets)
}

fn in_document(name: &str) -> Option<(Role, Option<&'static str>)> {
    Some(match name {
        "TemplatePage" => (Role::Template, Some("BaseLoc")),
        "Page" => (Role::Page, Some("BaseLoc")),
        "Annotations" => (Role::Annotations, None),
        "Attachments" => (Role::Attachments, None),
        "CustomTags" => (Role::CustomTags, None),
        _ => return None,
    })
}

fn in_annotations(name: &str) -> Option<(Role, Option<&'static str>)> {
    (name == "FileLoc").then_some((Role::Notes, None))
}

fn in_attachments(name: &str) -> Option<(Role, Option<&'static str>)> {
    (name == "FileLoc").then_some((Role::Attachment, None))
}

fn in_custom_tags(name: &str) -> Option<(Role, Option<&'static str>)> {
    (name == "FileLoc").then_some((Role::CustomTag, None))
}
