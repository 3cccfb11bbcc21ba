//! What the parts of a package are: content types say it, names where these are missing.

use super::relationships::Relationships;
use crate::container::zip::Archive;
use crate::kind::{self, Kind};
use crate::markup::Tag;
use crate::office::package;
use crate::source::{Source, Stop};
use crate::text::Part;
use crate::xml::{Event, Reader};

/// The largest list that is read.
const MAX_PART: usize = 1 << 20;
const CONTENT_TYPES: &str = "[Content_Types].xml";

/// What a part holds. The order is that of reading: what marks a document comes before its text, so that no limit hides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Core,
    App,
    Custom,
    Settings,
    Labels,
    Margin,
    /// A workbook or a presentation: it says in which order its sheets or slides come.
    Main,
    BinaryMain,
    Strings,
    BinaryStrings,
    Sheet,
    BinarySheet,
    Slide,
    Document,
    Drawing,
    VisioMaster,
    VisioPage,
    XpsPage,
    Aside,
    BinaryComments,
    Pivot,
    VisioComments,
    Data,
}

impl Role {
    pub(super) fn place(self) -> Part {
        match self {
            Self::Margin | Self::VisioMaster => Part::Margin,
            Self::Aside | Self::BinaryComments | Self::Pivot | Self::VisioComments => Part::Aside,
            Self::Data => Part::Property,
            _ => Part::Body,
        }
    }
}

/// The beginnings of content types.
const PREFIXES: &[&str] = &[
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.openxmlformats-package.",
    "application/vnd.ms-",
];

/// Main parts by content type behind its beginning, in lower case.
const MAIN: &[(&str, Kind, Role)] = &[
    ("wordprocessingml.document.main+xml", kind::DOCX, Role::Document),
    ("wordprocessingml.template.main+xml", kind::DOTX, Role::Document),
    ("word.document.macroenabled.main+xml", kind::DOCM, Role::Document),
    (
        "word.template.macroenabledtemplate.main+xml",
        kind::DOTM,
        Role::Document,
    ),
    ("spreadsheetml.sheet.main+xml", kind::XLSX, Role::Main),
    ("spreadsheetml.template.main+xml", kind::XLTX, Role::Main),
    ("excel.sheet.macroenabled.main+xml", kind::XLSM, Role::Main),
    ("excel.template.macroenabled.main+xml", kind::XLTM, Role::Main),
    ("excel.addin.macroenabled.main+xml", kind::XLAM, Role::Main),
    ("excel.sheet.binary.macroenabled.main", kind::XLSB, Role::BinaryMain),
    ("presentationml.presentation.main+xml", kind::PPTX, Role::Main),
    ("presentationml.slideshow.main+xml", kind::PPSX, Role::Main),
    ("presentationml.template.main+xml", kind::POTX, Role::Main),
    ("powerpoint.presentation.macroenabled.main+xml", kind::PPTM, Role::Main),
    ("powerpoint.slideshow.macroenabled.main+xml", kind::PPSM, Role::Main),
    ("powerpoint.template.macroenabled.main+xml", kind::POTM, Role::Main),
    ("visio.drawing.main+xml", kind::VSDX, Role::Main),
    ("visio.drawing.macroenabled.main+xml", kind::VSDX, Role::Main),
    ("visio.stencil.main+xml", kind::VSDX, Role::Main),
    ("visio.template.main+xml", kind::VSDX, Role::Main),
    ("package.xps-fixeddocumentsequence+xml", kind::XPS, Role::Main),
    ("package.3dmanufacturing-3dmodel+xml", kind::THREE_MF, Role::Main),
];

/// Other parts by content type behind its beginning, in lower case.
const PARTS: &[(&str, Role)] = &[
    ("core-properties+xml", Role::Core),
    ("extended-properties+xml", Role::App),
    ("custom-properties+xml", Role::Custom),
    ("wordprocessingml.settings+xml", Role::Settings),
    ("office.classificationlabels+xml", Role::Labels),
    ("wordprocessingml.header+xml", Role::Margin),
    ("wordprocessingml.footer+xml", Role::Margin),
    ("wordprocessingml.footnotes+xml", Role::Aside),
    ("wordprocessingml.endnotes+xml", Role::Aside),
    ("wordprocessingml.comments+xml", Role::Aside),
    ("wordprocessingml.document.glossary+xml", Role::Aside),
    ("drawingml.chart+xml", Role::Drawing),
    ("drawingml.chartshapes+xml", Role::Drawing),
    ("drawingml.diagramdata+xml", Role::Drawing),
    ("office.chartex+xml", Role::Drawing),
    ("drawing+xml", Role::Drawing),
    ("spreadsheetml.sharedstrings+xml", Role::Strings),
    ("spreadsheetml.worksheet+xml", Role::Sheet),
    ("spreadsheetml.chartsheet+xml", Role::Sheet),
    ("spreadsheetml.dialogsheet+xml", Role::Sheet),
    ("excel.macrosheet+xml", Role::Sheet),
    ("excel.intlmacrosheet+xml", Role::Sheet),
    ("spreadsheetml.comments+xml", Role::Aside),
    ("excel.threadedcomments+xml", Role::Aside),
    ("spreadsheetml.externallink+xml", Role::Aside),
    ("spreadsheetml.pivotcachedefinition+xml", Role::Pivot),
    ("spreadsheetml.pivotcacherecords+xml", Role::Pivot),
    ("excel.sharedstrings", Role::BinaryStrings),
    ("excel.worksheet", Role::BinarySheet),
    ("excel.chartsheet", Role::BinarySheet),
    ("excel.dialogsheet", Role::BinarySheet),
    ("excel.macrosheet", Role::BinarySheet),
    ("excel.comments", Role::BinaryComments),
    ("presentationml.slide+xml", Role::Slide),
    ("presentationml.slidemaster+xml", Role::Margin),
    ("presentationml.slidelayout+xml", Role::Margin),
    ("presentationml.notesmaster+xml", Role::Margin),
    ("presentationml.handoutmaster+xml", Role::Margin),
    ("presentationml.notesslide+xml", Role::Aside),
    ("presentationml.comments+xml", Role::Aside),
    ("powerpoint.comments+xml", Role::Aside),
    ("visio.page+xml", Role::VisioPage),
    ("visio.master+xml", Role::VisioMaster),
    ("visio.comments+xml", Role::VisioComments),
    ("package.xps-fixedpage+xml", Role::XpsPage),
];

/// Main parts by name, for packages whose content types cannot be read.
const MAIN_NAMES: &[(&str, Kind, Role)] = &[
    ("word/document.xml", kind::DOCX, Role::Document),
    ("xl/workbook.xml", kind::XLSX, Role::Main),
    ("xl/workbook.bin", kind::XLSB, Role::BinaryMain),
    ("ppt/presentation.xml", kind::PPTX, Role::Main),
    ("visio/document.xml", kind::VSDX, Role::Main),
    ("3D/3dmodel.model", kind::THREE_MF, Role::Main),
];

/// Other parts by the beginning and the end of their names: those that content types do not tell, or cannot.
const NAMES: &[(&str, &str, Role)] = &[
    ("docProps/core", ".xml", Role::Core),
    ("docProps/app", ".xml", Role::App),
    ("docProps/custom", ".xml", Role::Custom),
    ("docMetadata/LabelInfo", ".xml", Role::Labels),
    ("customXml/item", ".xml", Role::Data),
    ("word/settings", ".xml", Role::Settings),
    ("word/header", ".xml", Role::Margin),
    ("word/footer", ".xml", Role::Margin),
    ("word/footnotes", ".xml", Role::Aside),
    ("word/endnotes", ".xml", Role::Aside),
    ("word/comments", ".xml", Role::Aside),
    ("xl/sharedStrings", ".xml", Role::Strings),
    ("xl/sharedStrings", ".bin", Role::BinaryStrings),
    ("xl/worksheets/sheet", ".xml", Role::Sheet),
    ("xl/worksheets/sheet", ".bin", Role::BinarySheet),
    ("xl/comments", ".xml", Role::Aside),
    ("xl/comments", ".bin", Role::BinaryComments),
    ("ppt/slides/slide", ".xml", Role::Slide),
    ("ppt/slideMasters/slideMaster", ".xml", Role::Margin),
    ("ppt/notesSlides/notesSlide", ".xml", Role::Aside),
    ("visio/pages/page", ".xml", Role::VisioPage),
];

/// What a package is, and what its parts are.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) kind: Kind,
    /// The names of parts with what they hold, in the order of reading.
    pub(super) parts: Vec<(String, Role)>,
}

/// Recognises a package; `None` when it is not one of Office.
pub(crate) fn recognise(source: &mut Source<'_>, archive: &Archive) -> Result<Option<Package>, Stop> {
    let mut types = Types::default();
    match archive.read(source, CONTENT_TYPES, MAX_PART) {
        // A damaged list is used as far as it goes.
        Ok(Some(list)) => drop(types.read(&list)),
        Ok(None) | Err(Stop::Damaged) => {}
        Err(stop) => return Err(stop),
    }
    let by_name = || {
        let row = MAIN_NAMES.iter().find(|(part, ..)| archive.find(part).is_some());
        row.map(|(_, kind, _)| *kind)
    };
    let kind = match types.kind.or(types.extension_kind).or_else(by_name) {
        None if archive.is_damaged() => by_root(source, archive)?,
        kind => kind,
    };
    let Some(kind) = kind else {
        return Ok(None);
    };
    Ok(Some(Package {
        kind,
        parts: types.parts(archive),
    }))
}

/// The kind of a package that is cut before its main part: the root names that part, and the others lie in its folder.
fn by_root(source: &mut Source<'_>, archive: &Archive) -> Result<Option<Kind>, Stop> {
    let root = match Relationships::read(source, archive, "") {
        Ok(root) => root,
        Err(Stop::Damaged) => Relationships::default(),
        Err(stop) => return Err(stop),
    };
    let main = root.of_kind("officeDocument");
    let named = MAIN_NAMES.iter().find(|(part, ..)| Some(*part) == main);
    let is_package = archive.find(CONTENT_TYPES).is_some() || archive.find("_rels/.rels").is_some();
    let in_folder = || {
        let mut rows = MAIN_NAMES.iter().filter(|_| is_package);
        rows.find(|(part, ..)| {
            part.rsplit_once('/')
                .is_some_and(|(folder, _)| has_folder(archive, folder))
        })
    };
    Ok(named.or_else(in_folder).map(|(_, kind, _)| *kind))
}

fn has_folder(archive: &Archive, folder: &str) -> bool {
    let is_within = |name: &str| name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    archive.entries.iter().any(|entry| is_within(&entry.name))
}

/// The list of content types.
#[derive(Debug, Default)]
struct Types {
    kind: Option<Kind>,
    /// What the type of a whole extension says, which some writers list whether there is such a part or not.
    extension_kind: Option<Kind>,
    /// By name in lower case.
    parts: Vec<(String, Option<Role>)>,
    extensions: Vec<(String, Role)>,
}

impl Types {
    fn read(&mut self, list: &[u8]) -> Result<(), Stop> {
        let mut reader = Reader::new(list);
        while let Some(event) = reader.next()? {
            if let Event::Open(tag) = event {
                self.take(&tag);
            }
        }
        Ok(())
    }

    fn take(&mut self, tag: &Tag<'_>) {
        let Some(content_type) = tag.attribute("ContentType") else {
            return;
        };
        let content_type = content_type.to_ascii_lowercase();
        let short = PREFIXES.iter().find_map(|prefix| content_type.strip_prefix(prefix));
        let main = MAIN.iter().find(|(known, ..)| Some(*known) == short);
        let kind = main.map(|(_, kind, _)| *kind);
        let other = PARTS.iter().find(|(known, _)| Some(*known) == short);
        let role = main.map(|(.., role)| *role).or(other.map(|(_, role)| *role));
        if let Some(name) = tag.attribute("PartName") {
            self.kind = self.kind.or(kind);
            self.parts
                .push((name.trim_start_matches('/').to_ascii_lowercase(), role));
            return;
        }
        self.extension_kind = self.extension_kind.or(kind);
        if let (Some(extension), Some((_, role))) = (tag.attribute("Extension"), other) {
            // A main part is one; its type stands for a whole extension only because of its siblings' own types.
            self.extensions
                .push((format!(".{}", extension.to_ascii_lowercase()), *role));
        }
    }

    fn parts(mut self, archive: &Archive) -> Vec<(String, Role)> {
        self.parts.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut parts: Vec<_> = archive
            .entries
            .iter()
            .filter_map(|entry| Some((entry.name.clone(), self.role(&entry.name)?)))
            .collect();
        parts.sort_by(|(a, x), (b, y)| (x, a.len(), a).cmp(&(y, b.len(), b)));
        parts.dedup_by(|(a, _), (b, _)| a == b);
        parts
    }

    fn role(&self, name: &str) -> Option<Role> {
        let lower = name.to_ascii_lowercase();
        let listed = self.parts.binary_search_by(|(known, _)| known.cmp(&lower));
        if let Some(role) = listed.ok().and_then(|index| self.parts[index].1) {
            // Some writers give records the type of XML.
            let is_binary = role == Role::Aside && package::has_extension(&lower, "bin");
            return Some(if is_binary { Role::BinaryComments } else { role });
        }
        if let Some((.., role)) = MAIN_NAMES.iter().find(|(known, ..)| *known == name) {
            return Some(*role);
        }
        let by_name = NAMES.iter().find(|(start, end, _)| {
            let number = name.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        });
        if let Some((.., role)) = by_name {
            return Some(*role);
        }
        let by_extension = self
            .extensions
            .iter()
            .find(|(extension, _)| lower.ends_with(extension.as_str()));
        by_extension.map(|(_, role)| *role)
    }
}
