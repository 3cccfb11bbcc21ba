//! Outlook's messages ([MS-OXMSG]): a compound file with a stream for each property.

use std::cell::RefCell;

use encoding_rs::{Encoding, UTF_8, UTF_16LE};

use super::compressed::Unpacker;
use super::{body, mapi, take_head, take_lock};
use crate::codepage;
use crate::container::compound::{Entry, Storage};
use crate::found::Found;
use crate::html;
use crate::inside::examine_inside;
use crate::office::objects;
use crate::rtf;
use crate::source::{Source, Stop, Unpacking, u16_at, u32_at};
use crate::text::{Gap, Part};

/// Bytes that tell whether a text is encoded as the message says.
const HEAD: usize = 4 << 10;
/// The longest name, subject or address that is read.
const MAX_TEXT: usize = 8 << 10;
/// The largest list of properties of fixed size.
const MAX_FIXED: usize = 64 << 10;

const FIXED: &str = "__properties_version1.0";

/// Fills in what a message says, one of its own or one within another.
pub(crate) fn examine(source: &mut Source<'_>, storage: Storage<'_>, found: &mut Found) -> Result<(), Stop> {
    let message = Object {
        storage,
        encoding: encoding(source, storage)?,
    };
    let author = message.person(source, &[mapi::SENDER_NAME, mapi::SENDER_SMTP, mapi::SENDER_ADDRESS])?;
    let mut others = Vec::new();
    for id in [mapi::DISPLAY_TO, mapi::DISPLAY_CC, mapi::DISPLAY_BCC] {
        others.push(message.text(source, id)?);
    }
    for recipient in message.inner("__recip_version1.0_#") {
        source.budget().spend_entry()?;
        others.push(recipient.person(source, &[mapi::NAME, mapi::SMTP, mapi::ADDRESS])?);
    }
    take_head(&message.text(source, mapi::SUBJECT)?, &author, &others, found)?;
    let result = message.body(source, found);
    found.tolerate(result)?;
    for attachment in message.inner("__attach_version1.0_#") {
        found.text.gap(Gap::Page);
        let result = attachment.attached(source, found);
        found.tolerate(result)?;
    }
    Ok(())
}

/// The encoding of narrow strings: the message's codepage, or that of the mail it came as.
fn encoding(source: &mut Source<'_>, storage: Storage<'_>) -> Result<&'static Encoding, Stop> {
    let Some(stream) = storage.stream(FIXED) else {
        return Ok(UTF_8);
    };
    // The head of a message of its own is longer.
    let is_own = storage.storage("__nameid_version1.0").is_some();
    let bytes = storage.read(source, stream, MAX_FIXED)?;
    let rows = bytes.get(if is_own { 32 } else { 24 }..).unwrap_or_default();
    let number = |id| {
        let row = rows.chunks_exact(16).find(|row| u16_at(row, 2) == Ok(id))?;
        u32_at(row, 8).ok()
    };
    let number = number(mapi::CODEPAGE).or_else(|| number(mapi::INTERNET_CODEPAGE));
    Ok(codepage::by_number(number.unwrap_or(65001)))
}

/// A message, a recipient or an attachment.
#[derive(Clone, Copy)]
struct Object<'c> {
    storage: Storage<'c>,
    encoding: &'static Encoding,
}

impl<'c> Object<'c> {
    fn inner(self, prefix: &'static str) -> impl Iterator<Item = Self> {
        let storages = self
            .storage
            .storages()
            .filter(move |(name, _)| name.starts_with(prefix));
        let encoding = self.encoding;
        storages.map(move |(_, storage)| Self { storage, encoding })
    }

    fn stream(self, id: u16, kind: u16) -> Option<&'c Entry> {
        self.storage.stream(&name(id, kind))
    }

    /// The stream of a text, and how it is encoded.
    fn text_stream(self, source: &mut Source<'_>, id: u16) -> Result<Option<(&'c Entry, &'static Encoding)>, Stop> {
        if let Some(stream) = self.stream(id, mapi::WIDE) {
            return Ok(Some((stream, UTF_16LE)));
        }
        let Some(stream) = self.stream(id, mapi::NARROW) else {
            return Ok(None);
        };
        let start = self.storage.read(source, stream, HEAD)?;
        let is_wrong = self.encoding.decode_without_bom_handling(&start).1;
        let encoding = if is_wrong {
            codepage::detect(&start)
        } else {
            self.encoding
        };
        Ok(Some((stream, encoding)))
    }

    /// A short text; empty when there is none.
    fn text(self, source: &mut Source<'_>, id: u16) -> Result<String, Stop> {
        let Some((stream, encoding)) = self.text_stream(source, id)? else {
            return Ok(String::new());
        };
        let bytes = self.storage.read(source, stream, MAX_TEXT)?;
        Ok(codepage::zero_ended(&bytes, encoding))
    }

    /// A name and addresses, as one text.
    fn person(self, source: &mut Source<'_>, ids: &[u16]) -> Result<String, Stop> {
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
    fn body(self, source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
        let budget = source.budget();
        found.text.part(Part::Body);
        if let Some((stream, encoding)) = self.text_stream(source, mapi::BODY)?
            && stream.size > 0
        {
            return body::lines(self.storage.open(source, stream), encoding, budget, found);
        }
        if let Some(stream) = self.stream(mapi::BODY_HTML, mapi::BINARY) {
            return html::read(self.storage.open(source, stream), None, found);
        }
        if let Some((stream, encoding)) = self.text_stream(source, mapi::BODY_HTML)? {
            return html::read(self.storage.open(source, stream), Some(encoding.name()), found);
        }
        match self.stream(mapi::BODY_RTF, mapi::BINARY) {
            Some(stream) => {
                let unpacker = Unpacker::open(self.storage.open(source, stream))?;
                rtf::read(Unpacking::new(unpacker, budget), budget, found)
            }
            None => Ok(()),
        }
    }

    /// Examines what is attached: a file, a message, or an object of another program.
    fn attached(self, source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
        let budget = source.budget();
        let mut name = self.text(source, mapi::LONG_FILE_NAME)?;
        if name.is_empty() {
            name = self.text(source, mapi::FILE_NAME)?;
        }
        let inside = if let Some(stream) = self.stream(mapi::ATTACHED, mapi::BINARY) {
            let file = RefCell::new(self.storage.open(source, stream));
            let len = stream.size;
            Some(examine_inside(&mut Source::of_part(&file, len, budget), &name, found)?)
        } else {
            match self.storage.storage(&self::name(mapi::ATTACHED, mapi::OBJECT)) {
                Some(object) => objects::examine_object(source, object, found)?,
                None => None,
            }
        };
        if let Some(inside) = inside {
            take_lock(&inside, found);
        }
        Ok(())
    }
}

/// The name of a property's stream.
fn name(id: u16, kind: u16) -> String {
    format!("__substg1.0_{id:04X}{kind:04X}")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use crate::examined::{assert_in_order, examined};
    use crate::found::Found;
    use crate::kind;

    /// A message with these streams; each path stands for the storages in it too.
    fn message(streams: &[(&str, &[u8])]) -> Found {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (path, content) in streams {
            if let Some((folder, _)) = path.rsplit_once('/') {
                file.create_storage_all(folder).unwrap();
            }
            file.create_stream(path).unwrap().write_all(content).unwrap();
        }
        examined(&file.into_inner().into_inner())
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_message_is_read_with_what_is_attached() {
        let found = message(&[
            ("__properties_version1.0", &[0; 32]),
            ("__nameid_version1.0/x", b""),
            ("__substg1.0_0037001F", &wide("主题示例")),
            ("__substg1.0_0C1A001F", &wide("作者")),
            ("__substg1.0_5D01001F", &wide("author@example.com")),
            ("__substg1.0_0C1F001F", &wide("/O=EXAMPLE/CN=AUTHOR")),
            ("__substg1.0_1000001F", &wide("正文\r\n第二行")),
            ("__recip_version1.0_#00000000/__substg1.0_3001001F", &wide("读者")),
            (
                "__recip_version1.0_#00000000/__substg1.0_39FE001F",
                &wide("reader@example.com"),
            ),
            ("__attach_version1.0_#00000000/__substg1.0_3707001F", &wide("a.rtf")),
            (
                "__attach_version1.0_#00000000/__substg1.0_37010102",
                b"{\\rtf1 attached}",
            ),
            (
                "__attach_version1.0_#00000001/__substg1.0_3701000D/__properties_version1.0",
                &[0; 24],
            ),
            (
                "__attach_version1.0_#00000001/__substg1.0_3701000D/__substg1.0_0037001F",
                &wide("内层主题"),
            ),
        ]);
        assert_eq!((found.kind, found.stopped), (kind::MSG, None));
        assert_eq!(found.properties.title.as_deref(), Some("主题示例"));
        assert_in_order(
            &found,
            &[
                "作者 author@example.com\n",
                "读者 reader@example.com\n",
                "主题示例\n",
                "正文\n第二行",
                "attached",
                "内层主题",
            ],
        );
    }

    #[test]
    fn narrow_strings_are_decoded_by_the_codepage() {
        let mut properties = vec![0; 32];
        properties.extend(0x3FFD_0003_u32.to_le_bytes());
        properties.extend([0; 4]);
        properties.extend(936_u64.to_le_bytes());
        let found = message(&[
            ("__properties_version1.0", &properties),
            ("__nameid_version1.0/x", b""),
            ("__substg1.0_0037001E", b"\xCA\xBE\xC0\xFD"),
        ]);
        assert_eq!(found.properties.title.as_deref(), Some("示例"));
    }

    #[test]
    fn a_body_in_compressed_rtf_alone_is_read() {
        let packed = b"\x1a\0\0\0\x1c\0\0\0\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\0\x04\x20\x57\x58\x59\x5a\x0d\x6e\x7d\
            \x01\x0e\xb0";
        let found = message(&[("__properties_version1.0", &[0; 32]), ("__substg1.0_10090102", packed)]);
        assert_in_order(&found, &["WXYZWXYZWXYZWXYZWXYZ"]);
    }
}
