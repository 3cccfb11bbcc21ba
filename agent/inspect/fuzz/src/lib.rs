//! What the targets share: bytes go through the public examiner, as they are or inside of what they belong in.
//!
//! A checksum or a compression in the way would keep the fuzzer at the door, so some targets build the outside themselves.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use fileward_inspect::{Examiner, Hint, Limits, Rules};
use fileward_policy::Policy;
use fileward_policy::facts::DETECTORS;
use rustix::time::{ClockId, clock_gettime};

/// A run is quick with these, and every limit is met.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(5),
    unpacked: 8 << 20,
    entries: 500,
    depth: 3,
    chars: 2 << 20,
};

/// Inspects bytes as a file whose name has that extension. It gives facts or a named error within its time.
///
/// # Panics
/// When it takes longer, or says that the file has another size.
pub fn inspect(bytes: &[u8], extension: &str) {
    static EXAMINER: OnceLock<Examiner> = OnceLock::new();
    let examiner = EXAMINER.get_or_init(|| Examiner::new(rules()));
    let hint = Hint {
        extension: Some(extension.to_owned()),
    };
    let start = worked();
    let result = examiner.inspect(&file_of(bytes), &hint, &LIMITS);
    assert!(worked() - start < LIMITS.time * 2, "the time limit does not hold");
    if let Ok(facts) = result {
        assert_eq!(facts.size, bytes.len() as u64);
    }
}

/// For how long this thread has worked: on a busy machine, waiting is no fault of the inspection.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("no thread worked before it was made")
}

/// Everything there is to look for.
fn rules() -> Rules {
    let detectors: Vec<_> = DETECTORS.iter().map(|name| format!("{name} = 1")).collect();
    let text = format!(
        "format = 1\nname = \"fuzz\"\n[[store]]\npath = '~/store'\n[work_file.evidence]\ncompany_names = [\"Example Technology\"]\n\
         [sensitivity.core_secret]\nlabels = [\"机密\"]\nkeywords = [\"secret\", \"未公开\"]\n[sensitivity.internal]\ndetectors = {{ {} }}\n",
        detectors.join(", ")
    );
    let policy = Policy::parse(&text).expect("the policy is valid").effective(None);
    Rules::new(&policy, [7; 32])
}

/// A file in memory.
fn file_of(bytes: &[u8]) -> File {
    let descriptor = rustix::fs::memfd_create("fuzz", rustix::fs::MemfdFlags::CLOEXEC).expect("a file in memory");
    let mut file = File::from(descriptor);
    file.write_all(bytes).expect("memory has room");
    file.seek(SeekFrom::Start(0)).expect("files can be sought");
    file
}

/// A zip archive of stored parts, with right checksums.
pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let start = u32::try_from(out.len()).unwrap_or(u32::MAX);
        let size = u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        common.extend(crc32fast::hash(content).to_le_bytes());
        common.extend(size);
        common.extend(size);
        common.extend(u16::try_from(name.len()).unwrap_or(0).to_le_bytes());
        common.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(parts.len()).unwrap_or(0).to_le_bytes();
    let (size, start) = (directory.len() as u32, out.len() as u32);
    out.extend(directory);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend(count);
    out.extend(count);
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// An Office Open XML package whose main part is `main`, and whose `other` part it may need: strings, styles, notes.
pub fn ooxml(selector: u8, main: &[u8], other: &[u8]) -> (Vec<u8>, &'static str) {
    let (extension, path, kind, beside) = [
        (
            "docx",
            "word/document.xml",
            "wordprocessingml.document.main",
            "word/footnotes.xml",
        ),
        (
            "xlsx",
            "xl/workbook.xml",
            "spreadsheetml.sheet.main",
            "xl/sharedStrings.xml",
        ),
        (
            "pptx",
            "ppt/presentation.xml",
            "presentationml.presentation.main",
            "ppt/slides/slide1.xml",
        ),
        (
            "xlsx",
            "xl/workbook.xml",
            "spreadsheetml.sheet.main",
            "xl/worksheets/sheet1.xml",
        ),
        (
            "docx",
            "word/document.xml",
            "wordprocessingml.document.main",
            "word/_rels/document.xml.rels",
        ),
        (
            "docx",
            "word/document.xml",
            "wordprocessingml.document.main",
            "docProps/custom.xml",
        ),
    ][usize::from(selector) % 6];
    let types = format!(
        "<Types><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/{path}\" ContentType=\"application/vnd.openxmlformats-officedocument.{kind}+xml\"/></Types>"
    );
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let root = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"{path}\"/>\
         <Relationship Id=\"r2\" Type=\"{office}/custom-properties\" Target=\"docProps/custom.xml\"/></Relationships>"
    );
    let book = format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{office}/sharedStrings\" Target=\"sharedStrings.xml\"/>\
         <Relationship Id=\"rId3\" Type=\"{office}/footnotes\" Target=\"footnotes.xml\"/>\
         <Relationship Id=\"rId4\" Type=\"{office}/slide\" Target=\"slides/slide1.xml\"/></Relationships>"
    );
    let relations = match path.rsplit_once('/') {
        Some((folder, file)) => format!("{folder}/_rels/{file}.rels"),
        None => String::new(),
    };
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        (path, main),
        (beside, other),
    ];
    if beside != relations {
        parts.push((&relations, book.as_bytes()));
    }
    (zip(&parts), extension)
}

/// Splits bytes at the first zero byte after the selector: selector, first part, second part.
pub fn split(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (selector, rest) = bytes.split_first()?;
    let at = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
    Some((*selector, &rest[..at], rest.get(at + 1..).unwrap_or_default()))
}
