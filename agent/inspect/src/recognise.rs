//! Which format a file has, by its bytes.

mod mail;
mod plain;
mod signatures;

use fileward_protocol::vocabulary::EncryptionMethod;

use crate::Hint;
use crate::container;
use crate::kind::{self, Kind};
use crate::source::{Source, Stop};

/// Bytes looked at for recognising. An ISO image shows itself after 32 KiB.
const HEAD: usize = 64 << 10;

/// A format, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A kind with nothing more to find out.
    Flat(Kind),
    /// A kind that is nothing but ciphertext.
    Sealed(Kind, EncryptionMethod),
    /// A zip archive, or one of the many kinds that are built as one.
    Zip,
    SevenZip,
    Rar,
    /// A Microsoft compound file: legacy Office and others.
    Compound,
    Pdf,
}

/// Recognises a file.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn recognise(source: &mut Source<'_>, hint: &Hint) -> Result<Format, Stop> {
    let head = source.bytes(0, HEAD)?;
    if head.is_empty() {
        return Ok(Format::Flat(kind::EMPTY));
    }
    if let Some(format) = container(&head) {
        return Ok(format);
    }
    if let Some(kind) = signatures::find(&head, source.len()) {
        return Ok(Format::Flat(kind));
    }
    if let Some(format) = container::sealed::recognise(&head) {
        return Ok(format);
    }
    // A zip may begin with anything, such as the program that unpacks it; but a program stays a program.
    if head.starts_with(b"PK") && container::zip::has_end(source)? {
        return Ok(Format::Zip);
    }
    Ok(Format::Flat(
        plain::recognise(&head, source.len(), hint).unwrap_or(kind::UNKNOWN),
    ))
}

fn container(head: &[u8]) -> Option<Format> {
    const FORMATS: &[(&[u8], Format)] = &[
        (b"PK\x03\x04", Format::Zip),
        (b"PK\x05\x06", Format::Zip),
        (b"PK\x07\x08PK", Format::Zip),
        (b"7z\xBC\xAF\x27\x1C", Format::SevenZip),
        (b"Rar!\x1A\x07\x00", Format::Rar),
        (b"Rar!\x1A\x07\x01\x00", Format::Rar),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Format::Compound),
    ];
    if let Some((_, format)) = FORMATS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(*format);
    }
    // Readers accept a PDF's header anywhere in the first KiB; mail that carries one begins with its own header.
    let at = memchr::memmem::find(&head[..head.len().min(1024)], b"%PDF-")?;
    (at == 0 || !mail::is_message(head)).then_some(Format::Pdf)
}
