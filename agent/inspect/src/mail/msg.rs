//! Outlook's messages ([MS-OXMSG]): a compound file with a stream for each property.

use std::cell::RefCell;
use std::io::Read;

use encoding_rs::Encoding;

use super::record::{self, Record};
use super::{mapi, take_head, take_lock};
use crate::container::compound::{Entry, Storage};
use crate::found::Found;
use crate::inside::examine_inside;
use crate::office::objects;
use crate::source::{Source, Stop, u16_at, u32_at};
use crate::text::Gap;

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

/// The encoding of narrow strings.
fn encoding(source: &mut Source<'_>, storage: Storage<'_>) -> Result<&'static Encoding, Stop> {
    let bytes = match storage.stream(FIXED) {
        Some(stream) => storage.read(source, stream, MAX_FIXED)?,
        None => Vec::new(),
    };
    // The head of a message of its own is longer.
    let is_own = storage.storage("__nameid_version1.0").is_some();
    let rows = bytes.get(if is_own { 32 } else { 24 }..).unwrap_or_default();
    Ok(record::encoding(|id| {
        let row = rows.chunks_exact(16).find(|row| u16_at(row, 2) == Ok(id))?;
        u32_at(row, 8).ok()
    }))
}

/// A message, a recipient or an attachment.
#[derive(Clone, Copy)]
struct Object<'c> {
    storage: Storage<'c>,
    encoding: &'static Encoding,
}

impl Record for Object<'_> {
    fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    fn has(&self, id: u16, kind: u16) -> bool {
        self.stream(id, kind).is_some_and(|stream| stream.size > 0)
    }

    fn open<'s>(&'s self, source: &'s mut Source<'_>, id: u16, kind: u16) -> Result<Box<dyn Read + 's>, Stop> {
        let stream = self.stream(id, kind).ok_or(Stop::Damaged)?;
        Ok(Box::new(self.storage.open(source, stream)))
    }
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

    /// Examines what is attached: a file, a message, or an object of another program.
    fn attached(self, source: &mut Source<'_>, found: &mut Found) -> Result<(), Stop> {
        let budget = source.budget();
        let mut name = self.text(source, mapi::LONG_FILE_NAME)?;
        if name.is_empty() {
            name = self.text(source, mapi::FILE_NAME)?;
        }
        found.attached(&name)?;
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
