//! Hostile and damaged files: facts or a named error each time, never a panic, never without end.

use std::fs;
use std::io::Write as _;
use std::time::Duration;

use super::{RULES, all_fixtures, facts_of, fixtures, inspect_bytes};
use fileward_inspect::{Examiner, Hint, InspectError, Limits};
use fileward_policy::Facts;
use fileward_policy::facts::TextState;
use fileward_protocol::vocabulary::Family;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// One way to damage a file.
#[derive(Clone, Debug)]
enum Damage {
    Cut(prop::sample::Index),
    Flip(Vec<(prop::sample::Index, u8)>),
    Overwrite(prop::sample::Index, Vec<u8>),
    Insert(prop::sample::Index, Vec<u8>),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Append(Vec<u8>),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let at = any::<prop::sample::Index>;
        let some = || prop::collection::vec(any::<u8>(), 1..64);
        let extreme = prop::sample::select(vec![
            vec![0xFF; 8],
            vec![0; 8],
            vec![0xFF, 0xFF, 0xFF, 0x7F],
            vec![0x80; 4],
        ]);
        prop_oneof![
            at().prop_map(Self::Cut),
            prop::collection::vec((at(), 1..=255_u8), 1..12).prop_map(Self::Flip),
            (at(), some()).prop_map(|(at, bytes)| Self::Overwrite(at, bytes)),
            (at(), extreme).prop_map(|(at, bytes)| Self::Overwrite(at, bytes)),
            (at(), some()).prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            (at(), 1..200_usize).prop_map(|(at, count)| Self::Remove(at, count)),
            (at(), 1..2000_usize).prop_map(|(at, count)| Self::Repeat(at, count)),
            some().prop_map(Self::Append),
        ]
    }

    fn apply(&self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        match self {
            Self::Cut(at) => bytes.truncate(at.index(len)),
            Self::Flip(flips) => {
                for (at, mask) in flips {
                    bytes[at.index(len)] ^= mask;
                }
            }
            Self::Overwrite(at, new) => {
                let target = bytes[at.index(len)..].iter_mut();
                target.zip(new).for_each(|(old, new)| *old = *new);
            }
            Self::Insert(at, new) => {
                let at = at.index(len);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(at, count) => {
                let at = at.index(len);
                bytes.drain(at..len.min(at + count));
            }
            Self::Repeat(at, count) => {
                let at = at.index(len);
                let part = bytes[at..len.min(at + count)].to_vec();
                bytes.splice(at..at, part);
            }
            Self::Append(new) => bytes.extend(new),
        }
    }
}

#[test]
fn damaged_files_give_facts_or_a_named_error() {
    for path in all_fixtures() {
        let original = fs::read(&path).unwrap();
        // Trying the built-in password costs a hundred thousand hashes each time.
        let is_slow = path.ends_with("writer-locked.docx") || path.ends_with("calc-built-in.xlsx");
        let config = Config {
            cases: if is_slow { 16 } else { 200 },
            failure_persistence: None,
            ..Config::default()
        };
        let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let damages = prop::collection::vec(Damage::any(), 1..3);
        let result = TestRunner::new_with_rng(config, seed).run(&damages, |damages| {
            let mut bytes = original.clone();
            for damage in damages {
                if !bytes.is_empty() {
                    damage.apply(&mut bytes);
                }
            }
            let facts = inspect_bytes(&bytes, &Limits::default());
            prop_assert!(facts.is_ok_and(|facts| facts.size == bytes.len() as u64));
            Ok(())
        });
        assert!(result.is_ok(), "{}: {result:?}", path.display());
    }
}

#[test]
fn a_cut_file_says_that_it_is_malformed() {
    for name in [
        "writer.docx",
        "writer.pdf",
        "plain.7z",
        "calc.xls",
        "plain.zip",
        "mail.pst",
        "section.one",
        "drawing.vsd",
        "plan.mpp",
        "publication.pub",
    ] {
        let bytes = fs::read(fixtures().join(name)).unwrap();
        let facts = inspect_bytes(&bytes[..bytes.len() / 2], &Limits::default()).unwrap();
        assert_eq!(facts.text.state, TextState::Malformed, "{name}: {facts:?}");
    }
}

#[test]
fn a_cut_file_is_what_it_was_and_no_disguise() {
    for path in all_fixtures() {
        let bytes = fs::read(&path).unwrap();
        let whole = facts_of(&path);
        let hint = Hint {
            extension: path.extension().map(|own| own.to_string_lossy().to_lowercase()),
        };
        for tenths in [1, 3, 5, 7, 9] {
            let facts = inspect_as(&bytes[..bytes.len() * tenths / 10], &hint);
            let name = path.display();
            assert!(!facts.disguised, "{tenths}/10 of {name}: {facts:?}");
            let is_package = whole.family != Family::Archive && bytes.starts_with(b"PK");
            assert!(
                !is_package || facts.family == whole.family,
                "{tenths}/10 of {name}: {facts:?}"
            );
        }
    }
}

fn inspect_as(bytes: &[u8], hint: &Hint) -> Facts {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    Examiner::new(RULES).inspect(&file, hint, &Limits::default()).unwrap()
}

#[test]
fn a_cut_zip_may_be_a_document_but_no_picture() {
    let bytes = fs::read(fixtures().join("plain.zip")).unwrap();
    for (name, len, disguised) in [
        ("a.docx", 20, false),
        ("a.jpg", 20, true),
        ("a.zip", 20, false),
        ("a.docx", bytes.len(), true),
    ] {
        let facts = inspect_as(&bytes[..len], &Hint::of_name(name));
        assert_eq!(
            (facts.kind.as_str(), facts.disguised),
            ("zip", disguised),
            "{len} bytes of {name}"
        );
    }
}

#[test]
fn a_cut_archive_shows_its_encryption_all_the_same() {
    for name in ["crypto.zip", "aes.zip"] {
        let bytes = fs::read(fixtures().join(name)).unwrap();
        let facts = inspect_bytes(&bytes[..bytes.len() / 2], &Limits::default()).unwrap();
        assert!(facts.encryption.protects(), "{name}: {facts:?}");
    }
}

#[test]
fn no_time_is_a_named_error() {
    let limits = Limits {
        time: Duration::ZERO,
        ..Limits::default()
    };
    assert_eq!(inspect_bytes(b"text", &limits), Err(InspectError::Timeout(0)));
}

#[test]
fn an_archive_above_the_limit_of_entries_is_read_that_far() {
    let limits = Limits {
        entries: 1,
        ..Limits::default()
    };
    let bytes = fs::read(fixtures().join("crypto-partly.zip")).unwrap();
    let facts = inspect_bytes(&bytes, &limits).unwrap();
    assert_eq!((facts.kind.as_str(), facts.text.state), ("zip", TextState::TooLarge));
}

#[test]
fn a_bomb_is_unpacked_no_further_than_the_limit() {
    use zip::write::SimpleFileOptions;

    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let blank = vec![b' '; 1 << 20];
    for part in [
        "[Content_Types].xml",
        "docProps/core.xml",
        "docProps/app.xml",
        "word/document.xml",
    ] {
        writer.start_file(part, options).unwrap();
        for _ in 0..8 {
            writer.write_all(&blank).unwrap();
        }
    }
    let bytes = writer.finish().unwrap().into_inner();
    let limits = Limits {
        unpacked: 3 << 19,
        ..Limits::default()
    };
    let facts = inspect_bytes(&bytes, &limits).unwrap();
    assert_eq!((facts.kind.as_str(), facts.text.state), ("docx", TextState::TooLarge));
}

#[test]
fn tables_of_a_pdf_that_lead_in_circles_end() {
    let body = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Metadata 1 0 R>>\nendobj\n";
    let table = "xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Root 1 0 R/Info 2 0 R/Prev";
    let start = body.len();
    let pdf = format!("{body}{table} {start}/Size 2>>\nstartxref\n{start}\n%%EOF");
    let facts = inspect_bytes(pdf.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(facts.kind.as_str(), "pdf");
}

#[test]
fn a_reference_to_itself_ends() {
    let pdf = b"%PDF-1.4\n1 0 obj 1 0 R endobj 2 0 obj <</Type/ObjStm/N 1/First 4/Length 2 0 R>> stream\n1 0 2 0 R\nendstream\n\
        trailer <</Root 1 0 R/Info 1 0 R/Encrypt 1 0 R>>";
    let facts = inspect_bytes(pdf, &Limits::default()).unwrap();
    assert_eq!((facts.kind.as_str(), facts.text.state), ("pdf", TextState::Encrypted));
}
