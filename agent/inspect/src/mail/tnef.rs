//! TNEF ([MS-OXTNEF]): what Outlook sends beside a message to others of its kind, known as `winmail.dat`.

use std::io::Read;

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use super::compressed::Unpacker;
use super::entity::Span;
use super::mapi::{self, Value};
use super::{body, take_head, take_lock};
use crate::codepage;
use crate::found::Found;
use crate::html;
use crate::inside::examine_inside;
use crate::rtf;
use crate::source::{Source, Stop, Unpacking, u32_at};
use crate::text::Part;

/// Where the first attribute begins, behind a signature and a key.
const START: u64 = 6;
/// The level, number and length of an attribute.
const HEAD: usize = 9;
/// The checksum behind it.
const TAIL: u64 = 2;
/// The longest name or subject that is read.
const MAX_TEXT: usize = 8 << 10;

/// Numbers of attributes.
mod id {
    pub(super) const SUBJECT: u32 = 0x0001_8004;
    pub(super) const BODY: u32 = 0x0002_800C;
    pub(super) const PROPERTIES: u32 = 0x0006_9003;
    pub(super) const CODEPAGE: u32 = 0x0006_9007;
    pub(super) const ATTACHMENT: u32 = 0x0006_9002;
    pub(super) const ATTACHMENT_NAME: u32 = 0x0001_8010;
    pub(super) const ATTACHMENT_DATA: u32 = 0x0006_800F;
    pub(super) const ATTACHMENT_PROPERTIES: u32 = 0x0006_9005;
}

/// What a message holds, as far as it was read.
struct Message {
    encoding: &'static Encoding,
    subject: String,
    author: String,
    body: Option<(Span, &'static Encoding)>,
    html: Option<Span>,
    rtf: Option<Span>,
    attachments: Vec<Attachment>,
}

#[derive(Default)]
struct Attachment {
    name: String,
    data: Option<Span>,
}

/// Fills in what a message says.
pub(crate) fn examine(source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
    let mut message = Message {
        encoding: WINDOWS_1252,
        subject: String::new(),
        author: String::new(),
        body: None,
        html: None,
        rtf: None,
        attachments: Vec::new(),
    };
    let result = message.read(source);
    found.tolerate(result)?;
    take_head(&message.subject, &message.author, &[], found)?;
    found.text.part(Part::Body);
    let result = message.take_body(source, found);
    found.tolerate(result)?;
    for attachment in &message.attachments {
        let Some(span) = attachment.data else {
            continue;
        };
        found.attached(&attachment.name)?;
        let mut file = source.part(span.start, span.len());
        let result = examine_inside(&mut file, &attachment.name, found);
        if let Some(inside) = found.tolerate(result)? {
            take_lock(&inside, found);
        }
    }
    Ok(())
}

impl Message {
    fn read(&mut self, source: &mut Source<'_>) -> Result<(), Stop> {
        let mut at = START;
        // Less than a head is what fills up the file.
        while at.saturating_add(HEAD as u64) <= source.len() {
            source.budget().check_time()?;
            let head: [u8; HEAD] = source.array(at)?;
            let start = at + HEAD as u64;
            let end = start + u64::from(u32_at(&head, 5)?);
            if end > source.len() {
                return Err(Stop::Damaged);
            }
            self.take(source, u32_at(&head, 1)?, Span { start, end })?;
            at = end + TAIL;
        }
        Ok(())
    }

    fn take(&mut self, source: &mut Source<'_>, attribute: u32, span: Span) -> Result<(), Stop> {
        match attribute {
            id::CODEPAGE => self.encoding = codepage::by_number(u32::from_le_bytes(source.array(span.start)?)),
            id::SUBJECT => self.subject = text(source, span, self.encoding)?,
            id::BODY => self.body = Some((span, self.encoding)),
            id::PROPERTIES => return mapi::walk(source, span, |source, value| self.property(source, value)),
            id::ATTACHMENT => {
                source.budget().spend_entry()?;
                self.attachments.push(Attachment::default());
            }
            _ => {
                let encoding = self.encoding;
                if let Some(attachment) = self.attachments.last_mut() {
                    attachment.take(source, attribute, span, encoding)?;
                }
            }
        }
        Ok(())
    }

    fn property(&mut self, source: &mut Source<'_>, value: Value) -> Result<(), Stop> {
        let encoding = encoding(value, self.encoding);
        match value.id {
            mapi::SUBJECT => self.subject = text(source, value.span, encoding)?,
            mapi::SENDER_NAME | mapi::SENDER_SMTP => {
                if !self.author.is_empty() {
                    self.author.push(' ');
                }
                if self.author.len() < MAX_TEXT {
                    self.author.push_str(&text(source, value.span, encoding)?);
                }
            }
            mapi::BODY => self.body = Some((value.span, encoding)),
            mapi::BODY_HTML => self.html = Some(value.span),
            mapi::BODY_RTF => self.rtf = Some(value.span),
            _ => {}
        }
        Ok(())
    }

    fn take_body(&self, source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
        let budget = source.budget();
        if let Some((span, encoding)) = self.body {
            // A text of this kind ends with a zero.
            let reader = source.section(span.start, span.len());
            return body::lines(reader, encoding, budget, found);
        }
        if let Some(span) = self.html {
            return html::read(source.section(span.start, span.len()), None, found);
        }
        match self.rtf {
            Some(span) => {
                let unpacker = Unpacker::open(source.section(span.start, span.len()))?;
                rtf::read(Unpacking::new(unpacker, budget), budget, found)
            }
            None => Ok(()),
        }
    }
}

impl Attachment {
    fn take(
        &mut self,
        source: &mut Source<'_>,
        attribute: u32,
        span: Span,
        narrow: &'static Encoding,
    ) -> Result<(), Stop> {
        /// In front of an object stands the number of its interface.
        const INTERFACE: u64 = 16;
        match attribute {
            id::ATTACHMENT_NAME if self.name.is_empty() => self.name = text(source, span, narrow)?,
            id::ATTACHMENT_DATA => self.data = Some(span),
            id::ATTACHMENT_PROPERTIES => mapi::walk(source, span, |source, value| {
                match (value.id, value.kind) {
                    (mapi::LONG_FILE_NAME, _) => self.name = text(source, value.span, encoding(value, narrow))?,
                    (mapi::ATTACHED, mapi::OBJECT) => {
                        self.data = Some(Span {
                            start: value.span.start.saturating_add(INTERFACE).min(value.span.end),
                            end: value.span.end,
                        });
                    }
                    (mapi::ATTACHED, _) if self.data.is_none() => self.data = Some(value.span),
                    _ => {}
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    }
}

fn encoding(value: Value, narrow: &'static Encoding) -> &'static Encoding {
    if value.kind == mapi::WIDE { UTF_16LE } else { narrow }
}

fn text(source: &mut Source<'_>, span: Span, encoding: &'static Encoding) -> Result<String, Stop> {
    let mut bytes = Vec::new();
    let section = source.section(span.start, span.len());
    section.take(MAX_TEXT as u64).read_to_end(&mut bytes)?;
    Ok(codepage::zero_ended(&bytes, encoding))
}

#[cfg(test)]
mod tests {
    use crate::examined::{assert_in_order, examined};
    use crate::kind;

    fn attribute(id: u32, data: &[u8]) -> Vec<u8> {
        let len = u32::try_from(data.len()).unwrap();
        [&[1][..], &id.to_le_bytes(), &len.to_le_bytes(), data, &[0, 0]].concat()
    }

    #[test]
    fn message_and_attachments_are_read() {
        let name: Vec<u8> = "附件.rtf\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let name_length = u32::try_from(name.len()).unwrap();
        // One property with a name of its own, a number, then the long file name.
        let properties = [
            &3_u32.to_le_bytes()[..],
            &0x8001_0003_u32.to_le_bytes(),
            &[7; 16],
            &0_u32.to_le_bytes(),
            &[1, 0, 0, 0, 9, 0, 0, 0],
            &0x0037_0003_u32.to_le_bytes(),
            &[0; 4],
            &0x3707_001F_u32.to_le_bytes(),
            &1_u32.to_le_bytes(),
            &name_length.to_le_bytes(),
            &name,
        ]
        .concat();
        let file = [
            b"\x78\x9F\x3E\x22\x01\x00".to_vec(),
            attribute(0x0006_9007, &936_u32.to_le_bytes()),
            attribute(0x0001_8004, b"\xCA\xBE\xC0\xFD\0"),
            attribute(0x0002_800C, b"\xD5\xFD\xCE\xC4\r\n"),
            attribute(0x0006_9002, &[0; 14]),
            attribute(0x0006_800F, b"{\\rtf1 attached}"),
            attribute(0x0006_9005, &properties),
        ]
        .concat();
        let found = examined(&file);
        assert_eq!((found.kind, found.stopped), (kind::TNEF, None));
        assert_eq!(found.properties.title.as_deref(), Some("示例"));
        assert_in_order(&found, &["示例\n", "正文\n", "attached"]);
        assert!(examined(&file[..file.len() - 40]).stopped.is_some());
    }
}
