//! The text of a message, as plain text or as HTML.

use std::io::Read;

use encoding_rs::{Encoding, WINDOWS_1252};

use super::entity::Span;
use super::header;
use super::transfer::Transfer;
use crate::codepage;
use crate::encoding;
use crate::found::Found;
use crate::html;
use crate::pen::Pen;
use crate::source::{Budget, Source, Stop, gather};
use crate::text::Gap;

/// Bytes looked at to tell the encoding of a text that does not say.
const HEAD: usize = 4 << 10;

/// Takes a text without form.
pub(super) fn plain(
    source: &mut Source<'_>,
    transfer: Transfer,
    span: Span,
    charset: Option<&str>,
    found: &mut Found,
) -> Result<(), Stop> {
    let own = charset.and_then(header::charset);
    let encoding = match own.filter(|own| *own != WINDOWS_1252) {
        Some(own) => own,
        None => likeliest(own, &gather(transfer.open(source, span), HEAD)?.0),
    };
    let budget = source.budget();
    lines(transfer.open(source, span), encoding, budget, found)
}

/// Takes text line by line.
pub(super) fn lines(
    reader: impl Read,
    encoding: &'static Encoding,
    budget: &Budget,
    found: &mut Found,
) -> Result<(), Stop> {
    let mut pen = Pen::default();
    let mut is_blank = false;
    let text = &mut found.text;
    codepage::decode(reader, encoding, budget, |piece| {
        for c in piece.chars() {
            match c {
                '\n' if is_blank => pen.gap(Gap::Paragraph, text)?,
                '\n' => pen.gap(Gap::Line, text)?,
                '\r' | '\u{FEFF}' => continue,
                c => pen.put(c, text)?,
            }
            is_blank = c == '\n';
        }
        Ok(())
    })?;
    pen.flush(text)
}

/// Takes a text in HTML. What the message says of its encoding counts more than what the text says of itself.
pub(super) fn html(
    source: &mut Source<'_>,
    transfer: Transfer,
    span: Span,
    charset: Option<&str>,
    found: &mut Found,
) -> Result<(), Stop> {
    let own = charset.and_then(header::charset).filter(|own| *own != WINDOWS_1252);
    html::read(transfer.open(source, span), own.map(Encoding::name), found)
}

/// The encoding of a text that names none, or the Western one, which mailers name for text in any.
fn likeliest(own: Option<&'static Encoding>, head: &[u8]) -> &'static Encoding {
    let says_nothing = match encoding::detect(head, false) {
        None | Some(encoding::Encoding::Latin) => true,
        Some(_) => head.is_ascii(),
    };
    own.filter(|_| says_nothing).unwrap_or_else(|| codepage::detect(head))
}
