//! Messages, recipients and attachments as lists of properties: what is read of each, however Outlook stored them.

use std::io::Read;

use encoding_rs::{Encoding, UTF_8, UTF_16LE};

use super::compressed::Unpacker;
use super::{body, mapi};
use crate::codepage;
use crate::found::Found;
use crate::html;
use crate::rtf;
use crate::source::{Source, Stop, Unpacking};
use crate::text::Part;

/// Bytes that tell whether a text is encoded as the message says.
const HEAD: usize = 4 << 10;
/// The longest name, subject or address that is read.
const MAX_TEXT: u64 = 8 << 10;

/// A list of properties.
pub(super) trait Record {
    /// How narrow strings are encoded.
    fn encoding(&self) -> &'static Encoding;

    /// Whether there is a property of that number and type, and it is not empty.
    fn has(&self, id: u16, kind: u16) -> bool;

    /// Opens a property's value.
    fn open<'s>(&'s self, source: &'s mut Source<'_>, id: u16, kind: u16) -> Result<Box<dyn Read + 's>, Stop>;

    /// The type of a text, and its encoding; `None` when there is none.
    fn text_kind(&self, source: &mut Source<'_>, id: u16) -> Result<Option<(u16, &'static Encoding)>, Stop> {
        if self.has(id, mapi::WIDE) {
            return Ok(Some((mapi::WIDE, UTF_16LE)));
        }
        if !self.has(id, mapi::NARROW) {
            return Ok(None);
        }
        let mut start = Vec::new();
        self.open(source, id, mapi::NARROW)?
            .take(HEAD as u64)
            .read_to_end(&mut start)?;
        let is_wrong = self.encoding().decode_without_bom_handling(&start).1;
        let encoding = if is_wrong {
            codepage::detect(&start)
        } else {
            self.encoding()
        };
        Ok(Some((mapi::NARROW, encoding)))
    }

    /// A short text; empty when there is none.
    fn text(&self, source: &mut Source<'_>, id: u16) -> Result<String, Stop> {
        let Some((kind, encoding)) = self.text_kind(source, id)? else {
            return Ok(String::new());
        };
        let mut bytes = Vec::new();
        self.open(source, id, kind)?.take(MAX_TEXT).read_to_end(&mut bytes)?;
        Ok(codepage::zero_ended(&bytes, encoding))
    }

    /// A name and addresses, as one text.
    fn person(&self, source: &mut Source<'_>, ids: &[u16]) -> Result<String, Stop> {
        let mut person = String::new();
        for id in ids {
            let text = self.text(source, *id)?;
            // Addresses within an organisation are paths that nobody reads.
            if text.is_empty() || text.starts_with('/') || person.contains(&text) {
                continue;
            }
            if !person.is_empty() {
                person.push(' ');
            }
            person.push_str(&text);
        }
        Ok(person)
    }

    /// The same text in several forms: the simplest is read.
    fn body(&self, source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
        let budget = source.budget();
        found.text.part(Part::Body);
        if let Some((kind, encoding)) = self.text_kind(source, mapi::BODY)? {
            return body::lines(self.open(source, mapi::BODY, kind)?, encoding, budget, found);
        }
        if self.has(mapi::BODY_HTML, mapi::BINARY) {
            return html::read(self.open(source, mapi::BODY_HTML, mapi::BINARY)?, None, found);
        }
        if let Some((kind, encoding)) = self.text_kind(source, mapi::BODY_HTML)? {
            let reader = self.open(source, mapi::BODY_HTML, kind)?;
            return html::read(reader, Some(encoding.name()), found);
        }
        if self.has(mapi::BODY_RTF, mapi::BINARY) {
            let unpacker = Unpacker::open(self.open(source, mapi::BODY_RTF, mapi::BINARY)?)?;
            return rtf::read(Unpacking::new(unpacker, budget), budget, found);
        }
        Ok(())
    }
}

/// The encoding of narrow strings: the message's codepage, or that of the mail it came as.
pub(super) fn encoding(number: impl Fn(u16) -> Option<u32>) -> &'static Encoding {
    let number = number(mapi::CODEPAGE).or_else(|| number(mapi::INTERNET_CODEPAGE));
    number.map_or(UTF_8, codepage::by_number)
}
