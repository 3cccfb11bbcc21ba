//! What lies in archives, packed by the programs that people use: it is read, and its encryption counts.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use fileward_inspect::{Examiner, Hint, Limits, Rules};
use fileward_policy::Facts;
use fileward_policy::facts::TextState;
use fileward_protocol::vocabulary::EncryptionMethod as Method;
use fileward_protocol::vocabulary::EncryptionState::{Encrypted, None as Plain, Partly};
use zip::write::SimpleFileOptions;

use super::fixtures;
use super::tools::{has, run_line};

const COMPANY: &str = "示例科技有限公司";

/// Inspects a file, looking for the company's name.
fn facts_of(path: &Path) -> Facts {
    let rules = Rules {
        company_names: vec![COMPANY.to_owned()],
        ..Rules::default()
    };
    let extension = path.extension().map(|own| own.to_string_lossy().to_lowercase());
    // Other tests share the machine.
    let limits = Limits {
        time: Duration::from_mins(10),
        ..Limits::default()
    };
    Examiner::new(rules)
        .inspect(&File::open(path).unwrap(), &Hint { extension }, &limits)
        .unwrap()
}

fn is_found(facts: &Facts) -> bool {
    facts.mentions == [COMPANY]
}

/// A folder with a note that names the company, behind a name too long for the oldest archives, and noise beside it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("in/a folder with a long name/and another one");
    fs::create_dir_all(&deep).unwrap();
    let long =
        "a name that is longer than a hundred characters, as they come from chats, with all that was said of it there";
    fs::write(deep.join(format!("{long}.txt")), format!("甲方：{COMPANY}\n").repeat(3)).unwrap();
    let noise: Vec<u8> = (0..20_000_u32)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    fs::write(folder.path().join("in/noise.bin"), noise).unwrap();
    folder
}

#[test]
fn what_is_packed_is_read() {
    let folder = folder();
    for (program, name, kind, lines) in [
        ("7z", "lzma.7z", "7z", &["7z a -m0=lzma lzma.7z in"][..]),
        ("7z", "lzma2.7z", "7z", &["7z a -m0=lzma2 -ms=on -mx=9 lzma2.7z in"]),
        ("7z", "bcj.7z", "7z", &["7z a -m0=bcj -m1=lzma2 bcj.7z in"]),
        ("7z", "ppmd.7z", "7z", &["7z a -m0=ppmd ppmd.7z in"]),
        ("7z", "bzip2.7z", "7z", &["7z a -m0=bzip2 bzip2.7z in"]),
        ("7z", "deflate64.7z", "7z", &["7z a -m0=deflate64 deflate64.7z in"]),
        ("7z", "copy.7z", "7z", &["7z a -mx=0 copy.7z in"]),
        ("7z", "deflate.zip", "zip", &["7z a -tzip deflate.zip in"]),
        ("7z", "stored.zip", "zip", &["7z a -tzip -mx=0 stored.zip in"]),
        (
            "7z",
            "deflate64.zip",
            "zip",
            &["7z a -tzip -mm=deflate64 deflate64.zip in"],
        ),
        ("7z", "bzip2.zip", "zip", &["7z a -tzip -mm=bzip2 bzip2.zip in"]),
        ("7z", "lzma.zip", "zip", &["7z a -tzip -mm=lzma lzma.zip in"]),
        ("7z", "ppmd.zip", "zip", &["7z a -tzip -mm=ppmd ppmd.zip in"]),
        ("tar", "gnu.tar", "tar", &["tar --format=gnu -cf gnu.tar in"]),
        ("tar", "pax.tar", "tar", &["tar --format=pax -cf pax.tar in"]),
        ("gzip", "a.tar.gz", "gz", &["tar -czf a.tar.gz in"]),
        ("bzip2", "a.tbz", "bz2", &["tar -cjf a.tbz in"]),
        ("xz", "a.txz", "xz", &["tar -cJf a.txz in"]),
        (
            "zstd",
            "a.tar.zst",
            "zst",
            &["tar -cf t.tar in", "zstd -q t.tar -o a.tar.zst"],
        ),
        (
            "lzip",
            "a.tar.lz",
            "lz",
            &["tar -cf t.tar in", "lzip -b 100k -k t.tar -o a.tar.lz"],
        ),
        (
            "lz4",
            "a.tar.lz4",
            "lz4",
            &["tar -cf t.tar in", "lz4 -q -f -B4 -BD t.tar a.tar.lz4"],
        ),
        (
            "genisoimage",
            "joliet.iso",
            "iso",
            &["genisoimage -quiet -J -o joliet.iso in"],
        ),
        (
            "genisoimage",
            "rock.iso",
            "iso",
            &["genisoimage -quiet -R -o rock.iso in"],
        ),
        ("gcab", "stored.cab", "cab", &["gcab -cn stored.cab note.txt noise.bin"]),
        ("gcab", "mszip.cab", "cab", &["gcab -czn mszip.cab note.txt noise.bin"]),
    ] {
        if !has(program) {
            continue;
        }
        fs::write(folder.path().join("note.txt"), format!("甲方：{COMPANY}")).unwrap();
        fs::copy(folder.path().join("in/noise.bin"), folder.path().join("noise.bin")).unwrap();
        for line in lines {
            run_line(folder.path(), line);
        }
        let facts = facts_of(&folder.path().join(name));
        assert_eq!(
            (facts.kind.as_str(), facts.text.state),
            (kind, TextState::Read),
            "{name}"
        );
        assert!(is_found(&facts), "{name}: {facts:?}");
    }
}

#[test]
fn volumes_of_a_divided_archive_are_known_by_their_content() {
    let folder = folder();
    for (program, line, volumes, kind) in [
        (
            "zip",
            "zip -q -s 64k -r -P secret locked.zip in",
            ["locked.z01", "locked.zip"],
            "zip",
        ),
        (
            "zip",
            "zip -q -s 64k -r plain.zip in",
            ["plain.z01", "plain.zip"],
            "zip",
        ),
    ] {
        if !has(program) {
            continue;
        }
        run_line(folder.path(), line);
        for name in volumes {
            let facts = facts_of(&folder.path().join(name));
            let is_locked = name.starts_with("locked");
            assert_eq!(
                (facts.kind.as_str(), facts.encryption.protects()),
                (kind, is_locked),
                "{name}"
            );
        }
    }
    if has("7z") {
        run_line(folder.path(), "7z a -v64k divided.7z in");
        let facts = facts_of(&folder.path().join("divided.7z.001"));
        assert_eq!((facts.kind.as_str(), facts.text.state), ("7z", TextState::Malformed));
    }
}

#[test]
fn every_packed_fixture_names_the_company() {
    for name in [
        "bcj.7z",
        "bzip2.zip",
        "deflate64.zip",
        "lzma.zip",
        "note-big5.txt",
        "note-gb18030.txt",
        "note-hz.txt",
        "note-utf16.txt",
        "note-utf32.txt",
        "note-utf7.txt",
        "packed-4.rar",
        "packed-5.rar",
        "packed.cab",
        "packed.cpio",
        "packed.lz",
        "packed.lz4",
        "packed.tbz",
        "packed.tgz",
        "packed.txz",
        "packed.uue",
        "packed.zst",
        "plain.tar",
        "ppmd.7z",
        "ppmd.zip",
        "solid-5.rar",
    ] {
        assert!(is_found(&facts_of(&fixtures().join(name))), "{name}");
    }
}

/// A zip of stored files.
fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn facts_of_bytes(bytes: &[u8]) -> Facts {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    facts_of(file.path())
}

fn encryption(bytes: &[u8]) -> (fileward_protocol::vocabulary::EncryptionState, Option<Method>) {
    let encryption = facts_of_bytes(bytes).encryption;
    (encryption.state, encryption.method)
}

#[test]
fn archives_within_archives_are_read_as_deep_as_the_limit() {
    let note = format!("甲方：{COMPANY}");
    let mut bytes = zip_of(&[("note.txt", note.as_bytes())]);
    for depth in 1..=5 {
        let facts = facts_of_bytes(&bytes);
        let is_in_reach = depth <= 4;
        assert_eq!(is_found(&facts), is_in_reach, "{depth}");
        let state = if is_in_reach {
            TextState::Read
        } else {
            TextState::TooLarge
        };
        assert_eq!(facts.text.state, state, "{depth}");
        bytes = zip_of(&[("inner.zip", &bytes)]);
    }
}

#[test]
fn what_is_encrypted_by_itself_makes_the_archive_so() {
    let locked = fs::read(fixtures().join("writer-locked.docx")).unwrap();
    let pdf = fs::read(fixtures().join("r6-locked.pdf")).unwrap();
    let openable = fs::read(fixtures().join("r6-openable.pdf")).unwrap();
    let aes = fs::read(fixtures().join("aes.zip")).unwrap();
    let all = zip_of(&[("a.docx", &locked), ("b.pdf", &pdf), ("empty", b""), ("c.zip", &aes)]);
    assert_eq!(encryption(&all), (Encrypted, Some(Method::Ooxml)));
    assert_eq!(
        encryption(&zip_of(&[("all.zip", &all)])),
        (Encrypted, Some(Method::Ooxml))
    );
    let some = zip_of(&[("a.docx", &locked), ("note.txt", b"plain")]);
    assert_eq!(encryption(&some), (Partly, Some(Method::Ooxml)));
    assert_eq!(
        encryption(&zip_of(&[("some.zip", &some)])),
        (Partly, Some(Method::Ooxml))
    );
    assert_eq!(encryption(&zip_of(&[("a.pdf", &openable)])), (Plain, None));
    assert_eq!(encryption(&zip_of(&[("empty", b"")])), (Plain, None));
    assert_eq!(encryption(&zip_of(&[])), (Plain, None));
    // What a Mac puts beside people's files is none of theirs.
    let beside = zip_of(&[
        ("a.docx", &locked),
        ("__MACOSX/._a.docx", b"\0\x05\x16\x07 of the Finder"),
    ]);
    assert_eq!(encryption(&beside), (Encrypted, Some(Method::Ooxml)));
}

#[test]
fn the_name_of_an_entry_is_text_but_not_that_of_a_part() {
    let name = format!("{COMPANY}.bin");
    assert!(is_found(&facts_of_bytes(&zip_of(&[(&name, b"\0\x01\x02\x03")]))));
    let part = zip_of(&[("[Content_Types].xml", b"<Types/>"), (&name, b"\0\x01\x02\x03")]);
    let types = "<Types><Override PartName=\"/word/document.xml\" ContentType=\
        \"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
    let package = zip_of(&[("[Content_Types].xml", types.as_bytes()), (&name, b"\0\x01\x02\x03")]);
    assert!(is_found(&facts_of_bytes(&part)));
    let facts = facts_of_bytes(&package);
    assert_eq!((facts.kind.as_str(), is_found(&facts)), ("docx", false));
}

#[test]
fn names_in_the_encodings_of_old_windows_are_read() {
    let placeholder = "0123456789ABCDEF.txt";
    let mut bytes = zip_of(&[(placeholder, b"text"), ("other.txt", b"text")]);
    let (name, _, _) = encoding_rs::GB18030.encode(COMPANY);
    assert_eq!(name.len(), 16);
    for at in 0..bytes.len() - 16 {
        if bytes[at..].starts_with(&placeholder.as_bytes()[..16]) {
            bytes[at..at + 16].copy_from_slice(&name);
        }
    }
    assert!(is_found(&facts_of_bytes(&bytes)));
}

#[test]
fn text_larger_than_what_is_held_is_streamed() {
    let line = "2026-01-01 00:00:00 INFO nothing to see here, and a little more of it\n";
    let log = [line.repeat(260_000), format!("甲方：{COMPANY}\n")].concat();
    assert!(log.len() > 16 << 20);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(log.as_bytes()).unwrap();
    let facts = facts_of_bytes(&encoder.finish().unwrap());
    assert_eq!((facts.kind.as_str(), facts.text.state), ("gz", TextState::Read));
    assert!(is_found(&facts));
}

#[test]
fn a_long_film_beside_a_note_is_no_limit() {
    let mut film = b"\0\0\0\x18ftypisom".to_vec();
    film.resize(20 << 20, 7);
    let note = format!("甲方：{COMPANY}");
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [("film.mp4", film.as_slice()), ("note.txt", note.as_bytes())] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    let facts = facts_of_bytes(&writer.finish().unwrap().into_inner());
    assert_eq!((facts.text.state, is_found(&facts)), (TextState::Read, true));
}

#[test]
fn a_long_mail_in_an_archive_is_read_to_its_end() {
    let head = "From: a@example.com\r\nTo: b@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: s\r\n\r\n";
    let mail = [head, &"nothing to see here\r\n".repeat(20_000), "甲方：", COMPANY].concat();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("mail.eml", SimpleFileOptions::default()).unwrap();
    writer.write_all(mail.as_bytes()).unwrap();
    let facts = facts_of_bytes(&writer.finish().unwrap().into_inner());
    assert_eq!((facts.text.state, is_found(&facts)), (TextState::Read, true));
}

#[test]
fn rar_of_every_version_is_unpacked() {
    use rars::{ArchiveVersion, Builder};

    let note = format!("甲方：{COMPANY}\n").repeat(200).into_bytes();
    for version in [ArchiveVersion::Rar29, ArchiveVersion::Rar50, ArchiveVersion::Rar70] {
        for (level, solid) in [(None, false), (Some(5), false), (Some(5), true)] {
            let mut builder = Builder::new(version)
                .store(level.is_none())
                .compression_level(level)
                .solid(solid);
            builder
                .add_bytes(b"first.txt".to_vec(), b"something else ".repeat(100), None, None)
                .unwrap();
            builder
                .add_bytes(b"note.txt".to_vec(), note.clone(), None, None)
                .unwrap();
            let facts = facts_of_bytes(&builder.to_bytes().unwrap());
            let found = (facts.kind.as_str(), facts.text.state, is_found(&facts));
            assert_eq!(found, ("rar", TextState::Read, true), "{version:?} {level:?} {solid}");
        }
    }
}

#[test]
fn rows_of_databases_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch("CREATE TABLE a (name TEXT, note TEXT); INSERT INTO a VALUES ('x', 'nothing');")
        .unwrap();
    let long = format!("{}{COMPANY}", "-".repeat(20_000));
    database.execute("INSERT INTO a VALUES ('y', ?1)", [&long]).unwrap();
    drop(database);
    let facts = facts_of(&path);
    assert_eq!((facts.kind.as_str(), facts.text.state), ("sqlite", TextState::Read));
    assert!(is_found(&facts));
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("DELETE FROM a WHERE name = 'y'").unwrap();
    drop(database);
    assert!(!is_found(&facts_of(&path)), "what was deleted is not read");
}

#[test]
fn a_name_that_promises_something_else_is_a_disguise() {
    let folder = tempfile::tempdir().unwrap();
    for (from, name, is_disguised) in [
        ("writer.docx", "holiday.jpg", true),
        ("plain.zip", "note.txt", true),
        ("writer.docx", "report.docx", false),
        ("writer.rtf", "report.doc", false),
        ("plain.7z", "backup.zip", false),
        ("writer.pdf", "no extension", false),
    ] {
        let path = folder.path().join(name);
        fs::copy(fixtures().join(from), &path).unwrap();
        let facts = facts_of(&path);
        assert_eq!(facts.disguised, is_disguised, "{from} as {name}");
    }
}

#[test]
fn envelopes_of_gnupg_and_age_are_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("note.txt"), "a note").unwrap();
    let gpg = "gpg --homedir . --batch --pinentry-mode loopback --passphrase secret";
    let mut made = Vec::new();
    if has("gpg") {
        for (name, options) in [("a.gpg", ""), ("a.asc", " --armor"), ("b.gpg", " --cipher-algo CAST5")] {
            run_line(folder.path(), &format!("{gpg}{options} -o {name} --symmetric note.txt"));
            made.push((name, "openpgp", Encrypted, Some(Method::OpenPgp)));
        }
        run_line(folder.path(), &format!("{gpg} -o packed.gpg --store note.txt"));
        made.push(("packed.gpg", "unknown", Plain, None));
    }
    if has("age-keygen") {
        run_line(folder.path(), "age-keygen -o key");
        let key = fs::read_to_string(folder.path().join("key")).unwrap();
        let public = key
            .lines()
            .find_map(|line| line.strip_prefix("# public key: "))
            .unwrap();
        run_line(folder.path(), &format!("age -r {public} -o a.age note.txt"));
        run_line(folder.path(), &format!("age -a -r {public} -o armoured.age note.txt"));
        made.push(("a.age", "age", Encrypted, Some(Method::Age)));
        made.push(("armoured.age", "age", Encrypted, Some(Method::Age)));
    }
    for (name, kind, state, method) in made {
        let facts = facts_of(&folder.path().join(name));
        let found = (facts.kind.as_str(), facts.encryption.state, facts.encryption.method);
        assert_eq!(found, (kind, state, method), "{name}");
    }
}
