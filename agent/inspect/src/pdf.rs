//! PDF: whether it is encrypted, whether it opens without asking all the same, and its properties.

mod filter;
mod info;
mod object;
mod security;
mod xref;

use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};

use crate::found::Found;
use crate::kind;
use crate::pdf::object::Object;
use crate::pdf::security::Key;
use crate::pdf::xref::Objects;
use crate::source::{Source, Stop};

/// Fills in what a PDF is.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    found.kind = kind::PDF;
    let mut objects = Objects::open(source)?;
    if objects.is_rebuilt() {
        found.stopped(&Stop::Damaged);
    }
    if let Some(encryption) = objects
        .trailer()
        .get("Encrypt")
        .cloned()
        .filter(|object| *object != Object::Null)
    {
        found.encrypted(EncryptionMethod::Pdf);
        objects.key = open(source, &mut objects, &encryption)?;
        if objects.key.is_none() {
            return Ok(());
        }
        found.set_encryption(EncryptionState::Openable, EncryptionMethod::Pdf);
    }
    info::read(source, &mut objects, found)
}

/// The key, when the empty password gives it.
fn open(source: &mut Source<'_>, objects: &mut Objects, encryption: &Object) -> Result<Option<Key>, Stop> {
    let Object::Dictionary(mut encryption) = objects.resolve(source, encryption)? else {
        return Err(Stop::Damaged);
    };
    for (_, value) in &mut encryption.0 {
        *value = objects.resolve(source, value)?;
    }
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
    Ok(Key::without_password(&encryption, id))
}
