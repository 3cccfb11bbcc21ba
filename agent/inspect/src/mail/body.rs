//! The text of a message, as plain text or as HTML.

use std::io::Read;

use encoding_rs::Encoding;

use super::entity::Span;
use super::header;
use super::transfer::Transfer;
use crate::codepage;
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
    let encoding = match charset.and_then(header::charset) {
        Some(encoding) => encoding,
        None => codepage::detect(&gather(transfer.open(source, span), HEAD)?.0),
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
    let label = charset.and_then(header::charset).map(Encoding::name);
    html::read(transfer.open(source, span), label, found)
}
