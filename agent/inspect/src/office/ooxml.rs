//! Office Open XML and the other packages of its build: Visio drawings and XPS (ECMA-376, part 2).

mod binary;
mod kinds;
mod properties;
mod relationships;
mod runs;
mod sheet;
mod strings;
mod visio;
mod xps;

use std::io::Read;

use super::{number, package};
use crate::container::zip::Archive;
use crate::flow::Flow;
use crate::found::{Found, Property};
use crate::source::{Source, Stop};
use crate::text::{Gap, Part};
use crate::xml::{self, Event, Reader};
pub(crate) use kinds::recognise;
use kinds::{Package, Role};
use relationships::Relationships;
use strings::Strings;

/// Sheets or slides that are read in the order of their document; more are read in that of their names.
const MAX_LISTED: usize = 4096;
/// Kinds of files that Word takes in as a part of its text.
const CHUNKS: &[&str] = &[
    "html", "htm", "xhtml", "mht", "mhtml", "rtf", "txt", "doc", "docx", "docm", "dotx",
];

/// A sheet or a slide, as its document lists it.
#[derive(Debug)]
struct Listed {
    relationship: String,
    title: String,
    is_hidden: bool,
}

/// Reads one package.
struct Reading<'a, 's, 'f> {
    archive: &'a Archive,
    source: &'a mut Source<'s>,
    found: &'f mut Found,
    strings: Strings,
}

/// Fills in a package's properties and reads its text.
pub(crate) fn examine(
    source: &mut Source<'_>,
    archive: &Archive,
    package: &Package,
    found: &mut Found,
) -> Result<(), Stop> {
    let mut reading = Reading {
        archive,
        source,
        found,
        strings: Strings::default(),
    };
    let mut listed = Vec::new();
    for (name, role) in &package.parts {
        if listed.iter().any(|known: &String| known.eq_ignore_ascii_case(name)) {
            continue;
        }
        match role {
            // Strings come before the sheets that name them.
            Role::Sheet | Role::BinarySheet | Role::Slide if listed.is_empty() => {
                listed = reading.in_order(package)?;
                if !listed.contains(name) {
                    reading.part(name, *role, None)?;
                }
            }
            _ => reading.part(name, *role, None)?,
        }
    }
    reading.template(package)?;
    reading.embedded()
}

impl Reading<'_, '_, '_> {
    /// Reads the sheets or slides that the main part lists, and says which these are.
    fn in_order(&mut self, package: &Package) -> Result<Vec<String>, Stop> {
        let main = package
            .parts
            .iter()
            .find(|(_, role)| matches!(role, Role::Main | Role::BinaryMain));
        let Some((main, role)) = main else {
            return Ok(Vec::new());
        };
        let relationships = Relationships::read(self.source, self.archive, main);
        let relationships = self.found.tolerate(relationships)?.unwrap_or_default();
        let list = match self.archive.stream(self.source, main) {
            Ok(Some(part)) if *role == Role::BinaryMain => binary::sheets(part, MAX_LISTED),
            Ok(Some(part)) => read_main(part, self.found),
            Ok(None) => Ok(Vec::new()),
            Err(stop) => Err(stop),
        };
        let mut read = Vec::new();
        for listed in self.found.tolerate(list)?.unwrap_or_default() {
            let Some(target) = relationships.target(&listed.relationship) else {
                continue;
            };
            let part = package.parts.iter().find(|(name, _)| name.eq_ignore_ascii_case(target));
            if let Some((name, role)) = part.filter(|(name, _)| !read.contains(name)) {
                self.part(name, *role, Some(&listed))?;
                read.push(name.clone());
            }
        }
        Ok(read)
    }

    /// Reads one part; damage of it is not damage of the others.
    fn part(&mut self, name: &str, role: Role, listed: Option<&Listed>) -> Result<(), Stop> {
        let part = match self.archive.stream(self.source, name) {
            Ok(Some(part)) => part,
            Ok(None) => return Ok(()),
            Err(stop) => return self.found.tolerate(Err(stop)).map(|_: Option<()>| ()),
        };
        let result = match role {
            Role::Core => properties::read_core(part, self.found),
            Role::App => properties::read_app(part, self.found),
            Role::Custom => properties::read_custom(part, self.found),
            Role::Settings => properties::read_settings(part, self.found),
            Role::Labels => properties::read_labels(part, self.found),
            Role::Main | Role::BinaryMain => Ok(()),
            role => {
                let is_hidden = listed.is_some_and(|listed| listed.is_hidden);
                let place = if is_hidden { Part::Aside } else { role.place() };
                let mut flow = Flow::new(&mut self.found.text, place);
                let title = listed.map_or("", |listed| listed.title.as_str());
                let result = flow
                    .paragraph(title)
                    .and_then(|()| read_text(part, role, &mut self.strings, &mut flow));
                flow.finish().and(result)
            }
        };
        self.found.tolerate(result)?;
        Ok(())
    }

    /// A document names the template that it was made from, if its properties do not.
    fn template(&mut self, package: &Package) -> Result<(), Stop> {
        let Some((name, _)) = package.parts.iter().find(|(_, role)| *role == Role::Settings) else {
            return Ok(());
        };
        let relationships = Relationships::read(self.source, self.archive, name);
        if let Some(relationships) = self.found.tolerate(relationships)?
            && let Some(target) = relationships.of_kind("attachedTemplate")
        {
            // The folder can be one of a person.
            let file = target.rsplit(['/', '\\']).next().unwrap_or_default();
            self.found.property(Property::Template, file);
        }
        Ok(())
    }

    /// Examines the files within: objects, and documents that are taken in as a whole.
    fn embedded(&mut self) -> Result<(), Stop> {
        let archive = self.archive;
        for entry in &archive.entries {
            let name = entry.name.as_str();
            let is_chunk = name.starts_with("word/") && CHUNKS.iter().any(|kind| package::has_extension(name, kind));
            if is_chunk || name.contains("/embeddings/") {
                package::examine_entry(self.source, entry, self.found)?;
            }
        }
        Ok(())
    }
}

fn read_text(part: impl Read, role: Role, strings: &mut Strings, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let (margin, result) = match role {
        Role::Strings => return strings.read(part, flow),
        Role::BinaryStrings => return binary::read_strings(part, strings, flow),
        Role::BinaryComments => return binary::read_comments(part, flow),
        Role::Pivot => return read_pivot(part, flow),
        Role::VisioMaster | Role::VisioPage | Role::VisioComments => return visio::read(part, flow),
        Role::XpsPage => return xps::read_page(part, flow),
        Role::Data => return xml::read_any(part, xml::Data::Elements, flow),
        Role::Sheet => sheet::read(part, strings, flow),
        Role::BinarySheet => binary::read_sheet(part, strings, flow),
        _ => return runs::read(part, flow),
    };
    if !margin.is_empty() {
        flow.turn_to(Part::Margin);
        sheet::push_margin(&margin, flow)?;
    }
    result
}

/// What a workbook or a presentation lists; names that a workbook gives to cells are text.
fn read_main(part: impl Read, found: &mut Found) -> Result<Vec<Listed>, Stop> {
    let mut reader = Reader::new(part);
    let mut flow = Flow::new(&mut found.text, Part::Aside);
    let mut list = Vec::new();
    let mut in_name = false;
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) if matches!(tag.name, "sheet" | "sldId") && list.len() < MAX_LISTED => {
                let state = tag.attribute("state").unwrap_or_default();
                list.push(Listed {
                    relationship: tag.prefixed_attribute("id").unwrap_or_default().into_owned(),
                    title: tag.attribute("name").unwrap_or_default().into_owned(),
                    is_hidden: matches!(&*state, "hidden" | "veryHidden"),
                });
            }
            Event::Open(tag) if tag.name == "definedName" => {
                flow.paragraph(&tag.attribute("name").unwrap_or_default())?;
                in_name = true;
            }
            Event::Text(piece) if in_name => flow.push(piece)?,
            Event::Close(_) => in_name = false,
            Event::Open(_) | Event::Text(_) => {}
        }
    }
    flow.finish()?;
    Ok(list)
}

/// The values that a pivot table keeps of its source, which may be gone.
fn read_pivot(part: impl Read, flow: &mut Flow<'_>) -> Result<(), Stop> {
    let mut reader = Reader::new(part);
    while let Some(event) = reader.next()? {
        match event {
            Event::Open(tag) if matches!(tag.name, "s" | "n") => {
                flow.push(&number::digits(&tag.attribute("v").unwrap_or_default()))?;
                flow.end(Gap::Cell);
            }
            Event::Close("r" | "sharedItems") => flow.end(Gap::Paragraph),
            _ => {}
        }
    }
    Ok(())
}
