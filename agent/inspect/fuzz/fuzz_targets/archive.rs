//! Archives and packed files: as they are, or with the checksum that a 7z archive has over its header.
#![no_main]

use fileward_inspect_fuzz::inspect;

const EXTENSIONS: [&str; 12] = [
    "7z", "rar", "tar", "gz", "bz2", "xz", "zst", "cab", "lz", "lz4", "cpio", "uue",
];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else {
        return;
    };
    match EXTENSIONS.get(usize::from(*selector)) {
        Some(extension) => inspect(rest, extension),
        None => inspect(&with_header(rest), "7z"),
    }
});

/// A 7z archive without packed streams, whose header these bytes are.
fn with_header(header: &[u8]) -> Vec<u8> {
    let mut start = 0_u64.to_le_bytes().to_vec();
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc32fast::hash(header).to_le_bytes());
    let mut file = b"7z\xBC\xAF\x27\x1C\0\x04".to_vec();
    file.extend(crc32fast::hash(&start).to_le_bytes());
    file.extend(start);
    file.extend(header);
    file
}
