//! What is put on pages afterwards: comments, stamps, attached files.

use std::collections::HashSet;

use crate::pdf::attachment;
use crate::pdf::content::MAX_FORMS;
use crate::pdf::geometry::Matrix;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::reader::Reader;
use crate::pdf::strings;
use crate::source::Stop;
use crate::text::{Gap, Part};

/// Annotations read of one page.
const MAX_ANNOTATIONS: usize = 5_000;

/// Reads the annotations of a page.
pub(super) fn read_all(reader: &mut Reader<'_, '_>, page: &Dictionary) -> Result<(), Stop> {
    let annotations = reader.objects.entry(reader.source, page, "Annots")?.into_array();
    let mut seen = HashSet::new();
    for object in annotations.iter().take(MAX_ANNOTATIONS) {
        if matches!(object, Object::Reference(number) if !seen.insert(*number)) {
            continue;
        }
        let own = reader.objects.value(reader.source, object)?;
        read(reader, &own.into_dictionary().unwrap_or_default())?;
    }
    Ok(())
}

fn read(reader: &mut Reader<'_, '_>, own: &Dictionary) -> Result<(), Stop> {
    match own.name("Subtype") {
        // The seal of who signed.
        Some(b"Widget") if is_signature(reader, own)? => return show(reader, own, Part::Margin),
        // Fields of forms give their values, links lead elsewhere, windows show what others say.
        Some(b"Widget" | b"Link" | b"Popup") => return Ok(()),
        Some(b"Stamp" | b"Watermark") => show(reader, own, Part::Margin)?,
        Some(b"FileAttachment") => {
            let file = reader.objects.entries(reader.source, own, "FS")?;
            attachment::read(reader, &file)?;
        }
        _ => {}
    }
    if let Object::Text(contents) = reader.objects.entry(reader.source, own, "Contents")? {
        let text = &mut reader.found.text;
        text.part(Part::Aside);
        text.push(&strings::decode(&contents))?;
        text.gap(Gap::Paragraph);
    }
    Ok(())
}

/// Whether a field is there to be signed, by what it says of itself or what the field around it says.
fn is_signature(reader: &mut Reader<'_, '_>, own: &Dictionary) -> Result<bool, Stop> {
    if own.get("FT").is_some() {
        return Ok(own.has_name("FT", b"Sig"));
    }
    let around = reader.objects.entries(reader.source, own, "Parent")?;
    Ok(around.has_name("FT", b"Sig"))
}

/// Reads what an annotation looks like.
fn show(reader: &mut Reader<'_, '_>, own: &Dictionary, part: Part) -> Result<(), Stop> {
    let looks = reader.objects.entries(reader.source, own, "AP")?;
    let normal = match looks.get("N") {
        Some(Object::Reference(number)) => *number,
        _ => return Ok(()),
    };
    reader.show_form_object(normal, None, part, Matrix::IDENTITY, MAX_FORMS)?;
    reader.layout.end(Gap::Paragraph, &mut reader.found.text)
}
