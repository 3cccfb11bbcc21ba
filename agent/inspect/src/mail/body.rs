//! The text of a message, as plain text or as HTML.

use std::io::Read;

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
/// The longest text in HTML that is read.
const MAX_HTML: usize = 8 << 20;

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
    encoding: &'static encoding_rs::Encoding,
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

/// Takes a text in HTML.
pub(super) fn html(
    source: &mut Source<'_>,
    transfer: Transfer,
    span: Span,
    charset: Option<&str>,
    found: &mut Found,
) -> Result<(), Stop> {
    let budget = source.budget();
    let (bytes, has_more) = gather(transfer.open(source, span), MAX_HTML)?;
    budget.spend_unpacked(bytes.len())?;
    html_bytes(bytes, charset, found)?;
    if has_more { Err(Stop::TooLarge) } else { Ok(()) }
}

/// As [`html`], of bytes at hand.
pub(super) fn html_bytes(bytes: Vec<u8>, charset: Option<&str>, found: &mut Found) -> Result<(), Stop> {
    let Some(encoding) = charset.and_then(header::charset) else {
        return html::read(&bytes, found);
    };
    // What the message says counts more than what the text says of itself, as a mark in front of it does.
    let text = format!("\u{FEFF}{}", encoding.decode(&bytes).0);
    drop(bytes);
    html::read(text.as_bytes(), found)
}
