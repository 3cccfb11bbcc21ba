//! The streams of legacy Office documents, in a compound file that is whole.
#![no_main]

use std::io::{Cursor, Write as _};

use fileward_inspect_fuzz::inspect;

/// Extension, main stream, second stream.
const KINDS: [(&str, &str, &str); 9] = [
    ("doc", "WordDocument", "1Table"),
    ("doc", "WordDocument", "0Table"),
    ("xls", "Workbook", "\u{5}SummaryInformation"),
    ("ppt", "PowerPoint Document", "Current User"),
    ("msg", "__substg1.0_1000001F", "__properties_version1.0"),
    ("hwp", "FileHeader", "PrvText"),
    ("mpp", "   114/TBkndTask/Var2Data", "   114/TBkndTask/VarMeta"),
    ("pub", "Quill/QuillSub/CONTENTS", "Contents"),
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
    let mut streams = vec![(main, &rest[..at]), (second, &rest[at..])];
    if extension == "mpp" {
        // It is known by this one.
        streams.push(("Props14", &[]));
    }
    if let Some(file) = compound(&streams) {
        inspect(&file, extension);
    }
});

fn compound(streams: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for (name, content) in streams {
        if let Some((folder, _)) = name.rsplit_once('/') {
            file.create_storage_all(folder).ok()?;
        }
        file.create_stream(name).ok()?.write_all(content).ok()?;
    }
    file.flush().ok()?;
    Some(file.into_inner().into_inner())
}
