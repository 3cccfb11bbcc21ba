//! Files by real programs: kind, encryption and properties are what their makers meant.

use std::fs;

use super::{RULES, all_fixtures, facts_of, fixtures, inspect_bytes};
use fileward_inspect::Limits;
use fileward_policy::facts::TextState;
use fileward_protocol::vocabulary::EncryptionMethod as Method;
use fileward_protocol::vocabulary::EncryptionState::{self, Encrypted, None as Plain, Openable, Partly};
use fileward_protocol::vocabulary::Family;

const EXPECTED: &[(&str, &str, EncryptionState, Option<Method>)] = &[
    ("aes-partly.zip", "zip", Partly, Some(Method::ZipAes)),
    ("aes.zip", "zip", Encrypted, Some(Method::ZipAes)),
    ("annotated.pdf", "pdf", Plain, None),
    ("bcj.7z", "7z", Plain, None),
    ("bzip2.zip", "zip", Plain, None),
    ("calc-built-in.xls", "xls", Openable, Some(Method::CfbRc4)),
    ("calc-built-in.xlsx", "xlsx", Openable, Some(Method::Ooxml)),
    ("calc-locked.xls", "xls", Encrypted, Some(Method::CfbRc4)),
    ("calc.ods", "ods", Plain, None),
    ("calc.xls", "xls", Plain, None),
    ("calc.xlsm", "xlsm", Plain, None),
    ("calc.xlsx", "xlsx", Plain, None),
    ("cid.pdf", "pdf", Plain, None),
    ("crypto-partly.zip", "zip", Partly, Some(Method::ZipCrypto)),
    ("crypto.zip", "zip", Encrypted, Some(Method::ZipCrypto)),
    ("database.accdb", "accdb", Plain, None),
    ("database.mdb", "mdb", Plain, None),
    ("deflate64.zip", "zip", Plain, None),
    ("document.hwp", "hwp", Plain, None),
    ("document.hwpx", "hwpx", Plain, None),
    ("drawing.vsd", "vsd", Plain, None),
    ("export.sqlite", "sqlite", Plain, None),
    ("hidden.7z", "7z", Encrypted, Some(Method::SevenZipAes)),
    ("impress.pptx", "pptx", Plain, None),
    ("locked.7z", "7z", Encrypted, Some(Method::SevenZipAes)),
    ("lzma.zip", "zip", Plain, None),
    ("mail.eml", "eml", Plain, None),
    ("mail.pst", "pst", Plain, None),
    ("mails.mbox", "mbox", Plain, None),
    ("message.msg", "msg", Plain, None),
    ("note-big5.txt", "txt", Plain, None),
    ("note-gb18030.txt", "txt", Plain, None),
    ("note-hz.txt", "txt", Plain, None),
    ("note-utf16.txt", "txt", Plain, None),
    ("note-utf32.txt", "txt", Plain, None),
    ("note-utf7.txt", "txt", Plain, None),
    ("packed-4.rar", "rar", Plain, None),
    ("packed-5.rar", "rar", Plain, None),
    ("packed.cab", "cab", Plain, None),
    ("packed.cpio", "cpio", Plain, None),
    ("packed.lz", "lz", Plain, None),
    ("packed.lz4", "lz4", Plain, None),
    ("packed.tbz", "bz2", Plain, None),
    ("packed.tgz", "gz", Plain, None),
    ("packed.txz", "xz", Plain, None),
    ("packed.uue", "uue", Plain, None),
    ("packed.zst", "zst", Plain, None),
    ("partly.7z", "7z", Partly, Some(Method::SevenZipAes)),
    ("plain.7z", "7z", Plain, None),
    ("plain.tar", "tar", Plain, None),
    ("plain.zip", "zip", Plain, None),
    ("plan.mpp", "mpp", Plain, None),
    ("ppmd.7z", "7z", Plain, None),
    ("ppmd.zip", "zip", Plain, None),
    ("publication.pub", "pub", Plain, None),
    ("r2-locked.pdf", "pdf", Encrypted, Some(Method::Pdf)),
    ("r2-openable.pdf", "pdf", Openable, Some(Method::Pdf)),
    ("r3-openable-streams.pdf", "pdf", Openable, Some(Method::Pdf)),
    ("r4-locked.pdf", "pdf", Encrypted, Some(Method::Pdf)),
    ("r4-openable.pdf", "pdf", Openable, Some(Method::Pdf)),
    ("r6-locked.pdf", "pdf", Encrypted, Some(Method::Pdf)),
    ("r6-openable.pdf", "pdf", Openable, Some(Method::Pdf)),
    ("rich-crypto-api.xls", "xls", Openable, Some(Method::CfbRc4)),
    ("rich-xor.xls", "xls", Openable, Some(Method::CfbXor)),
    ("rich.doc", "doc", Plain, None),
    ("rich.rtf", "rtf", Plain, None),
    ("rich.xls", "xls", Plain, None),
    ("section.one", "one", Plain, None),
    ("slides.ppt", "ppt", Plain, None),
    ("solid-5.rar", "rar", Plain, None),
    ("streams.pdf", "pdf", Plain, None),
    ("subset.pdf", "pdf", Plain, None),
    ("winmail.dat", "tnef", Plain, None),
    ("writer-locked.doc", "doc", Encrypted, Some(Method::CfbRc4)),
    ("writer-locked.docx", "ooxml-encrypted", Encrypted, Some(Method::Ooxml)),
    ("writer-locked.odt", "odt", Encrypted, Some(Method::Odf)),
    ("writer.doc", "doc", Plain, None),
    ("writer.docx", "docx", Plain, None),
    ("writer.odt", "odt", Plain, None),
    ("writer.pdf", "pdf", Plain, None),
    ("writer.rtf", "rtf", Plain, None),
];

/// Kinds whose text is read.
const READ: &[&str] = &[
    "7z", "accdb", "bz2", "cab", "cpio", "lz", "lz4", "uue", "doc", "docx", "eml", "gz", "hwp", "hwpx", "mbox", "mdb",
    "mpp", "msg", "ods", "odt", "one", "pdf", "ppt", "pptx", "pst", "pub", "rar", "rtf", "sqlite", "tar", "tnef",
    "txt", "vsd", "xls", "xlsm", "xlsx", "xz", "zip", "zst",
];

#[test]
fn every_fixture_is_what_it_is() {
    let names: Vec<_> = all_fixtures()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let expected: Vec<_> = EXPECTED.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, expected, "every fixture has its row, in order");
    for (name, kind, state, method) in EXPECTED {
        let facts = facts_of(&fixtures().join(name));
        let found = (facts.kind.as_str(), facts.encryption.state, facts.encryption.method);
        assert_eq!(found, (*kind, *state, *method), "{name}");
        let text = match *state {
            Encrypted => TextState::Encrypted,
            _ if READ.contains(kind) => TextState::Read,
            _ => TextState::None,
        };
        assert_eq!(facts.text.state, text, "{name}");
    }
}

#[test]
fn a_kind_does_not_depend_on_the_name() {
    for (name, kind, ..) in EXPECTED {
        let bytes = fs::read(fixtures().join(name)).unwrap();
        let facts = inspect_bytes(&bytes, &Limits::default()).unwrap();
        assert_eq!(facts.kind.as_str(), *kind, "{name} without its name");
    }
}

#[test]
fn properties_and_label_come_from_every_office_format() {
    for name in [
        "writer.docx",
        "writer.doc",
        "writer.odt",
        "calc.xlsx",
        "calc.xlsm",
        "calc.xls",
        "calc.ods",
        "impress.pptx",
        "calc-built-in.xlsx",
        "calc-built-in.xls",
    ] {
        let facts = facts_of(&fixtures().join(name));
        assert_eq!(facts.properties.title.as_deref(), Some("示例项目报价单"), "{name}");
        assert_eq!(facts.properties.author.as_deref(), Some("示例作者"), "{name}");
        assert_eq!(facts.properties.template.as_deref(), Some("公司模板"), "{name}");
        assert_eq!(facts.properties.company.as_deref(), Some("示例科技有限公司"), "{name}");
        assert_eq!(facts.label.as_deref(), Some("内部"), "{name}");
    }
}

#[test]
fn properties_come_from_every_pdf_that_opens() {
    for (name, _, state, _) in EXPECTED.iter().filter(|(_, kind, ..)| *kind == "pdf") {
        let facts = facts_of(&fixtures().join(name));
        let title = (*state != Encrypted).then_some("示例项目报价单");
        assert_eq!(facts.properties.title.as_deref(), title, "{name}");
        assert_eq!(facts.family, Family::Pdf);
    }
}

#[test]
fn the_hash_is_keyed_and_covers_every_byte() {
    let mut bytes = vec![1; 700_000];
    let hash = |bytes: &[u8]| inspect_bytes(bytes, &Limits::default()).unwrap().content;
    let first = hash(&bytes);
    assert_eq!(first.0, *blake3::keyed_hash(&RULES.content_key, &bytes).as_bytes());
    *bytes.last_mut().unwrap() = 2;
    assert_ne!(hash(&bytes), first);
}

#[test]
fn an_empty_file_has_facts() {
    let facts = inspect_bytes(b"", &Limits::default()).unwrap();
    assert_eq!(
        (facts.kind.as_str(), facts.size, facts.family),
        ("empty", 0, Family::Other)
    );
}
