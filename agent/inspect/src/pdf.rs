//! PDF: whether it is encrypted, whether it opens without asking all the same, its properties and its text.

mod annotation;
mod attachment;
mod content;
mod drawing;
mod filter;
mod font;
mod form;
mod geometry;
mod info;
mod layout;
mod object;
mod objects;
mod outline;
mod page;
mod parser;
mod predictor;
mod reader;
mod rebuild;
mod security;
mod strings;
#[cfg(test)]
mod tests;
mod xmp;
mod xref;

use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};

use crate::found::Found;
use crate::kind;
use crate::pdf::object::{Dictionary, Object};
use crate::pdf::objects::Objects;
use crate::pdf::reader::Reader;
use crate::pdf::security::Key;
use crate::source::{Source, Stop};

/// Fills in what a PDF is and reads its text.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::PDF;
    let mut objects = Objects::open(source)?;
    if objects.is_rebuilt {
        found.stopped(&Stop::Damaged);
    }
    let encryption = objects.trailer().get("Encrypt").cloned();
    if let Some(encryption) = encryption.filter(|object| *object != Object::Null) {
        found.encrypted(EncryptionMethod::Pdf);
        let encryption = encryption_dictionary(source, &mut objects, &encryption)?;
        objects.key = open(source, &mut objects, &encryption)?;
        let state = match &objects.key {
            Some(_) => EncryptionState::Openable,
            None if security::locks_attachments_only(&encryption) => EncryptionState::Partly,
            None => return Ok(()),
        };
        found.set_encryption(state, EncryptionMethod::Pdf);
    }
    objects.look_into_containers(source)?;
    info::read(source, &mut objects, found)?;
    let result = read_text(source, &mut objects, found);
    found.tolerate(result)?;
    if objects.is_damaged {
        found.stopped(&Stop::Damaged);
    }
    Ok(())
}

fn read_text(source: &mut Source<'_>, objects: &mut Objects, found: &mut Found) -> Result<(), Stop> {
    let root = match objects.trailer().get("Root").cloned() {
        Some(root) => objects.value(source, &root)?.into_dictionary(),
        None => None,
    };
    let root = root.unwrap_or_default();
    let mut reader = Reader::new(source, objects, found);
    page::read_all(&mut reader, &root)?;
    form::read(&mut reader, &root)?;
    outline::read(&mut reader, &root)?;
    attachment::read_all(&mut reader, &root)
}

fn encryption_dictionary(source: &mut Source<'_>, objects: &mut Objects, own: &Object) -> Result<Dictionary, Stop> {
    let Object::Dictionary(mut encryption) = objects.resolve(source, own)? else {
        return Err(Stop::Damaged);
    };
    for (_, value) in &mut encryption.0 {
        *value = objects.resolve(source, value)?;
    }
    Ok(encryption)
}

/// The key, when the empty password gives it.
fn open(source: &mut Source<'_>, objects: &mut Objects, encryption: &Dictionary) -> Result<Option<Key>, Stop> {
    let id = match objects.trailer().get("ID").cloned() {
        Some(id) => objects.resolve(source, &id)?,
        None => Object::Null,
    };
    let first = match &id {
        Object::Array(parts) => parts.first(),
        _ => None,
    };
    let id = match first {
        Some(Object::Text(id)) => id.as_slice(),
        _ => &[],
    };
    Ok(Key::without_password(encryption, id))
}
