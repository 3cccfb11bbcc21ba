//! A PDF's properties: its information dictionary, and its XMP.

use crate::encoding;
use crate::found::{Found, Property};
use crate::pdf::object::Object;
use crate::pdf::objects::{MAX_STREAM, Objects};
use crate::pdf::{strings, xmp};
use crate::source::{Source, Stop};

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
        found.property(property(&name), &strings::decode(&value));
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
    let packet = objects.stream(source, *number, MAX_STREAM)?.bytes;
    xmp::read(&packet, found)
}
