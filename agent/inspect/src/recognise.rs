//! Which format a file has, by its bytes.

mod archives;
mod data;
mod designs;
mod dialects;
mod disguise;
mod learnt;
mod magic;
mod mail;
mod media;
mod plain;
mod signatures;
mod structure;
mod table;

use fileward_protocol::vocabulary::EncryptionMethod;

use crate::Hint;
use crate::container::{self, packed::Packing};
use crate::encoding::Encoding;
use crate::kind::{self, Kind};
use crate::source::{Source, Stop};

pub(crate) use disguise::{is_disguised, promises_package};
pub(crate) use mail::count_before;

/// Bytes looked at for recognising. An ISO image shows itself after 32 KiB.
pub(crate) const HEAD: usize = 64 << 10;
/// The size of a stream that goes on: so large that it fits no table, and no sum with it overflows.
const UNKNOWN_SIZE: u64 = u64::MAX >> 1;

/// A format, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A kind with nothing more to find out.
    Flat(Kind),
    /// A kind that is nothing but ciphertext.
    Sealed(Kind, Option<EncryptionMethod>),
    /// Nothing that is known, and uniform throughout.
    Noise,
    /// A zip archive, or one of the many kinds that are built as one.
    Zip,
    SevenZip,
    Rar,
    Tar,
    Cab,
    Iso,
    Cpio,
    Uuencoded,
    Sqlite,
    Dbf,
    Packed(Packing),
    Text(Kind, Encoding),
    /// A Microsoft compound file: legacy Office and others.
    Compound,
    Pdf,
}

/// Recognises a file.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn recognise(source: &mut Source<'_>, hint: &Hint) -> Result<Format, Stop> {
    let head = source.view(0, HEAD)?;
    if head.is_empty() {
        return Ok(Format::Flat(kind::EMPTY));
    }
    if let Some(format) = by_head(&head, source.len(), hint) {
        return Ok(format);
    }
    // A zip may begin with anything, such as another volume; but what has a kind of its own stays that.
    if container::zip::has_end(source)? {
        return Ok(Format::Zip);
    }
    if let Some(kind) = archives::by_end(source)? {
        return Ok(Format::Flat(kind));
    }
    Ok(if container::noise::is_suspicious(source, hint)? {
        Format::Noise
    } else {
        Format::Flat(kind::UNKNOWN)
    })
}

/// Recognises a stream by its first bytes.
pub(crate) fn recognise_start(head: &[u8], hint: &Hint) -> Format {
    by_head(head, UNKNOWN_SIZE, hint).unwrap_or(Format::Flat(kind::UNKNOWN))
}

fn by_head(head: &[u8], size: u64, hint: &Hint) -> Option<Format> {
    container(head)
        .or_else(|| signatures::find(head, size).map(format_of))
        .or_else(|| is_called_message(head, hint).then_some(Format::Flat(kind::EML)))
        .or_else(|| container::sealed::recognise(head))
        .or_else(|| container::uuencode::is_begun(head).then_some(Format::Uuencoded))
        .or_else(|| plain::recognise(head, size, hint))
}

fn is_called_message(head: &[u8], hint: &Hint) -> bool {
    hint.extension.as_deref() == Some("eml") && mail::may_be_message(head)
}

/// The format of a kind that its first bytes tell.
fn format_of(kind: Kind) -> Format {
    match kind {
        kind::TAR => Format::Tar,
        kind::CAB => Format::Cab,
        kind::CPIO => Format::Cpio,
        kind::ISO => Format::Iso,
        kind::SQLITE => Format::Sqlite,
        kind::DBF => Format::Dbf,
        kind::GZIP => Format::Packed(Packing::Gzip),
        kind::BZIP2 => Format::Packed(Packing::Bzip2),
        kind::LZ4 => Format::Packed(Packing::Lz4),
        kind::LZIP => Format::Packed(Packing::Lzip),
        kind::LZMA => Format::Packed(Packing::Lzma),
        kind::XZ => Format::Packed(Packing::Xz),
        kind::ZSTD => Format::Packed(Packing::Zstd),
        kind => Format::Flat(kind),
    }
}

fn container(head: &[u8]) -> Option<Format> {
    const FORMATS: &[(&[u8], Format)] = &[
        (b"PK\x03\x04", Format::Zip),
        (b"PK\x05\x06", Format::Zip),
        (b"PK\x07\x08PK", Format::Zip),
        (b"7z\xBC\xAF\x27\x1C", Format::SevenZip),
        (b"Rar!\x1A\x07\x00", Format::Rar),
        (b"Rar!\x1A\x07\x01\x00", Format::Rar),
        // Before version 1.5.
        (b"RE\x7E\x5E", Format::Flat(kind::RAR)),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Format::Compound),
    ];
    if let Some((_, format)) = FORMATS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(*format);
    }
    // Readers accept a PDF's header anywhere in the first KiB; mail that carries one begins with its own header.
    let at = memchr::memmem::find(&head[..head.len().min(1024)], b"%PDF-")?;
    (at == 0 || !mail::is_message(head)).then_some(Format::Pdf)
}
