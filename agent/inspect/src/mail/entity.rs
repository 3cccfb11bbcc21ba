//! The parts of a message (RFC 2045, RFC 2046), found where they lie and read in place.

use std::cell::RefCell;

use fileward_protocol::vocabulary::{EncryptionMethod, EncryptionState};
use memchr::memmem::Finder;

use super::body;
use super::header::Header;
use super::transfer::{Base64At, Transfer};
use super::{signed, take_head, take_lock};
use crate::container::sealed;
use crate::found::Found;
use crate::inside::{examine_inside, examine_stream, within};
use crate::kind;
use crate::recognise::Format;
use crate::source::{Source, Stop, Unpacking, gather};
use crate::text::{Gap, Part};

/// Parts within parts of one message.
const MAX_NESTED: u32 = 16;
/// Bytes searched at once.
const CHUNK: usize = 64 << 10;
/// Bytes of a signed part that are held.
const MAX_SIGNED: usize = 16 << 20;
/// Bytes of a text that tell whether it is an envelope.
const HEAD: usize = 4 << 10;
/// The longest line that separates parts.
const MAX_BOUNDARY: usize = 200;

/// A stretch of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
}

impl Span {
    pub(super) fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// Reads a whole message.
pub(super) fn message(source: &mut Source<'_>, span: Span, found: &mut Found) -> Result<(), Stop> {
    let (header, body) = Header::read(source, span.start, span.end)?;
    let text = |name| header.text(name).unwrap_or_default();
    let others: Vec<_> = ["to", "cc", "bcc", "reply-to"].into_iter().map(text).collect();
    take_head(&text("subject"), &text("from"), &others, found)?;
    let body = Span {
        start: body,
        end: span.end,
    };
    entity(source, &header, body, 0, found)
}

/// Reads one part, whatever it is.
fn entity(source: &mut Source<'_>, header: &Header, span: Span, nested: u32, found: &mut Found) -> Result<(), Stop> {
    let media_type = match header.value("content-type") {
        given if given.contains('/') => given,
        _ => "text/plain".to_owned(),
    };
    if let Some(Sealed(method)) = lock(source, header, &media_type, span)? {
        let state = if nested == 0 {
            EncryptionState::Encrypted
        } else {
            EncryptionState::Partly
        };
        found.encryption.state = state;
        found.encryption.method = method;
        return Ok(());
    }
    if media_type.starts_with("multipart/") {
        let Some(boundary) = header.parameter("content-type", "boundary") else {
            return Err(Stop::Damaged);
        };
        if nested == MAX_NESTED {
            return Err(Stop::TooLarge);
        }
        return multipart(source, &boundary, span, nested, found);
    }
    let transfer = Transfer::named(&header.value("content-transfer-encoding"));
    let name = file_name(header);
    if media_type == "message/rfc822" && transfer == Transfer::Plain {
        let budget = source.budget();
        budget.spend_entry()?;
        let inside = within(budget, found, |found| {
            found.kind = kind::EML;
            message(source, span, found)
        })?;
        take_lock(&inside, found);
        return Ok(());
    }
    if matches!(
        media_type.as_str(),
        "application/pkcs7-mime" | "application/x-pkcs7-mime"
    ) && nested < MAX_NESTED
    {
        return signed_entity(source, transfer, span, nested, found);
    }
    let is_attached = header.value("content-disposition") == "attachment";
    let is_shown = !is_attached && matches!(media_type.as_str(), "text/plain" | "text/html");
    if is_shown || name.is_none() && media_type.starts_with("text/") {
        found.text.part(Part::Body);
        let charset = header.parameter("content-type", "charset");
        return match media_type.as_str() {
            "text/html" => body::html(source, transfer, span, charset.as_deref(), found),
            _ => body::plain(source, transfer, span, charset.as_deref(), found),
        };
    }
    attachment(source, transfer, span, &name.unwrap_or_default(), found)
}

/// Reads the part that stands within a signature.
fn signed_entity(
    source: &mut Source<'_>,
    transfer: Transfer,
    span: Span,
    nested: u32,
    found: &mut Found,
) -> Result<(), Stop> {
    let budget = source.budget();
    // Once as it is, and once without its structure.
    let _held = budget.hold(2 * span.len().min(MAX_SIGNED as u64))?;
    let (structure, has_more) = gather(transfer.open(source, span), MAX_SIGNED)?;
    if has_more {
        found.stopped(&Stop::TooLarge);
    }
    let Some(content) = signed::content(&structure) else {
        return Ok(());
    };
    let mut source = Source::of_memory(&content, budget);
    let (header, start) = Header::read(&mut source, 0, content.len() as u64)?;
    let body = Span {
        start,
        end: content.len() as u64,
    };
    entity(&mut source, &header, body, nested + 1, found)
}

/// A part that is locked, and how where that has a name.
struct Sealed(Option<EncryptionMethod>);

/// How a part is locked, if it is: by S/MIME (RFC 8551) or by OpenPGP (RFC 3156, or in the text itself).
fn lock(source: &mut Source<'_>, header: &Header, media_type: &str, span: Span) -> Result<Option<Sealed>, Stop> {
    const OPENPGP: Sealed = Sealed(Some(EncryptionMethod::OpenPgp));
    Ok(match media_type {
        "multipart/encrypted" => match header.parameter("content-type", "protocol") {
            Some(protocol) if protocol.eq_ignore_ascii_case("application/pgp-encrypted") => Some(OPENPGP),
            _ => Some(Sealed(None)),
        },
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
            let form = header.parameter("content-type", "smime-type").unwrap_or_default();
            let is_sealed = match form.to_ascii_lowercase().as_str() {
                "enveloped-data" | "authenveloped-data" => true,
                "" => is_enveloped(source, header, span)?,
                _ => false,
            };
            is_sealed.then_some(Sealed(None))
        }
        "text/plain" => {
            let start = source.bytes(
                span.start,
                usize::try_from(span.len()).map_or(HEAD, |len| len.min(HEAD)),
            )?;
            match sealed::recognise(&start) {
                Some(Format::Sealed(_, method)) => Some(Sealed(method)),
                _ => None,
            }
        }
        _ => None,
    })
}

/// Whether a PKCS #7 object without a description is an enveloped one.
fn is_enveloped(source: &mut Source<'_>, header: &Header, span: Span) -> Result<bool, Stop> {
    let transfer = Transfer::named(&header.value("content-transfer-encoding"));
    let (start, _) = gather(transfer.open(source, span), 64)?;
    Ok(sealed::is_enveloped(&start))
}

fn file_name(header: &Header) -> Option<String> {
    let name = header
        .parameter("content-disposition", "filename")
        .or_else(|| header.parameter("content-type", "name"));
    name.or_else(|| (header.value("content-disposition") == "attachment").then(String::new))
}

fn multipart(source: &mut Source<'_>, boundary: &str, span: Span, nested: u32, found: &mut Found) -> Result<(), Stop> {
    let spans = parts(source, boundary, span)?;
    // Forms of a text that are said to be the same need not be: each is read.
    for part in &spans.parts {
        source.budget().spend_entry()?;
        let (header, start) = Header::read(source, part.start, part.end)?;
        let body = Span { start, end: part.end };
        let result = entity(source, &header, body, nested + 1, found);
        found.tolerate(result)?;
        found.text.gap(Gap::Paragraph);
    }
    if spans.is_closed { Ok(()) } else { Err(Stop::Damaged) }
}

/// Where the parts of a multipart body lie.
struct Parts {
    parts: Vec<Span>,
    is_closed: bool,
}

/// Finds the lines that separate parts.
fn parts(source: &mut Source<'_>, boundary: &str, span: Span) -> Result<Parts, Stop> {
    let mark = format!("--{boundary}");
    let mark = mark.get(..mark.len().min(MAX_BOUNDARY)).unwrap_or(&mark).trim_end();
    let mut found = Parts {
        parts: Vec::new(),
        is_closed: false,
    };
    let mut open: Option<u64> = None;
    let mut at = span.start;
    while let Some(line) = find_line(source, mark.as_bytes(), at, span)? {
        source.budget().check_time()?;
        let after = line + mark.len() as u64;
        let rest = source.bytes(after, MAX_BOUNDARY)?;
        let end = memchr::memchr(b'\n', &rest).map_or(rest.len(), |end| end + 1);
        at = after + end as u64;
        let is_last = rest.starts_with(b"--");
        if !is_last && !rest[..end].trim_ascii().is_empty() {
            // Another boundary that begins like this one.
            continue;
        }
        if let Some(start) = open.take() {
            found.parts.push(Span { start, end: line });
        }
        if is_last {
            found.is_closed = true;
            return Ok(found);
        }
        open = Some(at);
    }
    if let Some(start) = open {
        found.parts.push(Span { start, end: span.end });
    }
    Ok(found)
}

/// Finds the next line that begins with `mark`, at or after `at`.
pub(super) fn find_line(source: &mut Source<'_>, mark: &[u8], mut at: u64, span: Span) -> Result<Option<u64>, Stop> {
    let finder = Finder::new(mark);
    while at < span.end {
        source.budget().check_time()?;
        let len = usize::try_from(span.end - at).map_or(CHUNK, |len| len.min(CHUNK));
        let chunk = source.bytes(at, len)?;
        for hit in finder.find_iter(&chunk) {
            let place = at + hit as u64;
            let is_line = match hit.checked_sub(1) {
                Some(before) => chunk.get(before) == Some(&b'\n'),
                None => place == span.start || source.array::<1>(place - 1)? == *b"\n",
            };
            if is_line {
                return Ok(Some(place));
            }
        }
        // A mark may be cut at the end of the chunk.
        let step = chunk.len().saturating_sub(mark.len() - 1);
        if step == 0 || chunk.len() < len {
            break;
        }
        at += step as u64;
    }
    Ok(None)
}

/// Examines an attached file.
fn attachment(
    source: &mut Source<'_>,
    transfer: Transfer,
    span: Span,
    name: &str,
    found: &mut Found,
) -> Result<(), Stop> {
    found.attached(name)?;
    let budget = source.budget();
    let inside = match transfer {
        Transfer::Plain => examine_inside(&mut source.part(span.start, span.len()), name, found)?,
        Transfer::Base64 => {
            let file = Base64At::open(source, span)?;
            let len = file.len;
            let file = RefCell::new(file);
            examine_inside(&mut Source::of_part(&file, len, budget), name, found)?
        }
        Transfer::Quoted => {
            budget.spend_entry()?;
            let mut file = Unpacking::new(transfer.open(source, span), budget);
            examine_stream(&mut file, name, budget, found)?
        }
    };
    take_lock(&inside, found);
    Ok(())
}
