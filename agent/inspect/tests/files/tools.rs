//! Files made on the spot by the programs that people use, where these are installed.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use fileward_protocol::vocabulary::EncryptionMethod as Method;
use fileward_protocol::vocabulary::EncryptionState::{self, Encrypted, None as Plain, Openable, Partly};

use super::{facts_of, fixtures};

/// Whether a program is there; says so when it is not.
fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_err() {
        eprintln!("{program} is not installed: nothing was tested with it");
    }
    found.is_ok()
}

/// Runs a program in a folder; it must succeed.
fn run<S: AsRef<OsStr>>(folder: &Path, program: &str, arguments: impl IntoIterator<Item = S>) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn run_line(folder: &Path, line: &str) {
    let mut words = line.split(' ');
    run(folder, words.next().unwrap(), words);
}

fn expect(folder: &Path, name: &str, kind: &str, state: EncryptionState, method: Option<Method>) {
    let facts = facts_of(&folder.join(name));
    let found = (facts.kind.as_str(), facts.encryption.state, facts.encryption.method);
    assert_eq!(found, (kind, state, method), "{name}");
}

/// A folder with a few files to pack.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("a.txt"), "示例文本 ".repeat(500)).unwrap();
    fs::write(folder.path().join("sub/b.csv"), "name,count\n示例,1\n".repeat(500)).unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    folder
}

#[test]
fn seven_zip() {
    if !has("7z") {
        return;
    }
    let folder = folder();
    let folder = folder.path();
    for (line, name, kind, state, method) in [
        ("7z a p.7z a.txt sub", "p.7z", "7z", Plain, None),
        ("7z a -m0=lzma2 -mhc=off u.7z a.txt sub", "u.7z", "7z", Plain, None),
        (
            "7z a -psecret l.7z a.txt sub",
            "l.7z",
            "7z",
            Encrypted,
            Some(Method::SevenZipAes),
        ),
        (
            "7z a -psecret -mhe=on h.7z a.txt sub",
            "h.7z",
            "7z",
            Encrypted,
            Some(Method::SevenZipAes),
        ),
        ("7z a -tzip p.zip a.txt sub empty", "p.zip", "zip", Plain, None),
        (
            "7z a -tzip -psecret c.zip a.txt sub empty",
            "c.zip",
            "zip",
            Encrypted,
            Some(Method::ZipCrypto),
        ),
        (
            "7z a -tzip -psecret -mem=AES256 e.zip a.txt sub empty",
            "e.zip",
            "zip",
            Encrypted,
            Some(Method::ZipAes),
        ),
        (
            "7z a -tzip -psecret -mem=AES128 p.zip sub/b.csv",
            "p.zip",
            "zip",
            Partly,
            Some(Method::ZipAes),
        ),
        ("7z a -ttar t.tar a.txt sub", "t.tar", "tar", Plain, None),
        ("7z a -tgzip g.gz a.txt", "g.gz", "gz", Plain, None),
        ("7z a -tbzip2 b.bz2 a.txt", "b.bz2", "bz2", Plain, None),
        ("7z a -txz x.xz a.txt", "x.xz", "xz", Plain, None),
    ] {
        run_line(folder, line);
        expect(folder, name, kind, state, method);
    }
}

#[test]
fn info_zip() {
    if !has("zip") {
        return;
    }
    let folder = folder();
    let folder = folder.path();
    run_line(folder, "zip -q -r p.zip a.txt sub empty");
    expect(folder, "p.zip", "zip", Plain, None);
    run_line(folder, "zip -q -r -P secret l.zip a.txt sub empty");
    expect(folder, "l.zip", "zip", Encrypted, Some(Method::ZipCrypto));
    run_line(folder, "zip -q -P secret p.zip sub/b.csv");
    expect(folder, "p.zip", "zip", Partly, Some(Method::ZipCrypto));
}

#[test]
fn qpdf_in_every_revision() {
    if !has("qpdf") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = fixtures().join("writer.pdf");
    let chars = facts_of(&source).text.chars;
    assert_ne!(chars, 0);
    let source = source.to_str().unwrap();
    for (bits, options) in [
        ("40", &["--"][..]),
        ("128", &["--use-aes=n", "--"]),
        ("128", &["--use-aes=y", "--"]),
        ("128", &["--use-aes=y", "--cleartext-metadata", "--"]),
        ("256", &["--force-R5", "--"]),
        ("256", &["--"]),
    ] {
        for (password, state) in [("secret", Encrypted), ("", Openable)] {
            for layout in ["--object-streams=disable", "--object-streams=generate", "--linearize"] {
                let start = ["--allow-weak-crypto", layout, "--encrypt", password, "owner", bits];
                run(
                    folder.path(),
                    "qpdf",
                    start.iter().chain(options).chain(&[source, "made.pdf"]),
                );
                expect(folder.path(), "made.pdf", "pdf", state, Some(Method::Pdf));
                let facts = facts_of(&folder.path().join("made.pdf"));
                let expected = (state == Openable).then_some("示例项目报价单");
                assert_eq!(
                    facts.properties.title.as_deref(),
                    expected,
                    "{bits} {options:?} {layout}"
                );
                let expected = if state == Openable { chars } else { 0 };
                assert_eq!(facts.text.chars, expected, "{bits} {options:?} {layout}");
            }
        }
    }
}

#[test]
fn libreoffice_in_its_formats() {
    if !has("soffice") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let text = fixtures().join("writer.odt");
    let table = fixtures().join("calc.ods");
    let slides = fixtures().join("impress.pptx");
    for (source, kinds) in [
        (&text, &["docx", "doc", "odt", "ott", "rtf", "pdf", "html", "txt"][..]),
        (&table, &["xlsx", "xls", "ods", "ots", "csv"]),
        (&slides, &["pptx", "ppt", "odp", "otp"]),
    ] {
        for kind in kinds {
            let arguments = [&profile, "--headless", "--convert-to", kind, "--outdir", "."];
            run(
                folder.path(),
                "soffice",
                arguments.iter().copied().chain([source.to_str().unwrap()]),
            );
            let name = source.with_extension(kind);
            expect(
                folder.path(),
                name.file_name().unwrap().to_str().unwrap(),
                kind,
                Plain,
                None,
            );
        }
    }
}
