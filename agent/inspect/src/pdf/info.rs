//! A PDF's properties: its information dictionary, and its XMP.

use encoding_rs::UTF_16BE;

use crate::encoding;
use crate::found::{Found, Property};
use crate::pdf::object::Object;
use crate::pdf::xref::Objects;
use crate::source::{Source, Stop};
use crate::xml::{self, Element};

/// Takes the properties.
pub(super) fn read(source: &mut Source<'_>, objects: &mut Objects, found: &mut Found) -> Result<(), Stop> {
    let result = read_dictionary(source, objects, found);
    found.tolerate(result)?;
    let result = read_xmp(source, objects, found);
    found.tolerate(result)?;
    Ok(())
}

fn read_dictionary(source: &mut Source<'_>, objects: &mut Objects, found: &mut Found) -> Result<(), Stop> {
    let Some(info) = objects.trailer().get("Info").cloned() else {
        return Ok(());
    };
    let Object::Dictionary(info) = objects.resolve(source, &info)? else {
        return Ok(());
    };
    for (name, value) in &info.0 {
        let Object::Text(value) = objects.resolve(source, value)? else {
            continue;
        };
        let name = encoding::decode_unlabelled(name);
        found.property(property(&name), &decode(&value));
    }
    Ok(())
}

/// The property of a name that PDF has given a meaning; any other was given by the document's program or author.
fn property(name: &str) -> Property<'_> {
    match name {
        "Title" => Property::Title,
        "Author" => Property::Author,
        "Company" => Property::Company,
        "Manager" => Property::Manager,
        "Template" => Property::Template,
        "Subject" | "Keywords" | "Creator" | "Producer" | "CreationDate" | "ModDate" | "Trapped" => {
            Property::Other(name)
        }
        _ => Property::Custom(name),
    }
}

/// Text strings are UTF-16 or UTF-8 with a mark; without one they should be Latin, but Chinese programs write GBK.
fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, wide @ ..] => UTF_16BE.decode_without_bom_handling(wide).0.into_owned(),
        _ => encoding::decode_unlabelled(bytes).into_owned(),
    }
}

fn read_xmp(source: &mut Source<'_>, objects: &mut Objects, found: &mut Found) -> Result<(), Stop> {
    let Some(root) = objects.trailer().get("Root").cloned() else {
        return Ok(());
    };
    let Object::Dictionary(root) = objects.resolve(source, &root)? else {
        return Ok(());
    };
    let Some(Object::Reference(number)) = root.get("Metadata") else {
        return Ok(());
    };
    let packet = objects.stream(source, *number)?;
    xml::walk(&packet, |_| {}, |element, around| take_xmp(element, around, found))
}

/// Takes the values of XMP that the information dictionary does not have.
fn take_xmp(element: &Element, around: &[Element], found: &mut Found) {
    // A list stands as Alt, Bag or Seq of li within the property.
    let name = match (element.name.as_str(), around) {
        ("li", [.., property, _]) => property.name.as_str(),
        (name, _) => name,
    };
    match name {
        "title" => found.property(Property::Title, &element.text),
        "creator" => found.property(Property::Author, &element.text),
        "Company" => found.property(Property::Company, &element.text),
        "Manager" => found.property(Property::Manager, &element.text),
        "密级" => found.property(Property::Custom(name), &element.text),
        name if name.starts_with("MSIP_Label_") => found.property(Property::Custom(name), &element.text),
        _ => {}
    }
}
