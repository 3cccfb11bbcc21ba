//! How the parts of a package name each other (ECMA-376, part 2, 6.5).

use crate::container::zip::Archive;
use crate::office::package;
use crate::source::{Source, Stop};
use crate::xml::{Event, Reader};

/// The largest list that is read.
const MAX_PART: usize = 1 << 20;

/// What a part names.
#[derive(Debug, Default)]
pub(super) struct Relationships {
    list: Vec<Relationship>,
}

#[derive(Debug)]
struct Relationship {
    id: String,
    kind: String,
    target: String,
}

impl Relationships {
    /// Reads what `part` names; nothing when it has no list.
    pub(super) fn read(source: &mut Source<'_>, archive: &Archive, part: &str) -> Result<Self, Stop> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = format!("{folder}/_rels/{file}.rels");
        let bytes = archive
            .read(source, name.trim_start_matches('/'), MAX_PART)?
            .unwrap_or_default();
        let mut relationships = Self::default();
        let mut reader = Reader::new(&bytes[..]);
        while let Some(event) = reader.next()? {
            if let Event::Open(tag) = event
                && tag.name == "Relationship"
            {
                let value = |name| tag.attribute(name).unwrap_or_default();
                let is_external = value("TargetMode") == "External";
                let target = value("Target");
                relationships.list.push(Relationship {
                    id: value("Id").into_owned(),
                    kind: value("Type").into_owned(),
                    target: if is_external {
                        target.into_owned()
                    } else {
                        package::resolve(part, &target)
                    },
                });
            }
        }
        Ok(relationships)
    }

    /// The part that stands behind a number.
    pub(super) fn target(&self, id: &str) -> Option<&str> {
        let found = self.list.iter().find(|relationship| relationship.id == id);
        found.map(|relationship| relationship.target.as_str())
    }

    /// The first target of a kind, by the last word of that.
    pub(super) fn of_kind(&self, kind: &str) -> Option<&str> {
        let found = self.list.iter().find(|own| own.kind.rsplit('/').next() == Some(kind));
        found.map(|relationship| relationship.target.as_str())
    }
}
