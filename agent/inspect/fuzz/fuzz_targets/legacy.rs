//! The streams of legacy Office documents, in a compound file that is whole.
#![no_main]

use std::io::{Cursor, Write as _};

use fileward_inspect_fuzz::inspect;

/// Extension, main stream, second stream.
const KINDS: [(&str, &str, &str); 7] = [
    ("doc", "WordDocument", "1Table"),
    ("doc", "WordDocument", "0Table"),
    ("xls", "Workbook", "\u{5}SummaryInformation"),
    ("ppt", "PowerPoint Document", "Current User"),
    ("msg", "__substg1.0_1000001F", "__properties_version1.0"),
    ("hwp", "FileHeader", "PrvText"),
    ("vsd", "VisioDocument", "\u{5}SummaryInformation"),
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else {
        return;
    };
    let (extension, main, second) = KINDS[usize::from(*selector) % KINDS.len()];
    // Streams are full of zeros; the second byte says where the second one begins.
    let Some((share, rest)) = rest.split_first() else {
        return;
    };
    let at = rest.len() * usize::from(*share) / 256;
    if let Some(file) = compound(&[(main, &rest[..at]), (second, &rest[at..])]) {
        inspect(&file, extension);
    }
});

fn compound(streams: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (name, content) in streams {
        file.create_stream(name).ok()?.write_all(content).ok()?;
    }
    file.flush().ok()?;
    Some(file.into_inner().into_inner())
}
