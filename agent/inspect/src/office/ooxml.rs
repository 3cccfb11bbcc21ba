//! Office Open XML: kinds by content type, and document properties.

use crate::container::zip::Archive;
use crate::found::{Found, Property};
use crate::kind::{self, Kind};
use crate::source::{Source, Stop};
use crate::xml;

/// The largest part that is read for recognising or for properties.
const MAX_PART: usize = 1 << 20;

const CONTENT_TYPES: &str = "[Content_Types].xml";

/// Kinds by the content type of a package's main part, in lower case.
const BY_CONTENT_TYPE: &[(&str, Kind)] = &[
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        kind::DOCX,
    ),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        kind::DOTX,
    ),
    ("application/vnd.ms-word.document.macroenabled.main+xml", kind::DOCM),
    (
        "application/vnd.ms-word.template.macroenabledtemplate.main+xml",
        kind::DOTM,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        kind::XLSX,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
        kind::XLTX,
    ),
    ("application/vnd.ms-excel.sheet.macroenabled.main+xml", kind::XLSM),
    ("application/vnd.ms-excel.template.macroenabled.main+xml", kind::XLTM),
    ("application/vnd.ms-excel.addin.macroenabled.main+xml", kind::XLAM),
    ("application/vnd.ms-excel.sheet.binary.macroenabled.main", kind::XLSB),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
        kind::PPTX,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
        kind::PPSX,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
        kind::POTX,
    ),
    (
        "application/vnd.ms-powerpoint.presentation.macroenabled.main+xml",
        kind::PPTM,
    ),
    (
        "application/vnd.ms-powerpoint.slideshow.macroenabled.main+xml",
        kind::PPSM,
    ),
    (
        "application/vnd.ms-powerpoint.template.macroenabled.main+xml",
        kind::POTM,
    ),
    ("application/vnd.ms-visio.drawing.main+xml", kind::VSDX),
    ("application/vnd.ms-visio.drawing.macroenabled.main+xml", kind::VSDX),
    ("application/vnd.ms-visio.stencil.main+xml", kind::VSDX),
    ("application/vnd.ms-visio.template.main+xml", kind::VSDX),
    ("application/vnd.ms-package.xps-fixeddocumentsequence+xml", kind::XPS),
    ("application/vnd.ms-package.3dmanufacturing-3dmodel+xml", kind::THREE_MF),
];

/// Kinds by the main part, for packages whose content types cannot be read.
const BY_PART: &[(&str, Kind)] = &[
    ("word/document.xml", kind::DOCX),
    ("xl/workbook.xml", kind::XLSX),
    ("xl/workbook.bin", kind::XLSB),
    ("ppt/presentation.xml", kind::PPTX),
    ("visio/document.xml", kind::VSDX),
    ("3D/3dmodel.model", kind::THREE_MF),
];

/// The kind of a package; `None` when it is not one of Office.
pub(crate) fn recognise(source: &mut Source<'_>, archive: &Archive) -> Result<Option<Kind>, Stop> {
    let by_type = match archive.read(source, CONTENT_TYPES, MAX_PART) {
        Ok(Some(types)) => by_content_type(&types),
        Ok(None) | Err(Stop::Damaged) => None,
        Err(stop) => return Err(stop),
    };
    let by_part = || {
        BY_PART
            .iter()
            .find(|(part, _)| archive.find(part).is_some())
            .map(|(_, kind)| *kind)
    };
    Ok(by_type.or_else(by_part))
}

fn by_content_type(types: &[u8]) -> Option<Kind> {
    let mut kind = None;
    // A damaged list is used as far as it goes.
    let _ = xml::walk(
        types,
        |element| {
            let content_type = element.attribute("ContentType").unwrap_or_default().to_lowercase();
            let row = BY_CONTENT_TYPE.iter().find(|(known, _)| *known == content_type);
            kind = kind.or(row.map(|(_, kind)| *kind));
        },
        |_, _| {},
    );
    kind
}

/// Fills in a package's properties.
pub(crate) fn examine(source: &mut Source<'_>, archive: &Archive, found: &mut Found) -> Result<(), Stop> {
    for (part, read) in [
        (
            "docProps/core.xml",
            read_core as fn(&[u8], &mut Found) -> Result<(), Stop>,
        ),
        ("docProps/app.xml", read_app),
        ("docProps/custom.xml", read_custom),
    ] {
        let bytes = archive.read(source, part, MAX_PART);
        if let Some(bytes) = found.tolerate(bytes)?.flatten() {
            let result = read(&bytes, found);
            found.tolerate(result)?;
        }
    }
    Ok(())
}

fn read_core(part: &[u8], found: &mut Found) -> Result<(), Stop> {
    xml::walk(
        part,
        |_| {},
        |element, _| {
            let property = match element.name.as_str() {
                "title" => Property::Title,
                "creator" => Property::Author,
                name @ ("subject" | "description" | "keywords" | "category" | "lastModifiedBy" | "contentStatus") => {
                    Property::Other(name)
                }
                _ => return,
            };
            found.property(property, &element.text);
        },
    )
}

fn read_app(part: &[u8], found: &mut Found) -> Result<(), Stop> {
    xml::walk(
        part,
        |_| {},
        |element, _| {
            let property = match element.name.as_str() {
                "Company" => Property::Company,
                "Manager" => Property::Manager,
                "Template" => Property::Template,
                name @ ("Application" | "HyperlinkBase") => Property::Other(name),
                _ => return,
            };
            found.property(property, &element.text);
        },
    )
}

fn read_custom(part: &[u8], found: &mut Found) -> Result<(), Stop> {
    xml::walk(
        part,
        |_| {},
        |element, around| {
            if let Some(name) = around.last().and_then(|property| property.attribute("name")) {
                found.property(Property::Custom(name), &element.text);
            }
        },
    )
}
