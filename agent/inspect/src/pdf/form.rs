//! The values of a form's fields.

use std::collections::HashSet;

use crate::pdf::object::{Dictionary, Object};
use crate::pdf::objects::MAX_STREAM;
use crate::pdf::reader::Reader;
use crate::pdf::strings;
use crate::source::Stop;
use crate::text::{Gap, Part};
use crate::xml;

/// Fields that are visited.
const MAX_FIELDS: usize = 50_000;
/// Parts of a form in XML that are read.
const MAX_PACKETS: usize = 64;

/// Reads the form of a document.
pub(super) fn read(reader: &mut Reader<'_, '_>, root: &Dictionary) -> Result<(), Stop> {
    let form = reader.objects.entries(reader.source, root, "AcroForm")?;
    read_fields(reader, &form)?;
    let packets = match form.get("XFA") {
        Some(own @ Object::Reference(_)) => match reader.objects.value(reader.source, own)? {
            Object::Array(packets) => packets,
            _ => vec![own.clone()],
        },
        Some(Object::Array(packets)) => packets.clone(),
        _ => Vec::new(),
    };
    for packet in packets.iter().take(MAX_PACKETS) {
        if let Object::Reference(number) = packet {
            let result = read_packet(reader, *number);
            reader.found.tolerate(result)?;
        }
    }
    Ok(())
}

fn read_fields(reader: &mut Reader<'_, '_>, form: &Dictionary) -> Result<(), Stop> {
    let mut seen = HashSet::new();
    let mut open = reader.objects.entry(reader.source, form, "Fields")?.into_array();
    open.truncate(MAX_FIELDS);
    open.reverse();
    while let Some(object) = open.pop() {
        if let Object::Reference(number) = object
            && (!seen.insert(number) || seen.len() > MAX_FIELDS)
        {
            continue;
        }
        let Object::Dictionary(field) = reader.objects.value(reader.source, &object)? else {
            continue;
        };
        let value = reader.objects.entry(reader.source, &field, "V")?;
        read_value(reader, &field, &value)?;
        let kids = reader.objects.entry(reader.source, &field, "Kids")?.into_array();
        let kids = kids.into_iter().rev().take(MAX_FIELDS.saturating_sub(open.len()));
        open.extend(kids);
    }
    Ok(())
}

/// A value is a string, several of them, or a stream.
fn read_value(reader: &mut Reader<'_, '_>, field: &Dictionary, value: &Object) -> Result<(), Stop> {
    match (value, field.get("V")) {
        (Object::Text(text), _) => push(reader, text),
        (Object::Array(items), _) => items.iter().try_for_each(|item| match item {
            Object::Text(text) => push(reader, text),
            _ => Ok(()),
        }),
        (Object::Dictionary(_), Some(Object::Reference(number))) => {
            match reader.objects.stream(reader.source, *number, MAX_STREAM) {
                Ok(data) => push(reader, &data.bytes),
                Err(Stop::Damaged) => Ok(()),
                Err(stop) => Err(stop),
            }
        }
        _ => Ok(()),
    }
}

fn push(reader: &mut Reader<'_, '_>, value: &[u8]) -> Result<(), Stop> {
    let text = &mut reader.found.text;
    text.part(Part::Body);
    text.push(&strings::decode(value))?;
    text.gap(Gap::Paragraph);
    Ok(())
}

/// The texts of a part of a form in XML.
fn read_packet(reader: &mut Reader<'_, '_>, number: u32) -> Result<(), Stop> {
    let data = reader.objects.stream(reader.source, number, MAX_STREAM)?;
    let text = &mut reader.found.text;
    text.part(Part::Body);
    let mut result = Ok(());
    let walked = xml::walk(
        &data.bytes,
        |_| {},
        |element, _| {
            if result.is_ok() && !element.text.trim().is_empty() {
                result = text.push(element.text.trim());
                text.gap(Gap::Paragraph);
            }
        },
    );
    result.and(walked)
}
